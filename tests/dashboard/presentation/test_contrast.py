"""Words, marks and fills stand out from what they stand on, on a light and on a dark page (WCAG 2.1: words 4.5, fills 3)."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from itertools import pairwise

import pytest

from dashboard.presentation import charts, colours, tables, trend_charts
from dashboard.presentation.columns import Column, frame_of
from dashboard.presentation.formatting import status_words
from scheduler_core.analysis.daily_load import DayLoad
from scheduler_core.analysis.job_status import JobStatus
from scheduler_core.analysis.load import WorkCentreLoad
from scheduler_core.plant import MachineType
from tests.support.paths import ROOT

THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]
PAGES = [pytest.param(False, THEME["light"], id="light"), pytest.param(True, THEME["dark"], id="dark")]
WORDS, FILLS = 4.5, 3.0


def contrast(one: str, other: str) -> float:
    """By the definition of WCAG, apart from the code that is tested."""

    def luminance(colour: str) -> float:
        total = 0.0
        for place, weight in ((1, 0.2126), (3, 0.7152), (5, 0.0722)):
            value = int(colour[place : place + 2], 16) / 255
            total += weight * (value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4)
        return total

    a, b = luminance(one), luminance(other)
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)


def blended(front: str, back: str, opacity: float) -> str:
    parts = zip(*([int(c[k : k + 2], 16) for k in (1, 3, 5)] for c in (front, back)), strict=True)
    return "#" + "".join(f"{round(a * opacity + b * (1 - opacity)):02x}" for a, b in parts)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    for one, other in (("#777777", "#ffffff"), ("#8b0018", "#12171d"), ("#0a0a0a", "#000000")):
        assert colours.contrast(one, other) == pytest.approx(contrast(one, other), rel=1e-3)


@pytest.mark.parametrize(("dark", "page"), PAGES)
def test_a_status_can_be_read_and_late_stands_out_from_the_page(dark: bool, page: dict[str, str]) -> None:
    fills = colours.fills(dark)
    assert {status: contrast(colours.INK[status], fills[status]) for status in JobStatus if
            contrast(colours.INK[status], fills[status]) < WORDS} == {}  # fmt: skip
    for status in (JobStatus.LATE, JobStatus.ON_TIME):
        assert contrast(fills[status], page["backgroundColor"]) >= FILLS, status
    cell = tables.coloured(frame_of([Column("Status")], [(status_words(JobStatus.LATE),)]), "Status", dark).to_html()
    assert f"background-color: {fills[JobStatus.LATE]}" in cell


@pytest.mark.parametrize(("dark", "page"), PAGES)
def test_the_words_of_a_chart_can_be_read(dark: bool, page: dict[str, str]) -> None:
    """They have the page's own colour, thinned (page_shell.css)."""
    style = (ROOT / "dashboard" / "components" / "page_shell.css").read_text("utf-8")
    found = re.search(r"bartext-outside \{ fill: currentColor !important; fill-opacity: ([0-9.]+)", style)
    assert found is not None
    words = blended(page["textColor"], page["backgroundColor"], float(found[1]))
    assert contrast(words, page["backgroundColor"]) >= WORDS


@pytest.mark.parametrize(("dark", "page"), PAGES)
def test_a_full_work_centre_is_what_stands_out_and_its_percent_can_be_read(dark: bool, page: dict[str, str]) -> None:
    centre = MachineType(1, "Press")
    days = [DayLoad(date(2025, 7, k), (WorkCentreLoad(centre, 1, 1000, 40 * (k - 1), 0),)) for k in range(1, 27)]
    figure = trend_charts.capacity_chart(days, dark)
    scale = [colour for _, colour in figure.data[0].colorscale]
    assert [list(t.colorscale) for t in figure.data[:2]] == [[(0, scale[0]), (1, scale[1])]] * 2
    shades = [blended(scale[1], scale[0], k / 25) for k in range(26)]
    out = [contrast(shade, page["backgroundColor"]) for shade in shades]
    assert all(a < b for a, b in pairwise(out))
    assert out[-1] >= 2 * WORDS
    told = 0
    for trace in figure.data[:2]:
        for shade, value in zip(shades, trace.z[0], strict=True):
            if value is not None:
                told += 1
                assert contrast(trace.textfont.color, shade) >= WORDS, (shade, value)
    assert told == len(days)


@pytest.mark.parametrize(("dark", "page"), PAGES)
def test_the_parts_of_a_lead_time_can_be_read(dark: bool, page: dict[str, str]) -> None:
    figure = charts.lead_time_chart([*((name, 60) for name in charts.PART_COLOURS), ("Waiting for PP01", 60)], dark)
    bars, inks = figure.data[0].marker.color, figure.data[0].insidetextfont.color
    assert len(set(bars)) == len(charts.PART_COLOURS) + 1
    for bar, ink in zip(bars, inks, strict=True):
        assert contrast(ink, bar) >= WORDS, bar
    assert contrast(bars[0], page["backgroundColor"]) >= FILLS, "waiting, which is what to look at"
