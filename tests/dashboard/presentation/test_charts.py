"""The data behind the charts."""

from __future__ import annotations

import pytest

from dashboard.loaded_plan import Plan
from dashboard.presentation import charts, tables
from dashboard.presentation.colours import CLOSED
from scheduler_core.analysis.load import WorkCentreLoad
from scheduler_core.causes.bottlenecks import Bottleneck
from scheduler_core.plant import MachineType
from tests.support.table_words import read


def costly(name: str, late: int) -> Bottleneck:
    load = WorkCentreLoad(MachineType(late, name), 1, 100, 90, 5)
    return Bottleneck(load, waiting=2 * late, late_waiting=late, jobs=9, late_jobs=3)


def test_late_hours_chart_shows_the_bottleneck_on_top_and_escapes_names() -> None:
    found = [*(costly(f"<b>{k}</b>", 60 * (9 - k)) for k in range(5)), costly("nobody is late for it", 0)]
    figure = charts.late_hours_chart(found, most=3)
    assert list(figure.data[0].x) == [7.0, 8.0, 9.0]
    assert list(figure.data[0].text)[-1] == "9 h, 3 late jobs, 95 % full"
    assert figure.layout.yaxis.ticktext[2] == "&lt;b&gt;0&lt;/b&gt;"
    assert len(charts.late_hours_chart(found).data[0].x) == 5, "work centres that cost nothing are left out"


def test_lateness_chart_puts_every_due_job_into_one_bar() -> None:
    lateness = {"a": 0, "b": 1, "c": -1440, "d": 60 * 24 * 30, "e": -60 * 24 * 30, "f": None}
    figure = charts.lateness_chart({"<plan>": lateness})
    counts = dict(zip(figure.data[0].x, figure.data[0].y, strict=True))
    assert counts == {
        "over 7 d early": 1, "3–7 d early": 0, "1–3 d early": 1, "0–1 d early": 1, "0–1 d late": 1, "1–3 d late": 0,
        "3–7 d late": 0, "7–14 d late": 0, "over 14 d late": 1,
    }  # fmt: skip
    assert figure.data[0].name == "&lt;plan&gt;"


def test_figures_chart_tells_better_from_worse(plans: tuple[Plan, Plan]) -> None:
    rows = tables.figures(*plans)
    figure = charts.figures_chart(rows, "Right against left")
    shown = dict(zip(figure.data[0].y, figure.data[0].text, strict=True))
    for row in rows:
        if row.words in shown and row.better is not tables.Better.EQUAL:
            assert shown[row.words].endswith("better" if row.better is tables.Better.RIGHT else "worse")


def test_bars_to_the_right_are_better_and_say_what_the_table_says() -> None:
    rows = [
        tables.Figure("Setup", 804.4, 811.4, " h", 0, True),
        tables.Figure("Weighted tardiness", 610.9, 559.2, " d", 1, True),
        tables.Figure("On time", 66.9, 69.4, " %", 1, False),
        tables.Figure("From nothing", 0.0, 3.0, " h", 0, True),
        tables.Figure("Neither", 1.0, 2.0, " h", 0, None),
    ]
    figure = charts.figures_chart(rows, "x")
    shown = {
        words: (x, text) for words, x, text in zip(figure.data[0].y, figure.data[0].x, figure.data[0].text, strict=True)
    }
    assert set(shown) == {"Setup", "Weighted tardiness", "On time"}
    assert shown["Setup"] == (pytest.approx(-700 / 804), "+7 h (+0.9 %) worse")
    assert shown["Weighted tardiness"] == (pytest.approx(5170 / 610.9), "−51.7 d (−8.5 %) better")
    assert shown["On time"] == (pytest.approx(2.5), "+2.5 percentage points better")
    changes = read(tables.figures_frame(rows, "L", "R"))["Change"]
    assert changes[:3] == ["+7 h (+0.9 %)", "−51.7 d (−8.5 %)", "+2.5 percentage points"]
    assert [x > 0 for x, _ in shown.values()] == [t.endswith("better") for _, t in shown.values()]


def test_nothing_is_judged_between_plans_of_different_jobs() -> None:
    rows = [tables.Figure("Late jobs", 173.0, 130.0, "", 0, True)]
    figure = charts.figures_chart(rows, "x", judged=False)
    assert list(figure.data[0].text) == ["−43 (−24.9 %)"]
    assert set(figure.data[0].marker.color) == {CLOSED}
    words = read(tables.figures_frame(rows, "L", "R", marked=False))
    assert words["R"] == ["130"]
    assert read(tables.figures_frame(rows, "L", "R"))["R"] == ["130 ✓"]


def test_search_chart_holds_each_value_until_the_next() -> None:
    figure = charts.search_chart([(0.0, 5.0), (0.4, 4.0), (2.0, 3.5)], "<points>")
    assert (list(figure.data[0].x), list(figure.data[0].y)) == ([0.0, 0.4, 2.0], [5.0, 4.0, 3.5])
    assert figure.data[0].line.shape == "hv"
    assert figure.layout.yaxis.title.text == "&lt;points&gt;"


def test_lead_time_chart_keeps_the_parts() -> None:
    figure = charts.lead_time_chart([("Processing", 60), ("Waiting for <i>", 120)])
    assert list(figure.data[0].x) == [2.0, 1.0]
    assert list(figure.layout.yaxis.ticktext) == ["Waiting for &lt;i&gt;", "Processing"]


@pytest.mark.parametrize(
    "figure", [charts.late_hours_chart(()), charts.lead_time_chart([]), charts.lateness_chart({"x": {}})]
)
def test_nothing_to_show_is_an_empty_chart(figure: object) -> None:
    assert figure is not None
