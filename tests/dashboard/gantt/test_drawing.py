"""A plan on one page: nothing outside it, every bar told without colour, and names that stay names."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from dashboard.gantt import GanttView, drawing
from dashboard.gantt.drawing import Picture
from dashboard.loaded_plan import Plan
from dashboard.views.gantt.export import WHOLE, picture
from dashboard.views.gantt.filters import Filters
from scheduler_core.analysis.job_status import JobStatus
from tests.support.hostile_text import NASTY

SVG = "{http://www.w3.org/2000/svg}"


def drawn(plan: Plan, view: GanttView = GanttView.MACHINE, filters: Filters = Filters(), days: int = WHOLE) -> ET.Element:  # noqa: B008
    return ET.fromstring(drawing.svg(*picture(plan, view, filters, NASTY, 0, days)))


def texts(root: ET.Element) -> list[str]:
    return [e.text or "" for e in root.iter(f"{SVG}text")]


def numbers(element: ET.Element, *names: str) -> list[float]:
    return [float(element.get(n, "0")) for n in names]


def test_everything_lies_on_the_page_and_every_row_is_named(plans: tuple[Plan, Plan]) -> None:
    for view in GanttView:
        for days in (1, WHOLE):
            root = drawn(plans[0], view, days=days)
            for rect in root.findall(f"{SVG}rect"):
                x, y, width, height = numbers(rect, "x", "y", "width", "height")
                assert x >= 0 <= y
                assert x + width <= drawing.WIDTH + 0.1
                assert y + height <= drawing.HEIGHT + 0.1
    assert {"Press", "Lathe", "M1", "M2", "M3"} <= set(texts(drawn(plans[0])))


def test_a_hostile_name_is_text_and_stays_whole_or_is_cut(plans: tuple[Plan, Plan]) -> None:
    root = drawn(plans[0], GanttView.JOB)
    assert {e.tag.removeprefix(SVG) for e in root.iter()} == {"svg", "defs", "pattern", "rect", "path", "text"}
    assert NASTY in texts(root)
    page = drawing.printable(drawing.svg(*picture(plans[0], GanttView.JOB, Filters(), NASTY, 0, WHOLE)), NASTY)
    assert "<img" not in page
    assert "<title>&lt;img src=x" in page
    assert page.count("<svg") == 1


def test_a_control_sign_does_not_break_the_file(plans: tuple[Plan, Plan]) -> None:
    root = ET.fromstring(drawing.svg(*picture(plans[0], GanttView.MACHINE, Filters(), "a\x00b\x1bc", 0, 1)))
    assert "a�b�c" in texts(root)


def test_what_is_urgent_is_told_by_texture_outline_or_mark_as_well(plans: tuple[Plan, Plan]) -> None:
    plan = plans[0]
    words = texts(drawn(plan))
    assert "! late" in words
    late = [j for j, s in plan.status.items() if s is JobStatus.LATE]
    assert late
    root = drawn(plan, filters=Filters(statuses=frozenset({JobStatus.LATE})))
    outlines = {r.get("stroke-width") for r in root.findall(f"{SVG}rect") if r.get("fill") == "#8b0018"}
    assert outlines == {"1.4"}
    assert any(t.startswith("!") and t != "! late" for t in texts(root))


def test_the_filters_hold_and_an_empty_span_is_refused(plans: tuple[Plan, Plan]) -> None:
    plan = plans[0]
    assert "M1" not in texts(drawn(plan, filters=Filters(centres=frozenset({2}))))
    with pytest.raises(ValueError, match="nothing lies between"):
        Picture(plan.plant, plan.hours, plan.status, 10, 10, "t")
