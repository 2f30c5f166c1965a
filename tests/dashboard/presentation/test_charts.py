"""The data behind the charts."""

from __future__ import annotations

import pytest

from dashboard.loaded_plan import Plan
from dashboard.presentation import charts, tables
from scheduler_core.analysis.load import WorkCentreLoad
from scheduler_core.plant import MachineType


def test_load_chart_shows_the_fullest_first_and_escapes_names() -> None:
    loads = tuple(WorkCentreLoad(MachineType(k, f"<b>{k}</b>"), 1, 100, 90 - k, 5) for k in range(12))
    figure = charts.load_chart(loads, most=3)
    assert list(figure.data[0].x) == [88.0, 89.0, 90.0]
    assert list(figure.data[1].x) == [5.0, 5.0, 5.0]
    assert figure.layout.yaxis.ticktext[2] == "&lt;b&gt;0&lt;/b&gt; (1)"


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


def test_search_chart_holds_each_value_until_the_next() -> None:
    figure = charts.search_chart([(0.0, 5.0), (0.4, 4.0), (2.0, 3.5)], "<points>")
    assert (list(figure.data[0].x), list(figure.data[0].y)) == ([0.0, 0.4, 2.0], [5.0, 4.0, 3.5])
    assert figure.data[0].line.shape == "hv"
    assert figure.layout.yaxis.title.text == "&lt;points&gt;"


def test_lead_time_chart_keeps_the_parts() -> None:
    figure = charts.lead_time_chart([("Processing", 60), ("Waiting for <i>", 120)])
    assert list(figure.data[0].x) == [2.0, 1.0]
    assert list(figure.layout.yaxis.ticktext) == ["Waiting for &lt;i&gt;", "Processing"]


@pytest.mark.parametrize("figure", [charts.load_chart(()), charts.lead_time_chart([]), charts.lateness_chart({"x": {}})])
def test_nothing_to_show_is_an_empty_chart(figure: object) -> None:
    assert figure is not None
