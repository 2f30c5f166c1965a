"""Plans that were stored before clock changes counted stay what they were; new ones tell which of two times they mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from scheduler_core import interchange
from scheduler_core.data.export.message import message_of
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Source
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from tests.support.plants import HOUR, at, job, operation, plant, schedule
from tests.support.sample_plans import approval, fresh, planned
from tests.support.wall_clock import in_zone

SPRING, AUTUMN = datetime(2027, 3, 27, 22), datetime(2027, 10, 30, 22)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield opened
    opened.close()


def shop(start: datetime) -> Plant:
    return in_zone(plant(job("J", operation(5 * HOUR + 30), due=5 * HOUR + 30)), "Europe/Berlin", start)


def save(store: Store, made: Plant) -> str:
    return store.snapshots.save(made, request_id=fresh(), source=Source.FILE, fingerprint=None)


def test_a_snapshot_of_an_earlier_version_keeps_its_even_days(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents of that version name no clock; a plan on one is judged, released and shown as it was made."""
    even = replace(shop(SPRING), clock_rule="even-days")
    earlier = interchange.snapshot_to_json(even).replace(' "clock": "even-days",\n', "")
    assert "clock" not in earlier
    monkeypatch.setattr(interchange, "snapshot_to_json", lambda _: earlier)
    snapshot = save(store, even)
    monkeypatch.undo()
    read = store.snapshots.plant(snapshot)
    assert read == even
    plan = schedule(at("J", 1, 1, 0, 5 * HOUR + 30))
    assert read.time_of(5 * HOUR + 30) == datetime(2027, 3, 28, 3, 30), "an hour earlier than the zone has it"
    release = store.releases.approve(approval(planned(store, plan, snapshot)), None)
    assert [row.end for row in store.releases.dispatch_rows(release.id)] == [datetime(2027, 3, 28, 3, 30)]


def test_a_new_snapshot_follows_its_zone(store: Store) -> None:
    made = shop(SPRING)
    assert store.snapshots.plant(save(store, made)) == made
    assert violations(made, schedule(at("J", 1, 1, 0, 5 * HOUR + 30))) == ()


def test_a_release_tells_which_of_two_times_an_operation_ends(store: Store) -> None:
    second = 5 * HOUR + 30
    release = store.releases.approve(
        approval(planned(store, schedule(at("J", 1, 1, 0, second)), save(store, shop(AUTUMN)))), None
    )
    (row,) = store.releases.dispatch_rows(release.id)
    assert row.start == AUTUMN
    assert row.end.isoformat() == "2027-10-31T02:30:00+01:00"
    (operation_told,) = message_of(store, release.id).content["operations"]  # type: ignore[attr-defined]
    assert operation_told["start"] == "2027-10-30 22:00:00"
    assert "start_offset" not in operation_told
    assert (operation_told["end"], operation_told["end_offset"]) == ("2027-10-31 02:30:00", "+01:00")
    assert operation_told["due_offset"] == "+01:00"


def test_the_start_of_a_plan_keeps_which_of_two_times_it_is(store: Store) -> None:
    second = AUTUMN.replace(day=31, hour=2, minute=30, fold=1)
    info = store.snapshots.get(save(store, shop(second)))
    assert (info.plan_start, info.plan_start.fold) == (second, 1)
