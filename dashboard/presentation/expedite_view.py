"""The curve of an expedited order as a chart, a table of who pays, and sentences. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import plotly.graph_objects as go

from dashboard.presentation import formatting
from dashboard.presentation.chart_axes import layout, moments_across
from dashboard.presentation.colours import CANDIDATE, fills, ink_on
from dashboard.presentation.columns import MOMENT, TWO, Column, frame_of
from scheduler_core.analysis.job_status import JobStatus
from scheduler_core.floor.odds_change_wording import chance_words, others_chance_words
from scheduler_core.i18n.translate import t, tn
from scheduler_core.plant import MINUTES_PER_DAY, Plant

if TYPE_CHECKING:
    from scheduler_core.floor.odds_change import OddsChange
    from scheduler_core.scenarios.expedite import ExpediteCurve, Point

CHART_HEIGHT = 250


def curve_chart(plant: Plant, curve: ExpediteCurve, selected: int, dark: bool = False) -> go.Figure:
    """Delivery against what the others pay. Each mark carries its number in the curve; ``selected`` is drawn larger."""
    points = curve.points
    fill = fills(dark)
    colours = [fill[JobStatus.LATE] if p.newly_late else fill[JobStatus.ON_TIME] for p in points]
    figure = go.Figure()
    figure.add_scatter(
        x=[plant.time_of(p.end) for p in points],
        y=[p.price for p in points],
        mode="lines+markers+text",
        line={"shape": "hv", "color": CANDIDATE, "width": 1.5},
        marker={
            "size": [26 if i == selected else 19 for i in range(len(points))],
            "color": colours,
            "opacity": 1,
            "line": {"width": 1, "color": "rgba(0,0,0,0.5)"},
        },
        text=[str(p.newly_late) if p.newly_late else "" for p in points],
        textfont={"color": [ink_on(colour) for colour in colours], "size": 11},
        customdata=[[i, formatting.stamp(plant.time_of(p.end)), p.newly_late] for i, p in enumerate(points)],
        hovertemplate="%{customdata[1]}<br>"
        + t("others pay {n} weighted days", n="%{y:,.2f}")
        + "<br>"
        + t("newly late orders: {n}", n="%{customdata[2]}")
        + "<extra></extra>",
        cliponaxis=False,
    )
    lines = [(curve.bound.completion, "dot", t("not possible before"))]
    if curve.job.due is not None:
        lines.append((curve.job.due, "dash", t("wanted")))
    for minute, dash, label in lines:
        # Plotly centres the label of a line by adding its ends, which dates do not allow: it stands on its own.
        moment = plant.time_of(minute)
        figure.add_shape(type="line", x0=moment, x1=moment, y0=0, y1=1, yref="paper", line={"width": 1.5, "dash": dash})
        figure.add_annotation(x=moment, y=1, yref="paper", yanchor="bottom", text=label, showarrow=False)
    figure.update_layout(**layout(CHART_HEIGHT), showlegend=False, clickmode="event+select")
    figure.update_layout(margin={"t": 26})
    figure.update_xaxes(fixedrange=True)
    moments_across(figure, [plant.time_of(m) for m in (*(p.end for p in points), *(minute for minute, _, _ in lines))])
    figure.update_yaxes(title={"text": t("weighted days of others")}, fixedrange=True, rangemode="tozero")
    return figure


def payers_frame(plant: Plant, point: Point) -> pd.DataFrame:
    """A row for each other order that ends later, the one that pays most first."""
    rows = [
        (
            formatting.job_name(p.job),
            t("becomes late") if p.newly_late else t("later, was late already") if p.extra else t("later, still in time"),
            plant.time_of(p.before),
            plant.time_of(p.end),
            (p.end - p.before) / MINUTES_PER_DAY,
            p.weighted_days,
        )
        for p in point.payers
    ]
    formats = (None, None, MOMENT, MOMENT, TWO, TWO)
    return frame_of([Column(heading, one) for heading, one in zip(payer_columns(), formats, strict=True)], rows)


def payer_columns() -> tuple[str, ...]:
    """The headings of ``payers_frame``: order, what becomes of it, its two ends, days later, weighted days."""
    return (t("Order"), t("What"), t("Was done"), t("Is done"), t("Days later"), t("Pays, weighted days"))


def point_words(plant: Plant, point: Point) -> str:
    """A point as a choice: its date, and what it costs."""
    end = formatting.stamp(plant.time_of(point.end))
    if not point.paying:
        return t("{moment} · harms nobody", moment=end)
    return t("{moment} · {price} weighted days", moment=end, price=formatting.number(point.price))


def point_sentences(curve: ExpediteCurve, point: Point) -> str:
    """What a point means, in sentences."""
    said = []
    due = curve.job.due
    if due is not None:
        early = formatting.days_hours(abs(due - point.end))
        said.append(t("Delivered {time} before the due date.", time=early) if point.end <= due
                    else t("Delivered {time} after the due date.", time=early))  # fmt: skip
    if point.paying:
        said.append(t("{orders} pay {price} weighted days in all; newly late: {late}.",
                      orders=tn("{n} order", "{n} orders", len(point.paying)), price=formatting.number(point.price),
                      late=point.newly_late))  # fmt: skip
    else:
        said.append(t("No other order becomes late, and no late order gets later."))
    said.append(t("{operations} of other orders move, {near} of them due to start within 72 h.",
                  operations=tn("{n} operation", "{n} operations", point.moved), near=point.moved_near))  # fmt: skip
    return " ".join(said)


def odds_sentence(plant: Plant, change: OddsChange) -> str:
    """What a point does to the chances, in a sentence."""
    others = others_chance_words(plant, change)
    if change.after is None:
        return t("If durations vary: {others}.", others=others)
    return t("Chance to be on time: {chance}; {others}.", chance=chance_words(change), others=others)
