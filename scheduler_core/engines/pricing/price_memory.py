"""Prices that a plant's last search ended at: where its next one starts.

A plant's bottlenecks are much the same tomorrow: with few schedules, a search that starts where the last one ended is better
(benchmarks/results/price_memory.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from scheduler_core.simulator.arrays import Float64

RememberedPrices: TypeAlias = tuple[tuple[str, float], ...]
"""(name, natural logarithm of the price) of each term and machine type; empty: nothing is remembered."""
TERM_NAMES = ("look ahead", "setup scale", "later share", "stretch", "at once")
"""Names of the numbers before the types' prices, in the order of ResourcePrices."""
REMEMBERED_SPREAD = 0.15
"""Standard deviation of the first generation around remembered prices, in logarithms: half of that around the usual ones."""


def names(machine_types: Sequence[int]) -> tuple[str, ...]:
    """The names of the terms and of the machine types with these ids."""
    return (*TERM_NAMES, *(f"type {kind}" for kind in machine_types))


def told(machine_types: Sequence[int], prices: Float64) -> RememberedPrices:
    """Logarithms of prices (the terms, then one for each type), to be remembered."""
    return tuple((name, round(float(price), 4)) for name, price in zip(names(machine_types), prices, strict=True))


def recalled(machine_types: Sequence[int], usual: Float64, remembered: RememberedPrices) -> Float64:
    """By how much the remembered logarithms lie above the usual ones; 0 for a machine type that they do not know."""
    known: Mapping[str, float] = dict(remembered)
    found = [known.get(name, float(start)) - float(start) for name, start in zip(names(machine_types), usual, strict=True)]
    return np.array(found)
