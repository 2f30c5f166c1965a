"""What goes to the floor: the rows, the paper and the workbook of a small plan with hostile names."""

from __future__ import annotations

from datetime import datetime
from html.parser import HTMLParser
from io import BytesIO

import pytest
from openpyxl import load_workbook

from dashboard.gantt import drawing
from dashboard.gantt.drawing import Picture
from dashboard.gantt.rows import Group, Row
from dashboard.loaded_plan import Plan
from dashboard.presentation import dispatch_rows
from dashboard.presentation.xlsx import workbook_of
from dashboard.printing import code128, dispatch_sheets, paper_rows
from scheduler_core.analysis.dispatch_lists import Shift, shifts
from scheduler_core.data.store import Store
from scheduler_core.i18n import translate
from tests.support.hostile_text import NASTY
from tests.support.opening import release
from tests.support.table_words import read

PRINTED = datetime(2025, 7, 21, 8, 15)
WHOLE = Shift(-100, 5000, 5000)


class Tags(HTMLParser):
    """Every tag with its attributes, and the text outside of style."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def parsed(document: str) -> Tags:
    found = Tags()
    found.feed(document)
    return found


@pytest.fixture
def plan(plans: tuple[Plan, Plan]) -> Plan:
    return plans[0]


def test_rows_read_like_a_list_on_the_wall(plan: Plan) -> None:
    what = dispatch_rows.sheets(plan, WHOLE, 2)
    (lathe,) = what.lists
    table = dispatch_rows.list_frame(plan.plant, lathe.lines)
    first = {heading: cells[0] for heading, cells in read(table).items()}
    assert first == {
        "#": "1", "Machine": "M3", "Part": "CC-3", "Job": "J3", "Qty": "–", "Op": "1", "Process": "work", "Setup": "0:00",
        "Start": "Mon 21 Jul 07:30", "End": "Mon 21 Jul 09:00", "Due": "Thu 24 Jul", "Late by": "−3 d 10 h",
        "Note": "already running",
    }  # fmt: skip
    together = table[table["Job"] == "J5"].iloc[0]
    assert together["Note"] == "with M1"
    assert list(dispatch_rows.lists_frame(plan.plant, what.lists)["Work centre"].unique()) == ["Lathe"]


def test_the_lists_hold_the_rows_that_a_release_sends_out(plan: Plan, store: Store) -> None:
    release(store, plan.id)
    current = store.releases.current(plan.info.plant)
    assert current is not None
    sent = [
        (r.machine, r.job, r.sequence, r.start, r.end, r.setup_minutes, r.due)
        for r in store.releases.dispatch_rows(current.id)
    ]
    listed = [
        (x.machine.id, x.job.id, x.operation.sequence, plan.plant.time_of(x.assignment.start),
         plan.plant.time_of(x.assignment.end), x.assignment.setup_minutes,
         None if x.job.due is None else plan.plant.time_of(x.job.due))
        for one in dispatch_rows.sheets(plan, WHOLE, None).lists
        for x in one.lines
    ]  # fmt: skip
    assert sorted(listed, key=str) == sorted(sent, key=str)


def test_all_shifts_together_hold_every_start_once(plan: Plan) -> None:
    starts = [
        x.assignment.key
        for shift in shifts(plan.plant, -100, plan.schedule.end)
        for one in dispatch_rows.sheets(plan, shift, None).lists
        for x in one.lines
        if shift.start <= x.assignment.start and x.machine.id == x.assignment.machines[0]
    ]
    assert sorted(starts) == sorted(a.key for a in plan.schedule.assignments)


# ---------------------------------------------------------------- paper
def test_hostile_names_are_printed_and_do_not_run(plan: Plan) -> None:
    document = dispatch_sheets.page(dispatch_rows.sheets(plan, WHOLE, None), (0, 2000), f"v1 by {NASTY}", PRINTED)
    found = parsed(document)
    tags = {tag for tag, _ in found.tags}
    assert not tags & {"img", "script", "a", "iframe", "link", "object", "foreignobject", "b"}
    assert not [a for _, attributes in found.tags for a in attributes if a.startswith("on") or a in ("href", "src")]
    assert found.text.count(NASTY) >= 3
    policy = [attributes["content"] for tag, attributes in found.tags if tag == "meta" and "content" in attributes]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'"]


@pytest.mark.parametrize(
    ("spoken", "content"),
    [
        ("en", '"Page " counter(page) " of " counter(pages)'),
        ("zh_CN", '"第 " counter(page) " 页，共 " counter(pages) " 页"'),
    ],
)
def test_the_printed_pages_are_numbered_in_the_readers_language(plan: Plan, spoken: str, content: str) -> None:
    with translate.speaking(spoken):
        document = dispatch_sheets.page(dispatch_rows.sheets(plan, WHOLE, None), (0, 2000), "v1", PRINTED)
    assert f"@page {{ @bottom-right {{ content: {content}; }} }}" in document


def test_work_centres_follow_each_other_and_each_repeats_plan_and_time(plan: Plan) -> None:
    what = dispatch_rows.sheets(plan, WHOLE, None)
    document = dispatch_sheets.page(what, (0, 2000), "Version 3, released", PRINTED)
    sections = [a for tag, a in parsed(document).tags if tag == "section"]
    drawings = document.count("<svg") - document.count('<svg class="code"')
    assert [s.get("class") for s in sections] == ["follows whole"] * len(what.busy) + [None] * (1 + drawings)
    assert document.count("<thead>") == len(what.busy) + (1 if what.late else 0)
    stamp = "tiny · Version 3, released · printed Mon 21 Jul 2025 08:15 Kuala Lumpur time"
    assert document.count(stamp) == len(sections)
    assert "section { break-before: page" in document
    assert "section.follows, section:first-child { break-before: auto; }" in document
    assert "section.whole { break-inside: avoid; }" in document
    assert "table-header-group" in document


def test_paper_has_room_for_tick_operator_and_signature_and_a_bar_code_of_the_job(plan: Plan) -> None:
    what = dispatch_rows.sheets(plan, WHOLE, None)
    document = dispatch_sheets.page(what, (0, 2000), "v1", PRINTED)
    lines = [line for one in what.busy for line in one.lines]
    assert document.count(paper_rows.TICK) == len(lines)
    for line in lines:
        assert code128.svg(line.job.id) in document
    assert document.count('<svg class="code"') == len(lines)
    for heading in ("Start", "Machine", "Operator", "Signature", "Early or late"):
        assert f">{heading}</th>" in document
    first = paper_rows.row(plan.plant, what.lists[1].lines[0])
    assert first[:5] == ["☐", "Mon 21 Jul 07:30", "M3", "CC-3", "J3"]
    assert first[12] == "3 d 10 h early"


def test_a_shift_without_work_and_without_late_orders_prints_that(plan: Plan) -> None:
    document = dispatch_sheets.page(
        dispatch_rows.sheets(plan, Shift(90000, 90100, 90200), None), (90000, 90200), "v", PRINTED
    )
    assert "No work this shift: Press, Lathe." in document
    assert "No order is late." in document
    assert "<svg" not in document


def test_the_drawing_holds_each_bar_once_within_its_row_and_in_grey(plan: Plan) -> None:
    groups, left_out = dispatch_sheets.used_groups(dispatch_rows.sheets(plan, WHOLE, None), (0, 2000))
    machines = [row.machine for group in groups for row in group.rows]
    assert len(machines) + left_out == len(plan.plant.machines)
    picture = Picture(plan.plant, plan.hours, plan.status, 0, 2000, grey=True)
    boxes = [a for tag, a in parsed(drawing.svg(picture, groups)).tags if tag == "rect"]
    fills = {b["fill"] for b in boxes}
    assert {f for f in fills if f and f.startswith("#")} <= {"#ffffff", "#333333", "#d4d4d4", "#dddddd", "#bbbbbb"}
    legend = 3
    bars = [b for b in boxes if b.get("stroke") == "#000000" and b["fill"] in ("#333333", "#ffffff")][:-legend]
    held = [(m, a) for m in machines if m for a in plan.schedule.by_machine[m] if a.start < 2000 and a.end > 0]
    pieces = [
        (a, s, e)
        for _, a in held
        for s, e in zip(*(t.tolist() for t in plan.hours.spans(plan.hours.table(a.machines))), strict=True)
        if s < min(2000, a.end) and e > max(0, a.start)
    ]
    fixed_without_hours = 0
    assert len(bars) == len(pieces) + fixed_without_hours
    late = sum((plan.lateness[a.job] or 0) > 0 for a, _, _ in pieces)
    assert sum(b["fill"] == "#333333" for b in bars) == late > 0
    assert all(drawing.MARGIN + drawing.GUTTER <= float(b["x"] or 0) <= drawing.WIDTH for b in bars)
    assert sum(b["stroke-width"] == "2.2" for b in bars) == 1


def test_many_machines_take_several_pages_and_a_group_that_goes_on_is_named_again() -> None:
    rows = tuple(Row(f"M{k}", "", 0, 0, ()) for k in range(90))
    pages = drawing.pages([Group("Press", rows[:50]), Group("Lathe", rows[50:])], lines=20)
    assert [row.label for page in pages for group in page for row in group.rows] == [row.label for row in rows]
    assert all(sum(1 + len(g.rows) for g in page) <= 20 for page in pages)
    assert [[g.name for g in page] for page in pages] == [["Press"], ["Press"], ["Press", "Lathe"], ["Lathe"], ["Lathe"]]


# ---------------------------------------------------------------- PDF
# ---------------------------------------------------------------- workbook
def test_the_workbook_has_a_sheet_per_work_centre(plan: Plan) -> None:
    what = dispatch_rows.sheets(plan, WHOLE, None)
    book = load_workbook(BytesIO(workbook_of(dispatch_rows.workbook_frames(what, "=cmd|' /C calc'!A0"))))
    assert book.sheetnames == ["Plan", "Press", "Lathe", "Late orders"]
    assert book["Plan"]["B3"].value == "=cmd|' /C calc'!A0"
    cells = [cell for sheet in book for line in sheet.iter_rows() for cell in line]
    assert all(cell.data_type != "f" for cell in cells)
    assert [c.value for c in book["Press"][1]] == list(dispatch_rows.COLUMNS)
    assert book["Press"].max_row == 1 + len(what.lists[0].lines)
