"""Greedy list scheduling with a named dispatching rule, or with the best of all of them."""

from __future__ import annotations

import time
from collections.abc import Iterator

from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.engines.rules import RULES, Rule, run_rule, seed_random
from scheduler_core.errors import InvalidValue
from scheduler_core.kpis import measure
from scheduler_core.objectives import Objective, objective_value
from scheduler_core.plant import Plant
from scheduler_core.schedule import Result, Status
from scheduler_core.simulator import kernel
from scheduler_core.simulator.arrays import PlantArrays, State, new_state, pack
from scheduler_core.simulator.simulator import to_schedule

BEST = "best"
OBJECTIVE_CODES = {
    Objective.TARDINESS: kernel.TARDINESS,
    Objective.ON_TIME: kernel.ON_TIME,
    Objective.MAKESPAN: kernel.MAKESPAN,
}


def schedule(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """A non-delay schedule by ``config.rule``, or by the rule and parameters that come out best for the objective.

    Raises InvalidValue for an unknown rule, Unschedulable for a plant without any schedule, Cancelled on request. A time
    limit stops the search for the best rule after the first one that it cuts.
    """
    began = time.perf_counter()
    variants = list(_variants(config.rule))
    arrays = pack(plant)
    state, best = new_state(arrays), new_state(arrays)
    objective = OBJECTIVE_CODES[config.objective]
    best_cost, winner = float("inf"), variants[0]
    tried = 0
    for rule, k1, k2 in variants:
        progress(tried / len(variants), f"rule {rule.name}")
        seed_random(config.seed)
        _run(arrays, state, rule, k1, k2)
        tried += 1
        cost = kernel.cost(arrays, state, objective)
        if cost < best_cost:
            best_cost, winner = cost, (rule, k1, k2)
            state, best = best, state
        if config.time_limit is not None and time.perf_counter() - began > config.time_limit:
            break
    found = to_schedule(plant, arrays, best)
    rule, k1, k2 = winner
    return Result(
        engine="greedy",
        status=Status.FEASIBLE,
        schedule=found,
        objective=objective_value(config.objective, measure(plant, found)),
        seconds=time.perf_counter() - began,
        detail={"rule": rule.name, "k1": k1, "k2": k2, "rules_tried": tried, "decisions": len(arrays.op_job)},
    )


def _variants(name: str) -> Iterator[tuple[Rule, float, float]]:
    if name == BEST:
        for rule in RULES.values():
            for k1, k2 in rule.variants:
                yield rule, k1, k2
        return
    by_lower = {n.lower(): r for n, r in RULES.items()}
    rule = by_lower.get(name.lower())
    if rule is None:
        raise InvalidValue("rule", name, f"is not one of: {BEST}, {', '.join(RULES)}")
    yield rule, *rule.default


def _run(arrays: PlantArrays, state: State, rule: Rule, k1: float, k2: float) -> None:
    if run_rule(arrays, state, rule.code, k1, k2, 0.0) < 0:
        raise AssertionError("the simulation stopped with operations left; packing should have refused this plant")
