"""What the plotly charts share: their layout, and axes that write numbers and moments as the rest of the board does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import plotly.graph_objects as go

from scheduler_core.i18n.local_formats import plotly_separators, plotly_stamp

_LEAST_SPAN: Final = timedelta(hours=12)
"""A shorter axis of moments would write each of them several times."""
_MARGIN: Final = 0.05
"""Of the span, on either side of an axis of moments."""
_TICKS: Final = 6
LEGEND: Final = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 1, "xanchor": "right", "traceorder": "normal"}


def layout(height: int) -> dict[str, object]:
    """Of every chart, ``height`` in pixels: the legend above, no dragging, thousands set apart on the axes."""
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "legend": LEGEND,
        "dragmode": False,
        "uirevision": "fixed",
        "separators": plotly_separators(),
        "xaxis": {"separatethousands": True},
        "yaxis": {"separatethousands": True},
    }


def moments_across(figure: go.Figure, moments: Sequence[datetime]) -> None:
    """Let the level axis write moments on the plant's clock, over half a day at least."""
    if not moments:
        return
    first, last = min(moments), max(moments)
    beside = max((_LEAST_SPAN - (last - first)) / 2, (last - first) * _MARGIN)
    figure.update_xaxes(type="date", tickformat=plotly_stamp(), nticks=_TICKS, range=[first - beside, last + beside])
