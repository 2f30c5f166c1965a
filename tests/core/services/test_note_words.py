"""Every remark that a pull can make on a row in use is said to a planner; nothing of the database remains in the words."""

from __future__ import annotations

import ast
import re

import pytest

from scheduler_core.data.store.records import PullNote
from scheduler_core.i18n.translate import speaking
from scheduler_core.services.note_words import RULES, note_words
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
    assert "Operation 3: it was interrupted, as machine 6 has later output of order X (1)" in note_words(running)


@pytest.mark.parametrize("message", ["was added from this table", "pinned by A: {place}", "is odd"])
def test_other_remarks_are_said_as_they_are(message: str) -> None:
    assert note_words(PullNote("spreadsheet", "jobs.csv", message, "X")) == message


def test_an_order_that_waits_for_a_machine_asks_for_it() -> None:
    note = PullNote("waits for a machine", "machine 7", "DD01 is out of service: when is it back?", "J1")
    assert note_words(note) == "DD01 is out of service: when is it back?"
    with speaking("ms"):
        assert note_words(note) == "DD01 tidak beroperasi: bila ia kembali?"
