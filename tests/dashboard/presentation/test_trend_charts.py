"""The charts of KPIs and Monitor: which rows and days they show, and how they write numbers and moments."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from dashboard.presentation import trend_charts
from scheduler_core.analysis.daily_load import DayLoad
from scheduler_core.analysis.load import WorkCentreLoad
from scheduler_core.plant import MachineType


def test_capacity_chart_leaves_out_days_without_work_and_greys_what_is_closed() -> None:
    """Two work centres, of which one is open on Saturday; nobody works on Sunday."""
    centres = (MachineType(1, "Idle"), MachineType(2, "Full"))

    def on(day: int, *open_minutes: int) -> DayLoad:
        loads = zip(centres, open_minutes, (0, 1), strict=True)
        return DayLoad(date(2025, 7, day), tuple(WorkCentreLoad(c, 1, n, n * used, 0) for c, n, used in loads))

    figure = trend_charts.capacity_chart([on(25, 480, 480), on(26, 0, 240), on(27, 0, 0)])
    assert list(figure.data[0].x) == ["Fri 25 Jul", "Sat 26 Jul"]
    assert list(figure.layout.yaxis.ticktext) == ["Full", "Idle"]
    assert [list(row) for row in figure.data[2].z] == [[None, None], [None, 1]]
    assert figure.data[2].customdata[1][1] == "Idle: closed"
    assert [list(row) for row in figure.data[1].z] == [[100.0, 100.0], [None, None]], "full: white words on strong colour"


def test_nothing_to_show_is_an_empty_chart() -> None:
    assert list(trend_charts.capacity_chart([]).layout.yaxis.ticktext) == []
    assert not trend_charts.trend_chart({}, "day", "d").data


def test_moments_on_an_axis_are_written_once_and_as_everywhere() -> None:
    at = datetime(2025, 7, 21, 6, 30)
    figure = trend_charts.trend_chart({"RL": [(at, 1234.5), (at + timedelta(seconds=3), -2.25)]}, "day", "d")
    first, last = figure.layout.xaxis.range
    assert last - first >= timedelta(hours=12)
    assert figure.layout.xaxis.tickformat == "%a %-d %b\n%H:%M"
    assert [list(told) for told in figure.data[0].customdata] == [
        ["Mon 21 Jul 06:30", "1\u202f234.5"],
        ["Mon 21 Jul 06:30", "−2.2"],
    ]
    assert figure.layout.separators == ".\u202f"
    assert figure.layout.yaxis.separatethousands
