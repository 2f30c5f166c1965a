"""What deviated most from the plan in force, and what it cost.

Cost is told only where it is plain: an order whose last operation has ended later than planned is later by that, and counts
for as many minutes past its due date as it would not have had by plan. Nothing is said of what one operation did to others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scheduler_core.actuals.operation_actual import OperationActual


@dataclass(frozen=True)
class LateOrder:
    """An order that ended at least ``later`` minutes after its planned end (wall clock), and so has at least ``caused``
    minutes of lateness that the plan in force did not have."""

    job: str
    later: int
    caused: int


def most_deviating(actuals: Iterable[OperationActual], limit: int = 10) -> tuple[OperationActual, ...]:
    """The operations that ended surely late, by the minutes that they surely were, the most first."""
    late = [(a.end_late.low, a) for a in actuals if a.end_late is not None and a.end_late.low is not None]
    found = sorted((pair for pair in late if pair[0] > 0 and pair[1].certain), key=lambda pair: (-pair[0], pair[1].key))
    return tuple(a for _, a in found[:limit])


def late_orders(actuals: Iterable[OperationActual]) -> tuple[LateOrder, ...]:
    """Orders whose last operation surely ended after its planned end, the most lateness caused first."""
    found = []
    for one in actuals:
        later = None if one.end_late is None else one.end_late.low
        if not one.last or not one.certain or one.planned is None or later is None or later <= 0:
            continue
        caused = 0
        if one.due is not None:
            room = int((one.due - one.planned.end).total_seconds() // 60)
            caused = later - room if room >= 0 else later
        found.append(LateOrder(one.job, later, max(0, caused)))
    return tuple(sorted(found, key=lambda o: (-o.caused, -o.later, o.job)))
