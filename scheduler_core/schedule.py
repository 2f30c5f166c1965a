"""The schedule: which operation runs where and when; and the result of an engine's run.

Times are whole minutes from the plant's plan_start.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from scheduler_core.clock import Clock
from scheduler_core.errors import InvalidValue
from scheduler_core.reports import ExactReport, OtherReport, Report, as_dict

NOTICEABLE_MINUTES = 15
"""A start that shifts by no more than this disturbs nobody on the floor."""
NEAR_HOURS = 72
"""Hours from now in which a start that changes is a move: the floor prepares for them."""


@dataclass(frozen=True)
class Assignment:
    """One operation's place: machines (more than one only with requires_all), [start, end) and the setup inside it."""

    job: str
    sequence: int
    machines: tuple[int, ...]
    start: int
    end: int
    setup_minutes: int = 0

    @property
    def key(self) -> tuple[str, int]:
        """(job id, sequence): identifies the operation."""
        return (self.job, self.sequence)


@dataclass(frozen=True)
class Schedule:
    """Assignments in any order, which may be incomplete or overlap: the validator judges, not this type."""

    assignments: tuple[Assignment, ...]

    @cached_property
    def by_operation(self) -> Mapping[tuple[str, int], Assignment]:
        """The assignment of each (job id, sequence); of duplicates the first."""
        found: dict[tuple[str, int], Assignment] = {}
        for a in self.assignments:
            found.setdefault(a.key, a)
        return found

    @cached_property
    def by_machine(self) -> Mapping[int, tuple[Assignment, ...]]:
        """Assignments of each machine id, ordered by start, then end."""
        rows: dict[int, list[Assignment]] = {}
        for a in self.assignments:
            for m in a.machines:
                rows.setdefault(m, []).append(a)
        return {m: tuple(sorted(r, key=lambda a: (a.start, a.end))) for m, r in rows.items()}

    def counted_from(self, minute: int) -> Schedule:
        """The same schedule for a plan that begins ``minute`` minutes later: its times count from there."""
        if minute == 0:
            return self
        return Schedule(tuple(replace(a, start=a.start - minute, end=a.end - minute) for a in self.assignments))

    def on_clock(self, old: Clock, new: Clock) -> Schedule:
        """The same schedule, whose minutes are those of ``old``, in minutes of ``new``, a clock of the same time zone.

        Where one of them knows no clock changes and the other does, the operations keep their times of day.
        """
        if old.is_even == new.is_even:
            return self.counted_from(old.minute_of(new.start))
        at = {m: new.minute_of(old.time_of(m)) for a in self.assignments for m in (a.start, a.end)}
        return Schedule(tuple(replace(a, start=at[a.start], end=at[a.end]) for a in self.assignments))

    @property
    def end(self) -> int:
        """End of the last assignment in minutes from plan_start (0 for an empty schedule)."""
        return max((a.end for a in self.assignments), default=0)


class Status(StrEnum):
    """How an engine's run ended."""

    FEASIBLE = "feasible"  # a schedule, no proof of optimality
    OPTIMAL = "optimal"  # a schedule, proven optimal for the objective
    INFEASIBLE = "infeasible"  # proven: no schedule exists
    TOO_LARGE = "too-large"  # the engine declines this size
    NO_SOLUTION = "no-solution"  # time ran out before any schedule was found


@dataclass(frozen=True)
class Result:
    """What an engine returns. ``objective`` and ``lower_bound`` are in the objective's own unit (see objectives.py)."""

    engine: str
    status: Status
    schedule: Schedule | None
    objective: float | None = None
    lower_bound: float | None = None
    seconds: float = 0.0
    report: Report = field(default_factory=OtherReport)
    """Facts for the user: the rule that won, samples drawn, the model's name and hash, why a size was refused."""

    def __post_init__(self) -> None:
        has_schedule = self.status in (Status.FEASIBLE, Status.OPTIMAL)
        if has_schedule != (self.schedule is not None):
            raise InvalidValue("schedule", self.status, "does not go with this result's schedule")

    @property
    def detail(self) -> Mapping[str, object]:
        """The report as plain values, as files and tables hold it."""
        return as_dict(self.report)

    @property
    def reason(self) -> str | None:
        """Why there is no schedule, if the engine told."""
        return self.report.reason if isinstance(self.report, ExactReport) else None
