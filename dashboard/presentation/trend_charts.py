"""Charts of the KPIs and Monitor pages: data in, figure out. Each series has its own mark, so that grey tells it apart."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from datetime import datetime

import plotly.graph_objects as go

from dashboard.presentation.colours import BASELINE, CANDIDATE, RUN, SETUP
from scheduler_core.analysis.daily_load import DayLoad
from scheduler_core.analysis.load import WorkCentreLoad
from scheduler_core.analysis.setup_time import FamilySetup
from scheduler_core.explain.bottlenecks import Bottleneck
from scheduler_core.i18n.local_formats import day_text, percent_text, plotly_separators, plotly_stamp
from scheduler_core.i18n.translate import t, tp

MARKS = ((BASELINE, "circle", "dash"), (CANDIDATE, "diamond", "solid"), (SETUP, "square", "dot"))
Points = Sequence[tuple[datetime | str, float]]


def capacity_chart(days: Sequence[DayLoad]) -> go.Figure:
    """Percent of the open machine minutes that are used, by work centre and day; closed days stay empty."""
    centres = [x.machine_type for x in days[0].loads] if days else []
    share = [[d.loads[k].utilization * 100 if d.loads[k].open else None for d in days] for k in range(len(centres))]
    figure = go.Figure(
        go.Heatmap(
            x=[day_text(d.day) for d in days],
            y=list(range(len(centres))),
            z=share,
            zmin=0,
            zmax=100,
            colorscale="Cividis",
            reversescale=True,
            xgap=1,
            ygap=1,
            texttemplate="%{z:.0f}",
            customdata=[[_used(d.loads[k]) for d in days] for k in range(len(centres))],
            hovertemplate="%{customdata}<br>%{x}: " + tp("percent", "{number} %", number="%{z:.0f}") + "<extra></extra>",
            colorbar={"title": {"text": t("% of open hours")}, "thickness": 10},
        )
    )
    figure.update_layout(**_layout(80 + 22 * max(1, len(centres))))
    figure.update_xaxes(type="category", fixedrange=True, showgrid=False)
    names = [html.escape(c.name) for c in centres]
    figure.update_yaxes(tickvals=list(range(len(centres))), ticktext=names, autorange="reversed", fixedrange=True)
    return figure


def _used(load: WorkCentreLoad) -> str:
    """A work centre's name, and how many of its open hours are used."""
    used = (load.processing + load.setup) / 60
    return t(
        "{name}: {used} of {open} open h used",
        name=html.escape(load.machine_type.name),
        used=f"{used:.1f}",
        open=f"{load.open / 60:.1f}",
    )


def waiting_chart(found: Sequence[Bottleneck]) -> go.Figure:
    """Open hours that jobs wait for each work centre, the part of late jobs hatched."""
    shown = list(found)[::-1]
    figure = go.Figure()
    parts = ((t("Late jobs"), RUN, "/", [b.late_waiting for b in shown]),
             (t("Other jobs"), BASELINE, "", [b.waiting - b.late_waiting for b in shown]))  # fmt: skip
    for name, colour, shape, minutes in parts:
        figure.add_bar(
            y=list(range(len(shown))),
            x=[m / 60 for m in minutes],
            name=name,
            orientation="h",
            marker={"color": colour, "pattern": {"shape": shape}},
            hovertemplate=name + ": " + t("{n} h", n="%{x:.0f}") + "<extra></extra>",
        )
    figure.update_layout(**_layout(70 + 24 * max(1, len(shown))), barmode="stack")
    figure.update_xaxes(title={"text": t("hours of waiting")}, fixedrange=True)
    names = [html.escape(b.load.machine_type.name) for b in shown]
    figure.update_yaxes(tickvals=list(range(len(shown))), ticktext=names, fixedrange=True)
    return figure


def setup_chart(families: Sequence[FamilySetup]) -> go.Figure:
    """Setup hours of each family, with the share of its worked hours that they are."""
    shown = list(families)[::-1]
    figure = go.Figure(
        go.Bar(
            y=list(range(len(shown))),
            x=[f.setup / 60 for f in shown],
            orientation="h",
            marker={"color": SETUP},
            text=[percent_text(f.share) for f in shown],
            hovertemplate=t("{n} h of setup ({share} of its time)", n="%{x:.1f}", share="%{text}") + "<extra></extra>",
        )
    )
    figure.update_layout(**_layout(70 + 24 * max(1, len(shown))), showlegend=False)
    figure.update_xaxes(title={"text": t("hours of setup")}, fixedrange=True)
    names = [html.escape(f.family or t("no family")) for f in shown]
    figure.update_yaxes(tickvals=list(range(len(shown))), ticktext=names, fixedrange=True)
    return figure


def pairs_chart(pairs: Sequence[tuple[str, float, float]], unit: str) -> go.Figure:
    """Two bars for each pair (name, value before, value after): the version before and the one that replaced it."""
    figure = go.Figure()
    for name, place, colour, shape in ((t("version before"), 1, BASELINE, ""), (t("this version"), 2, CANDIDATE, "/")):
        figure.add_bar(
            x=[pair[0] for pair in pairs], y=[pair[place] for pair in pairs], name=name,
            marker={"color": colour, "pattern": {"shape": shape}}, hovertemplate=name + " %{x}: %{y:.4g}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(**_layout(260), barmode="group", bargap=0.35, showlegend=True)
    figure.update_xaxes(type="category", fixedrange=True)
    figure.update_yaxes(title={"text": unit}, fixedrange=True, rangemode="tozero")
    return figure


def trend_chart(series: Mapping[str, Points], across: str, unit: str) -> go.Figure:
    """Values over time or versions, one line per name; ``unit`` stands at the upright axis, from 0."""
    figure = go.Figure()
    for (name, points), (colour, mark, dash) in zip(series.items(), MARKS, strict=False):
        figure.add_scatter(
            x=[x for x, _ in points], y=[y for _, y in points], name=html.escape(name), mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 2}, marker={"symbol": mark, "size": 8},
            hovertemplate="%{x}: %{y:.4g}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(**_layout(260), showlegend=len(series) > 1)
    figure.update_xaxes(title={"text": across}, fixedrange=True)
    if any(isinstance(x, datetime) for points in series.values() for x, _ in points):
        figure.update_xaxes(tickformat=plotly_stamp())
    figure.update_yaxes(title={"text": unit}, fixedrange=True, rangemode="tozero")
    return figure


def _layout(height: int) -> dict[str, object]:
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 1, "xanchor": "right"},
        "dragmode": False,
        "uirevision": "fixed",
        "separators": plotly_separators(),
    }
