"""The optimum of a tiny plant by trying every order and every machine: slow, and plain enough to be believed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from functools import lru_cache
from itertools import product

from scheduler_core.judge.kpis import measure
from scheduler_core.judge.validator import violations
from scheduler_core.objectives import Objective, objective_value
from scheduler_core.plant import Job, Operation, Plant
from scheduler_core.schedule import Assignment, Schedule

DAY = 1440


def optimum(plant: Plant, objective: Objective) -> float | None:
    """The best value of the objective over all schedules, None if there is none."""
    values = [objective_value(objective, measure(plant, s)) for s in _semi_active(plant)]
    return min(values, default=None)


def candidates(plant: Plant) -> int:
    """How many orders and choices of machines there are."""
    orders = sum(1 for _ in _interleavings([len(j.operations) for j in plant.jobs]))
    for job in plant.jobs:
        for op in job.operations:
            orders *= len(_choices(plant, op))
    return orders


def _semi_active(plant: Plant) -> Iterator[Schedule]:
    """Every valid schedule in which no operation could start earlier in the same order on the same machines."""
    earliest = lru_cache(maxsize=None)(lambda machines, ready, minutes: _earliest(plant, machines, ready, minutes))
    steps = [[(job, op) for op in job.operations] for job in plant.jobs]
    choices = [[_choices(plant, op) for op in job.operations] for job in plant.jobs]
    for order in _interleavings([len(s) for s in steps]):
        chain: list[tuple[Job, Operation]] = []
        options: list[list[tuple[int, ...]]] = []
        done = [0] * len(steps)
        for j in order:
            chain.append(steps[j][done[j]])
            options.append(choices[j][done[j]])
            done[j] += 1
        for machines in product(*options):
            schedule = _place(plant, chain, machines, earliest)
            if schedule is not None and not violations(plant, schedule):
                yield schedule


def _place(plant: Plant, chain, machines, earliest) -> Schedule | None:  # type: ignore[no-untyped-def]
    free = {m.id: 0 for m in plant.machines}
    family = {m.id: (m.initial_family,) if m.initial_family is not None else () for m in plant.machines}
    ready = {j.id: max(0, j.release) for j in plant.jobs}
    placed = []
    for (job, op), held in zip(chain, machines, strict=True):
        if op.fixed is not None:
            start, end, setup = op.fixed.start, op.fixed.end, 0
            if any(free[m] > max(0, start) for m in held):
                return None
        else:
            setups = []
            for m in held:
                entry = (
                    plant.setup_matrix_minutes(plant.machine_by_id[m].type, *family[m], job.family) if family[m] else None
                )
                same = family[m] == (job.family,)
                setups.append(0 if same else op.setup_minutes if entry is None else entry)
            setup = max(setups)
            start, end = earliest(held, max(ready[job.id], *(free[m] for m in held)), setup + op.processing_minutes(held))
        for m in held:
            free[m], family[m] = max(0, end), (job.family,)
        ready[job.id] = max(0, end)
        placed.append(Assignment(job.id, op.sequence, held, start, end, setup))
    return Schedule(tuple(placed))


def _choices(plant: Plant, op: Operation) -> list[tuple[int, ...]]:
    if op.fixed is not None:
        return [op.fixed.machines]
    eligible = plant.eligible_machines(op)
    return [eligible] if op.requires_all else [(m,) for m in eligible]


def _interleavings(counts: Sequence[int]) -> Iterator[tuple[int, ...]]:
    if not any(counts):
        yield ()
    for j, left in enumerate(counts):
        if left:
            for rest in _interleavings([c - (i == j) for i, c in enumerate(counts)]):
                yield (j, *rest)


def _earliest(plant: Plant, machines: tuple[int, ...], ready: int, minutes: int) -> tuple[int, int]:
    start = None
    midnight = plant.plan_start.hour * 60 + plant.plan_start.minute
    day = (ready + midnight) // DAY
    while True:
        for t in sorted(set.intersection(*(_works(plant, m, day) for m in machines))):
            minute = day * DAY + t - midnight
            if minute >= ready:
                start = minute if start is None else start
                minutes -= 1
                if minutes == 0:
                    return start, minute + 1
        day += 1


def _works(plant: Plant, number: int, day: int) -> set[int]:
    """The working minutes of the machine after midnight of a day, counted from plan_start's."""
    machine = plant.machine_by_id[number]
    calendar = plant.calendar_by_id[machine.calendar]
    date = (plant.plan_start + timedelta(days=day)).date()
    works, pauses = set[int](), set[int]()
    for when, past in ((date, 0), (date - timedelta(days=1), DAY)):
        works |= {t - past for w in calendar.week if w.day == when.isoweekday() for t in range(w.start, w.end)}
        pauses |= {t - past for b in calendar.breaks if b.day in (None, when.isoweekday()) for t in range(b.start, b.end)}
    works -= {t for h in calendar.holidays if h.date == date for t in range(h.start, h.end)}
    for when, past in ((date, 0), (date - timedelta(days=1), DAY)):
        works |= {t - past for e in calendar.extra if e.date == when for t in range(e.start, e.end)}
    works = {t for t in works - pauses if 0 <= t < DAY}
    midnight = day * DAY - plant.plan_start.hour * 60 - plant.plan_start.minute
    down = [(d.start, d.end) for d in machine.downtime]
    if machine.available_from is not None:
        down.append((-(10**9), machine.available_from))
    return {t for t in works if not any(start <= midnight + t < end for start, end in down)}
