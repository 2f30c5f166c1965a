"""Every reason that a pull can give is said to a planner, with what to do; nothing of the database remains in the words."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from scheduler_core.data import demo
from scheduler_core.data.database import open_erp
from scheduler_core.data.erp import load_config, read
from scheduler_core.data.store.records import QuarantinedRow
from scheduler_core.services.planner_additions import TABLE
from scheduler_core.services.quarantine_words import quarantine_words, rule_of
from scheduler_core.settings import locations
from tests.support.pull_texts import pull_nodes, written

COLUMN = re.compile(r"[A-Za-z]+_[a-z]{1,2}\b|tbl_|is_full_day|\{")
"""How the ERP's columns and tables are written, and a placeholder that was not filled in."""


def reasons() -> list[str]:
    """The reasons in the source of the pull; a 7 stands for what each fills in, a machine where it names one."""
    found = []
    for node in pull_nodes():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "BadCell":
            found += written(node.args[2]) if len(node.args) == 3 else ()
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "reason":
            found += written(node.value)
    return sorted({reason for reason in found if reason})


def row(reason: str, field: str = "Machine_v", value: str = "7") -> QuarantinedRow:
    return QuarantinedRow("tbl_jo_process", "TxnId_i=72389, RowId_i=20", field, value, reason, "JOST1")


def test_every_reason_in_the_source_of_the_pull_has_words_of_its_own() -> None:
    found = reasons()
    assert len(found) > 35
    without = [reason for reason in found if rule_of(reason) is None]
    assert without == []
    for reason in found:
        said = quarantine_words(row(reason))
        assert not COLUMN.search(said.what + said.to_do), reason
        assert said.to_do.endswith("."), reason


def test_rows_of_other_erps_are_said_in_a_planners_words() -> None:
    where = ("tabWork Order Operation", "parent=MFG-WO-2026-00008, idx=2", "time_in_mins")
    frappe = QuarantinedRow(*where, "-1", "is negative", "MFG-WO-2026-00008")
    assert quarantine_words(frappe).what.startswith("Operation 2: the processing time")
    odoo = QuarantinedRow("resource_calendar_attendance", "calendar_id=1, hour_from=8", "dayofweek", "7",
                          "is not a day from 0 (Monday) to 6")  # fmt: skip
    assert quarantine_words(odoo).what == "Working hours from 8: the weekday “7” is not a day from 0 (Monday) to 6"
    # "name" is the order's number in one table and the operation's name in another.
    empty = [QuarantinedRow(table, "id=1", "name", "", "is empty") for table in ("mrp_production", "mrp_workorder")]
    assert [quarantine_words(row).what for row in empty] == [
        "The order: the order number is missing", "Operation 1: the name of the operation is missing",
    ]  # fmt: skip


def test_a_machine_out_of_service_is_named_with_what_to_do() -> None:
    said = quarantine_words(row("names machine 226 (DD01), of whose type no machine is active", value="226"))
    assert said.what == "Operation 20: needs DD01; no such machine is in service"
    assert said.to_do == (
        "Put the machine back into service in the ERP, or assign another machine to the operation; then pull."
    )
    older = quarantine_words(row("names machine 226, of whose type no machine is active", value="226"))
    assert older.what == "Operation 20: needs machine 226; no such machine is in service"


@pytest.mark.parametrize("name", ["A (B), which is not active", "{place}", "x" * 120, "=1+1", "a\nb"])
def test_a_hostile_name_stays_a_name(name: str) -> None:
    said = quarantine_words(row(f"names machine 8 ({name}), which is not active"))
    assert said.what == f"Operation 20: needs {name}, which is not in service"


def test_a_reason_of_another_version_and_a_row_of_a_table_keep_their_text() -> None:
    assert quarantine_words(row("is odd")).what == "Operation 20: the machine “7” is odd"
    sheet = quarantine_words(QuarantinedRow(TABLE, "jobs.csv, row 4", "due", "soon", "is not a date", "X"))
    assert sheet.what == "jobs.csv, row 4: the due date “soon” is not a date"
    assert sheet.to_do == "Correct it in the table and import it again."


def test_the_quarantine_of_the_demo_is_said_without_the_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/erp.sqlite"
    demo.write_demo(url)
    erp = open_erp(url)
    try:
        rows = read(erp, load_config(locations.root() / "configs" / "demo_erp.yaml")).quarantine
    finally:
        erp.close()
    assert len(rows) > 10
    for one in rows:
        assert rule_of(one.reason) is not None, one
        said = quarantine_words(one)
        assert not COLUMN.search(said.what + said.to_do), said
