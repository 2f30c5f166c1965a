"""The age of jobs: by the clock on the wall, and of a demo's simulated history by the demo's own clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dashboard.state.plant_context import PlantContext
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Source
from tests.support.sample_plans import FINGERPRINT, small_plant


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    opened = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield opened
    opened.close()


def test_a_pull_of_the_simulated_history_is_as_old_as_the_demos_clock_says(store: Store) -> None:
    plant = small_plant()
    before = plant.plan_start.replace(tzinfo=ZoneInfo(plant.timezone)) - timedelta(days=2)
    older = store.snapshots.save(
        plant, request_id="older", source=Source.DEMO, fingerprint=FINGERPRINT, taken_at=before
    )  # fmt: skip
    store.snapshots.save(plant, request_id="newest", source=Source.DEMO, fingerprint=FINGERPRINT)
    ctx = PlantContext(store, store.snapshots.needed_latest(), None, (), ())
    assert ctx.age_minutes(store.snapshots.get(older)) == 2 * 1440
    assert ctx.age_minutes(ctx.snapshot) == 0, "the newest was pulled just now, by the clock on the wall"
