"""How a plan got better while an engine searched: points of (seconds, value) at its improvements."""

from __future__ import annotations

from collections.abc import Sequence

from scheduler_core.reports import Curve

MOST_POINTS = 200
"""As many as a chart can show and a store should keep of one run."""


def thinned(points: Sequence[tuple[float, float]], most: int = MOST_POINTS) -> Curve:
    """At most ``most`` (at least 2) of the points, evenly chosen by rank: the first and the last are always among them."""
    if len(points) <= most:
        return tuple(points)
    step = (len(points) - 1) / (most - 1)
    return tuple(points[round(i * step)] for i in range(most))
