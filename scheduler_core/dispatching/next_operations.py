"""What a machine should begin next: the best candidates of the live rule, and what comes later, with what is true of each.

The answer is for the moment at which the machine can begin anything: now, or when what runs there has ended, the shift
begins or the machine works again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from scheduler_core.dispatching.floor_now import Decision, FloorNow, Move
from scheduler_core.plant import Downtime, Job, Machine, Operation
from scheduler_core.schedule import Assignment
from scheduler_core.simulator.arrays import NEVER
from scheduler_core.simulator.kernel import worked_before

MOST = 3
"""Candidates that are listed, and of what cannot begin yet."""


class Standing(StrEnum):
    """Whether an operation may begin, and if not, why."""

    READY = "ready"
    BETTER_ELSEWHERE = "better elsewhere"
    AFTER_OPERATION = "waits for an operation"
    NOT_RELEASED = "not released"
    MACHINES_BUSY = "waits for other machines"
    PINNED = "pinned"
    BEFORE_PIN = "would not end before a pinned operation"


@dataclass(frozen=True)
class NextOperation:
    """An operation that the machine may begin at once or later. Minutes count from plan_start.

    score: the live rule's, on this machine at the answer's moment (of what is not ready: as if it were); higher is better.
    ready: minute from which it can begin, None where the plan does not tell; start, end: as expected if it began at the
    answer's moment. planned: its place in the plan, number: its number among what the plan still has for this machine.
    slack: working minutes that it can wait and still be on time if nothing else waits, None without due date.
    blocker: what it waits for: the operation before it, or the pinned one; elsewhere: the machines on which the rule begins
    it, or for which it waits.
    """

    job: Job
    operation: Operation
    standing: Standing
    score: float
    ready: int | None
    start: int
    end: int
    setup: int
    same_family: bool
    planned: Assignment | None
    number: int | None
    slack: int | None
    blocker: Assignment | None = None
    elsewhere: tuple[int, ...] = ()
    first_by_score: bool = False


@dataclass(frozen=True)
class NextOperations:
    """The answer for one machine. ``moment``: the minute for which it holds, at or after ``now``, None where the machine
    works no more; ``running``: what it is busy with now; ``down``: the downtime that it is in now. ``ready``: best first;
    ``later``: soonest first, those among them that would be first by their score marked."""

    machine: Machine
    now: int
    moment: int | None
    rule: str
    running: Assignment | None
    down: Downtime | None
    ready: tuple[NextOperation, ...]
    later: tuple[NextOperation, ...]


def next_operations(floor: FloorNow, machine: Machine, most: int = MOST) -> NextOperations:
    """What ``machine`` should begin next, at most ``most`` candidates and as many that cannot begin yet."""
    running = floor.running(machine.id)
    down = next((d for d in machine.downtime if d.start <= floor.now < d.end), None)
    index = floor.plant.machines.index(machine)
    moment = floor.opens(index, floor.now if running is None else running.end)
    if moment >= NEVER:
        return NextOperations(machine, floor.now, None, floor.rule, running, down, (), ())
    found = _Machine(floor, floor.at(moment), machine, index)
    ready = found.ready(most)
    return NextOperations(
        machine, floor.now, moment, floor.rule, running, down, tuple(ready), tuple(found.later(ready, most))
    )


class _Machine:
    """One machine at one moment."""

    def __init__(self, floor: FloorNow, decision: Decision, machine: Machine, index: int) -> None:
        self.floor, self.decision, self.machine, self.index = floor, decision, machine, index
        self.moment = decision.moment
        self.elsewhere: list[tuple[Move, Job]] = []
        self.blocked: list[NextOperation] = []
        seen = decision.views.seen
        self.next_op = seen.next_op.copy()
        expected = floor.expected.by_machine.get(machine.id, ())
        begun = decision.begun
        place = floor.floor.operation
        self.rows = [a for a in expected if begun.pair[place[a.key]] < 0]
        self.pin = next((a for a in self.rows if a.key in floor.pins), None)

    def ready(self, most: int) -> list[NextOperation]:
        """What may begin, in the rule's order."""
        found: list[NextOperation] = []
        for move in self.decision.moves(self.index):
            if len(found) == most:
                break
            job, op = self._operation(move.job, int(self.next_op[move.job]))
            if self.index not in move.machines:
                if self.machine.id in self.floor.plant.eligible_machines(op):
                    self.elsewhere.append((move, job))
                continue
            one = self._of(job, op, Standing.READY, move.score, move.start, move.end, move.setup)
            if (job.id, op.sequence) in self.floor.pins:
                self.blocked.append(replace(one, standing=Standing.PINNED))
            elif self.pin is not None and move.end > self.floor.pins[self.pin.key].start:
                self.blocked.append(replace(one, standing=Standing.BEFORE_PIN, blocker=self.pin))
            else:
                found.append(one)
        return found

    def later(self, ready: list[NextOperation], most: int) -> list[NextOperation]:
        """What cannot begin here yet: what would be first by its score is not left out, and what is better begun on another
        machine only fills up."""
        found = [*self.blocked, *self._not_ready({one.job.id for one in ready})]
        best = max((one.score for one in ready), default=None)
        marked = [replace(one, first_by_score=best is not None and one.score > best) for one in found]
        by_time = sorted(marked, key=lambda one: (one.ready is None, one.ready or 0, -one.score))
        chosen = [one for one in by_time if one.first_by_score][: most - 1]
        chosen += [one for one in by_time if one not in chosen][: most - len(chosen)]
        return [*(one for one in by_time if one in chosen), *self._better_elsewhere()][:most]

    def _better_elsewhere(self) -> Iterator[NextOperation]:
        for move, job in self.elsewhere:
            _, op = self._operation(move.job, int(self.next_op[move.job]))
            score, start, end, setup = self._as_if_ready(move.job, int(self.next_op[move.job]))
            if end >= NEVER:
                continue
            machines = tuple(self.floor.plant.machines[m].id for m in move.machines)
            one = self._of(job, op, Standing.BETTER_ELSEWHERE, score, start, end, setup)
            yield replace(one, elsewhere=machines)

    def _not_ready(self, ready: set[str]) -> Iterator[NextOperation]:
        known, plant = self.floor.floor.known, self.floor.plant
        told = {*ready, *(one.job.id for one in self.blocked), *(job.id for _, job in self.elsewhere)}
        for j, job in enumerate(plant.jobs):
            first, last = int(self.next_op[j]), int(known.job_first[j + 1])
            if job.id in told:
                continue
            for o in range(first, last):
                op = job.operations[o - int(known.job_first[j])]
                if self.machine.id in plant.eligible_machines(op):
                    if (one := self._waiting(j, job, o, op, first)) is not None:
                        yield one
                    break

    def _waiting(self, j: int, job: Job, o: int, op: Operation, first: int) -> NextOperation | None:
        """The job's next operation for this machine, if it is not ready; None where nothing keeps it but a better one, and
        where the machine does not work long enough for it."""
        score, start, end, setup = self._as_if_ready(j, o)
        if end >= NEVER:
            return None
        before = None
        if o > int(self.floor.floor.known.job_first[j]):
            previous = self.floor.floor.keys[o - 1]
            before = self.floor.expected.by_operation.get(previous)
        one = self._of(job, op, Standing.AFTER_OPERATION, score, start, end, setup)
        if o > first or (before is not None and before.end > self.moment):
            return replace(one, blocker=before, ready=None if before is None else before.end)
        if int(self.floor.floor.job_ready[j]) > self.moment:
            return replace(one, standing=Standing.NOT_RELEASED)
        if op.requires_all:
            others = tuple(m for m in self.floor.plant.eligible_machines(op) if m != self.machine.id)
            return replace(one, standing=Standing.MACHINES_BUSY, elsewhere=others, ready=start)
        return None

    def _as_if_ready(self, j: int, o: int) -> tuple[float, int, int, int]:
        """Score, start, end and setup of an operation on this machine as if it were ready at the moment."""
        views, known = self.decision.views, self.floor.floor.known
        seen = views.seen
        pairs = range(int(known.op_first[o]), int(known.op_first[o + 1]))
        pair = pairs[0] if known.op_all[o] else next(p for p in pairs if known.pair_machine[p] == self.index)
        start, end, setup = self.decision.place(o, pair)
        seen.next_op[j], seen.move_pair[j] = o, pair
        seen.move_start[j], seen.move_end[j], seen.move_setup[j] = start, end, setup
        return self.decision.score_of(j), start, end, setup

    def _of(
        self, job: Job, op: Operation, standing: Standing, score: float, start: int, end: int, setup: int
    ) -> NextOperation:
        floor, known = self.floor.floor, self.floor.floor.known
        key = (job.id, op.sequence)
        o = floor.operation[key]
        j = int(known.op_job[o])
        ready = int(floor.job_ready[j])
        if o > int(known.job_first[j]) and self.decision.begun.pair[o - 1] >= 0:
            ready = max(ready, int(self.decision.begun.end[o - 1]))
        numbers = {a.key: number for number, a in enumerate(self.rows, 1)}
        family = int(self.decision.views.state.family[self.index])
        return NextOperation(
            job=job,
            operation=op,
            standing=standing,
            score=score,
            ready=ready,
            start=start,
            end=end,
            setup=setup,
            same_family=job.family is not None and family == int(known.job_family[j]),
            planned=self.floor.plan.by_operation.get(key),
            number=numbers.get(key),
            slack=self._slack(job, o),
        )

    def _slack(self, job: Job, o: int) -> int | None:
        if job.due is None:
            return None
        floor = self.floor.floor
        j, table = int(floor.known.op_job[o]), floor.known.plant_table
        worked = worked_before(floor.known, table, self.moment)
        return int(floor.known.job_worked_due[j] - worked - floor.known.op_tail[o])

    def _operation(self, j: int, o: int) -> tuple[Job, Operation]:
        job = self.floor.plant.jobs[j]
        return job, job.operations[o - int(self.floor.floor.known.job_first[j])]
