"""The week on one sheet of A4: figures with targets and changes, why orders were late, the plan in force, week by week.

Every text of the plant is escaped, and the page's own policy forbids scripts and foreign content.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path

from dashboard.presentation import formatting, week_figures
from dashboard.presentation.week_figures import WeekFigure
from scheduler_core.actuals.weeks import WeekFigures
from scheduler_core.i18n.local_formats import day_text
from scheduler_core.i18n.translate import language, t

STYLE = Path(__file__).parent / "week_summary.css"
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_WIDTH, _HEIGHT, _FOOT, _BAR = 560.0, 120.0, 14.0, 26.0


@dataclass(frozen=True)
class Paper:
    """What the sheet says. lines: the week in sentences; now: the plan in force, machines that are down, the data's age."""

    plant: str
    timezone: str
    weeks: Sequence[WeekFigures]
    week: WeekFigures
    before: WeekFigures | None
    figures: Sequence[WeekFigure]
    lines: Sequence[str]
    now: Sequence[str]
    simulated: bool = False


def page(paper: Paper, printed: datetime) -> str:
    """A whole HTML document; ``printed``: plant time."""
    title = t("Summary {week}", week=week_figures.week_name(paper.week))
    foot = t(
        "{name} · printed {printed} {timezone}", name=paper.plant, printed=formatting.full_stamp_text(printed),
        timezone=formatting.zone_text(paper.timezone),
    )  # fmt: skip
    by_week = t("Week by week")
    mark = t("Simulated by the demo: these figures do not come from a real shop floor.")
    parts = [
        f"<h1>{escape(title)}</h1>",
        f'<p class="foot">{escape(foot)}</p>',
        f'<p class="mark">{escape(mark)}</p>' if paper.simulated else "",
        _figures(paper),
        _section(t("The week in words"), paper.lines),
        _section(t("Now"), paper.now),
        f"<h2>{escape(by_week)}</h2>",
        _bars(paper.weeks, next(one for one in paper.figures if one.share)),
        _weeks(paper),
    ]
    return (
        '<!doctype html><html lang="' + language().replace("_", "-") + '"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{escape(title)}</title><style>{STYLE.read_text(encoding='utf-8')}</style></head>"
        f"<body>{''.join(parts)}</body></html>"
    )


def _figures(paper: Paper) -> str:
    rows = []
    for one in paper.figures:
        met, change = one.met(paper.week), one.change(paper.week, paper.before)
        verdict = formatting.NOTHING if met is None else t("yes") if met else t("no")
        target = formatting.NOTHING if one.target is None else one.words(one.target)
        changed = formatting.NOTHING if change is None else one.change_words(change)
        rows.append(
            f'<tr><td>{escape(one.label)}</td><td class="value">{escape(one.words(one.value(paper.week)))}</td>'
            f"{_cells((target, verdict, changed))}</tr>"
        )
    head = (t("Figure"), t("The week"), t("Target"), t("Target met?"), t("Against the week before"))
    return f"<table><thead><tr>{_heads(head)}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _weeks(paper: Paper) -> str:
    rows = []
    for week in reversed(paper.weeks):
        values = [one.words(one.value(week)) for one in paper.figures]
        chosen = ' class="chosen"' if week.monday == paper.week.monday else ""
        rows.append(f"<tr{chosen}>{_cells((week_figures.week_name(week), str(week.orders.total), *values))}</tr>")
    head = (t("Week"), t("Orders due"), *(one.label for one in paper.figures))
    return f"<table><thead><tr>{_heads(head)}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _bars(weeks: Sequence[WeekFigures], figure: WeekFigure) -> str:
    """A bar for each week, its value above it, and the target as a dashed line; black and white."""
    known = [(week, value) for week in weeks if (value := figure.value(week)) is not None]
    if not known:
        return ""
    full, step = _HEIGHT - 2 * _FOOT, _WIDTH / max(8, len(known))
    drawn = []
    for place, (week, value) in enumerate(known):
        x, height = place * step + (step - _BAR) / 2, full * value
        top = _FOOT + full - height
        drawn.append(
            f'<rect x="{_round(x)}" y="{_round(top)}" width="{_BAR}" height="{_round(height)}" fill="#bbb" stroke="#000"/>'
            + _word(x + _BAR / 2, top - 3, figure.words(value))
            + _word(x + _BAR / 2, _HEIGHT - 3, day_text(week.monday))
        )
    if figure.target is not None:
        y = _FOOT + full * (1 - figure.target)
        drawn.append(f'<line x1="0" x2="{_WIDTH}" y1="{_round(y)}" y2="{_round(y)}" stroke="#000" stroke-dasharray="4 3"/>')
    label = t("{figure}, by week from Monday", figure=figure.label)
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(label)}">{"".join(drawn)}</svg>'
        f'<p class="foot">{escape(label)}</p>'
    )


def _word(x: float, y: float, text: str) -> str:
    return f'<text x="{_round(x)}" y="{_round(y)}" text-anchor="middle">{escape(text)}</text>'


def _round(place: float) -> float:
    """A place on the drawing, as exact as anybody sees."""
    return round(place, 1)


def _section(title: str, lines: Iterable[str]) -> str:
    return f"<h2>{escape(title)}</h2><ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _cells(texts: Iterable[str]) -> str:
    return "".join(f"<td>{escape(text)}</td>" for text in texts)


def _heads(texts: Iterable[str]) -> str:
    return "".join(f"<th>{escape(text)}</th>" for text in texts)
