"""A machine breaks down: what runs on it pauses or moves, and what was frozen behind it is set free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from scheduler_core.errors import InvalidValue
from scheduler_core.plant import MAX_DURATION, Downtime, Fixed, Job, Operation, Plant
from scheduler_core.scenarios.frozen_zone import loosened
from scheduler_core.simulator.open_hours import WorkTime
from scheduler_core.simulator.working_time import Mask, calendar_mask, horizon_of, intersection, machine_mask

OPEN_END_MINUTES = 28 * 1440
"""A breakdown without a known end is planned as four weeks."""
BEGUN = 1
"""What is fixed before this minute has begun: the ERP's running operations are fixed from the plan's start."""
REASON = "breakdown"
"""The reason that a downtime bears where nobody has given one."""
Running = Literal["pause", "move"]


@dataclass(frozen=True)
class Breakdown:
    """Machine ``machine`` does not work from minute ``start`` for ``minutes`` (None: no end known).

    ``running``: the operation that is under way on it pauses and goes on afterwards, or moves and begins anew on another of
    its machines. Fixed operations that the outage, or a paused one's later end, reaches are set free with all that follow
    them in their job. ``reason`` is the downtime's.
    """

    machine: int
    start: int
    minutes: int | None = None
    running: Running = "pause"
    reason: str = REASON

    def __post_init__(self) -> None:
        if self.minutes is not None and not 1 <= self.minutes <= MAX_DURATION:
            raise InvalidValue("minutes", self.minutes, f"is not between 1 and {MAX_DURATION}")
        if self.running not in ("pause", "move"):
            raise InvalidValue("running", self.running, "is neither 'pause' nor 'move'")

    @property
    def end(self) -> int:
        """First minute after it."""
        return self.start + (OPEN_END_MINUTES if self.minutes is None else self.minutes)

    def apply(self, plant: Plant, now: int = 0) -> Plant:
        """The plant with the outage. Raises InvalidValue for an unknown machine, an outage that is over before ``now``, or
        an operation that should move and has no other machine."""
        if self.machine not in plant.machine_by_id:
            raise InvalidValue("machine", self.machine, "is not a known machine")
        if self.end <= now:
            raise InvalidValue("minutes", self.minutes, "ends the breakdown before the plan goes on")
        down = Downtime(self.start, self.end, self.reason)
        broken = replace(
            plant,
            machines=tuple(replace(m, downtime=(*m.downtime, down)) if m.id == self.machine else m for m in plant.machines),
            jobs=tuple(_without_fixed(job) for job in plant.jobs),
        )
        begun = max(now, BEGUN)
        jobs = [self._hit(job, plant, broken, begun) for job in plant.jobs]
        return replace(broken, jobs=tuple(_freed_behind(jobs, self, begun)))

    def _hit(self, job: Job, before: Plant, broken: Plant, begun: int) -> Job:
        for i, op in enumerate(job.operations):
            fixed = op.fixed
            if fixed is None or self.machine not in fixed.machines or fixed.end <= self.start or fixed.start >= self.end:
                continue
            if fixed.start >= begun and fixed.start >= self.start:
                return loosened(job, i, begun)
            if self.running == "move":
                return _with(loosened(job, i, begun), i, self._elsewhere(job, op, before))
            later = replace(fixed, end=max(fixed.end, _end_of_same_work(before, broken, fixed, self.start)))
            return _apart(_with(job, i, replace(op, fixed=later)), i, begun)
        return job

    def _elsewhere(self, job: Job, op: Operation, plant: Plant) -> Operation:
        others = tuple(m for m in plant.eligible_machines(op) if m != self.machine)
        if op.requires_all or not others:
            name = f"job {job.id} operation {op.sequence}"
            raise InvalidValue("running", "move", f"is impossible: {name} has no other machine than {self.machine}")
        return replace(op, fixed=None, machines=others, machine_types=())


def lifted(plant: Plant, machine: int, down: Downtime) -> Plant:
    """The plant without an outage of ``machine`` that ``Breakdown`` has put there: what paused over it ends earlier.

    What was set free stays free. Raises InvalidValue for an outage that the machine does not have.
    """
    row = plant.machine_by_id[machine]
    if down not in row.downtime:
        raise InvalidValue("downtime", down, f"is no downtime of machine {machine}")
    at = row.downtime.index(down)
    works = replace(row, downtime=(*row.downtime[:at], *row.downtime[at + 1 :]))
    machines = tuple(works if m is row else m for m in plant.machines)
    healed = replace(plant, machines=machines, jobs=tuple(_without_fixed(job) for job in plant.jobs))

    def earlier(op: Operation) -> Operation:
        fixed = op.fixed
        if fixed is None or machine not in fixed.machines or fixed.end <= down.start or fixed.start >= down.end:
            return op
        return replace(op, fixed=replace(fixed, end=min(fixed.end, _end_of_same_work(plant, healed, fixed, down.start))))

    jobs = tuple(replace(job, operations=tuple(earlier(op) for op in job.operations)) for job in plant.jobs)
    return replace(healed, jobs=jobs)


def _end_of_same_work(before: Plant, after: Plant, fixed: Fixed, start: int) -> int:
    """When the operation ends if the minutes that it works from ``start`` on in one plant are worked in the other's time.

    A fixed operation that works in no minute of its span is taken by the clock.
    """
    horizon = max(horizon_of(before), horizon_of(after)) + max(0, fixed.end)
    first = max(0, start, fixed.start)
    usual, other = _work_time(before, fixed, horizon), _work_time(after, fixed, horizon)
    left = usual.before(fixed.end) - usual.before(first) or fixed.end - first
    done = other.before(first) + left
    if done > other.total:
        raise InvalidValue("minutes", left, f"of work are left that machines {fixed.machines} never get done")
    return other.minute(done - 1) + 1


def _work_time(plant: Plant, fixed: Fixed, horizon: int) -> WorkTime:
    machines = [plant.machine_by_id[m] for m in fixed.machines]
    calendars: Mapping[str, Mask] = {
        m.calendar: calendar_mask(plant.calendar_by_id[m.calendar], plant.clock, horizon) for m in machines
    }
    return WorkTime(intersection(machine_mask(m, calendars[m.calendar]) for m in machines))


def _apart(job: Job, i: int, now: int) -> Job:
    """The job whose operations behind position ``i`` are free where they no longer follow it."""
    held = job.operations[i].fixed
    following = next((op.fixed for op in job.operations[i + 1 :] if op.fixed is not None), None)
    if held is None or following is None or following.start >= held.end:
        return job
    return loosened(job, i + 1, now)


def _freed_behind(jobs: list[Job], breakdown: Breakdown, now: int) -> list[Job]:
    """The jobs, with what is fixed on any machine into the later end of a paused operation set free."""
    spans: dict[int, list[tuple[int, int]]] = {}
    for job in jobs:
        for op in job.operations:
            paused = op.fixed
            if paused is None or breakdown.machine not in paused.machines:
                continue
            if paused.start < breakdown.end < paused.end:
                for m in paused.machines:
                    spans.setdefault(m, []).append((paused.start, paused.end))

    def overlaps(fixed: Fixed) -> bool:
        return any(start < fixed.start < end for m in fixed.machines for start, end in spans.get(m, ()))

    freed = []
    for job in jobs:
        first = next((i for i, op in enumerate(job.operations) if op.fixed is not None and overlaps(op.fixed)), None)
        freed.append(job if first is None else loosened(job, first, now))
    return freed


def _with(job: Job, i: int, op: Operation) -> Job:
    return replace(job, operations=(*job.operations[:i], op, *job.operations[i + 1 :]))


def _without_fixed(job: Job) -> Job:
    return replace(job, operations=tuple(replace(op, fixed=None) for op in job.operations))
