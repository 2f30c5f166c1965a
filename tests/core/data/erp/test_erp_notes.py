"""What happens in every plant is planned, with a note that names the row and says why; both databases."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from scheduler_core import interchange
from scheduler_core.data.erp import ErpConfig, Pull
from scheduler_core.data.store.records import PullNote
from scheduler_core.plant import Fixed, Operation
from tests.support.erp_rows import CONFIG, Erp, checked, with_one_job


def changed(**settings: object) -> ErpConfig:
    return ErpConfig.model_validate({**CONFIG.model_dump(), **settings})


def notes_of(pull: Pull, job: str = "JOST0001") -> list[PullNote]:
    """The job's notes, in a pull that used every row."""
    assert checked(pull).quarantine == ()
    return [n for n in pull.notes if n.job == job]


def test_material_after_the_due_date_is_planned_late(database_url: str) -> None:
    erp = with_one_job()
    erp.job(2, MaterialDate_dd="2025-07-26")
    erp.step(2)
    pull = erp.read(database_url)
    assert notes_of(pull) == []
    assert notes_of(pull, "JOST0002") == [
        PullNote(
            "tbl_jo_txn", "TxnId_i=2",
            "TargetDate_dd 2025-07-25 is before the material's date 2025-07-26: it is planned late", "JOST0002",
        )
    ]  # fmt: skip
    late = pull.plant.job_by_id["JOST0002"]
    assert pull.plant.time_of(late.release) == datetime(2025, 7, 26)
    assert pull.plant.time_of(late.due or 0) == datetime(2025, 7, 25, 23, 59)


@pytest.mark.parametrize("date", ["0000-00-00", "9999-12-31", "1970-01-01", "1900-01-01"])
def test_a_date_that_stands_for_none_is_none_and_counted(database_url: str, date: str) -> None:
    erp = with_one_job()
    for number in (2, 3):
        erp.job(number, TargetDate_dd=date)
        erp.step(number)
    pull = erp.read(database_url, changed(horizon_days=30))
    assert [j.due is None for j in pull.plant.jobs] == [False, True, True]
    assert pull.counts.beyond_horizon == 0
    (note,) = notes_of(pull, "JOST0003")
    assert note.message == f"has the target date {date}, which stands for none: it is never late"
    (summary,) = (n for n in pull.notes if n.job is None)
    assert (summary.row, summary.message) == ("TargetDate_dd", f"{date} stands for no target date in 2 of 3 open jobs")


@pytest.mark.parametrize("date", ["0000-00-00", "1970-01-01"])
def test_material_without_a_date_is_there(database_url: str, date: str) -> None:
    erp = Erp()
    erp.job(MaterialDate_dd=date)
    erp.step()
    pull = erp.read(database_url)
    assert [n.message for n in notes_of(pull)] == [
        f"has the material date {date}, which stands for none: its material counts as there"
    ]
    assert pull.plant.jobs[0].release == 0


def test_a_report_without_a_time_leaves_its_operation_running(database_url: str) -> None:
    erp = with_one_job()
    erp.made(40, at="0000-00-00 00:00:00")
    pull = erp.read(database_url)
    assert notes_of(pull) == []
    assert pull.plant.jobs[0].operations[0].fixed == Fixed((6,), 0, 30)


@pytest.mark.parametrize("made", [100, "125.5"])
def test_all_pieces_reported_and_not_closed_is_done(database_url: str, made: object) -> None:
    erp = Erp()
    erp.job()
    erp.step(row=10, SetupTime_d=-1)  # what cannot be used of a finished operation is not needed
    erp.made(made, row=10)
    erp.step(row=20, Machine_v="20")
    pull = erp.read(database_url)
    (note,) = notes_of(pull)
    assert (note.table, note.row) == ("tbl_jo_process", "TxnId_i=1, RowId_i=10")
    assert note.message == f"has {made} of 100 pieces reported: it counts as finished"
    (left,) = pull.plant.jobs[0].operations
    assert (left.sequence, left.minutes, left.fixed) == (20, 50, None)


def test_the_next_operation_runs_on_although_the_one_before_was_not_closed(database_url: str) -> None:
    erp = Erp()
    erp.job()
    erp.step(row=10)
    erp.made(100, row=10)
    erp.step(row=20, Machine_v="20")
    erp.made(40, row=20)
    (left,) = erp.read(database_url).plant.jobs[0].operations
    assert left.fixed == Fixed((20,), 0, 30)


@pytest.mark.parametrize(("made", "minutes"), [(None, 960), (40, 576), (90, 96), ("99.95", 1)])
def test_of_a_lead_time_the_share_of_the_pieces_is_left(tmp_path: Path, made: object, minutes: int) -> None:
    erp = Erp()
    erp.job()
    erp.step(CapMin_d=0, CapQty_d=0, LeadTime_d=2)
    if made is not None:
        erp.made(made)
    pull = erp.read(f"sqlite:///{tmp_path / 'e.sqlite3'}")
    assert notes_of(pull) == []
    assert pull.plant.jobs[0].operations[0].minutes == minutes


def test_the_rest_of_the_type_takes_over_from_a_machine_that_went_out_of_service(database_url: str) -> None:
    erp = Erp()
    erp.job()
    erp.step(Machine_v="8")
    erp.made(40)
    pull = erp.read(database_url)
    (note,) = notes_of(pull)
    assert (note.table, note.row) == ("tbl_jo_process", "TxnId_i=1, RowId_i=1")
    assert note.message == "was at work on machine 8 (CM03), which is not active: any other of its type makes what is left"
    (left,) = pull.plant.jobs[0].operations
    assert left == Operation(1, "CP08-428-1/3", 30, 20, machine_types=(5,))
    assert pull.out_of_service == {8}


def test_a_machine_that_binds_stops_its_operation_when_it_goes_out_of_service(database_url: str) -> None:
    erp = with_one_job()
    erp.job(2)
    erp.step(2, Machine_v="8")
    erp.made(40, 2)
    pull = checked(erp.read(database_url, changed(assigned_machine="binding")))
    assert [(q.job, q.field) for q in pull.quarantine] == [("JOST0002", "Machine_v")]


def test_a_milestone_is_left_out(database_url: str) -> None:
    erp = with_one_job()
    erp.step(row=2, Machine_v="", SetupTime_d=0, CapMin_d=0, CapQty_d=0, LeadTime_d=0, Task_v="release to store")
    pull = erp.read(database_url)
    assert [(n.row, n.message) for n in notes_of(pull)] == [
        ("TxnId_i=1, RowId_i=2", "takes no time: it is a milestone and left out")
    ]
    assert [o.sequence for o in pull.plant.jobs[0].operations] == [1]


def test_both_types_of_an_alternative_routing_are_eligible(database_url: str) -> None:
    erp = with_one_job()
    erp.step(row=2, Machine_v="", Task_v="CP08-428-2/3")
    for bstk, kind in ((1, 9), (2, 5), (3, 77)):
        erp.routing("CP08-428-2/3", kind, row=2, bstk=bstk)
    pull = erp.read(database_url)
    (note,) = notes_of(pull)
    assert note.row == "TxnId_i=1, RowId_i=2"
    assert note.message == "has no machine, and its routing names the machine types 5, 9, 77: it may run on CM, PB"
    routed = pull.plant.jobs[0].operations[1]
    assert (routed.machine_types, routed.machines) == ((5, 9), ())
    assert set(pull.plant.eligible_machines(routed)) == {6, 7, 20}


def test_a_long_process_text_is_kept_whole(database_url: str) -> None:
    erp = with_one_job()
    whole = "CP08-428-2/3 " + "please check drawing rev. C with QA before start; " * 40
    erp.step(row=2, Task_v=whole)
    pull = erp.read(database_url)
    assert notes_of(pull) == []
    assert pull.plant.jobs[0].operations[1].process.rstrip() == whole.rstrip()
    assert interchange.snapshot_from_json(interchange.snapshot_to_json(pull.plant), "pull") == pull.plant
