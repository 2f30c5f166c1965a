"""A floor carried out in plain Python: the same steps as ``floor_kernel.py``, readable, and slow.

The tests run both on small plants. Decisions are made by a function that gets what a decision may look at: expected
durations, and of busy machines the end that was expected when their operation began. Minutes count from the stream's start.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from scheduler_core.floor.events import Stream
from scheduler_core.floor.execution import WorkingHours
from scheduler_core.floor.noise import DurationNoise, factor
from scheduler_core.plant import Job, Operation
from scheduler_core.schedule import Assignment, Schedule
from scheduler_core.simulator.arrays import NEVER
from scheduler_core.simulator.reference import BOOKING_HORIZON
from scheduler_core.simulator.reservations import setup_after


@dataclass(frozen=True)
class Candidate:
    """A job that may begin its next operation now: on which machines it is expected to end first, and when."""

    job: Job
    place: int
    operation: Operation
    machines: tuple[int, ...]
    expected_end: int


@dataclass(frozen=True)
class Hold:
    """The decision to let a free machine wait for a job's next operation, until ``until`` or until the job is ready."""

    machine: int
    job: Job
    until: int


Choice = Callable[[Sequence[Candidate]], Candidate | Hold]
"""Which of the candidates begins, or which machine waits; the list is never empty and in the plant's order."""


@dataclass
class _Line:
    """A machine: free from a minute on, in truth and as expected, set up for ``family`` once anything ran (``used``)."""

    free: int
    expected: int
    family: str | None
    used: bool


class ReferenceFloor:
    """One floor of a stream, with the durations of a noise and a seed."""

    def __init__(self, stream: Stream, noise: DurationNoise, seed: int) -> None:
        self.plant, self.noise, self.seed = stream.world, noise, seed
        self._stream = stream
        self._open = WorkingHours(stream.world)
        self._expected = WorkingHours(stream.plant)
        self._machine_place = {m.id: i for i, m in enumerate(self.plant.machines)}
        self._job_place = {job.id: i for i, job in enumerate(self.plant.jobs)}
        arrived = {a.job.id: a.minute for a in stream.arrivals}
        # Rule 8.
        self._ready = {job.id: max(0, job.release, arrived.get(job.id, 0)) for job in self.plant.jobs}
        self._gone = {c.job: c.minute for c in stream.cancellations}

    @property
    def minute(self) -> int:
        """The minute of the decision that is being made."""
        return self._minute

    def real_minutes(self, job: Job, op: Operation, machines: tuple[int, ...], start: int) -> int:
        """Working minutes, at least 1, that the processing really takes."""
        expected = op.processing_minutes(machines)
        return max(1, math.floor(expected * factor(self.noise, self.seed, job.id, op, machines, start) + 0.5))

    # ---------------------------------------------------------------- a plan followed in its order
    def follow(self, plan: Schedule, keep_starts: bool, now: int = 0, until: int = NEVER) -> Schedule:
        """What begins in [now, until) if every machine keeps the plan's order, and with ``keep_starts`` begins nothing
        before its planned start."""
        self._reset(now)
        found = list(self._stream.running_at_start.assignments)
        jobs = self.plant.job_by_id
        known = {a.key for a in found}
        for planned in sorted(plan.assignments, key=lambda a: (a.start, a.end, self._number(a.job, a.sequence))):
            job = jobs[planned.job]
            if planned.key in known or self._free[job.id] == NEVER:
                continue
            op = next(op for op in job.operations if op.sequence == planned.sequence)
            begin = max(self._free[job.id], planned.start if keep_starts else now)
            begin = max(begin, *(self._lines[m].free for m in planned.machines))
            if self._open.span(planned.machines, begin, 1)[0] >= self._gone.get(job.id, NEVER):
                self._free[job.id] = NEVER
                for m in planned.machines:
                    self._lines[m].free = max(self._lines[m].free, self._gone[job.id])
                continue
            real = self._place_real(job, op, planned.machines, begin)
            if real.start < until:
                found.append(real)
        return Schedule(tuple(found))

    # ---------------------------------------------------------------- decisions at every free machine
    def decide(self, choose: Choice, now: int = 0) -> Schedule:
        """The floor to its end, with ``choose`` deciding at every free machine from minute ``now`` on. A cancellation ends
        all waits."""
        self._reset(now)
        found = list(self._stream.running_at_start.assignments)
        minute = now
        while True:
            self._minute = minute
            self._drop_cancelled(minute)
            self._let_go(minute)
            for line in self._lines.values():
                if line.free <= minute:
                    line.expected = min(line.expected, minute)
            ready = [job for job in self.plant.jobs if self._next(job) is not None and self._free[job.id] <= minute]
            # Those of the minute's beginning: what begins only takes machines away.
            while candidates := [c for job in ready if (c := self._candidate(job, minute)) is not None]:
                chosen = choose(candidates)
                if isinstance(chosen, Hold):
                    expires = self._open.span((chosen.machine,), chosen.until, 1)[0]
                    self._held[chosen.machine] = Hold(chosen.machine, chosen.job, expires)
                    ready = [c.job for c in candidates]
                    continue
                begun = self._place_real(chosen.job, chosen.operation, chosen.machines, minute)
                found.append(begun)
                for m in chosen.machines:
                    self._lines[m].expected = chosen.expected_end
                self._expected_end[chosen.job.id] = chosen.expected_end
                ready = [c.job for c in candidates if c.job != chosen.job]
            following = [t for t in self._moments(minute) if t > minute]
            if not following or all(self._next(job) is None for job in self.plant.jobs):
                return Schedule(tuple(found))
            minute = min(following)

    def _candidate(self, job: Job, minute: int) -> Candidate | None:
        """Rule 2: the job's best move now, if it has any."""
        op = self._next(job)
        assert op is not None
        eligible = self.plant.eligible_machines(op)
        if op.requires_all:
            return self._candidate_of_several(job, op, eligible, minute)
        choices = [(m,) for m in eligible if self._is_open(m, minute)]
        moves = []
        for machines in choices:
            setup = self._setup(job, op, machines)
            end = self._expected.span(machines, minute, setup + op.processing_minutes(machines))[1]
            moves.append((end, setup, machines[0] != op.preferred_machine, machines))
        if not moves:
            return None
        end, _, _, machines = min(moves)
        return Candidate(job, self._done[job.id], op, machines, end)

    def _candidate_of_several(self, job: Job, op: Operation, machines: tuple[int, ...], minute: int) -> Candidate | None:
        begin = max(minute, *(self._lines[m].expected for m in machines))
        work = self._setup(job, op, machines) + op.processing_minutes(machines)
        start = self._open.span(machines, begin, work)[0]
        if not any(self._is_open(m, minute) for m in machines) or start - minute > BOOKING_HORIZON:
            return None
        return Candidate(job, self._done[job.id], op, machines, self._expected.span(machines, begin, work)[1])

    def _is_open(self, machine: int, minute: int) -> bool:
        free = self._lines[machine].free <= minute and machine not in self._held
        return free and self._open.span((machine,), minute, 1)[0] == minute

    def _moments(self, minute: int) -> Iterator[int]:
        """When something may become possible: a machine opens, a job becomes ready, an order is cancelled."""
        for m, line in self._lines.items():
            yield self._open.span((m,), max(minute, line.free), 1)[0]
        for hold in self._held.values():
            yield hold.until
        yield from self._gone.values()
        for job in self.plant.jobs:
            if self._next(job) is not None:
                yield self._free[job.id]

    def _let_go(self, minute: int) -> None:
        """Machines stop waiting once the time is over or the job is ready."""
        over = [m for m, hold in self._held.items() if hold.until <= minute or self._free[hold.job.id] <= minute]
        for m in over:
            del self._held[m]

    def _drop_cancelled(self, minute: int) -> None:
        if minute in self._gone.values():
            self._held.clear()
        for job in self.plant.jobs:
            if self._gone.get(job.id, NEVER) <= minute:
                self._done[job.id] = len(job.operations)

    # ---------------------------------------------------------------- where machines and jobs stand
    def _reset(self, now: int) -> None:
        self._lines = {m.id: _Line(now, now, m.initial_family, m.initial_family is not None) for m in self.plant.machines}
        self._free = {job.id: max(now, self._ready[job.id]) for job in self.plant.jobs}
        self._done = dict.fromkeys(self._free, 0)
        self._held: dict[int, Hold] = {}
        self._minute = now
        self._expected_end: dict[str, int] = {}
        self._last_machines: dict[str, tuple[int, ...]] = {}
        for a in sorted(self._stream.running_at_start.assignments, key=lambda a: a.start):
            self._take(a)

    def _next(self, job: Job) -> Operation | None:
        done = self._done[job.id]
        return job.operations[done] if done < len(job.operations) else None

    def _number(self, job: str, sequence: int) -> tuple[int, int]:
        return self._job_place[job], sequence

    def _setup(self, job: Job, op: Operation, machines: tuple[int, ...]) -> int:
        """Rule 5."""
        place = self._job_place[job.id]
        found = []
        for m in machines:
            line = self._lines[m]
            found.append(setup_after(self.plant, self._machine_place[m], line.family, line.used, place, op))
        return max(found)

    def _place_real(self, job: Job, op: Operation, machines: tuple[int, ...], begin: int) -> Assignment:
        """Rules 3, 4 and 6: begins the operation as soon as it can from ``begin`` on, with its real duration."""
        setup = self._setup(job, op, machines)
        begin = max(begin, *(self._lines[m].free for m in machines))
        start = self._open.span(machines, begin, 1)[0]
        end = self._open.span(machines, start, setup + self.real_minutes(job, op, machines, start))[1]
        real = Assignment(job.id, op.sequence, machines, start, end, setup)
        self._take(real)
        return real

    def _take(self, real: Assignment) -> None:
        for m in real.machines:
            self._held.pop(m, None)
            self._lines[m] = _Line(max(real.end, self._lines[m].free), real.end, self.plant.job_by_id[real.job].family, True)
        self._last_machines[real.job], self._expected_end[real.job] = real.machines, real.end
        self._free[real.job] = max(real.end, self._free[real.job])
        self._done[real.job] += 1
