"""Dumps of ERPNext and Odoo, planned end to end by the mappings that are shipped: what is expected is counted by hand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from scheduler_core.calendar_hours import hours_on
from scheduler_core.data.database import DatabaseFailure, DatabaseUnavailable, MissingRight, open_erp
from scheduler_core.data.erp import ErpConfig, Pull, fingerprint, missing_indexes, read, sample
from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Downtime, Fixed, Job, Plant
from tests.support.erp_dumps import ERPNEXT, ODOO, load
from tests.support.erp_rows import change, checked
from tests.support.postgresql_server import missing_program, running_postgresql

START = datetime(2026, 3, 2, 8, 0)
"""A Monday."""
FRAPPE = ErpConfig(plant="frappe", timezone="Asia/Kolkata", mapping="erpnext", overtime_begins=None)
BRUSSELS = ErpConfig(plant="brussels", timezone="Europe/Brussels", mapping="odoo", overtime_begins=None)
CASES = {ERPNEXT: FRAPPE, ODOO: BRUSSELS}


def pulled(name: str, folder: Path, *more: str, config: ErpConfig | None = None) -> Pull:
    """The dump in SQLite, with ``more`` statements after it."""
    url = load(name, f"sqlite:///{folder / 'erp.sqlite3'}", *more)
    erp = open_erp(url)
    try:
        pull = checked(read(erp, config or CASES[name], START))
        assert fingerprint(erp, config or CASES[name], START) == pull.fingerprint
        return pull
    finally:
        erp.close()


def ends(plant: Plant) -> dict[str, datetime]:
    """When each job ends by the rule EDD; the judge has nothing to say."""
    plan = greedy.schedule(plant, EngineConfig(rule="EDD")).schedule
    assert plan is not None
    assert violations(plant, plan) == ()
    return {job.id: plant.time_of(max(a.end for a in plan.assignments if a.job == job.id)) for job in plant.jobs}


def job(pull: Pull, number: str) -> Job:
    return pull.plant.job_by_id[number]


def name(pull: Pull, machine: int | None) -> str | None:
    return None if machine is None else pull.plant.machine_by_id[machine].name


def test_erpnext_is_planned_end_to_end(tmp_path: Path) -> None:
    pull = pulled(ERPNEXT, tmp_path)
    # Cut 90 from 8:00, an hour's repair in it; turn 121 from 10:30 over lunch; assemble 90 from 13:31.
    # Turn 150 of 200 from 8:00. Turn 30 from Wednesday, 10:31, then 600 in an oven that never stops.
    assert ends(pull.plant) == {
        "MFG-WO-2026-00001": datetime(2026, 3, 2, 15, 1),
        "MFG-WO-2026-00002": datetime(2026, 3, 2, 10, 30),
        "MFG-WO-2026-00007": datetime(2026, 3, 4, 21, 1),
    }


def test_what_erpnext_means(tmp_path: Path) -> None:
    pull = pulled(ERPNEXT, tmp_path)
    types = {m.name: pull.plant.machine_type_by_id[m.type].name for m in pull.plant.machines}
    assert types == {
        "Assembly 1": "Assembly", "Assembly 2": "Assembly", "Lathe 1": "Turning", "Lathe 2": "Turning", "Oven": "Heat",
        "Saw 1": "Sawing",
    }  # fmt: skip
    first, second, late = (job(pull, f"MFG-WO-2026-0000{number}") for number in (1, 2, 7))
    assert (first.product, first.quantity, first.family) == ("SHAFT-40", 10, first.id)
    assert pull.plant.time_of(first.due or 0) == datetime(2026, 3, 5, 23, 59)
    assert [(o.process, o.minutes, name(pull, o.preferred_machine)) for o in first.operations] == [
        ("Cut", 90, "Saw 1"), ("Turn", 121, "Lathe 1"), ("Assemble", 90, None),
    ]  # fmt: skip
    (turning,) = second.operations
    assert turning.fixed is not None
    assert ([name(pull, m) for m in turning.fixed.machines], turning.fixed.start, turning.fixed.end) == (["Lathe 2"], 0, 150)
    assert (late.due, pull.plant.time_of(late.release)) == (None, datetime(2026, 3, 4, 10, 31))
    assert late.operations[0].preferred_machine is None
    (saw,) = [m for m in pull.plant.machines if m.name == "Saw 1"]
    assert saw.downtime == (Downtime(60, 120, "Unplanned machine maintenance"),)
    calendar = pull.plant.calendar_by_id[saw.calendar]
    assert [(w.day, w.start, w.end) for w in calendar.week if w.day == 2] == [(2, 480, 720), (2, 780, 1020)]
    assert [h.date for h in calendar.holidays] == [date(2026, 3, 1), date(2026, 3, 3), date(2026, 3, 8)]
    (refused,) = pull.quarantine
    assert (refused.table, refused.row, refused.field) == (
        "tabWork Order Operation", "parent=MFG-WO-2026-00008, idx=1", "workstation",
    )  # fmt: skip
    assert "(Paint 1), of whose type no machine is active" in refused.reason
    assert [(n.table, n.row, n.message) for n in pull.notes] == [
        ("tabWorkstation", "name=Oven", "has no working hours in the ERP: it is planned round the clock"),
        ("tabWork Order", "name=MFG-WO-2026-00007", "has no target date and is never late"),
        ("tabWork Order Operation", "parent=MFG-WO-2026-00007, idx=2",
         "may run beside the operation before it in the ERP: it is planned after that one"),
    ]  # fmt: skip


def test_the_numbers_of_machines_that_are_known_by_name_stay(tmp_path: Path) -> None:
    before = {m.name: m.id for m in pulled(ERPNEXT, tmp_path).plant.machines}
    added = (
        "INSERT INTO `tabWorkstation` (`name`, `workstation_name`, `production_capacity`, `status`) VALUES ('A', 'A', 1, '')"
    )
    (tmp_path / "more").mkdir()
    after = {m.name: m.id for m in pulled(ERPNEXT, tmp_path / "more", added).plant.machines}
    assert after == before | {"A": after["A"]}
    assert len(set(after.values())) == len(after)


def test_two_orders_run_at_a_workstation_with_two_places(tmp_path: Path) -> None:
    """Both are at work on it: each has a place; a third one was interrupted."""
    orders = [
        f"INSERT INTO `tabWork Order` (`name`, `docstatus`, `status`, `qty`) VALUES ('W{n}', 1, 'In Process', 4)"
        for n in range(3)
    ]
    steps = [
        "INSERT INTO `tabWork Order Operation`"
        " (`name`, `idx`, `parent`, `parenttype`, `operation`, `workstation`, `time_in_mins`)"
        f" VALUES ('x{n}', 1, 'W{n}', 'Work Order', 'Assemble', 'Assembly', 40)"
        for n in range(3)
    ]
    cards = [
        "INSERT INTO `tabJob Card` (`name`, `work_order`, `operation_id`, `workstation`, `status`, `total_completed_qty`)"
        f" VALUES ('c{n}', 'W{n}', 'x{n}', 'Assembly', 'Work In Progress', {n})"
        for n in range(3)
    ]
    pull = pulled(ERPNEXT, tmp_path, *orders, *steps, *cards)
    at_work = {n: job(pull, f"W{n}").operations[0].fixed for n in range(3)}
    names = sorted(str(name(pull, fixed.machines[0])) for fixed in at_work.values() if fixed is not None)
    assert names == ["Assembly 1", "Assembly 2"]
    assert sum("was interrupted" in note.message for note in pull.notes) == 1
    assert {"MFG-WO-2026-00001", "W0", "W1", "W2"} <= set(ends(pull.plant))


def test_odoo_is_planned_end_to_end(tmp_path: Path) -> None:
    pull = pulled(ODOO, tmp_path)
    # The drill's late shift: setup 10 and 65 from 14:00, then 120 at line 1. The rest of an order at work: 60 from 8:00.
    # From Thursday on; the drill works on Friday from 6:00, setup 20 and 35; line 1 from 8:00, 30 and 40.
    assert ends(pull.plant) == {
        "WH/MO/00001": datetime(2026, 3, 2, 17, 15),
        "WH/MO/00002": datetime(2026, 3, 2, 9, 0),
        "WH/MO/00006": datetime(2026, 3, 6, 9, 10),
    }


def test_what_odoo_means(tmp_path: Path) -> None:
    pull = pulled(ODOO, tmp_path)
    plant = pull.plant
    assert [(m.id, m.name, plant.machine_type_by_id[m.type].name) for m in plant.machines] == [
        (1, "Assembly Line 1", "Assembly Line 1"), (2, "Assembly Line 2", "Assembly Line 2"),
        (3, "Drill Station 1", "Drill Station 1"),
    ]  # fmt: skip
    assert pull.out_of_service == {4, 5}
    first, at_work, later = (job(pull, f"WH/MO/0000{number}") for number in (1, 2, 6))
    assert (first.product, first.important, plant.time_of(first.due or 0)) == ("Table", True, datetime(2026, 3, 4, 23, 30))
    assert (at_work.product, at_work.important, first.release) == ("DESK-2", False, 0)
    drill, assemble = first.operations
    assert (drill.sequence, drill.minutes, drill.setup_minutes) == (1, 65, 10)
    # 120 minutes at half the efficiency, two pieces at a time, 5 minutes more setup.
    assert (assemble.minutes, dict(assemble.minutes_by_machine), assemble.machine_types) == (120, {2: 125}, (1,))
    (rest,) = at_work.operations
    assert (rest.sequence, rest.fixed) == (2, Fixed((1,), 0, 60))
    # Clocks have changed by then: 21:30 UTC is 23:30 in summer.
    assert plant.time_of(later.due or 0) == datetime(2026, 3, 31, 23, 30)
    assert plant.time_of(later.release) == datetime(2026, 3, 5, 7, 31)
    assert [(o.process, o.minutes, o.setup_minutes) for o in later.operations] == [
        ("Drill", 35, 20), ("Sand", 30, 0), ("Assemble", 40, 0),
    ]  # fmt: skip
    line = plant.calendar_by_id[plant.machine_by_id[1].calendar]
    assert [(w.start, w.end) for w in line.week if w.day == 1] == [(480, 720), (780, 1050)]
    assert [(h.date, h.start, h.end, h.name) for h in line.holidays] == [(date(2026, 3, 3), 0, 1440, "Company day")]
    assert plant.machine_by_id[2].downtime == (Downtime(0, 240, "Maintenance"),)
    assert plant.machine_by_id[1].downtime == ()
    station = plant.calendar_by_id[plant.machine_by_id[3].calendar]
    # Early and late shift by turns, Fridays always early; Tuesday is a day off.
    assert {day: hours_on(station, date(2026, 3, day)) for day in (2, 3, 4, 5, 6, 9, 11)} == {
        2: ((840, 1320),), 3: (), 4: ((840, 1320),), 5: (), 6: ((360, 840),), 9: ((360, 840),), 11: ((360, 840),),
    }  # fmt: skip
    (refused,) = pull.quarantine
    assert (refused.table, refused.row, refused.field, refused.job) == (
        "mrp_workorder", "production_id=8, place=1", "workcenter_id", "WH/MO/00008",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "statement", "field", "reason"),
    [
        (ERPNEXT, "UPDATE `tabWork Order Operation` SET time_in_mins = 'soon' WHERE name = 'o12'", "time_in_mins",
         "is not a number"),
        (ERPNEXT, "UPDATE `tabWork Order Operation` SET time_in_mins = -1 WHERE name = 'o12'", "time_in_mins",
         "is negative"),
        (ERPNEXT, "UPDATE `tabWork Order Operation` SET workstation = 'Mill' WHERE name = 'o12'", "workstation",
         "names machine Mill, which the machine park does not have"),
        (ERPNEXT, "UPDATE `tabWork Order` SET qty = 0 WHERE name = 'MFG-WO-2026-00001'", "qty", "is not a quantity to make"),
        (ERPNEXT, "UPDATE `tabJob Card` SET operation_id = 'gone' WHERE name = 'PO-JOB00001'", "operation_id",
         "is output of an operation that the job does not have"),
        (ODOO, "UPDATE mrp_production SET date_deadline = 'tomorrow' WHERE id = 1", "date_deadline", "is not a date"),
        (ODOO, "UPDATE mrp_workorder SET duration_expected = 0 WHERE id IN (11, 12)", "id",
         "has no open operation that takes time"),
        (ODOO, "UPDATE resource_calendar SET tz = 'Asia/Tokyo' WHERE id = 2", "tz", "is another time zone than the plant's"),
        (ODOO, "UPDATE resource_calendar_attendance SET hour_to = 25 WHERE id = 1", "hour_to", "is not a time of day"),
        (ODOO, "UPDATE resource_calendar_attendance SET dayofweek = '7' WHERE id = 1", "dayofweek",
         "is not a day from 0 (Monday) to 6"),
        (ODOO, "UPDATE resource_calendar_leaves SET date_to = '2026-03-01 00:00:00' WHERE id = 1", "date_to",
         "is not after the beginning of the time off"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_as_the_erp_calls_it(
    name: str, statement: str, field: str, reason: str, tmp_path: Path
) -> None:
    found = pulled(name, tmp_path, statement).quarantine
    assert [row for row in found if row.field == field and reason in row.reason], found


def test_a_machine_whose_hours_cannot_be_used_is_not_planned(tmp_path: Path) -> None:
    pull = pulled(ODOO, tmp_path, "UPDATE resource_calendar SET tz = 'Asia/Tokyo' WHERE id = 2")
    assert [m.name for m in pull.plant.machines] == ["Assembly Line 1", "Assembly Line 2"]
    (note,) = [n for n in pull.notes if n.table == "mrp_workcenter"]
    assert (note.row, note.message) == ("id=3", "has no working hours that can be used: it is not planned")


def test_an_alternative_takes_over_where_the_machine_is_out_of_service(tmp_path: Path) -> None:
    pull = pulled(ODOO, tmp_path, "UPDATE mrp_workcenter SET working_state = 'blocked' WHERE id = 1")
    assemble = job(pull, "WH/MO/00001").operations[1]
    assert (assemble.machine_types, assemble.machines, assemble.preferred_machine) == ((), (2,), None)
    assert assemble.processing_minutes((2,)) == 125
    assert set(ends(pull.plant)) == {"WH/MO/00001", "WH/MO/00002", "WH/MO/00006"}
    messages = {n.job: n.message for n in pull.notes if n.job in ("WH/MO/00001", "WH/MO/00002")}
    assert messages == {
        "WH/MO/00001": "is assigned to machine 1 (Assembly Line 1), which is not active: any other of its type will do",
        "WH/MO/00002": "was at work on machine 1 (Assembly Line 1), which is not active:"
        " any other of its type makes what is left",
    }


def test_a_binding_assignment_knows_no_alternative(tmp_path: Path) -> None:
    config = ErpConfig.model_validate({**BRUSSELS.model_dump(), "assigned_machine": "binding"})
    assemble = job(pulled(ODOO, tmp_path, config=config), "WH/MO/00001").operations[1]
    assert (assemble.machine_types, assemble.machines, dict(assemble.minutes_by_machine)) == ((), (1,), {})


@pytest.mark.mariadb
def test_erpnext_on_mariadb_gives_the_same_plant(mariadb_url: str, tmp_path: Path) -> None:
    """Decimals with nine places, times and moments with microseconds, names of 140 characters: ERPNext has them so."""
    load(ERPNEXT, mariadb_url)
    erp = open_erp(mariadb_url)
    try:
        pull = checked(read(erp, FRAPPE, START))
        assert fingerprint(erp, FRAPPE, START) == pull.fingerprint
        assert sample(erp, FRAPPE.tables, FRAPPE.timezone).fits
    finally:
        erp.close()
    assert pull.plant == pulled(ERPNEXT, tmp_path).plant


@pytest.fixture(scope="module")
def odoo_url() -> Iterator[str]:
    """The dump of Odoo on a PostgreSQL server of its own."""
    missing = missing_program()
    if missing is not None:
        reason = f"{missing} is not installed (Debian: apt-get install postgresql)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with running_postgresql() as server:
        yield load(ODOO, f"{server}postgres")


@pytest.mark.postgresql
def test_odoo_on_postgresql_gives_the_same_plant_and_is_only_read(odoo_url: str, tmp_path: Path) -> None:
    erp = open_erp(odoo_url)
    try:
        pull = checked(read(erp, BRUSSELS, START))
        assert fingerprint(erp, BRUSSELS, START) == pull.fingerprint
        assert sample(erp, BRUSSELS.tables, BRUSSELS.timezone).fits
        with pytest.raises(DatabaseFailure, match="read-only transaction"), erp.reading() as connection:
            connection.exec_driver_sql("UPDATE mrp_production SET name = 'X'")
        other = sample(erp, FRAPPE.tables, FRAPPE.timezone)
        assert not other.fits
        assert "there is no table 'tabWork Order'; the database has mrp_production" in other.subjects[0].problems[0]
        with pytest.raises(DatabaseUnavailable, match="there is no table 'tabWork Order'"):
            read(erp, FRAPPE, START)
    finally:
        erp.close()
    assert pull.plant == pulled(ODOO, tmp_path).plant


@pytest.mark.postgresql
def test_rights_on_the_tables_that_are_read_are_enough_on_postgresql(odoo_url: str) -> None:
    change(
        odoo_url, "CREATE ROLE reader LOGIN", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader",
        "CREATE TABLE shopwright_demo(setting TEXT, content TEXT)", "CREATE TABLE tbl_jo_txn(number INT)",
    )  # fmt: skip
    owner, erp = open_erp(odoo_url), open_erp(odoo_url.replace("postgres@", "reader@"))
    try:
        pull = checked(read(erp, BRUSSELS, START))
        assert pull.banner is None
        assert fingerprint(erp, BRUSSELS, START) == fingerprint(owner, BRUSSELS, START) == pull.fingerprint
        assert {index.table for index in missing_indexes(erp)} <= {"tbl_jo_txn"}
        assert sample(erp, BRUSSELS.tables, BRUSSELS.timezone).fits
        change(odoo_url, "REVOKE SELECT ON mrp_workcenter_capacity FROM reader")
        named = r"^ERP table mrp_workorder \(operations\) cannot be read: .* denied for table mrp_workcenter_capacity"
        with pytest.raises(MissingRight, match=named):
            read(erp, BRUSSELS, START)
        change(odoo_url, "GRANT SELECT ON shopwright_demo TO reader")
        with pytest.raises(DatabaseUnavailable, match="names no clock or no banner"):
            read(erp, BRUSSELS, START)
    finally:
        owner.close()
        erp.close()
        change(odoo_url, "DROP TABLE shopwright_demo", "DROP TABLE tbl_jo_txn")
