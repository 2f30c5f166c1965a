"""Successive pulls compared: which operations have begun or ended between two of them.

A pull shows what is open. An operation that is gone from an order that is still open is finished; one that stands fixed at
the pull's moment, with no setup left, runs; any other waits. Of an order that is gone nobody knows whether it was finished
or cancelled: what had been seen at work has ended, the rest is kept apart (``Evidence.ORDER_GONE``).

What was reported from the floor (``Told``) gives the moment itself where it lies in the time that the pulls leave open.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from scheduler_core.actuals.operation_actual import (
    Between,
    Evidence,
    Minutes,
    OperationActual,
    PlannedPlace,
    Progress,
)
from scheduler_core.analysis.dispatch_lists.shifts import Shift, shifts
from scheduler_core.clock import Clock
from scheduler_core.plant import MINUTES_PER_DAY, Job, Operation, Plant
from scheduler_core.schedule import Assignment, Schedule
from scheduler_core.simulator.open_hours import OpenHours

Key = tuple[str, int]
LOOK_BACK = 14 * MINUTES_PER_DAY
"""Minutes before a pull in which an operation that it shows as waiting may have begun unseen; longer ago is not known."""


@dataclass(frozen=True)
class PlanInForce:
    """A released plan: the schedule's id, and its rows, whose minutes count from the start of ``clock``."""

    id: str
    clock: Clock
    schedule: Schedule


@dataclass(frozen=True)
class Told:
    """When an operation started, on which machine (id), and when it was finished, as far as that was reported (naive plant
    time)."""

    started: datetime | None = None
    machine: int | None = None
    finished: datetime | None = None


@dataclass(frozen=True)
class Pull:
    """The plant at a pull's moment (its plan_start), and the plan that was in force when it arrived.

    hidden: orders that are open in the ERP and not in the plant: in quarantine, or not to be made by a planner's word.
    told: what was reported of operations from the floor.
    """

    plant: Plant
    plan: PlanInForce | None = None
    hidden: frozenset[str] = frozenset()
    told: Mapping[Key, Told] = field(default_factory=dict)


def actuals_from_pulls(pulls: Sequence[Pull]) -> tuple[OperationActual, ...]:
    """All operations that have begun, in the order in which the pulls (in the order in which they were made) tell of their
    end; what still runs comes last. A pull that is no later than the one before it tells nothing and is left out."""
    before: Plant | None = None
    running: tuple[OperationActual, ...] = ()
    ended: list[OperationActual] = []
    for pull in pulls:
        if before is not None and not is_later(pull.plant, before):
            continue
        found = progress(before, running, pull)
        before, running = pull.plant, found.running
        ended += found.ended
    return (*ended, *running)


def is_later(plant: Plant, before: Plant) -> bool:
    """Whether a plant was pulled after another one of the same time zone."""
    return before.clock.minute_of(plant.plan_start) > 0


def progress(before: Plant | None, running: Sequence[OperationActual], pull: Pull) -> Progress:
    """What has happened between the pull ``before`` (None: there was none), at which ``running`` was at work, and a later
    one."""
    if before is None:
        first = _Interval(pull.plant, pull)
        return Progress(tuple(first.unknown_beginning(job, op) for job, op in _at_work(pull.plant).values()), ())
    return _Interval(before, pull).progress({a.key: a for a in running})


def _at_work(plant: Plant) -> dict[Key, tuple[Job, Operation]]:
    """The operations that run at plan_start, also those that keep their machine and follow one in front of them."""
    return {(job.id, op.sequence): (job, op) for job in plant.jobs for op in _running_of(plant, job)}


def _running_of(plant: Plant, job: Job) -> Iterator[Operation]:
    """Begun are fixed operations without setup that start at plan_start, and those right behind them whose machine is held
    for them: a pinned operation starts later and holds no machine."""
    expected = 0
    for op in job.operations:
        if op.fixed is None or op.setup_minutes or op.fixed.start != expected:
            return
        if expected and not all((plant.machine_by_id[m].available_from or 0) >= expected for m in op.fixed.machines):
            return
        yield op
        expected = op.fixed.end


class _Interval:
    """The time between a plant and the pull after it; minutes count from the former's plan_start."""

    def __init__(self, before: Plant, pull: Pull) -> None:
        self._before, self._pull = before, pull
        self._minutes = before.clock.minute_of(pull.plant.plan_start)
        self._between = Between(before.plan_start, pull.plant.plan_start)

    def progress(self, running: Mapping[Key, OperationActual]) -> Progress:
        now, then = _at_work(self._pull.plant), _at_work(self._before)
        open_now = {(job.id, op.sequence) for job in self._pull.plant.jobs for op in job.operations}
        going, ended = list[OperationActual](), list[OperationActual]()
        for job in self._before.jobs:
            for op in job.operations:
                key = (job.id, op.sequence)
                begun = running.get(key)
                if begun is None and key in now:
                    going.append(self._began(job, op, now[key][1]))
                elif key in open_now or (job.id in self._pull.hidden and not self._is_told_finished(key)):
                    if begun is not None:
                        going.append(self._went_on(begun, now.get(key), key in then))
                elif begun is not None:
                    ended.append(self._ended(begun, self._between))
                else:
                    ended.append(self._began_and_ended(job, op))
        known = {(job.id, op.sequence) for job in self._before.jobs for op in job.operations}
        for key, (job, op) in now.items():
            if key not in known and key not in running:
                going.append(self.unknown_beginning(job, op))
        for key, begun in running.items():
            if key not in known:
                if key in open_now or (begun.job in self._pull.hidden and not self._is_told_finished(key)):
                    going.append(replace(begun, interrupted=True))
                else:
                    ended.append(self._ended(replace(begun, interrupted=True), Between(None, self._between.until)))
        return Progress(tuple(going), tuple(ended))

    def _told_start(self, key: Key) -> int | None:
        """The minute at which an operation started by report; None without one that the pulls leave possible."""
        told = self._pull.told.get(key)
        minute = None if told is None or told.started is None else self._before.minute_of(told.started)
        return minute if minute is not None and -LOOK_BACK <= minute <= self._minutes else None

    def _is_told_finished(self, key: Key) -> bool:
        told = self._pull.told.get(key)
        return told is not None and told.finished is not None

    def _told_end(self, key: Key) -> int | None:
        """The minute at which an operation was finished by report; None without one between the two pulls."""
        told = self._pull.told.get(key)
        minute = None if told is None or told.finished is None else self._before.minute_of(told.finished)
        return minute if minute is not None and 0 <= minute <= self._minutes else None

    def unknown_beginning(self, job: Job, op: Operation) -> OperationActual:
        """What ran when it was first seen: nobody knows since when, nor by which plan."""
        plant = self._pull.plant
        due = None if job.due is None else plant.time_of(job.due)
        machines = () if op.fixed is None else op.fixed.machines
        return OperationActual(
            job.id, op.sequence, op.process, machines, Between(None, plant.plan_start), None, Evidence.RUNNING,
            job.operations[-1].sequence == op.sequence, due,
        )  # fmt: skip

    def _began(self, job: Job, op: Operation, now: Operation) -> OperationActual:
        machines = now.fixed.machines if now.fixed is not None else ()
        told = now.minutes >= op.processing_minutes(machines)
        return self._of(job, op, machines, 0 if told else self._since(job, op, machines))

    def _began_and_ended(self, job: Job, op: Operation) -> OperationActual:
        possible = self._before.eligible_machines(op)
        told = self._pull.told.get((job.id, op.sequence))
        machines = possible if op.requires_all or len(possible) == 1 else ()
        if not machines and told is not None and told.machine in possible:
            machines = (told.machine,)
        found = self._of(job, op, machines, self._since(job, op, machines or possible[:1]))
        end = self._told_end(found.key)
        gone = job.id not in self._pull.plant.job_by_id and end is None
        between, late = self._end(found, self._between, end)
        evidence = Evidence.ORDER_GONE if gone else Evidence.FINISHED
        start = self._told_start(found.key)
        if end is not None and start is not None and found.machines:
            whole = self._worked(found.machines, min(start, end), end)
            found = replace(found, worked=Minutes(whole, whole))
        elif end is not None and found.worked is not None:
            since = None if found.began.after is None else self._before.minute_of(found.began.after)
            most = None if since is None else self._worked(found.machines, since, end)
            found = replace(found, worked=Minutes(0, most), began=replace(found.began, until=between.until))
        return replace(found, ended=between, evidence=evidence, end_late=late)

    def _since(self, job: Job, op: Operation, machines: tuple[int, ...]) -> int | None:
        """The earliest minute at which an operation that waited at the pull before can have begun; None: not known.

        Where the ERP knows output only, an operation waits for it until the first piece is reported: what was ready on an
        idle machine may have been set up, and its first piece been made, before that pull (by planned minutes).
        """
        if job.operations[0] is not op or any(m in self._busy for m in machines):
            return 0
        minutes = op.processing_minutes(machines)
        row = self._plan.get((job.id, op.sequence))
        setup = max(op.setup_minutes, 0 if row is None else row[0].setup_minutes)
        unseen = setup + math.ceil(minutes / max(1, job.quantity or 1))
        known = [m for m in machines if m in self._before.machine_by_id]
        if len(known) < len(machines) or self._hours.working(machines, -LOOK_BACK, 0) < unseen:
            return None
        return -bisect_left(range(LOOK_BACK), unseen, key=lambda back: self._hours.working(machines, -back, 0))

    def _of(self, job: Job, op: Operation, machines: tuple[int, ...], since: int | None) -> OperationActual:
        planned = self._planned((job.id, op.sequence))
        late = None
        if planned is not None:
            late = self._late(self._before.minute_of(planned.start), since)
        after = None if since is None else self._before.time_of(since)
        began = Between(after, self._between.until)
        worked = None
        if machines:
            worked = Minutes(0, None if since is None else self._worked(machines, since))
        start = self._told_start((job.id, op.sequence))
        if start is not None:
            began = Between(self._before.time_of(start), self._before.time_of(start))
            if planned is not None:
                behind = start - self._before.minute_of(planned.start)
                late = Minutes(behind, behind)
            if machines:
                whole = self._worked(machines, start)
                worked = Minutes(whole, whole)
        return OperationActual(
            job.id, op.sequence, op.process, machines, began, None, Evidence.RUNNING,
            last=job.operations[-1].sequence == op.sequence,
            due=None if job.due is None else self._before.time_of(job.due),
            minutes=op.processing_minutes(machines) if machines else None,
            planned=planned, start_late=late, worked=worked,
        )  # fmt: skip

    def _went_on(self, begun: OperationActual, now: tuple[Job, Operation] | None, ran_then: bool) -> OperationActual:
        fixed = None if now is None else now[1].fixed
        broken = not ran_then or fixed is None or fixed.machines != begun.machines
        worked = begun.worked
        if worked is not None:
            more = self._worked(begun.machines)
            worked = Minutes(_sum(worked.low, more), _sum(worked.high, more))
        return replace(begun, worked=worked, interrupted=begun.interrupted or broken)

    def _ended(self, begun: OperationActual, between: Between) -> OperationActual:
        worked = begun.worked
        end = self._told_end(begun.key)
        if worked is not None:
            more = self._worked(begun.machines, until=end)
            worked = Minutes(worked.low if end is None else _sum(worked.low, more), _sum(worked.high, more))
        ended, late = self._end(begun, between, end)
        return replace(begun, ended=ended, worked=worked, end_late=late)

    def _end(self, actual: OperationActual, between: Between, end: int | None) -> tuple[Between, Minutes | None]:
        """When an operation ended, and how late: at a minute by report, else ``between``."""
        planned = None if actual.planned is None else self._before.minute_of(actual.planned.end)
        if end is not None:
            moment = self._before.time_of(end)
            return Between(moment, moment), None if planned is None else Minutes(end - planned, end - planned)
        return between, None if planned is None else self._late(planned, None if between.after is None else 0)

    def _late(self, planned: int, since: int | None) -> Minutes:
        """How many minutes after a planned minute something happened between ``since`` (None: not known) and the pull."""
        return Minutes(None if since is None else since - planned, self._minutes - planned)

    def _worked(self, machines: tuple[int, ...], since: int = 0, until: int | None = None) -> int | None:
        """Working minutes from ``since`` to ``until`` (None: the pull); None on a machine that the plant did not have
        before."""
        if any(m not in self._before.machine_by_id for m in machines):
            return None
        return self._hours.working(machines, since, self._minutes if until is None else until)

    @cached_property
    def _busy(self) -> frozenset[int]:
        """Machines that were at work at the pull before."""
        return frozenset(m for _, op in _at_work(self._before).values() if op.fixed is not None for m in op.fixed.machines)

    def _planned(self, key: Key) -> PlannedPlace | None:
        found = self._plan.get(key)
        if found is None:
            return None
        row, start, end, shift = found
        assert self._pull.plan is not None
        return PlannedPlace(
            self._pull.plan.id, row.machines, self._before.time_of(start), self._before.time_of(end), row.setup_minutes,
            start - shift.start, shift.until - start,
        )  # fmt: skip

    @cached_property
    def _plan(self) -> Mapping[Key, tuple[Assignment, int, int, Shift]]:
        """Of each operation in the plan in force: its row, its start and end, and the shift of its start."""
        plan, clock = self._pull.plan, self._before.clock
        if plan is None or not plan.schedule.assignments:
            return {}
        spans = [(clock.minute_of(plan.clock.time_of(a.start)), clock.minute_of(plan.clock.time_of(a.end)))
                 for a in plan.schedule.assignments]  # fmt: skip
        found = shifts(self._before, min(s for s, _ in spans), max(s for s, _ in spans) + 1)
        begins = [s.start for s in found]
        rows = zip(plan.schedule.assignments, spans, strict=True)
        return {a.key: (a, start, end, found[max(0, bisect_right(begins, start) - 1)]) for a, (start, end) in rows}

    @cached_property
    def _hours(self) -> OpenHours:
        """Working time as the former plant knew it, less the downtime of which the latter tells too."""
        later = {
            m.id: tuple(replace(d, start=d.start + self._minutes, end=d.end + self._minutes) for d in m.downtime)
            for m in self._pull.plant.machines
        }
        machines = tuple(
            replace(m, available_from=None, downtime=(*m.downtime, *later.get(m.id, ()))) for m in self._before.machines
        )
        whole = Assignment("", 0, (machines[0].id,), -LOOK_BACK, self._minutes)
        return OpenHours(replace(self._before, machines=machines), Schedule((whole,)))


def _sum(minutes: int | None, more: int | None) -> int | None:
    return None if minutes is None or more is None else minutes + more
