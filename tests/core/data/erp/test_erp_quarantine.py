"""Every unusable row is named, takes its whole job with it, and nothing vanishes."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from scheduler_core.data.erp import ErpConfig, NothingToPlan
from scheduler_core.errors import InvalidValue
from tests.support.erp_rows import CONFIG, Erp, checked, with_one_job

Spoil = Callable[[Erp], object]

SPOILED: dict[str, tuple[Spoil, str, str, str]] = {
    # what: (how, table, field, reason)
    "no reference": (lambda e: e.job(2, DocRef_v=" "), "tbl_jo_txn", "DocRef_v", "is empty"),
    "no quantity": (lambda e: e.job(2, JoQty_d=None), "tbl_jo_txn", "JoQty_d", "not a quantity"),
    "negative quantity": (lambda e: e.job(2, JoQty_d=-5), "tbl_jo_txn", "JoQty_d", "not a quantity"),
    "material at the end of time": (
        lambda e: e.job(2, MaterialDate_dd="9999-12-31"), "tbl_jo_txn", "MaterialDate_dd", "more than 19 years"
    ),
    "material in another century": (
        lambda e: e.job(2, MaterialDate_dd="1925-07-20"), "tbl_jo_txn", "MaterialDate_dd", "more than 19 years"
    ),
    "odd importance": (lambda e: e.job(2, IsImportant=7), "tbl_jo_txn", "IsImportant", "neither 0 nor 1"),
    "due in another century": (
        lambda e: e.job(2, TargetDate_dd="2125-01-01"), "tbl_jo_txn", "TargetDate_dd", "more than 19 years"
    ),
    "negative setup": (lambda e: e.step(2, SetupTime_d=-1), "tbl_jo_process", "SetupTime_d", "is negative"),
    "no setup": (lambda e: e.step(2, SetupTime_d=None), "tbl_jo_process", "SetupTime_d", "is empty"),
    "negative capacity": (lambda e: e.step(2, CapQty_d=-2), "tbl_jo_process", "CapQty_d", "is negative"),
    "no capacity": (lambda e: e.step(2, CapQty_d=0), "tbl_jo_process", "CapQty_d", "is no capacity"),
    "no time": (lambda e: e.step(2, CapMin_d=0), "tbl_jo_process", "LeadTime_d", "is no time"),
    "time without end": (
        lambda e: e.step(2, CapMin_d=0, LeadTime_d=20_000), "tbl_jo_process", "LeadTime_d", "cannot be meant"
    ),
    "unknown machine": (lambda e: e.step(2, Machine_v="99"), "tbl_jo_process", "Machine_v", "does not have"),
    "unknown machine among several": (lambda e: e.step(2, Machine_v="6,99"), "tbl_jo_process", "Machine_v", "does not have"),
    "inactive machine among several": (lambda e: e.step(2, Machine_v="6,8"), "tbl_jo_process", "Machine_v", "not active"),
    "machine twice": (lambda e: e.step(2, Machine_v="6,6"), "tbl_jo_process", "Machine_v", "twice"),
    "machine by name": (lambda e: e.step(2, Machine_v="CM01"), "tbl_jo_process", "Machine_v", "not a list of machine ids"),
    "dangling comma": (lambda e: e.step(2, Machine_v="6,"), "tbl_jo_process", "Machine_v", "not a list of machine ids"),
    "no routing": (lambda e: e.step(2, Machine_v=""), "tbl_jo_process", "Machine_v", "no routing line"),
    "no name": (lambda e: e.step(2, Task_v=None), "tbl_jo_process", "Task_v", "is empty"),
    "over-long name": (lambda e: e.step(2, Task_v="x" * 4001), "tbl_jo_process", "Task_v", "longer than 4000"),
    "no row number": (lambda e: e.step(2, 1, RowId_i=None), "tbl_jo_process", "RowId_i", "is empty"),
    "negative row number": (lambda e: e.step(2, -1), "tbl_jo_process", "RowId_i", "not a row number"),
    "row twice": (lambda e: (e.step(2, 5), e.step(2, 5)), "tbl_jo_process", "RowId_i", "stands twice"),
    "all made, nothing left": (lambda e: (e.step(2), e.made(100, 2)), "tbl_jo_txn", "DocStatus_c", "close the job"),
    "output below zero": (lambda e: (e.step(2), e.made(-3, 2)), "tbl_daily_item", "Qty_d", "negative output"),
    "output without quantity": (lambda e: (e.step(2), e.made(None, 2)), "tbl_daily_item", "Qty_d", "is empty"),
    "output of nothing": (lambda e: (e.step(2), e.made(3, 2, 77)), "tbl_daily_item", "ProcessrowId_i", "does not have"),
    "running nowhere": (
        lambda e: (e.step(2, Machine_v=""), e.made(3, 2)), "tbl_jo_process", "Machine_v", "nobody knows where"
    ),
    "running where no machine is left": (
        lambda e: (
            e.add("tbl_machine", MachineId_i=40, MachineName_v="DD01", MachinetypeId_i=30, Status_i=0),
            e.step(2, Machine_v="40"), e.made(3, 2),
        ),
        "tbl_jo_process", "Machine_v", "of whose type no machine is active",
    ),
    "no time and a setup": (
        lambda e: e.step(2, CapMin_d=0, CapQty_d=0), "tbl_jo_process", "LeadTime_d", "is no time"
    ),
    "no lead time said": (
        lambda e: e.step(2, SetupTime_d=0, CapMin_d=0, CapQty_d=0, LeadTime_d=None),
        "tbl_jo_process", "LeadTime_d", "is no time",
    ),
    "milestones alone": (
        lambda e: e.step(2, SetupTime_d=0, CapMin_d=0, CapQty_d=0),
        "tbl_jo_txn", "TxnId_i", "no open operation that takes time",
    ),
    "everything finished": (lambda e: e.step(2, QtyStatus_c="FF"), "tbl_jo_txn", "DocStatus_c", "close the job"),
    "no operation": (lambda e: None, "tbl_jo_txn", "TxnId_i", "no operation at all"),
    "routing to two types without machines": (
        lambda e: (e.step(2, Machine_v="", Task_v="T"), e.routing("T", 77), e.routing("T", 78, bstk=2)),
        "tbl_jo_process", "Machine_v", "machine type 77 and 78 of its routing has no active machine",
    ),
    "routing to a type without machine": (
        lambda e: (e.step(2, Machine_v="", Task_v="T"), e.routing("T", 77)),
        "tbl_jo_process", "Machine_v", "no active machine",
    ),
}  # fmt: skip


def test_every_kind_of_bad_row_takes_its_job_out_and_is_named(database_url: str) -> None:
    for what, (spoil, table, field, reason) in SPOILED.items():
        erp = with_one_job()
        spoil(erp)
        if not any(j["TxnId_i"] == 2 for j in erp.tables["tbl_jo_txn"]):
            erp.job(2)
        if table == "tbl_jo_txn" and field not in ("DocStatus_c", "TxnId_i"):
            erp.step(2)
        pull = checked(erp.read(database_url))
        assert [j.id for j in pull.plant.jobs] == ["JOST0001"], what
        assert pull.counts.jobs_quarantined == 1, what
        (found,) = pull.quarantine
        assert (found.table, found.field) == (table, field), what
        assert reason in found.reason, what
        rows = [r for t in ("tbl_jo_txn", "tbl_jo_process", "tbl_daily_item") for r in erp.tables[t]]
        assert pull.counts.rows_quarantined == sum(2 in (r.get("TxnId_i"), r.get("JoId_i")) for r in rows), what
        assert found.job == ("TxnId_i=2" if what == "no reference" else "JOST0002"), what


def test_all_reasons_of_a_job_are_named_at_once(database_url: str) -> None:
    erp = with_one_job()
    erp.job(2)
    erp.step(2, 1, SetupTime_d=-1)
    erp.step(2, 2, Machine_v="99")
    erp.step(2, 3)
    pull = checked(erp.read(database_url))
    assert [(q.row, q.field) for q in pull.quarantine] == [
        ("TxnId_i=2, RowId_i=1", "SetupTime_d"), ("TxnId_i=2, RowId_i=2", "Machine_v")
    ]  # fmt: skip
    assert pull.counts.rows_quarantined == 4


def test_jobs_of_one_name_are_all_refused_and_names_are_compared_as_the_database_does(database_url: str) -> None:
    erp = with_one_job()
    for number, name in ((2, "JO-X"), (3, "JO-X "), (4, "jo-x"), (5, "Jó-X")):
        erp.job(number, DocRef_v=name)
        erp.step(number)
    pull = checked(erp.read(database_url))
    any_case = not database_url.startswith("sqlite")  # MariaDB's usual collation takes jo-x and JO-X for one
    assert [j.id for j in pull.plant.jobs] == ["JOST0001", *([] if any_case else ["jo-x"]), "Jó-X"]
    assert [(q.job, q.field) for q in pull.quarantine] == [
        ("JO-X", "DocRef_v"), ("JO-X", "DocRef_v"), *([("jo-x", "DocRef_v")] if any_case else [])
    ]  # fmt: skip


def test_two_jobs_of_one_number_are_both_refused(database_url: str) -> None:
    erp = with_one_job()
    erp.job(2)
    erp.job(2, DocRef_v="OTHER")
    erp.step(2)
    pull = checked(erp.read(database_url))
    assert [j.id for j in pull.plant.jobs] == ["JOST0001"]
    assert {q.job for q in pull.quarantine} == {"JOST0002", "OTHER"}


def test_bad_rows_outside_jobs_are_named_and_left_out(database_url: str) -> None:
    erp = with_one_job()
    erp.add("tbl_machine", MachineId_i=None, MachineName_v="?", MachinetypeId_i=5, Status_i=1)
    erp.add("tbl_machine", MachineId_i=30, MachineName_v="X", MachinetypeId_i=None, Status_i=1)
    erp.add("tbl_machine", MachineId_i=31, MachineName_v="A", MachinetypeId_i=5, Status_i=1)
    erp.add("tbl_machine", MachineId_i=31, MachineName_v="B", MachinetypeId_i=5, Status_i=1)
    erp.add("tbl_machine", MachineId_i=32, MachineName_v="", MachinetypeId_i=5, Status_i=1)
    erp.add("ai_arrangable_hour", arrange_day=8, start_time="06:30:00", end_time="13:00:00", is_working=1)
    erp.add("ai_arrangable_hour", arrange_day=7, start_time="13:00:00", end_time="06:30:00", is_working=1)
    erp.add(
        "ai_breaktimes", name="tea", start_time="10:00:00", end_time="10:15:00", duration_minutes=30, day_of_week=None,
        is_active=1,
    )  # fmt: skip
    erp.add("ai_holidays", holiday_date="2025-09-15", name="half", is_full_day=0, is_active=1)
    erp.add("ai_holidays", holiday_date=None, name="none", is_full_day=1, is_active=1)
    erp.add("ai_holidays", holiday_date="2205-09-15", name="typing error", is_full_day=1, is_active=1)
    erp.routing("CP08-428-1/3", None)
    erp.step(row=2, Machine_v="", Task_v="CP08-428-2/3")
    erp.routing("CP08-428-2/3", 5, row=2)
    erp.routing("CP08-428-2/3", None, row=2)
    pull = checked(erp.read(database_url))
    assert [m.id for m in pull.plant.machines] == [6, 7, 20, 32]
    assert [(q.table, q.field, q.job) for q in pull.quarantine] == [
        ("ai_arrangable_hour", "end_time", None), ("ai_arrangable_hour", "arrange_day", None),
        ("ai_breaktimes", "duration_minutes", None), ("ai_holidays", "holiday_date", None),
        ("ai_holidays", "holiday_date", None), ("tbl_machine", "MachineId_i", None),
        ("tbl_machine", "MachinetypeId_i", None), ("tbl_machine", "MachineId_i", None), ("tbl_machine", "MachineId_i", None),
        ("tbl_routing_process", "MachinetypeId_i", None),
    ]  # fmt: skip
    assert pull.counts.rows_quarantined == 10
    assert [n.message for n in pull.notes] == [
        "is half a day, the ERP does not say which half: nobody works from 13:22 to 24:00",
        "has no name and is shown by its id",
    ]


def test_hostile_text_survives_as_it_stands(database_url: str) -> None:
    hostile = "=cmd|' /C calc'!A0 <script>alert(1)</script> '; DROP TABLE t; -- 部品😀\u202e"
    erp = Erp()
    erp.job(DocRef_v=hostile[:58])
    erp.step(Task_v=hostile)
    pull = checked(erp.read(database_url))
    assert pull.plant.jobs[0].id == hostile[:58]
    assert pull.plant.jobs[0].operations[0].process == hostile


@pytest.mark.parametrize("value", ["NaN", "Infinity", math.inf, "twelve", b"\xff\xfe"])
def test_sqlite_cells_that_are_no_numbers(tmp_path: Path, value: object) -> None:
    erp = with_one_job()
    erp.job(2)
    erp.step(2, CapQty_d=value)
    pull = checked(erp.read(f"sqlite:///{tmp_path / 'e.sqlite3'}"))
    assert [(q.job, q.field) for q in pull.quarantine] == [("JOST0002", "CapQty_d")]
    assert len(pull.plant.jobs) == 1


def test_a_cell_that_is_not_utf8_spoils_only_its_own_job(tmp_path: Path) -> None:
    erp = with_one_job()
    erp.job(2)
    erp.step(2)
    url = erp.write(f"sqlite:///{tmp_path / 'e.sqlite3'}")
    raw = sqlite3.connect(tmp_path / "e.sqlite3")
    raw.execute("UPDATE tbl_jo_process SET Task_v = CAST(x'4350ff' AS TEXT) WHERE TxnId_i = 2")
    raw.commit()
    raw.close()
    from scheduler_core.data.database import open_erp
    from scheduler_core.data.erp import read
    from tests.support.erp_rows import START

    database = open_erp(url)
    pull = checked(read(database, CONFIG, START))
    database.close()
    assert [j.id for j in pull.plant.jobs] == ["JOST0001"]
    assert pull.quarantine[0].reason == "is not valid UTF-8 text"


def test_too_many_jobs_are_refused_before_they_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from scheduler_core.data.erp import reading

    monkeypatch.setattr(reading, "MAX_JOBS", 1)
    erp = with_one_job()
    erp.job(2)
    with pytest.raises(InvalidValue, match="2 open jobs are more than the limit of 1"):
        erp.read(f"sqlite:///{tmp_path / 'e.sqlite3'}")


def test_too_many_operations_are_refused_while_they_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from scheduler_core.data.erp import jobs

    monkeypatch.setattr(jobs, "MAX_OPERATIONS", 1)
    erp = with_one_job()
    erp.step(row=2)
    with pytest.raises(InvalidValue, match="2 operations are more than the limit of 1"):
        erp.read(f"sqlite:///{tmp_path / 'e.sqlite3'}")


def test_a_table_that_is_missing_is_named(tmp_path: Path) -> None:
    from scheduler_core.data.database import DatabaseUnavailable, open_erp
    from scheduler_core.data.erp import read

    (tmp_path / "e.sqlite3").touch()
    database = open_erp(f"sqlite:///{tmp_path / 'e.sqlite3'}")
    with pytest.raises(DatabaseUnavailable, match="tbl_jo_txn"):
        read(database, ErpConfig(plant="p", timezone="UTC"))
    database.close()


def test_a_report_without_quantity_does_not_count_once_its_operation_is_finished(database_url: str) -> None:
    erp = with_one_job()
    erp.step(row=2, QtyStatus_c="FF")
    erp.made(None, row=2)
    pull = checked(erp.read(database_url))
    assert (pull.quarantine, [o.sequence for o in pull.plant.jobs[0].operations]) == ((), [1])


def test_a_bad_report_is_named_under_the_table_of_reports(database_url: str) -> None:
    erp = with_one_job()
    erp.step(row=2)
    erp.made("7", row=2)
    erp.made(None, row=2)
    erp.made(-4, row=1)
    erp.job(2)
    erp.step(2)
    assert [(q.table, q.row, q.field) for q in checked(erp.read(database_url)).quarantine] == [
        ("tbl_daily_item", "JoId_i=1, ProcessrowId_i=1", "Qty_d"), ("tbl_daily_item", "JoId_i=1, ProcessrowId_i=2", "Qty_d"),
    ]  # fmt: skip


def test_an_erp_of_which_nothing_can_be_planned_names_every_reason(database_url: str) -> None:
    erp = Erp()
    erp.job()
    erp.step(Machine_v="99")
    erp.job(2, JoQty_d=None)
    erp.step(2)
    for row in erp.tables["ai_arrangable_hour"]:
        row["start_time"] = None
    erp.write(database_url)
    with pytest.raises(NothingToPlan) as raised:
        erp.read(database_url)
    nothing = raised.value
    assert "ai_arrangable_hour holds no usable working time" in str(nothing)
    assert "no usable open job: 2 read, 2 in quarantine" in str(nothing)
    assert [(q.table, q.field) for q in nothing.quarantine] == [
        *[("ai_arrangable_hour", "start_time")] * 6, ("tbl_jo_process", "Machine_v"), ("tbl_jo_txn", "JoQty_d"),
    ]  # fmt: skip
    assert (nothing.counts.jobs_read, nothing.counts.jobs_quarantined) == (2, 2)

    for row in erp.tables["tbl_machine"]:
        row["Status_i"] = 7 if database_url.startswith("mysql") else "run"
    with pytest.raises(NothingToPlan, match=r"working time.*; .*tbl_machine holds no active machine") as raised:
        erp.read(database_url)
    assert [(q.table, q.field) for q in raised.value.quarantine if q.table == "tbl_machine"] == [
        ("tbl_machine", "Status_i")
    ] * 4


def test_jobs_beyond_the_horizon_are_said_where_no_other_is_left(tmp_path: Path) -> None:
    erp = Erp()
    erp.job(TargetDate_dd="2026-03-01")
    erp.step()
    with pytest.raises(NothingToPlan, match="0 in quarantine, 1 due later than 30 days"):
        erp.read(f"sqlite:///{tmp_path / 'e.sqlite3'}", CONFIG.model_copy(update={"horizon_days": 30}))
