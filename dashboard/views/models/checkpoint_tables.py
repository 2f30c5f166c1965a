"""Checkpoints as tables and their learning curve as a chart: data in, frame or figure out."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from dashboard.presentation.chart_axes import layout
from dashboard.presentation.charts import RELEASE_COLOUR
from dashboard.presentation.colours import CANDIDATE
from dashboard.presentation.columns import TWO, WHOLE, Column, Format, frame_of, number
from dashboard.presentation.formatting import NOTHING, signed_number, signed_percent
from scheduler_core.i18n.translate import mark, t
from scheduler_core.interchange.workbook import Styled
from scheduler_core.policy.catalogue import Evaluated, Listed

STEP_UNITS = ((1e6, mark("million steps")), (1e3, mark("thousand steps")), (1.0, mark("steps")))
PART_LINES = (("#6f7f8f", "solid"), ("#c58b2a", "dash"), ("#7a5ea8", "dot"), ("#b3243f", "dashdot"))
"""Colour and dash of each part of the score: told apart in grey too."""


def list_frame(listed: Sequence[Listed]) -> pd.DataFrame:
    """A row per checkpoint, in the manifest's order."""
    return frame_of(
        [Column(t("Checkpoint")), Column(t("State")), Column(t("Plans for")), Column(t("Training steps"), WHOLE),
         Column(t("Hours"), TWO), Column(t("Score"), number(4)), Column("SHA-256")],
        [
            (m.name, t("damaged") if m.fault else t("active") if m.active else "", m.objective or NOTHING, m.steps, m.hours,
             m.score, m.sha256[:12] or NOTHING)
            for m in listed
        ],
    )  # fmt: skip


def card_frame(rows: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """A card in words."""
    return pd.DataFrame(rows, columns=[t("Property"), t("Value")])


def curve_frame(rows: Sequence[Mapping[str, float]]) -> pd.DataFrame:
    """The learning curve as it was recorded, a row per validation; names are those of the training's file."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    return frame_of(
        [Column(name, WHOLE if name == "steps" else number(4)) for name in names],
        [tuple(row.get(name) for name in names) for row in rows],
    )


def evaluation_frame(rows: Sequence[Evaluated]) -> pd.DataFrame:
    """A row per way, a column per plant size: percent from the best rule of each plant (below 0: better), 95 % interval."""
    columns: dict[str, dict[str, Evaluated]] = {}
    for e in rows:
        columns.setdefault(t("{size}, {n} plants", size=e.size, n=e.plants), {})[e.way] = e
    ways = dict.fromkeys(e.way for e in rows)
    return frame_of(
        [Column(t("Against the best rule per plant")), *(Column(size, _AGAINST) for size in columns)],
        [(way, *(cells.get(way) for cells in columns.values())) for way in ways],
    )


def curve_chart(rows: Sequence[Mapping[str, float]], shipped: int | None) -> go.Figure:
    """Validation over training steps: the score and its parts; ``shipped`` marks the step that was kept."""
    figure = go.Figure()
    unit, unit_words = _step_unit([row["steps"] for row in rows if "steps" in row])
    parts = [key for key in (rows[0] if rows else ()) if key.startswith(("greedy_", "sampled_"))]
    for key, (colour, dash) in zip(parts, PART_LINES, strict=False):
        figure.add_scatter(
            **_points(rows, key, unit),
            name=html.escape(key.replace("_", " ")),
            mode="lines",
            line={"color": colour, "dash": dash, "width": 1.5},
        )
    figure.add_scatter(**_points(rows, "score", unit), name=t("score"), mode="lines", line={"color": CANDIDATE, "width": 3})
    if shipped is not None:
        line = {"color": RELEASE_COLOUR, "width": 2, "dash": "dash"}
        # Named in the legend: words beside the line would stand over the curves.
        figure.add_vline(x=shipped / unit, line=line, name=t("kept step"), showlegend=True)
    figure.update_layout(**layout(280), showlegend=True, hovermode="x unified")
    figure.update_xaxes(title={"text": t(unit_words)}, fixedrange=True)
    figure.update_yaxes(title={"text": t("against the best rule (below 1: better)")}, fixedrange=True)
    return figure


def _step_unit(steps: Sequence[float]) -> tuple[float, str]:
    """The largest unit of which the run has at least two, so that the axis has whole numbers to show."""
    last = max(steps, default=0.0)
    return next((u for u in STEP_UNITS if last >= 2 * u[0]), STEP_UNITS[-1])


def _points(rows: Sequence[Mapping[str, float]], key: str, unit: float) -> dict[str, list[float]]:
    known = [row for row in rows if "steps" in row and key in row]
    return {"x": [row["steps"] / unit for row in known], "y": [row[key] for row in known]}


def _against(e: Evaluated) -> str:
    if e.low is None or e.high is None:
        return signed_percent(e.ratio - 1)
    ratio, low, high = (signed_number(100 * (one - 1)) for one in (e.ratio, e.low, e.high))
    return t("{ratio} % ({low} to {high})", ratio=ratio, low=low, high=high)


_AGAINST = Format(_against, lambda e: e.ratio, lambda e: Styled(e.ratio - 1, "+0.0%;-0.0%;0.0%"), "float64")
"""An evaluation as the ratio's difference from 1, with its interval; sorted by the ratio."""
