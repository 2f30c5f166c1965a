"""Jobs on top of a snapshot: the next run plans them, the counts add up, and a second click adds nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import PullCounts, Source
from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.job_sheet import read_jobs
from scheduler_core.services.job_import import TABLE, add_jobs, remove_job
from tests.support.plants import job, operation, plant

HEADER = "job,family,operation,process,minutes,setup_minutes,machines\n"
ROWS = f"{HEADER}N1,F,1,Cut,5,0,M1\nN1,F,2,Bend,5,0,M1\nN2,F,1,Cut,-5,0,M1\n"


@pytest.fixture
def opened(tmp_path: object) -> Store:
    return Store.open(f"sqlite:///{tmp_path}/store.sqlite3")


def test_a_new_snapshot_holds_old_and_new_jobs_and_the_refused_rows(opened: Store) -> None:
    shop = plant(job("OLD", operation(10)))
    base = opened.snapshots.save(
        shop, request_id="pull", source=Source.ERP, fingerprint="a" * 64, counts=PullCounts(2, 1, 1, 9, 5, 4, 3)
    )
    sheet = read_jobs(ROWS.encode(), "more.csv", shop)
    made = add_jobs(opened, base, sheet, request_id="add", actor="Ana")
    info = opened.snapshots.get(made)
    assert (info.source, info.fingerprint, info.plan_start) == (Source.ERP, "a" * 64, shop.plan_start)
    assert info.counts == PullCounts(4, 2, 2, 12, 7, 5, 3)
    assert [j.id for j in opened.snapshots.plant(made).jobs] == ["OLD", "N1"]
    assert opened.snapshots.latest() == info
    (row,) = opened.snapshots.quarantine(made)
    assert (row.table, row.row, row.field, row.value, row.job) == (TABLE, "more.csv, row 4", "minutes", "-5", "N2")
    assert [(n.job, n.message) for n in opened.snapshots.notes(made)] == [("N1", "was added from this table")]
    assert add_jobs(opened, base, sheet, request_id="add") == made
    assert len(opened.snapshots.newest()) == 2


def test_jobs_that_the_snapshot_has_and_tables_without_a_job_are_refused(opened: Store) -> None:
    shop = plant(job("OLD", operation(10)))
    base = opened.snapshots.save(shop, request_id="file", source=Source.FILE)
    sheet = read_jobs(ROWS.encode(), "more.csv", shop)
    after = add_jobs(opened, base, sheet, request_id="one")
    with pytest.raises(InvalidValue, match="stands twice"):
        add_jobs(opened, after, sheet, request_id="two")
    with pytest.raises(InvalidValue, match="no job among them can be used"):
        add_jobs(opened, base, read_jobs(HEADER.encode() + b"N2,F,1,Cut,0,0,M1\n", "none.csv", shop), request_id="three")
    assert len(opened.snapshots.newest()) == 2


def test_added_and_removed_jobs_make_no_pull_look_younger(opened: Store) -> None:
    shop = plant(job("OLD", operation(10)))
    pulled_at = datetime(2026, 3, 2, 5, 45, tzinfo=UTC)
    base = opened.snapshots.save(shop, request_id="pull", source=Source.ERP, fingerprint="a" * 64, taken_at=pulled_at)
    added = add_jobs(opened, base, read_jobs(ROWS.encode(), "more.csv", shop), request_id="add")
    removed = remove_job(opened, added, "N1", request_id="remove")
    assert len({base, added, removed}) == 3
    assert [s.id for s in opened.snapshots.newest()] == [removed, added, base]
    assert {s.taken_at for s in opened.snapshots.newest()} == {pulled_at}
    assert opened.snapshots.needed_latest().age_minutes(pulled_at + timedelta(hours=26)) == 26 * 60
