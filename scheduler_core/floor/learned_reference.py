"""Dispatching by prices and a learned part in plain Python: the same steps as ``learned_kernel.py``, readable, and slow.

The numbers that both take from a packed plant (means, estimated tails, prices) come from the same arrays; what is decided
from them is stated twice, and the tests compare both on small floors.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from scheduler_core.engines.pricing.bottleneck_dynamics import PricedOperations
from scheduler_core.floor.events import Stream
from scheduler_core.floor.learned_kernel import FEATURES, HORIZON, Learned
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.floor.reference import Candidate, Hold, ReferenceFloor
from scheduler_core.plant import Job, Operation
from scheduler_core.schedule import Schedule
from scheduler_core.simulator import kernel
from scheduler_core.simulator.arrays import PlantArrays


class LearnedFloor(ReferenceFloor):
    """A floor on which prices and a learned part decide. ``known``: the packed plant that decisions look at."""

    def __init__(
        self,
        stream: Stream,
        noise: DurationNoise,
        seed: int,
        known: PlantArrays,
        operations: PricedOperations,
        learned: Learned,
    ) -> None:
        super().__init__(stream, noise, seed)
        self._known, self._prices, self._learned = known, operations, learned
        self._values: dict[str, tuple[int, tuple[int, ...], float]] = {}
        self.waits = 0

    def run(self) -> Schedule:
        """The floor to its end."""
        return self.decide(self._choose)

    def _choose(self, candidates: Sequence[Candidate]) -> Candidate | Hold:
        def order(c: Candidate) -> tuple[float, int, int]:
            return -self._value_of(c), c.expected_end, self._job_place[c.job.id]

        best = min(candidates, key=order)
        if best.operation.requires_all:
            return best
        hold = self._rather_wait(best)
        self.waits += hold is not None
        return hold or best

    def _value_of(self, candidate: Candidate) -> float:
        """What was found out in this minute stands until the machine is taken."""
        job = candidate.job
        minute, machines, value = self._values.get(job.id, (-1, (), 0.0))
        if minute != self._minute or machines != candidate.machines or candidate.operation.requires_all:
            start = self._minute
            if candidate.operation.requires_all:
                begin = max(start, *(self._lines[m].expected for m in candidate.machines))
                start = self._open.span(candidate.machines, begin, 1)[0]
            value = self._value(job, candidate.operation, candidate.machines, start, None)
            self._values[job.id] = self._minute, candidate.machines, value
        return value

    def _rather_wait(self, best: Candidate) -> Hold | None:
        machine, found, highest = best.machines[0], None, self._value_of(best)
        for job in self.plant.jobs:
            op, arrival = self._next(job), self._arrival(job)
            if op is None or arrival is None or arrival >= best.expected_end or arrival > self._minute + HORIZON:
                continue
            if op.requires_all or machine not in self.plant.eligible_machines(op):
                continue
            value = self._value(job, op, (machine,), arrival, best.expected_end)
            if value > highest:
                found, highest = Hold(machine, job, arrival), value
        return found

    def _arrival(self, job: Job) -> int | None:
        """When the job's next operation is expected to become ready; None unless its predecessor runs."""
        done = self._done[job.id]
        if done == 0 or done == len(job.operations) or self._free[job.id] <= self._minute:
            return None
        if self._expected_end[job.id] > self._minute:
            return self._expected_end[job.id]
        before = self._operation(job) - 1
        more: int = math.floor(0.5 * self._learned.spread[before] * self._running_minutes(job))
        return self._minute + 1 + more

    def _value(self, job: Job, op: Operation, machines: tuple[int, ...], start: int, other_end: int | None) -> float:
        known, prices, o = self._known, self._prices, self._operation(job)
        worked_now = kernel.worked_before(known, known.plant_table, self._minute)
        wait = kernel.worked_before(known, known.plant_table, start) - worked_now if start > self._minute else 0
        setup, minutes = self._setup(job, op, machines), op.processing_minutes(machines)
        slack = known.job_worked_due[self._job_place[job.id]] - worked_now - prices.lead[o]
        cost = prices.priced[o] + prices.price[o] * (minutes - known.op_mean[o] + wait)
        value = math.log(job.weight / (cost + 1e-9)) - max(0.0, slack) / prices.terms[0] - setup / prices.terms[1]
        return float(value) + self._added(self._features(job, op, machines, start, setup, wait, slack, other_end))

    def _added(self, features: Sequence[float]) -> float:
        learned = self._learned
        value = sum(w * x for w, x in zip(learned.direct, features, strict=True))
        for weights, bias, out in zip(learned.hidden, learned.bias, learned.out, strict=True):
            value += out * math.tanh(bias + sum(w * x for w, x in zip(weights, features, strict=True)))
        return float(value)

    def _features(
        self,
        job: Job,
        op: Operation,
        machines: tuple[int, ...],
        start: int,
        setup: int,
        wait: int,
        slack: float,
        other_end: int | None,
    ) -> list[float]:
        known, learned, o = self._known, self._learned, self._operation(job)
        mean, look_ahead, minutes = known.mean_minutes, self._prices.terms[0], op.processing_minutes(machines)
        place = self._done[job.id]
        behind = job.operations[place + 1] if place + 1 < len(job.operations) else None
        ahead, idle = self._ahead(behind) if behind is not None else (0.0, False)
        sooner = 0.0
        if not op.requires_all:
            ends = [self._end_elsewhere(job, op, m, start) for m in self.plant.eligible_machines(op)]
            sooner = min(3.0, max(0.0, start + setup + minutes - min(ends)) / mean)
        near, queue = min(6.0, max(-4.0, slack / look_ahead)), math.log1p(self._load(machines[0]) / mean)
        by_name = {
            "slack": near,
            "chance of lateness": 1.0
            / (1.0 + math.exp(_bounded(slack / (0.6 * learned.tail_spread[o] + 0.1 * look_ahead)))),
            "length": math.log(minutes / mean),
            "setup": setup / (setup + minutes),
            "queue at the next machine": math.log1p(ahead / mean),
            "next machine idle": float(idle),
            "last operation": float(behind is None),
            "work after it": 0.0 if behind is None else math.log1p(known.op_tail[o + 1] / mean),
            "weight": math.log(job.weight),
            "price of its machines": learned.price[o],
            "queue here": queue,
            "machines to choose from": 0.0 if op.requires_all else math.log(len(self.plant.eligible_machines(op))),
            "sooner elsewhere": sooner,
            "slack and queue": 0.3 * near * queue,
            "to come": 0.0,
            "wait": 0.0,
            "spread of its arrival": 0.0,
            "delayed otherwise": 0.0,
            "spread of durations": 5.0 * learned.spread[o],
        }
        if other_end is not None:
            by_name["to come"], by_name["wait"] = 1.0, wait / HORIZON
            by_name["spread of its arrival"] = learned.spread[o - 1] * self._running_minutes(job) / mean
            by_name["delayed otherwise"] = (other_end - start) / (other_end - self._minute)
        return [by_name[name] for name in FEATURES]

    def _ahead(self, op: Operation) -> tuple[float, bool]:
        """Mean minutes of ready work for each machine of an operation, and whether one is open and has none."""
        machines = self.plant.eligible_machines(op)
        loads = [self._load(m) for m in machines]
        idle = any(self._is_open(m, self._minute) and load < 0.5 for m, load in zip(machines, loads, strict=True))
        return sum(loads) / len(loads), idle

    def _load(self, machine: int) -> float:
        """Minutes of ready operations that may run on the machine, each shared evenly among its machines."""
        load = 0.0
        for job in self.plant.jobs:
            op = self._next(job)
            if op is not None and self._free[job.id] <= self._minute:
                machines = self.plant.eligible_machines(op)
                if machine in machines:
                    share = 1 if op.requires_all else len(machines)
                    load += op.processing_minutes(machines if op.requires_all else (machine,)) / share
        return load

    def _end_elsewhere(self, job: Job, op: Operation, machine: int, start: int) -> int:
        """When the operation would end there, were all hours working hours."""
        begin = max(start, self._lines[machine].expected)
        return begin + self._setup(job, op, (machine,)) + op.processing_minutes((machine,))

    def _running_minutes(self, job: Job) -> int:
        """Planned minutes of the operation of the job that begun last."""
        op = job.operations[self._done[job.id] - 1]
        return op.processing_minutes(self._last_machines[job.id])

    def _operation(self, job: Job) -> int:
        return int(self._known.job_first[self._job_place[job.id]]) + self._done[job.id]


def _bounded(x: float) -> float:
    return min(30.0, max(-30.0, x))
