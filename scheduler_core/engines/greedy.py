"""Greedy list scheduling with a named dispatching rule, or with the best of all of them."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.engines.rules import RULES, SEEDS, STOPPED, WORSE, Rule, run_rule, seed_random
from scheduler_core.errors import InvalidValue
from scheduler_core.judge.kpis import measure
from scheduler_core.objectives import objective_value
from scheduler_core.plant import Plant
from scheduler_core.reports import GreedyReport
from scheduler_core.schedule import Result, Status
from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import PlantArrays, State, new_state, pack
from scheduler_core.simulator.simulator import to_schedule

BEST = "best"


def schedule(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """A non-delay schedule by ``config.rule``, or by the rule and parameters that come out best for the objective.

    Raises InvalidValue for an unknown rule, Unschedulable for a plant without any schedule, Cancelled on request. A time
    limit ends the search for the best rule; at least one rule is always tried.
    """
    began = time.perf_counter()
    variants = list(_variants(config.rule))
    arrays = pack(plant)
    search = _Search(arrays, costs.prices_of(config.objective, arrays), config.seed)
    with ThreadPoolExecutor(max_workers=max(1, min(config.workers, len(variants)))) as pool:
        runs = [pool.submit(search.run, i, *variant) for i, variant in enumerate(variants)]
        try:
            for tried, run in enumerate(runs, start=1):
                run.result()
                progress(tried / len(runs), f"rule {variants[tried - 1][0].name}")
                if config.time_limit is not None and time.perf_counter() - began > config.time_limit:
                    break
        finally:
            pool.shutdown(cancel_futures=True)
    rule, k1, k2 = variants[search.winner]
    found = to_schedule(plant, arrays, search.best)
    return Result(
        engine="greedy",
        status=Status.FEASIBLE,
        schedule=found,
        objective=objective_value(config.objective, measure(plant, found)),
        seconds=time.perf_counter() - began,
        report=GreedyReport(rule.name, k1, k2, search.tried),
    )


class _Search:
    """The best schedule among several rules', run by threads that share the best cost so that hopeless rules end early.

    The outcome does not depend on the threads' order: a rule given up costs more than the best, and equal costs are
    settled by the rule's number.
    """

    def __init__(self, arrays: PlantArrays, prices: costs.Float64, seed: int) -> None:
        self.arrays, self.prices, self.seed = arrays, prices, seed
        self.best: State = new_state(arrays)
        self.best_cost, self.winner, self.tried = math.inf, 0, 0
        self._lock = threading.Lock()
        self._spare: list[State] = []

    def run(self, number: int, rule: Rule, k1: float, k2: float) -> None:
        with self._lock:
            state = self._spare.pop() if self._spare else new_state(self.arrays)
        seed_random(self.seed % SEEDS)
        outcome = run_rule(self.arrays, state, rule.code, k1, k2, 0.0, self.prices, self.best_cost)
        if outcome == STOPPED:
            raise AssertionError("the simulation stopped with operations left; packing should have refused this plant")
        cost = math.inf if outcome == WORSE else costs.cost(self.arrays, state, self.prices)
        with self._lock:
            self.tried += 1
            if (cost, number) < (self.best_cost, self.winner):
                self.best_cost, self.winner = cost, number
                state, self.best = self.best, state
            self._spare.append(state)


def _variants(name: str) -> Iterator[tuple[Rule, float, float]]:
    if name == BEST:
        # Rules with parameters are mostly the better ones: tried first, they let the others be given up early.
        for rule in sorted(RULES.values(), key=lambda r: -len(r.variants)):
            for k1, k2 in rule.variants:
                yield rule, k1, k2
        return
    by_lower = {n.lower(): r for n, r in RULES.items()}
    named = by_lower.get(name.lower())
    if named is None:
        raise InvalidValue("rule", name, f"must be one of {BEST}, {', '.join(RULES)}")
    yield named, *named.default
