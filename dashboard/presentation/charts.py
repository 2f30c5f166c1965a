"""Plans as plotly figures: data in, figure out. The page's theme supplies fonts, paper and text colours.

``dark`` says whether the page is dark: some fills would not stand out from it otherwise.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from itertools import pairwise

import plotly.graph_objects as go

from dashboard.presentation import formatting
from dashboard.presentation.chart_axes import layout
from dashboard.presentation.colours import (
    BASELINE,
    CANDIDATE,
    CLOSED,
    RUN,
    SETUP,
    WAIT,
    WAIT_ON_DARK,
    fills,
    ink_on,
)
from dashboard.presentation.tables import Better, Figure
from scheduler_core.analysis.job_status import JobStatus
from scheduler_core.analysis.lateness_distribution import EDGES, counts
from scheduler_core.causes.bottlenecks import Bottleneck
from scheduler_core.i18n.translate import mark, t, tn

RELEASE_COLOUR = "#00876c"
PART_COLOURS: Mapping[str, str] = {
    mark("Processing"): RUN,
    mark("Setup"): SETUP,
    mark("Nights, breaks, days off"): CLOSED,
    mark("Held back by the plan"): "#7a5ea8",
    mark("Before its material comes"): RELEASE_COLOUR,
}
"""Parts of a lead time; whatever else there is, is waiting."""
VERDICT = {Better.RIGHT: mark("better"), Better.LEFT: mark("worse"), Better.EQUAL: ""}


def late_hours_chart(found: Sequence[Bottleneck], most: int = 8) -> go.Figure:
    """The work centres that late jobs wait for, the one that costs the most first: hours of waiting, late jobs, how full."""
    shown = [b for b in found if b.late_waiting][:most][::-1]
    # Numbers as positions: two work centres may share a name, and plotly reads names as HTML.
    places = list(range(len(shown)))
    figure = go.Figure(
        go.Bar(
            y=places,
            x=[b.late_waiting / 60 for b in shown],
            orientation="h",
            marker={"color": WAIT, "line": {"width": 0.5, "color": "rgba(0,0,0,0.4)"}},
            text=[_late_hours(b) for b in shown],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=[f"{html.escape(b.load.machine_type.name)}: %{{text}}<extra></extra>" for b in shown],
        )
    )
    figure.update_layout(**layout(height=24 + 27 * max(1, len(shown))), showlegend=False)
    reach = max((b.late_waiting / 60 for b in shown), default=1.0)
    figure.update_xaxes(range=[0, reach * 1.75], fixedrange=True, showticklabels=False, showgrid=False, zeroline=False)
    names = [html.escape(b.load.machine_type.name) for b in shown]
    figure.update_yaxes(tickvals=places, ticktext=names, fixedrange=True, showgrid=False)
    return figure


def _late_hours(one: Bottleneck) -> str:
    return t(
        "{hours} h, {late_jobs}, {full} full",
        hours=formatting.number(one.late_waiting / 60, 0),
        late_jobs=tn("{n} late job", "{n} late jobs", one.late_jobs),
        full=formatting.percent(one.load.utilization),
    )


def lateness_chart(plans: Mapping[str, Mapping[str, int | None]], dark: bool = False) -> go.Figure:
    """How many jobs are how late, one bar per plan (name -> signed minutes late of each job)."""
    labels = _bucket_labels()
    figure = go.Figure()
    for (name, lateness), colour in zip(plans.items(), (BASELINE, CANDIDATE), strict=False):
        figure.add_bar(
            x=labels,
            y=list(counts(lateness.values())),
            name=html.escape(name),
            marker={"color": colour, "line": {"width": 0.5, "color": "rgba(0,0,0,0.4)"}},
            hovertemplate="%{x}: " + t("{n} jobs", n="%{y:,}") + "<extra></extra>",
        )
    first_late = EDGES.index(0) + 1
    figure.add_vline(x=first_late - 0.5, line={"color": fills(dark)[JobStatus.LATE], "width": 2, "dash": "dash"})
    figure.update_layout(**layout(height=260), barmode="group", bargap=0.25, showlegend=len(plans) > 1)
    figure.update_xaxes(fixedrange=True, type="category", categoryorder="array", categoryarray=labels)
    figure.update_yaxes(title={"text": t("jobs")}, fixedrange=True)
    return figure


def figures_chart(rows: Sequence[Figure], title: str, dark: bool = False, *, judged: bool = True) -> go.Figure:
    """By how much the right plan is better in each figure: bars to the right mean better, to the left worse.

    The words are those of the table; a bar's length is the relative change, of a share its points. Not ``judged``: all bars
    are grey, as between plans of different jobs.
    """
    shown = [(f, f.gain) for f in rows if f.gain is not None][::-1]
    gains = [gain for _, gain in shown]
    fill = fills(dark)
    colours = {Better.RIGHT: fill[JobStatus.ON_TIME], Better.LEFT: fill[JobStatus.LATE], Better.EQUAL: CLOSED}
    reach = max([5.0, *(abs(g) for g in gains)]) * 1.9
    figure = go.Figure(
        go.Bar(
            y=[html.escape(f.words) for f, _ in shown],
            x=gains,
            orientation="h",
            marker={
                "color": [colours[f.better] if judged else CLOSED for f, _ in shown],
                "line": {"width": 0.5, "color": "rgba(0,0,0,0.4)"},
            },
            text=[_judged_words(f, judged) for f, _ in shown],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )
    figure.update_layout(**layout(height=64 + 26 * max(1, len(shown))), showlegend=False)
    figure.update_xaxes(
        range=[-reach, reach], fixedrange=True, zeroline=True, showgrid=False, tickvals=[-reach / 2, reach / 2],
        ticktext=[t("← worse"), t("better →")], title={"text": html.escape(title)},
    )  # fmt: skip
    figure.update_yaxes(fixedrange=True, showgrid=False)
    return figure


def _judged_words(one: Figure, judged: bool) -> str:
    return f"{one.change_words} {t(VERDICT[one.better])}".rstrip() if judged else one.change_words


def search_chart(points: Sequence[tuple[float, float]], value: str) -> go.Figure:
    """How a plan got better while an engine searched: (seconds, value) at each improvement, ``value`` in words."""
    figure = go.Figure(
        go.Scatter(
            x=[seconds for seconds, _ in points],
            y=[reached for _, reached in points],
            mode="lines+markers",
            # The best so far holds until the next one is found.
            line={"shape": "hv", "color": CANDIDATE, "width": 2},
            marker={"size": 4},
            hovertemplate=t("{n} s", n="%{x:,.1f}") + ": %{y:,.1f}<extra></extra>",
        )
    )
    figure.update_layout(**layout(height=220), showlegend=False)
    figure.update_xaxes(title={"text": t("seconds of searching")}, fixedrange=True, rangemode="tozero")
    figure.update_yaxes(title={"text": html.escape(value)}, fixedrange=True)
    return figure


def lead_time_chart(parts: Sequence[tuple[str, int]], dark: bool = False) -> go.Figure:
    """Where one job's time goes, from the plan's start to its end: hours of each part, which add up."""
    shown = list(parts)[::-1]
    colours = [_part_colour(name, dark) for name, _ in shown]
    figure = go.Figure(
        go.Bar(
            y=list(range(len(shown))),
            x=[minutes / 60 for _, minutes in shown],
            orientation="h",
            marker={"color": colours, "line": {"width": 0.5, "color": "rgba(0,0,0,0.4)"}},
            text=[t("{time} h", time=formatting.hours_minutes(minutes)) for _, minutes in shown],
            textposition="auto",
            insidetextfont={"color": [ink_on(colour) for colour in colours]},
            cliponaxis=False,
            hoverinfo="skip",
        )
    )
    figure.update_layout(**layout(height=24 + 27 * max(1, len(shown))), showlegend=False)
    figure.update_xaxes(fixedrange=True, showticklabels=False, showgrid=False, zeroline=False)
    figure.update_yaxes(
        tickvals=list(range(len(shown))), ticktext=[html.escape(name) for name, _ in shown], fixedrange=True, showgrid=False
    )
    return figure


def _part_colour(name: str, dark: bool) -> str:
    return {t(part): colour for part, colour in PART_COLOURS.items()}.get(name, WAIT_ON_DARK if dark else WAIT)


def _bucket_labels() -> list[str]:
    e = EDGES
    early = [
        t("over {days} d early", days=-e[0]),
        *(t("{a}–{b} d early", a=-b, b=-a) for a, b in pairwise(e) if b <= 0),
    ]
    late = [t("{a}–{b} d late", a=a, b=b) for a, b in pairwise(e) if b > 0]
    return [*early, *late, t("over {days} d late", days=e[-1])]
