"""Charts of the KPIs and Monitor pages: data in, figure out. Each series has its own mark, so that grey tells it apart."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

import plotly.graph_objects as go

from dashboard.presentation.chart_axes import layout, moments_across
from dashboard.presentation.colours import (
    BASELINE,
    BLACK,
    CANDIDATE,
    CLOSED,
    HEAT,
    HEAT_ON_DARK,
    RUN,
    SETUP,
    WHITE,
    between,
    ink_on,
)
from scheduler_core.analysis.daily_load import DayLoad
from scheduler_core.analysis.load import WorkCentreLoad
from scheduler_core.analysis.setup_time import FamilySetup
from scheduler_core.causes.bottlenecks import Bottleneck
from scheduler_core.i18n.local_formats import day_text, number_text, percent_text, stamp_text
from scheduler_core.i18n.translate import t

MARKS = ((BASELINE, "circle", "dash"), (CANDIDATE, "diamond", "solid"), (SETUP, "square", "dot"))
T = TypeVar("T")
U = TypeVar("U")
Points = Sequence[tuple[datetime | str, float]]


def capacity_chart(days: Sequence[DayLoad], dark: bool = False) -> go.Figure:
    """Percent of the open machine minutes that are used, by work centre and day: the fullest of the week first, full in the
    strongest colour, closed in grey. Days on which no work centre is open are left out."""
    shown = [d for d in days if any(x.open for x in d.loads)]
    order = sorted(range(len(shown[0].loads)), key=lambda k: (-_share([d.loads[k] for d in shown]), k)) if shown else []
    loads = [[d.loads[k] for d in shown] for k in order]
    scale = HEAT_ON_DARK if dark else HEAT
    days_across, places = [day_text(d.day) for d in shown], list(range(len(order)))
    figure = go.Figure()
    # Words in black and in white each need a trace of their own; a third one holds what is closed.
    for ink in (BLACK, WHITE):
        own = [[x.open > 0 and ink_on(_colour(scale, x)) == ink for x in row] for row in loads]
        figure.add_heatmap(
            x=days_across,
            y=places,
            z=_where(own, [[_share([x]) * 100 for x in row] for row in loads], None),
            zmin=0,
            zmax=100,
            colorscale=[[0, scale[0]], [1, scale[1]]],
            xgap=1,
            ygap=1,
            text=_where(own, [[percent_text(_share([x])) for x in row] for row in loads], ""),
            texttemplate="%{text}",
            textfont={"color": ink},
            customdata=[[_used(x) for x in row] for row in loads],
            hovertemplate="%{customdata}<br>%{x}: %{text}<extra></extra>",
            hoverongaps=False,
            showscale=ink == BLACK,
            colorbar={"title": {"text": t("of open hours")}, "thickness": 10, "ticksuffix": t(" %"), "dtick": 25},
        )
    figure.add_heatmap(
        x=days_across,
        y=places,
        z=[[None if x.open else 1 for x in row] for row in loads],
        colorscale=[[0, CLOSED], [1, CLOSED]],
        opacity=0.35,
        xgap=1,
        ygap=1,
        customdata=[[t("{name}: closed", name=html.escape(x.machine_type.name)) for x in row] for row in loads],
        hovertemplate="%{customdata}<br>%{x}<extra></extra>",
        hoverongaps=False,
        showscale=False,
    )
    figure.update_layout(**layout(80 + 22 * max(1, len(order))))
    figure.update_xaxes(type="category", fixedrange=True, showgrid=False)
    names = [html.escape(row[0].machine_type.name) for row in loads]
    figure.update_yaxes(tickvals=places, ticktext=names, autorange="reversed", fixedrange=True, showgrid=False)
    return figure


def _where(own: Sequence[Sequence[bool]], cells: Sequence[Sequence[T]], otherwise: U) -> list[list[T | U]]:
    return [[cell if mine else otherwise for mine, cell in zip(*row, strict=True)] for row in zip(own, cells, strict=True)]


def _share(loads: Sequence[WorkCentreLoad]) -> float:
    """The used part of the open minutes, 0 where nothing is open."""
    open_minutes = sum(x.open for x in loads)
    return sum(x.processing + x.setup for x in loads) / open_minutes if open_minutes else 0.0


def _colour(scale: tuple[str, str], load: WorkCentreLoad) -> str:
    return between(scale, min(1.0, _share([load])))


def _used(load: WorkCentreLoad) -> str:
    """A work centre's name, and how many of its open hours are used."""
    return t(
        "{name}: {used} of {open} open h used",
        name=html.escape(load.machine_type.name),
        used=number_text((load.processing + load.setup) / 60),
        open=number_text(load.open / 60),
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
            hovertemplate=name + ": " + t("{n} h", n="%{x:,.0f}") + "<extra></extra>",
        )
    figure.update_layout(**layout(70 + 24 * max(1, len(shown))), barmode="stack")
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
            text=[t("{share} of its time", share=percent_text(f.share)) for f in shown],
            insidetextfont={"color": ink_on(SETUP)},
            cliponaxis=False,
            hovertemplate=t("{n} h of setup, {share}", n="%{x:,.1f}", share="%{text}") + "<extra></extra>",
        )
    )
    figure.update_layout(**layout(70 + 24 * max(1, len(shown))), showlegend=False)
    figure.update_xaxes(title={"text": t("hours of setup")}, fixedrange=True)
    names = [html.escape(f.family or t("no family")) for f in shown]
    figure.update_yaxes(tickvals=list(range(len(shown))), ticktext=names, fixedrange=True)
    return figure


def pairs_chart(pairs: Sequence[tuple[str, float, float]], unit: str) -> go.Figure:
    """Two bars for each pair (name, value before, value after): the version before and the one that replaced it."""
    figure = go.Figure()
    for name, place, colour, shape in ((t("previous version"), 1, BASELINE, ""), (t("this version"), 2, CANDIDATE, "/")):
        figure.add_bar(
            x=[pair[0] for pair in pairs], y=[pair[place] for pair in pairs], name=name,
            marker={"color": colour, "pattern": {"shape": shape}}, hovertemplate=name + " %{x}: %{y:,.4g}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(**layout(260), barmode="group", bargap=0.35, showlegend=True)
    figure.update_xaxes(type="category", fixedrange=True)
    figure.update_yaxes(title={"text": unit}, fixedrange=True, rangemode="tozero")
    return figure


def trend_chart(series: Mapping[str, Points], across: str, unit: str) -> go.Figure:
    """Values over time (datetime) or versions (str), one line per name; ``unit`` stands at the upright axis, from 0."""
    figure = go.Figure()
    for (name, points), (colour, mark, dash) in zip(series.items(), MARKS, strict=False):
        figure.add_scatter(
            x=[x for x, _ in points], y=[y for _, y in points], name=html.escape(name), mode="lines+markers",
            line={"color": colour, "dash": dash, "width": 2}, marker={"symbol": mark, "size": 8},
            customdata=[[stamp_text(x) if isinstance(x, datetime) else x, number_text(y)] for x, y in points],
            hovertemplate="%{customdata[0]}: %{customdata[1]}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(**layout(260), showlegend=len(series) > 1)
    figure.update_xaxes(title={"text": across}, fixedrange=True)
    moments_across(figure, [x for points in series.values() for x, _ in points if isinstance(x, datetime)])
    figure.update_yaxes(title={"text": unit}, fixedrange=True, rangemode="tozero")
    return figure
