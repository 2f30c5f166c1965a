"""Repair: annealing from the right-shifted plan, in which three days stay as they are wherever the disturbance spares them.

Stability is kept by freezing and not by a price: an operation that starts within ``CALM_HOURS`` of the plan's start and that
right-shift leaves in its place is held there, so the search moves only what is hit or lies further ahead.
"""

from __future__ import annotations

from dataclasses import replace

from scheduler_core.engines import time_limit_clock
from scheduler_core.engines.annealing.population import Improvement, improve, improve_by_moves
from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.engines.repair.right_shift import current_plan, shifted
from scheduler_core.engines.rules import SEEDS
from scheduler_core.engines.search_curve import thinned
from scheduler_core.judge.kpis import measure
from scheduler_core.objectives import objective_value
from scheduler_core.plant import Fixed, Job, Operation, Plant
from scheduler_core.reports import RepairReport
from scheduler_core.schedule import Assignment, Result, Schedule, Status
from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import PlantArrays, pack
from scheduler_core.simulator.simulator import to_schedule, to_state

CALM_HOURS = 72
"""Hours from now in which what the disturbance spares stays in place. Chosen on generated plants: with 24 h a search moves
over a fifth of three days' operations and ends no better (benchmarks/results/repair.md)."""
USUAL_SECONDS = 6.0
"""How long the search goes on where no time limit is given."""


def schedule(plant: Plant, config: EngineConfig, progress: Progress = no_progress, calm_hours: int = CALM_HOURS) -> Result:
    """The plan in ``config.warm_start`` repaired for ``plant`` with ``config.time_limit`` seconds of search; never worse,
    by the objective, than right-shift.

    ``calm_hours``: see CALM_HOURS. Raises InvalidValue without a plan to start from, Unschedulable for a plant without any
    schedule, Cancelled on request; KeepBest, raised by ``progress``, ends the search early with the best so far.
    """
    began = time_limit_clock.now()
    current = current_plan(config)
    arrays = pack(plant)
    pushed = shifted(plant, arrays, current)
    calm = calmed(plant, current, pushed, now_of(plant) + calm_hours * 60)
    calm_arrays = pack(calm)
    improvement = _search(calm, calm_arrays, pushed, config, progress)
    start_cost = _cost(plant, config, pushed)
    found, cost = pushed, start_cost
    if improvement is not None:
        searched = settled(plant, arrays, calm, pushed, to_schedule(calm, calm_arrays, improvement.state))
        searched_cost = _cost(plant, config, searched)
        if searched_cost < cost:
            found, cost = searched, searched_cost
    return Result(
        engine="repair",
        status=Status.FEASIBLE,
        schedule=found,
        objective=cost,
        seconds=time_limit_clock.now() - began,
        report=RepairReport(
            held=_fixed_count(calm) - _fixed_count(plant),
            start_cost=start_cost,
            moves=improvement.moves if improvement else 0,
            curve=thinned(improvement.curve) if improvement else (),
        ),
    )


def now_of(plant: Plant) -> int:
    """Minute before which no machine is there any more: 0, or later where a plan goes on from a later moment."""
    return max(0, min(m.available_from or 0 for m in plant.machines))


def calmed(plant: Plant, current: Schedule, pushed: Schedule, until: int) -> Plant:
    """The plant in which operations that start before minute ``until`` and that stand in ``pushed`` where they stand in
    ``current`` are fixed there, as far as all before them in their job are."""
    return replace(plant, jobs=tuple(_calmed_job(job, current, pushed, until) for job in plant.jobs))


def _calmed_job(job: Job, current: Schedule, pushed: Schedule, until: int) -> Job:
    operations: list[Operation] = []
    holding = True
    for op in job.operations:
        was, now = (s.by_operation.get((job.id, op.sequence)) for s in (current, pushed))
        if op.fixed is None:
            holding = holding and now is not None and now.start < until and _same(was, now)
            if holding and now is not None:
                op = replace(op, fixed=Fixed(now.machines, now.start, now.end))
        operations.append(op)
    return replace(job, operations=tuple(operations))


def _same(was: Assignment | None, now: Assignment) -> bool:
    return was is not None and (was.machines, was.start, was.end) == (now.machines, now.start, now.end)


def settled(plant: Plant, arrays: PlantArrays, calm: Plant, pushed: Schedule, searched: Schedule) -> Schedule:
    """The search's plan with all setups counted, in which nothing moves that was held.

    Behind another family a held operation may need a longer setup than it was held with. The job that stands right before
    such a one goes back to its places in ``pushed``, until every held operation stays where it is; at the worst all jobs do.
    """
    held = {
        (job.id, op.sequence)
        for job, was in zip(calm.jobs, plant.jobs, strict=True)
        for op, free in zip(job.operations, was.operations, strict=True)
        if op.fixed is not None and free.fixed is None
    }
    back = set[str]()
    while True:
        places = (pushed.by_operation[a.key] if a.job in back else a for a in searched.assignments)
        timed = shifted(plant, arrays, Schedule(tuple(places)))
        moved = [key for key in held if not _same(pushed.by_operation[key], timed.by_operation[key])]
        if not moved:
            return timed
        before = {job for key in moved for job in _right_before(timed, key)} - back
        if not before:
            return pushed
        back |= before


def _right_before(plan: Schedule, key: tuple[str, int]) -> list[str]:
    """The jobs that stand right before the operation on its machines."""
    found = []
    for machine in plan.by_operation[key].machines:
        earlier = [a for a in plan.by_machine[machine] if a.start < plan.by_operation[key].start]
        if earlier:
            found.append(earlier[-1].job)
    return found


def _search(
    calm: Plant, arrays: PlantArrays, pushed: Schedule, config: EngineConfig, progress: Progress
) -> Improvement | None:
    """Annealing from the right-shifted plan; None where everything is held."""
    if (arrays.op_reserved_pair >= 0).all():
        return None
    limit = USUAL_SECONDS if config.time_limit is None else config.time_limit
    prices = costs.prices_of(config.objective, arrays)
    start = to_state(calm, arrays, shifted(calm, arrays, pushed))
    seed = config.seed % SEEDS
    # A fresh process takes seconds to load the compiled search; they are not the search's.
    improve_by_moves(arrays, start, prices, 1, seed)
    deadline = time_limit_clock.now() + limit
    return improve(arrays, start, prices, deadline, max(1, config.workers), seed, progress)


def _fixed_count(plant: Plant) -> int:
    return sum(op.fixed is not None for job in plant.jobs for op in job.operations)


def _cost(plant: Plant, config: EngineConfig, plan: Schedule) -> float:
    return objective_value(config.objective, measure(plant, plan))
