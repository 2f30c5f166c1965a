"""Every remark that a pull can make on a row in use is said to a planner; nothing of the database remains in the words."""

from __future__ import annotations

import ast
import re

import pytest

from scheduler_core.data.store.records import PullNote
from scheduler_core.i18n.translate import speaking
from scheduler_core.interchange.job_rows import NotedRow
from scheduler_core.services.note_words import RULES, SHEET_RULES, note_words, noted_jobs
from scheduler_core.services.planner_additions import job_note, row_note
from tests.support.pull_texts import pull_nodes, written

COLUMN = re.compile(r"[A-Za-z]+_[a-z]{1,2}\b|tbl_|\{")


def remarks() -> list[str]:
    """The remarks in the source of the pull; a 7 stands for what each fills in, a machine where it names one."""
    found = []
    for node in pull_nodes():
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("accounting.note", "PullNote"):
            found += written(node.args[2])
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("message", "remark"):
            values = [node.value.body, node.value.orelse] if isinstance(node.value, ast.IfExp) else [node.value]
            found += [text for value in values for text in written(value)]
    return sorted({remark for remark in found if remark})


def test_a_machine_that_is_known_by_name_is_named_with_its_blanks() -> None:
    message = "has no working hours in the ERP: it is planned round the clock"
    said = note_words(PullNote("tabWorkstation", "name=Lathe 2", message))
    assert said == "Machine Lathe 2 has no working hours in the ERP; it is planned round the clock."


def test_every_remark_in_the_source_of_the_pull_has_words_of_its_own() -> None:
    found = remarks()
    used = set()
    for remark in found:
        rules = [rule for rule in RULES if re.fullmatch(rule, remark, re.DOTALL)]
        assert len(rules) == 1, remark
        used.add(rules[0])
        said = note_words(PullNote("tbl_jo_process", "TxnId_i=72389, RowId_i=20", remark, "JOST1"))
        assert said != remark
        assert not COLUMN.search(said), said
        assert said.endswith("."), said
    assert used == set(RULES)


def test_an_operation_and_a_machine_are_named() -> None:
    inactive = PullNote(
        "tbl_jo_process", "TxnId_i=72389, RowId_i=20",
        "is assigned to machine 226 (DD01), which is not active: any other of its type will do", "JOST1",
    )  # fmt: skip
    assert note_words(inactive) == "Operation 20: DD01 is not in service; any other machine of its type may be used."
    running = PullNote("tbl_daily_item", "operation 3", "was interrupted: machine 6 has later output of job X (1)", "JOST1")
    assert "Operation 3: it was interrupted, because machine 6 has later output of order X (1)" in note_words(running)


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("due 2025-07-22 00:00 was read as the end of that day, 23:59",
         "The due date 2025-07-22 00:00 was read as the end of that day, 23:59."),
        ("rows 3–9 without a job number were read as operations of this job",
         "No order number in table rows 3–9: they were read as operations of this order."),
        ("due 2025-07-22 9:59 is before the material's date 2025-07-25 0:00: it is planned late",
         "The material comes on 2025-07-25 0:00, after the due date 2025-07-22 9:59: the order is planned, and it is late."),
        ("takes no time: it is a milestone and left out",
         "Operation 20 takes no time: it is a milestone, which the plan leaves out."),
    ],
)  # fmt: skip
def test_what_is_noted_on_a_table_of_jobs_is_said_to_a_planner(note: str, said: str) -> None:
    assert note_words(row_note(NotedRow(3, "N1", note, 20), "more.csv")) == said
    assert sum(re.fullmatch(rule, note) is not None for rule in (*RULES, *SHEET_RULES)) == 1


def test_jobs_with_notes_are_counted_once_and_not_for_where_they_come_from() -> None:
    notes = [
        job_note("N1", "more.csv"), job_note("N2", "more.csv"), row_note(NotedRow(3, "N2", "x"), "more.csv"),
        row_note(NotedRow(4, "N2", "y"), "more.csv"), PullNote("tbl_machine", "7", "has no name and is shown by its id"),
    ]  # fmt: skip
    assert noted_jobs(notes) == 1


@pytest.mark.parametrize("message", ["was added from this table", "pinned by A: {place}", "is odd"])
def test_other_remarks_are_said_as_they_are(message: str) -> None:
    assert note_words(PullNote("spreadsheet", "jobs.csv", message, "X")) == message


def test_an_order_that_waits_for_a_machine_asks_for_it() -> None:
    note = PullNote("waits for a machine", "machine 7", "DD01 is out of service: when is it back?", "J1")
    assert note_words(note) == "DD01 is out of service: when is it back?"
    with speaking("ms"):
        assert note_words(note) == "DD01 tidak beroperasi: bila ia kembali?"
