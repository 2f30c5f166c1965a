"""A plant's workbook becomes a snapshot, with its refused rows, its notes and the machines that are recorded as down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Source
from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.plant_workbook import PlantWorkbook, read_plant_workbook
from scheduler_core.scenarios.changes import ImportanceChanged
from scheduler_core.services import downtimes, facts, job_import
from scheduler_core.services.planner_additions import TABLE
from scheduler_core.services.workbook_loading import BANNER, came_from_workbook, load_workbook
from tests.support.sheet_files import template_with


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield opened
    opened.close()


NOW = datetime(2025, 7, 23, 4, 30, tzinfo=UTC)


def book(**cells: object) -> PlantWorkbook:
    """The template with other values in cells such as Jobs_J3."""
    changed = {(place.split("_")[0], place.split("_")[1]): value for place, value in cells.items()}
    return read_plant_workbook(template_with(changed, date(2025, 7, 23)), "plant.xlsx", NOW)


def test_refused_rows_and_notes_come_with_the_snapshot(store: Store) -> None:
    made = load_workbook(store, book(Jobs_J3="soon", Jobs_G7="2025-08-01 00:00", Plant_B2="Kiel"), request_id="one")
    info = store.snapshots.get(made)
    assert (info.plant, info.source, info.fingerprint, info.banner) == ("Kiel", Source.FILE, None, None)
    assert (info.counts.jobs_read, info.counts.jobs_accepted, info.counts.jobs_quarantined) == (3, 2, 1)
    assert info.counts.rows_accepted + info.counts.rows_quarantined == info.counts.rows_read == 6
    assert {q.job for q in store.snapshots.quarantine(made)} == {"WO-1001"}
    notes = store.snapshots.notes(made)
    assert came_from_workbook(notes)
    assert "due 2025-08-01 00:00 was read as the end of that day, 23:59" in {n.message for n in notes}
    assert load_workbook(store, book(), request_id="one") == made, "the same request makes no second snapshot"
    less = job_import.remove_job(store, made, "WO-1002", request_id="two")
    assert [j.id for j in store.snapshots.plant(less).jobs] == ["WO-1003"]
    assert came_from_workbook(store.snapshots.notes(less))
    assert {n.table for n in notes if n.job == "WO-1003"} >= {TABLE}


def test_the_template_s_own_plant_says_that_it_is_no_real_one(store: Store) -> None:
    assert store.snapshots.get(load_workbook(store, book(), request_id="one")).banner == BANNER


def test_a_machine_that_is_recorded_as_down_is_down_after_the_next_load(store: Store) -> None:
    load_workbook(store, book(), request_id="one")
    now = datetime(2025, 7, 23, 6, 30)
    downtimes.record(store, downtimes.Stated(3, now, None, "gearbox"), now=now, actor="Ann", request_id="down")
    again = store.snapshots.plant(load_workbook(store, book(), request_id="two"))
    assert [m.id for m in again.machines if m.downtime] == [3]


def test_what_planners_know_of_the_plant_is_in_every_load(store: Store) -> None:
    load_workbook(store, book(), request_id="one")
    now = datetime(2025, 7, 23, 6, 30)
    stated = facts.Stated(ImportanceChanged("WO-1003", True), now, "the customer waits")
    facts.record(store, stated, now=now, actor="Ann", request_id="fact")
    again = load_workbook(store, book(), request_id="two")
    assert store.snapshots.plant(again).job_by_id["WO-1003"].important
    assert not store.snapshots.plant_before_facts(again).job_by_id["WO-1003"].important


def test_a_workbook_with_a_bad_cell_or_without_a_usable_job_is_refused(store: Store) -> None:
    with pytest.raises(InvalidValue, match="sheet Machines, row 2, column calendar: 'Never'"):
        load_workbook(store, book(Machines_D2="Never"), request_id="one")
    none = {f"Jobs_J{row}": "soon" for row in range(2, 8)}
    with pytest.raises(InvalidValue, match="no job among them can be used"):
        load_workbook(store, book(**none), request_id="two")
    assert store.snapshots.latest() is None
