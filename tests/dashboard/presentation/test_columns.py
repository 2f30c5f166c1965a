"""Tables hold values: the words follow the reader's language, sorting and workbooks follow the value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO

import pandas as pd
import pytest
from openpyxl import load_workbook

from dashboard.loaded_plan import Plan, Replanned, compare, counted_moves
from dashboard.presentation import columns, dispatch_rows, tables, what_if_tables
from dashboard.presentation.columns import Column, frame_of, minutes, moment, shown
from dashboard.presentation.xlsx import workbook
from dashboard.views.models import checkpoint_tables
from scheduler_core.analysis.dispatch_lists import Shift
from scheduler_core.analysis.stability import stability
from scheduler_core.interchange.workbook import Styled
from tests.support.table_words import read

VALUES = {
    "Due", "Late by", "Done in the plan", "Quantity", "Operations", "Run", "Material", "Before", "After", "Shift",
    "Late before", "Late after", "Machines changed", "Operation", "Start before", "Start after", "Op", "Start", "End",
    "Setup", "Paused", "Could start earlier by", "Qty", "Done", "Next start", "#", "Others end later", "Others become late",
    "Extra lateness of other orders (weighted days)", "L", "R", "Change", "Current plan", "Repair",
    "Training steps", "Hours", "Score",
}  # fmt: skip
"""Headings under which every table holds numbers, dates or durations."""


def sample() -> pd.DataFrame:
    return frame_of(
        [Column("Late by", columns.LATENESS), Column("Run", columns.DURATION), Column("Start", columns.MOMENT),
         Column("Qty", columns.PIECES), Column("Sure", columns.TICK), Column("Part")],
        [
            (minutes(4 * 1440 + 13 * 60), minutes(589), datetime(2025, 7, 21, 6, 30), 960, True, "A"),
            (minutes(15 * 1440 + 14 * 60), minutes(1619), datetime(2025, 8, 1, 6, 30), 1200, False, "B"),
            (minutes(-540), minutes(0), None, None, False, "C"),
        ],
    )  # fmt: skip


def frames(left: Plan, right: Plan) -> Iterator[pd.DataFrame]:
    found = compare(left, right)
    calm = stability(left.plant, left.schedule, right.plant, right.schedule, left.plant.plan_start)
    answer = Replanned(right, found, counted_moves(left, right), calm)
    yield tables.exceptions_frame(left.plant, left.late_jobs)
    yield tables.jobs_frame(left.plant, left)
    yield tables.jobs_frame(left.plant, None)
    yield tables.job_changes_frame(found.jobs)
    yield tables.operation_changes_frame(left.plant, right.plant, found.operations)
    yield tables.operations_frame(left, left.plant.job_by_id["J1"])
    yield tables.chain_frame(left.plant, left.explainer.chain(left.schedule.by_operation["J1", 2]))
    yield tables.figures_frame(tables.figures(left, right), "L", "R")
    yield what_if_tables.repairs_frame(left, {"Repair": answer})
    yield what_if_tables.promises_frame("J1", left, {"Some repair": right}).drop(columns="Repair")
    what = dispatch_rows.sheets(left, Shift(0, 2000, 2000), None)
    yield dispatch_rows.lists_frame(left.plant, what.busy)
    yield dispatch_rows.list_frame(left.plant, what.busy[0].lines)
    yield dispatch_rows.late_frame(left, what.late)
    yield checkpoint_tables.list_frame([])


def test_no_column_of_numbers_dates_or_durations_holds_text(plans: tuple[Plan, Plan]) -> None:
    seen: set[str] = set()
    for frame in frames(*plans):
        formats = columns.formats_of(frame)
        for heading in VALUES & set(frame.columns):
            assert heading in formats, f"{heading} has a format"
            assert not any(isinstance(value, str) for value in frame[heading]), f"{heading} holds values"
            sortable = columns.sortable(shown(frame))[heading]
            assert pd.api.types.is_numeric_dtype(sortable) or pd.api.types.is_datetime64_dtype(sortable), heading
            seen.add(heading)
    assert seen == VALUES


def test_words_are_the_readers_and_the_order_is_the_values() -> None:
    words = read(sample())
    assert words["Late by"] == ["+4 d 13 h", "+15 d 14 h", "−9 h"]
    assert words["Run"] == ["9:49", "26:59", "0:00"]
    assert words["Start"] == ["Mon 21 Jul 06:30", "Fri 1 Aug 06:30", "–"]
    assert words["Qty"] == ["960", "1\u202f200", "–"]
    assert words["Sure"] == ["✓", "", ""]
    plain = columns.sortable(shown(sample())).sort_values("Late by", ascending=False)
    assert list(plain["Part"]) == ["B", "A", "C"]
    assert list(columns.sortable(shown(sample())).sort_values("Run", ascending=False)["Part"]) == ["B", "A", "C"]


@pytest.mark.parametrize(
    "change", [lambda f: f[::-1], lambda f: f[f["Late by"] > timedelta(0)], lambda f: f[["Qty", "Run"]]]
)
def test_a_part_of_a_table_keeps_its_formats(change: object) -> None:
    part = change(sample())  # type: ignore[operator]
    whole, read_part = read(sample()), read(part)
    for heading in part.columns:
        assert read_part[heading] == [whole[heading][label] for label in part.index]


def test_a_change_agrees_with_what_is_printed() -> None:
    figure = tables.Figure("Setup", 803.6, 811.4, " h", 0, True)
    assert (figure.text(figure.left), figure.text(figure.right)) == ("804 h", "811 h")
    assert read(tables.figures_frame([figure], "L", "R"))["Change"] == ["+7 h (+0.9 %)"]
    share = tables.Figure("On time", 68.2, 70.7, " %", 1, False)
    assert read(tables.figures_frame([share], "L", "R"))["Change"] == ["+2.5 percentage points"]


def test_a_workbook_sorts_and_sums() -> None:
    sheet = load_workbook(BytesIO(workbook(sample(), "x"))).active
    assert sheet is not None
    late, run, start, quantity = (sheet.cell(2, k) for k in range(1, 5))
    assert (late.data_type, run.data_type, start.is_date, quantity.value) == ("n", "d", True, 960)
    assert late.value == pytest.approx(4 + 13 / 24, abs=1e-4)
    assert run.number_format == "[h]:mm"
    assert run.value == timedelta(minutes=589)
    assert start.value == datetime(2025, 7, 21, 6, 30)
    assert sheet["D3"].number_format == "#,##0"
    assert sheet["D4"].value is None
    assert sheet.auto_filter.ref == "A1:F4"
    assert sheet.freeze_panes == "A2"


def test_rows_have_as_many_values_as_columns() -> None:
    with pytest.raises(ValueError, match="2 columns"):
        frame_of([Column("A"), Column("B")], [("x",)])


def test_a_moment_of_another_zone_is_told_on_the_plants_clock() -> None:
    from datetime import UTC
    from zoneinfo import ZoneInfo

    assert moment(datetime(2025, 7, 21, 0, 30, tzinfo=UTC), ZoneInfo("Asia/Kuala_Lumpur")) == datetime(2025, 7, 21, 8, 30)


def test_a_day_without_a_time_has_no_midnight_behind_it() -> None:
    frame = frame_of(
        [Column("Material", columns.DAY_OR_MOMENT)], [(datetime(2025, 7, 13),), (datetime(2025, 7, 13, 6, 30),)]
    )
    assert read(frame)["Material"] == ["Sun 13 Jul", "Sun 13 Jul 06:30"]
    day, moment = (row[0] for row in columns.cells(frame))
    assert isinstance(day, Styled)
    assert isinstance(moment, Styled)
    assert "hh" not in day.number_format
    assert "hh" in moment.number_format
