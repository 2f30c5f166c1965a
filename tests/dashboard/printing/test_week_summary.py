"""The week on paper: escaped, without scripts, readable in grey."""

from __future__ import annotations

import re
from datetime import datetime
from html.parser import HTMLParser

from dashboard.presentation import week_figures
from dashboard.printing.week_summary import STYLE, Paper, page
from scheduler_core.settings.kpi_targets import KpiTargets
from tests.support.sample_weeks import BEFORE, WEEK

PRINTED = datetime(2025, 7, 21, 6, 30)


def _paper(simulated: bool = False, plant: str = "Works <1>") -> str:
    figures = week_figures.figures(KpiTargets(otif=0.95, adherence=0.5))
    lines = ("9 of <b>10</b> orders",)
    return page(Paper(plant, "Asia/Kuala_Lumpur", (BEFORE, WEEK), WEEK, BEFORE, figures, lines, lines, simulated), PRINTED)


def test_it_is_whole_and_every_text_is_escaped() -> None:
    made = _paper()
    HTMLParser().feed(made)
    assert "Works &lt;1&gt;" in made
    assert made.count("9 of &lt;b&gt;10&lt;/b&gt; orders") == 2
    assert "<script" not in made
    assert "default-src 'none'" in made


def test_figures_targets_changes_and_weeks_stand_on_it() -> None:
    made = _paper()
    row = re.search(r"<tr><td>On time in full</td>.*?</tr>", made)
    assert row is not None
    assert re.findall(r">([^<>]+)</td>", row[0]) == ["On time in full", "90 %", "95 %", "no", "+10 points"]
    assert made.count('class="chosen"') == 1
    assert "stroke-dasharray" in made, "the target is a dashed line"


def test_a_simulated_history_says_so() -> None:
    assert "do not come from a real shop floor" in _paper(simulated=True)
    assert "do not come from a real shop floor" not in _paper()


def test_it_is_black_white_and_grey_on_a4() -> None:
    style = STYLE.read_text(encoding="utf-8") + _paper()
    assert "size: A4 portrait" in style
    colours = re.findall(r"#([0-9a-f]{3,6})\b", style)
    assert colours
    assert all(len(set(re.findall("..", c) if len(c) == 6 else c)) == 1 for c in colours)
