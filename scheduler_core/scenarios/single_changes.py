"""Changes that a planner makes to a single place of the plan: an operation is pinned, an order is expedited, or machines
work on one date more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from scheduler_core.calendar_hours import in_breaks, with_extra_hours, works_already
from scheduler_core.errors import InvalidValue
from scheduler_core.plant import ExtraHours, Fixed, Plant, check_hours, time_of_day

MAX_REASON = 500
MAX_DAY = 3650


@dataclass(frozen=True)
class Pinned:
    """Operation ``sequence`` of ``job`` stays on ``machines`` from minute ``start`` to ``end``, setup inside."""

    job: str
    sequence: int
    machines: tuple[int, ...]
    start: int
    end: int
    reason: str = ""

    def __post_init__(self) -> None:
        if len(self.reason) > MAX_REASON:
            raise InvalidValue("reason", self.reason, f"is longer than {MAX_REASON} characters")

    def apply(self, plant: Plant, now: int = 0) -> Plant:
        """The plant in which it is fixed there. Raises InvalidValue for an unknown operation, one that has begun, another
        place before ``now`` or on machines that it cannot run on, and where another fixed operation is in the way."""
        job = plant.job_by_id.get(self.job)
        if job is None:
            raise InvalidValue("job", self.job, "is not a known job")
        op = next((o for o in job.operations if o.sequence == self.sequence), None)
        if op is None:
            raise InvalidValue("sequence", self.sequence, f"is no operation of job {self.job}")
        wanted = Fixed(self.machines, self.start, self.end)
        if op.fixed is not None and op.fixed.start < now and op.fixed != wanted:
            raise InvalidValue("sequence", self.sequence, "has begun: it stays where it is")
        if op.fixed is None and self.start < now:
            raise InvalidValue(
                "start", _said(plant, self.start), f"is before {_said(plant, now)}, from which the plan goes on"
            )
        eligible = plant.eligible_machines(op)
        together = set(self.machines) == set(op.machines) if op.requires_all else len(self.machines) == 1
        if not together or not set(self.machines) <= set(eligible):
            raise InvalidValue("machines", self.machines, f"are not those of operation {self.sequence} of job {self.job}")
        pinned = replace(
            job, operations=tuple(replace(o, fixed=wanted) if o is op else o for o in job.operations)
        )  # fmt: skip
        return replace(plant, jobs=tuple(pinned if j is job else j for j in plant.jobs))


@dataclass(frozen=True)
class HoursOpened:
    """``machines`` also work on day ``day`` (0: that of plan_start) from ``start`` to ``end``, minutes after its midnight;
    an end beyond 1440 lies on the next day."""

    machines: tuple[int, ...]
    day: int
    start: int
    end: int

    def __post_init__(self) -> None:
        if not self.machines:
            raise InvalidValue("machines", self.machines, "names no machine")
        if not 0 <= self.day <= MAX_DAY:
            raise InvalidValue("day", self.day, f"is not between 0 and {MAX_DAY}")
        check_hours(self.start, self.end, "extra hours")

    def apply(self, plant: Plant, now: int = 0) -> Plant:
        """The plant with these hours, also where the date is a holiday. Raises InvalidValue for an unknown machine, and for
        hours that it works already or that lie in its breaks."""
        hours = ExtraHours(plant.plan_start.date() + timedelta(days=self.day), self.start, self.end)
        for m in self.machines:
            if m not in plant.machine_by_id:
                raise InvalidValue("machines", m, "is not a known machine")
            known = ", ".join(f"{time_of_day(s)} to {time_of_day(e)}" for s, e in works_already(plant, m, hours))
            if known:
                reason = f"begins hours in which machine {m} works already on {hours.date}: {known}"
                raise InvalidValue("start", time_of_day(self.start), reason)
            if in_breaks(plant.calendar_by_id[plant.machine_by_id[m].calendar], hours):
                raise InvalidValue("start", time_of_day(self.start), f"begins hours that lie in a break of machine {m}")
        return with_extra_hours(plant, self.machines, hours)


@dataclass(frozen=True)
class Expedited:
    """The plan has ``job`` complete by minute ``end``, and others pay for it as they do there. A decision about the plan and
    no assumption about the floor: the plant stays as it is."""

    job: str
    end: int

    def apply(self, plant: Plant, now: int = 0) -> Plant:
        """The plant. Raises InvalidValue for an unknown job and for an end that is not after ``now``."""
        if self.job not in plant.job_by_id:
            raise InvalidValue("job", self.job, "is not a known job")
        if self.end <= now:
            reason = f"is not after {_said(plant, now)}, from which the plan goes on"
            raise InvalidValue("end", _said(plant, self.end), reason)
        return plant


def _said(plant: Plant, minute: int) -> str:
    return plant.time_of(minute).strftime("%Y-%m-%d %H:%M")
