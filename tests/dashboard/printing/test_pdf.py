"""PDF files: every row stands in them, in as many pages as they need; what a name holds is text."""

from __future__ import annotations

import base64
import re
import zlib
from dataclasses import replace
from datetime import datetime

from dashboard.gantt import GanttView
from dashboard.loaded_plan import Plan
from dashboard.presentation import dispatch_rows
from dashboard.printing import pdf, pdf_dispatch_lists, pdf_surface
from dashboard.printing.pdf import Table
from dashboard.views.gantt.export import WHOLE, picture
from dashboard.views.gantt.filters import Filters
from scheduler_core.analysis.dispatch_lists import Shift
from tests.support.hostile_text import NASTY

PRINTED = datetime(2025, 7, 21, 8, 15)


def page_count(data: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b(?!s)", data))


def written(data: bytes) -> str:
    """The text that the pages' drawing commands write."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", data, re.DOTALL)
    plain = b""
    for stream in streams:
        body = stream.strip()
        if body.endswith(b"~>"):
            plain += zlib.decompress(base64.a85decode(body[:-2]))
    strings = re.findall(rb"\(((?:\\.|[^\\()])*)\) Tj", plain)
    return "\n".join(re.sub(rb"\\(.)", rb"\1", s).decode("latin-1") for s in strings)


def test_a_gantt_names_every_machine_and_fits_its_pages(plans: tuple[Plan, Plan]) -> None:
    what, groups = picture(plans[0], GanttView.MACHINE, Filters(), "Plan of the week", 0, WHOLE)
    data = pdf.gantt(what, groups)
    assert data.startswith(b"%PDF-")
    assert page_count(data) == 1
    words = written(data)
    for name in ("Plan of the week", "Press", "Lathe", "M1", "M2", "M3", "! late", "Page 1 of 1"):
        assert name in words
    many = [replace(group, rows=group.rows * 20) for group in groups]
    assert page_count(pdf.gantt(what, many)) == 2
    assert pdf.gantt(what, groups) == data


def test_dispatch_lists_hold_their_rows_and_the_late_orders(plans: tuple[Plan, Plan]) -> None:
    what = dispatch_rows.sheets(plans[0], Shift(-100, 5000, 5000), None)
    data = pdf_dispatch_lists.sheets(what, f"Version 3 by {NASTY}", PRINTED)
    words = written(data)
    assert page_count(data) == 2, "both short lists share a page"
    assert {"Operator", "Signature", "Scan"} <= set(words.split("\n"))
    for name in ("Press", "Lathe", "Late orders", "AA-1", "BB-2", "printed Mon 21 Jul 2025 08:15 Kuala Lumpur time"):
        assert name in words
    assert "onerror=alert(1)" in words.replace("\n", "")
    empty = pdf_dispatch_lists.sheets(dispatch_rows.sheets(plans[0], Shift(90000, 90100, 90200), None), "v", PRINTED)
    assert "No order is late." in written(empty)


def test_a_long_list_repeats_its_head_on_every_page() -> None:
    data = pdf.tables("t", "foot", [Table("List", ("Job", "Part"), [(f"J{k}", "x") for k in range(120)], (1, 1))])
    pages = page_count(data)
    words = written(data).split("\n")
    assert pages >= 3
    assert words.count("Part") == words.count("foot") == pages
    assert {f"J{k}" for k in range(120)} <= set(words)


def test_a_sign_that_the_font_lacks_is_told() -> None:
    usual = pdf_surface.fonts()[0]
    assert pdf_surface.runs("A\U0010fffdB") == [(usual, "A?B")]
    assert pdf_surface.runs("Größe 1 – 2 …") == [(usual, "Größe 1 – 2 …")]


def test_chinese_is_written_in_a_chinese_face() -> None:
    usual = pdf_surface.fonts()[0]
    assert pdf_surface.runs("CM01 工单晚") == [(usual, "CM01 "), ("STSong-Light", "工单晚")]
    data = pdf.tables("t", "班次", [Table("工单", ("工序",), [("冲压 A",)], (1,))])
    assert b"STSong-Light" in data
