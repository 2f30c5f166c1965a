"""Noise fitted to what operations really took.

The spread of a process is the standard deviation of log(real / planned) around its mean, where there are enough operations
of it; all other processes share one. The parts of machine and of machine and day are the mean products of standardised
deviations of two operations on one machine, on different days and on the same one (method of moments).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from scheduler_core.errors import InvalidValue
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.plant import MINUTES_PER_DAY
from scheduler_core.simulator.array_types import Float64

ENOUGH = 30
"""Operations of a process from which its own spread counts: its standard error is then an eighth of it."""


@dataclass(frozen=True)
class Actual:
    """How long one operation was to take and really took, in working minutes without setup, from minute ``start`` on."""

    process: str
    machine: int
    start: int
    planned: int
    real: int

    def __post_init__(self) -> None:
        for name, value in (("planned", self.planned), ("real", self.real)):
            if value < 1:
                raise InvalidValue(name, value, "must be at least 1 minute")


def fitted(actuals: Sequence[Actual]) -> DurationNoise:
    """The noise that these operations show. Raises InvalidValue for fewer than ENOUGH of them."""
    if len(actuals) < ENOUGH:
        raise InvalidValue("actuals", len(actuals), f"must be at least {ENOUGH} operations")
    logs = np.array([math.log(a.real / a.planned) for a in actuals])
    places = _places(a.process for a in actuals)
    own = {str(process): of for process, of in places.items() if len(of) >= ENOUGH}
    rest = [i for i, a in enumerate(actuals) if a.process not in own] or list(range(len(actuals)))
    standard = np.zeros(len(actuals))
    spreads: dict[str, float] = {}
    for process, of in own.items():
        spreads[process] = _standardise(logs, of, standard)
    common = float(logs[rest].std(ddof=1)) if len(rest) > 1 else 0.0
    if any(a.process not in own for a in actuals):
        _standardise(logs, rest, standard)
    machine, day = _shares(standard, [a.machine for a in actuals], [a.start // MINUTES_PER_DAY for a in actuals])
    return DurationNoise(_variation(common), {p: _variation(s) for p, s in spreads.items()}, machine, day)


def _standardise(logs: Float64, places: Sequence[int], standard: Float64) -> float:
    """Writes the places' deviations in standard deviations, and returns that."""
    spread = float(logs[places].std(ddof=1)) if len(places) > 1 else 0.0
    if spread > 0:
        standard[places] = (logs[places] - logs[places].mean()) / spread
    return spread


def _shares(standard: Float64, machines: Sequence[int], days: Sequence[int]) -> tuple[float, float]:
    """Shares of the variance that belong to the machine, and to the machine on a day."""
    on_machine, machine_pairs = _products(standard, machines)
    on_day, day_pairs = _products(standard, list(zip(machines, days, strict=True)))
    other_days = machine_pairs - day_pairs
    machine = min(1.0, max(0.0, (on_machine - on_day) / other_days)) if other_days else 0.0
    both = min(1.0, max(machine, on_day / day_pairs)) if day_pairs else machine
    return machine, both - machine


def _products(standard: Float64, groups: Sequence[Hashable]) -> tuple[float, int]:
    """Sum of the products of all pairs within each group, each counted twice, and the number of these products."""
    total, pairs = 0.0, 0
    for places in _places(groups).values():
        values = standard[places]
        total += float(values.sum() ** 2 - (values**2).sum())
        pairs += len(places) * (len(places) - 1)
    return total, pairs


def _places(groups: Iterable[Hashable]) -> dict[Hashable, list[int]]:
    found: dict[Hashable, list[int]] = defaultdict(list)
    for i, group in enumerate(groups):
        found[group].append(i)
    return found


def _variation(spread: float) -> float:
    """The coefficient of variation of a lognormal factor whose logarithm has this standard deviation."""
    return math.sqrt(math.expm1(spread**2))
