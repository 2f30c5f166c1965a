"""The frozen zone, kept for every engine in one place: what must stay of the plan in force is fixed before an engine plans.

In the zone are the operations that the plan in force starts within the frozen hours of one of their machines, and what that
plan has before them in their job or on their machine. Taken by their starts there, each stays if it can: on its machine,
behind what stays before it, beginning no more than NOTICEABLE_MINUTES late. One that cannot (its machine is down, the
operation before it is late, its order has a new step) is released: it is planned like any other and pushes nobody.

What stays holds its machines to its end, so nothing new comes between two frozen operations, where it would change a setup.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from scheduler_core.engines.config import EngineConfig, Progress
from scheduler_core.engines.registry import Engine
from scheduler_core.engines.repair.right_shift import holds, shifted
from scheduler_core.engines.repair.timeline import Span, Timeline
from scheduler_core.engines.repair.warm_search import worthwhile
from scheduler_core.judge.kpis import measure
from scheduler_core.objectives import objective_value
from scheduler_core.plant import Downtime, Fixed, Job, Machine, Operation, Plant
from scheduler_core.reports import RepairReport
from scheduler_core.schedule import NOTICEABLE_MINUTES, Assignment, Result, Schedule, Status
from scheduler_core.simulator.arrays import pack

Key = tuple[str, int]
"""(job id, sequence)."""


@dataclass(frozen=True)
class Pinned:
    """What an engine plans instead of a plant.

    plant: with what stays fixed, and its machines closed until the end of it; places: where that stands, its setup included,
    by (job, sequence); released: operations of the zone that cannot stay, by their starts in the plan in force.
    """

    plant: Plant
    places: Mapping[Key, Assignment]
    released: tuple[Key, ...]


def plan_around_zone(engine: Engine, plant: Plant, config: EngineConfig, progress: Progress) -> Result:
    """The engine's result for the plant, with the frozen zone of ``config.warm_start`` kept.

    A bound or a proof that the engine gives holds for plans that keep the zone, so none is passed on. Raises what the engine
    raises.
    """
    pinned = pin_zone(plant, config)
    found = engine(pinned.plant, replace(config, frozen_hours=0.0, frozen_by_type=()), progress)
    if found.schedule is None or not pinned.places:
        return found
    schedule = in_places(found.schedule, pinned)
    value = objective_value(config.objective, measure(plant, schedule))
    made = replace(found, status=Status.FEASIBLE, schedule=schedule, objective=value, lower_bound=None)
    return _judged_again(made, pinned, plant, config) if isinstance(found.report, RepairReport) else made


def in_places(schedule: Schedule, pinned: Pinned) -> Schedule:
    """The schedule with the setups of what stays, of which the pinned plant knows none."""
    return Schedule(tuple(pinned.places.get(a.key, a) for a in schedule.assignments))


def _judged_again(made: Result, pinned: Pinned, plant: Plant, config: EngineConfig) -> Result:
    """A repair's result, its gain measured in the plant itself: in the pinned one the closed machines count as not working,
    so that utilisation and overtime are others."""
    assert isinstance(made.report, RepairReport)
    assert made.schedule is not None
    assert made.objective is not None
    assert config.warm_start is not None
    kept = in_places(shifted(pinned.plant, pack(pinned.plant), config.warm_start), pinned)
    cost = objective_value(config.objective, measure(plant, kept))
    unchanged = holds(config.warm_start, kept)
    worth = made.schedule != kept and worthwhile(made.objective, cost, unchanged)
    report = replace(made.report, start_cost=cost, stays=unchanged and not worth)
    if worth:
        return replace(made, report=report)
    return replace(made, schedule=kept, objective=cost, report=report)


def pin_zone(plant: Plant, config: EngineConfig) -> Pinned:
    """The plant with the zone of ``config.warm_start`` fixed; minutes of that plan count from the plant's plan_start.

    Raises Unschedulable for a plant without any schedule.
    """
    assert config.warm_start is not None
    old = config.warm_start.by_operation
    arrays = pack(plant)
    keys = [(job.id, op.sequence) for job in plant.jobs for op in job.operations]
    line = Timeline(arrays)
    settled = dict(line.spans)
    now = max(0, min(m.available_from or 0 for m in plant.machines))
    index = {m.id: i for i, m in enumerate(plant.machines)}
    cursor = [0] * len(plant.machines)
    stays: dict[int, Span] = {}
    released: list[Key] = []
    for o in _zone(plant, config, keys, settled.keys(), now):
        was = old[keys[o]]
        machines = {index.get(m, -1) for m in was.machines}
        pair = next((p for p in line.pairs(o) if machines == set(line.machines(o, p))), None)
        follows = int(arrays.job_open[arrays.op_job[o]]) == o or o - 1 in line.spans
        floor = max(was.start, now)
        span = line.append(o, pair, floor, cursor) if pair is not None and follows else None
        if span is None or span.start > floor + NOTICEABLE_MINUTES:
            released.append(keys[o])
            continue
        stays[o] = span
        for m, at in line.book(span).items():
            cursor[m] = at + 1
    ids = [m.id for m in plant.machines]
    free = [op.fixed is None for job in plant.jobs for op in job.operations]
    places = {}
    # What the plant settles itself (operations before a fixed one) stays where it is while the zone stands around it.
    for o, span in {**settled, **stays}.items() if stays else ():
        if free[o]:
            machines_of = tuple(sorted(ids[m] for m in line.machines(o, span.pair)))
            places[keys[o]] = Assignment(*keys[o], machines_of, span.start, span.end, span.setup)
    return Pinned(_pinned(plant, places), places, tuple(released))


def _zone(plant: Plant, config: EngineConfig, keys: list[Key], settled: Collection[int], now: int) -> list[int]:
    """Indices of the zone's operations by their starts in the plan in force."""
    assert config.warm_start is not None
    old, kinds = config.warm_start.by_operation, {m.id: m.type for m in plant.machines}
    until = {t.id: now + round(60 * config.frozen_hours_of(t.id)) for t in plant.machine_types}
    operations = [op for job in plant.jobs for op in job.operations]
    known = [o for o, key in enumerate(keys) if key in old and o not in settled]
    needed_machines, needed_jobs = set[int](), set[str]()
    found = []
    for o in sorted(known, key=lambda o: (old[keys[o]].start, o), reverse=True):
        was = old[keys[o]]
        of = {kinds[m] for m in was.machines if m in kinds} or {kinds[m] for m in plant.eligible_machines(operations[o])}
        frozen = now <= was.start < max(until[kind] for kind in of)
        if frozen or was.job in needed_jobs or not needed_machines.isdisjoint(was.machines):
            needed_machines.update(was.machines)
            needed_jobs.add(was.job)
            found.append(o)
    return found[::-1]


def _pinned(plant: Plant, places: Mapping[Key, Assignment]) -> Plant:
    """The plant with the operations fixed at their places, and nothing before the last of them on any machine."""
    if not places:
        return plant
    closed: dict[int, int] = {}
    for place in places.values():
        for m in place.machines:
            closed[m] = max(place.end, closed.get(m, place.end))
    return replace(
        plant,
        jobs=tuple(_with_places(job, places) for job in plant.jobs),
        machines=tuple(_closed(machine, closed.get(machine.id, 0)) for machine in plant.machines),
    )


def _with_places(job: Job, places: Mapping[Key, Assignment]) -> Job:
    def at_its_place(op: Operation) -> Operation:
        place = places.get((job.id, op.sequence))
        return op if place is None else replace(op, fixed=Fixed(place.machines, place.start, place.end))

    return replace(job, operations=tuple(at_its_place(op) for op in job.operations))


def _closed(machine: Machine, until: int) -> Machine:
    return machine if until <= 0 else replace(machine, downtime=(*machine.downtime, Downtime(0, until)))
