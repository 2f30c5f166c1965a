"""How many operations began when the plan in force had said, estimated from ranges.

A pull tells a start as a range. With a pull an hour no start can be proven to lie within 15 minutes of the plan, but many
can be proven not to: counting only what is proven would make every floor look worse than it is. Here an operation counts by
the part of its range that lies within the tolerance, as no minute of the range is likelier than another; beside that
estimate stand the least and the most that the pulls leave possible.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from scheduler_core.actuals.operation_actual import OperationActual, PlannedPlace
from scheduler_core.actuals.working_ranges import WorkingRanges
from scheduler_core.schedule import NOTICEABLE_MINUTES

HOUR = 60


@dataclass(frozen=True)
class Share:
    """A share of ``count`` operations: estimated, and the least and the most that it can be. None of no operation."""

    count: int
    estimate: float | None
    least: float | None
    most: float | None


@dataclass(frozen=True)
class Starts:
    """Starts within 15 minutes and within an hour of the planned start, before or after it, and in its shift."""

    quarter: Share
    hour: Share
    shift: Share


def starts(actuals: Iterable[OperationActual], ranges: WorkingRanges) -> Starts:
    """Of the operations that have surely begun and that the plan in force had."""
    known = []
    for one in actuals:
        if one.planned is not None and one.certain and one.began.after is not None:
            began = ranges.narrowed(one.began, one.machines)
            assert began.after is not None
            late = _minutes(began.after, one.planned), _minutes(began.until, one.planned)
            known.append((late, one.planned))
    return Starts(
        quarter=_share([_part(late, -NOTICEABLE_MINUTES, NOTICEABLE_MINUTES) for late, _ in known]),
        hour=_share([_part(late, -HOUR, HOUR) for late, _ in known]),
        shift=_share([_part(late, -planned.shift_before, planned.shift_after) for late, planned in known]),
    )


def starts_by_day(actuals: Iterable[OperationActual], ranges: WorkingRanges, today: date) -> dict[date, Starts]:
    """The same of each day of planned starts before ``today``, ascending. Of a day that is not over, those that have begun
    are above all those that began early: their share says nothing of the day."""
    days: dict[date, list[OperationActual]] = {}
    for one in actuals:
        if one.planned is not None and one.planned.start.date() < today:
            days.setdefault(one.planned.start.date(), []).append(one)
    return {day: found for day in sorted(days) if (found := starts(days[day], ranges)).hour.count}


def _minutes(moment: datetime, planned: PlannedPlace) -> float:
    return (moment - planned.start).total_seconds() / 60


def _part(late: tuple[float, float], low: float, high: float) -> float:
    """The part of a range that lies in [low, high]."""
    if late[0] == late[1]:
        return float(low <= late[0] <= high)
    return max(0.0, min(late[1], high) - max(late[0], low)) / (late[1] - late[0])


def _share(parts: list[float]) -> Share:
    if not parts:
        return Share(0, None, None, None)
    count = len(parts)
    return Share(
        count, sum(parts) / count, sum(part == 1 for part in parts) / count, sum(part > 0 for part in parts) / count
    )
