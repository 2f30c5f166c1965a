"""Actual bars beside a plan: from the plan's store, in the plan's minutes, and none before a second pull tells something."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from dashboard.state import floor_actuals
from dashboard.state.loaded import load_plan
from dashboard.state.plant_context import PlantContext
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Source
from scheduler_core.plant import Fixed, Plant
from scheduler_core.services.floor_actuals import bring_up_to_date
from tests.support.sample_plans import FINGERPRINT, fresh, planned, small_plant


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    opened = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield opened
    opened.close()


def _pull(store: Store, plant: Plant) -> PlantContext:
    store.snapshots.save(plant, request_id=fresh(), source=Source.ERP, fingerprint=FINGERPRINT)
    bring_up_to_date(store, plant.name)
    return PlantContext(store, store.snapshots.needed_latest(), None, (), ())


def test_bars_come_with_the_pull_that_tells_of_them(store: Store) -> None:
    ctx = _pull(store, small_plant())
    plan = load_plan(store, planned(store, snapshot_id=ctx.snapshot.id).schedule)
    assert floor_actuals.beside(ctx, plan) == ()
    job, other = small_plant().jobs
    front = replace(job.operations[0], setup_minutes=0, minutes=40, fixed=Fixed((1,), 0, 40))
    running = replace(job, operations=(front, *job.operations[1:]))
    later = replace(small_plant(), plan_start=small_plant().plan_start + timedelta(minutes=30), jobs=(running, other))
    (bar,) = floor_actuals.beside(_pull(store, later), plan)
    assert (bar.job, bar.machines, bar.begun, bar.until, bar.running) == ("JOB-1", (1,), 30, 30, True)
