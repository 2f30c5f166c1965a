"""Adherence: how many operations began when the plan in force had said.

Pulls tell a beginning as a range. It counts as kept where the whole range lies within the tolerance, as missed where none
of it does, and as not known otherwise: with a pull a day nobody can say whether a start was kept to 15 minutes. A share of
the known starts alone would mislead, as a range wider than the tolerance can show a miss and never a start that was kept:
the share of all starts is known between two bounds.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from scheduler_core.actuals.operation_actual import Minutes, OperationActual
from scheduler_core.schedule import NOTICEABLE_MINUTES

HOUR = 60
CLOSE = 0.1
"""Bounds of a share that are no farther apart make one figure."""


@dataclass(frozen=True)
class Kept:
    """Starts within a tolerance: kept, missed, and those of which the pulls do not tell."""

    kept: int
    missed: int
    unknown: int

    @property
    def at_least(self) -> float:
        """Share of all starts that were surely kept (0 where there are none)."""
        return self.kept / self.total if self.total else 0.0

    @property
    def at_most(self) -> float:
        """Share of all starts that were kept if every unknown one was (1 where there are none)."""
        return (self.kept + self.unknown) / self.total if self.total else 1.0

    @property
    def share(self) -> float | None:
        """The share that was kept, the middle of the two bounds; None where they are more than CLOSE apart."""
        return (self.at_least + self.at_most) / 2 if self.at_most - self.at_least <= CLOSE else None

    @property
    def total(self) -> int:
        """All starts that had a plan."""
        return self.kept + self.missed + self.unknown


@dataclass(frozen=True)
class Adherence:
    """Starts within 15 minutes and within an hour of the planned start, and in its shift.

    unplanned: operations that began without a place in the plan in force. other_machine: of the planned ones whose machine
    is known (``machine_known``), those that ran elsewhere.
    """

    quarter: Kept
    hour: Kept
    shift: Kept
    unplanned: int
    other_machine: int
    machine_known: int


def adherence(actuals: Iterable[OperationActual]) -> Adherence:
    """The adherence of operations that have surely begun; the others are left out."""
    begun = [a for a in actuals if a.certain]
    planned = [a for a in begun if a.planned is not None and a.start_late is not None]
    known = [a for a in planned if a.planned is not None and a.machines]
    return Adherence(
        quarter=_kept(_within(a.start_late, -NOTICEABLE_MINUTES, NOTICEABLE_MINUTES) for a in planned),
        hour=_kept(_within(a.start_late, -HOUR, HOUR) for a in planned),
        shift=_kept(_in_shift(a) for a in planned),
        unplanned=sum(a.planned is None and a.began.after is not None for a in begun),
        other_machine=sum(a.planned is not None and set(a.machines) != set(a.planned.machines) for a in known),
        machine_known=len(known),
    )


def by_day(actuals: Iterable[OperationActual]) -> dict[date, Adherence]:
    """The adherence of each day of planned starts, ascending."""
    days: dict[date, list[OperationActual]] = {}
    for one in actuals:
        if one.planned is not None:
            days.setdefault(one.planned.start.date(), []).append(one)
    return {day: adherence(days[day]) for day in sorted(days)}


def _in_shift(actual: OperationActual) -> bool | None:
    assert actual.planned is not None
    return _within(actual.start_late, -actual.planned.shift_before, actual.planned.shift_after - 1)


def _within(late: Minutes | None, low: int, high: int) -> bool | None:
    """Whether minutes lie in [low, high]; None where some of their range does and some does not."""
    assert late is not None
    above = late.low is not None and late.low > high
    below = late.high is not None and late.high < low
    if above or below:
        return False
    inside = late.low is not None and late.high is not None and late.low >= low and late.high <= high
    return True if inside else None


def _kept(found: Iterable[bool | None]) -> Kept:
    each = list(found)
    return Kept(each.count(True), each.count(False), each.count(None))
