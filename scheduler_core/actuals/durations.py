"""Planned against real durations, by process and by machine.

Which operations count is decided by what was *planned*: pulls so far apart that the real duration is not known to a quarter
of the planned one tell nothing. If the real duration decided, long ones would be taken and short ones left out, and every
process would look slower than it is.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from scheduler_core.actuals.operation_actual import OperationActual

K = TypeVar("K", bound=Hashable)

KNOWN_TO = 0.25
"""Real minutes count if they are known to this share of the planned ones."""


@dataclass(frozen=True)
class Ratio:
    """Real over planned minutes of some operations: how many, the mean, and the coefficient of variation (None of one)."""

    count: int
    mean: float
    variation: float | None


def real_minutes(actual: OperationActual) -> float | None:
    """Working minutes that processing took, the planned setup taken off; None where they are not known well enough.

    Of the range that the pulls leave it is the middle. Unknown is what still runs, was interrupted, or had no plan that says
    how much of the time was setup.
    """
    if actual.ended is None or actual.interrupted or actual.planned is None or actual.minutes is None:
        return None
    if not actual.certain or actual.worked is None:
        return None
    middle, width = actual.worked.middle, actual.worked.width
    setup = actual.planned.setup_minutes
    if middle is None or width is None or width > KNOWN_TO * (actual.minutes + setup):
        return None
    return max(1.0, middle - setup)


def with_known_duration(actuals: Iterable[OperationActual]) -> tuple[tuple[OperationActual, float], ...]:
    """The operations whose real minutes are known well enough, each with them."""
    return tuple((a, real) for a in actuals if (real := real_minutes(a)) is not None)


def ended(actuals: Iterable[OperationActual]) -> int:
    """How many operations have surely ended."""
    return sum(a.ended is not None and a.certain for a in actuals)


def by_process(actuals: Iterable[OperationActual]) -> dict[str, Ratio]:
    """Of each process, most operations first."""
    return _grouped(actuals, lambda a: a.process)


def by_machine(actuals: Iterable[OperationActual]) -> dict[tuple[int, ...], Ratio]:
    """Of each machine (id; several where operations hold several at once), most operations first."""
    return _grouped(actuals, lambda a: a.machines)


def _grouped(actuals: Iterable[OperationActual], key: Callable[[OperationActual], K]) -> dict[K, Ratio]:
    groups: dict[K, list[float]] = {}
    for actual, real in with_known_duration(actuals):
        assert actual.minutes is not None
        groups.setdefault(key(actual), []).append(real / actual.minutes)
    return {k: _ratio(ratios) for k, ratios in sorted(groups.items(), key=lambda kv: (-len(kv[1]), str(kv[0])))}


def _ratio(ratios: Sequence[float]) -> Ratio:
    mean = sum(ratios) / len(ratios)
    if len(ratios) < 2:
        return Ratio(len(ratios), mean, None)
    deviation = math.sqrt(sum((r - mean) ** 2 for r in ratios) / (len(ratios) - 1))
    return Ratio(len(ratios), mean, deviation / mean)
