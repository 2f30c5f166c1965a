"""Which remembered prices a search may start from.

They come from a stored report, which may be damaged or another plant's, and drift a little with every search. A price far
from all others makes its logarithm's exponential overflow in compiled code, which checks nothing.
"""

from __future__ import annotations

import math
from collections.abc import Collection

import numpy as np

from scheduler_core.engines.pricing.price_memory import RememberedPrices
from scheduler_core.simulator.arrays import Float64

FARTHEST = 6.0
"""How far a start may lie from the usual prices, in logarithms: a factor of 400."""
LARGEST = 50.0
"""Logarithms beyond this are no prices."""
MOST = 500
"""Prices that are kept with a run: more than any plant has machine types."""


def trusted(remembered: RememberedPrices, known: Collection[str] | None = None) -> RememberedPrices:
    """Those that are prices, at most MOST and of each name the last one; ``known``: the names that count (None: all)."""
    counts = {name: price for name, price in remembered if _is_price(price) and (known is None or name in known)}
    return tuple(counts.items())[:MOST]


def _is_price(stored: object) -> bool:
    return isinstance(stored, int | float) and math.isfinite(stored) and abs(stored) <= LARGEST


def within_reach(start: Float64) -> Float64:
    """By how much a start lies above the usual prices, none of them out of reach."""
    return np.clip(start, -FARTHEST, FARTHEST)
