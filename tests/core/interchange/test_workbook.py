"""Workbooks from hostile names: they open, and nothing in them runs."""

from __future__ import annotations

from io import BytesIO

from openpyxl import load_workbook

from scheduler_core.interchange.workbook import Sheet, titles, workbook


def test_titles_are_short_different_and_free_of_forbidden_signs() -> None:
    found = titles(["Press", "press", "a/b:c*d?[e]\\f", "'", "", "x" * 40, "x" * 40, "History", "Mill\x07"])
    assert found == [
        "Press", "press (2)", "a b c d  e  f", "Sheet", "Sheet (2)", "x" * 31, "x" * 27 + " (2)", "History (2)", "Mill",
    ]  # fmt: skip
    assert max(map(len, found)) == 31


def test_hostile_text_arrives_as_text() -> None:
    nasty = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\ttab", "\rreturn", "\x00bell\x07", "half \ud800 sign", "<b>&"]
    book = load_workbook(BytesIO(workbook([Sheet("=1+1", nasty, [nasty])])))
    sheet = book["=1+1"]
    for line in sheet.iter_rows():
        cells = list(line)
        assert [c.data_type for c in cells] == ["s"] * len(nasty)
        assert [c.value for c in cells[:4]] == nasty[:4]
        assert [c.quotePrefix for c in cells] == [True] * 6 + [False] * 3
        assert [c.value for c in cells[6:]] == ["\ufffdbell\ufffd", "half \ufffd sign", "<b>&"]


def test_each_table_is_a_sheet_in_the_given_order() -> None:
    book = load_workbook(BytesIO(workbook([Sheet("B", ["x"], [[1], [None]]), Sheet("A", ["y"], [[True], [0.5]])])))
    assert book.sheetnames == ["B", "A"]
    assert [[c.value for c in line] for line in book["A"].iter_rows()] == [["y"], [True], [0.5]]
