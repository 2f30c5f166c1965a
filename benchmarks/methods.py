"""Ways to plan a factory that benchmarks/factory.py sets side by side. Every schedule that counts is judged."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from scheduler_core.comparison.spec import parse_spec
from scheduler_core.comparison.trial import judged, run_trial
from scheduler_core.engines import time_limit_clock
from scheduler_core.engines.pricing.price_search import PriceSearch
from scheduler_core.engines.rules import RULES, SEEDS, Rule, run_rule, seed_random
from scheduler_core.objectives import Objective
from scheduler_core.plant import Plant
from scheduler_core.simulator import costs, kernel
from scheduler_core.simulator.arrays import PlantArrays, State, new_state, pack
from scheduler_core.simulator.simulator import to_schedule
from scheduler_core.training.evaluate import all_variants

Variant = tuple[Rule, float, float]
RULES_METHOD = "every rule"
NOISES = (0.01, 0.02, 0.05, 0.1, 0.2)
"""Scales of the Gumbel noise on a rule's logarithmic value: 0.1 lets jobs change places whose values differ by some 10 %."""
NOISY = frozenset({"ATC", "WATC", "ATCS", "WATCS", "ATCR", "WATCR"})
"""Rules whose values are logarithms, so that one scale of noise means the same for each."""
FEW = 3
"""Rules that are randomised: the best ones of the plant."""
NOISY_SAMPLES = 64


@dataclass(frozen=True)
class Found:
    """What a way made of a plant (see records.Record)."""

    value: float
    cpu: float
    wall: float
    violations: int
    completion: float
    detail: Mapping[str, float]


Method = Callable[[Plant, Mapping[str, Found]], Found]
"""Plans a plant; it is given what the ways before it found there."""


def label(variant: Variant) -> str:
    """A rule with its parameters."""
    rule, k1, k2 = variant
    return " ".join([rule.name, *([f"k1={k1:g}"] if k1 else []), *([f"k2={k2:g}"] if k2 else [])])


def every_rule(plant: Plant, before: Mapping[str, Found]) -> Found:
    """Every rule with every parameter; the value is that of the best, and the detail has them all."""
    cpu, wall = time.process_time(), time.perf_counter()
    arrays = pack(plant)
    states: dict[str, State] = {}
    for variant in all_variants():
        states[label(variant)] = state = new_state(arrays)
        _run(arrays, state, variant, 0.0, math.inf, seed=0)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    trials = {name: judged(plant, to_schedule(plant, arrays, state), Objective.TARDINESS) for name, state in states.items()}
    values = {name: trial.value for name, trial in trials.items() if trial.value is not None}
    violations = sum(t.violations for t in trials.values())
    return Found(min(values.values()), cpu, wall, violations, min(t.completion for t in trials.values()), values)


def noisy_rules(noise: float, samples: int) -> Method:
    """The plant's best rules by turns with noise; the best of so many schedules, of which the first is the best rule's."""

    def method(plant: Plant, before: Mapping[str, Found]) -> Found:
        known = before[RULES_METHOD].detail
        ranked = sorted((v for v in all_variants() if v[0].name in NOISY), key=lambda v: known[label(v)])[:FEW]
        winner = min(all_variants(), key=lambda v: known[label(v)])
        cpu, wall = time.process_time(), time.perf_counter()
        arrays = pack(plant)
        best, state = new_state(arrays), new_state(arrays)
        _run(arrays, best, winner, 0.0, math.inf, seed=0)
        cost = kernel.weighted_tardiness(arrays, best)
        for n in range(1, samples):
            if _run(arrays, state, ranked[n % FEW], noise, cost, seed=n):
                reached = kernel.weighted_tardiness(arrays, state)
                if reached < cost:
                    cost, best, state = reached, state, best
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        trial = judged(plant, to_schedule(plant, arrays, best), Objective.TARDINESS)
        assert trial.value is not None
        return Found(trial.value, cpu, wall, trial.violations, trial.completion, {})

    return method


def engine(text: str) -> Method:
    """An engine by its specification, such as ``learned samples=64``. A time limit counts CPU seconds of each worker, so
    that other work on the machine takes nothing away; that of the exact engine is wall time."""
    spec = parse_spec(text)

    def method(plant: Plant, before: Mapping[str, Found]) -> Found:
        with time_limit_clock.of_workers(spec.config.workers):
            trial = run_trial(spec, plant, Objective.TARDINESS)
        value = math.nan if trial.value is None else trial.value
        return Found(value, trial.cpu_seconds, trial.wall_seconds, trial.violations, trial.completion, {})

    return method


def by_prices(schedules: int) -> Method:
    """Schedules by resource prices alone, one after the other; the best of so many."""

    def method(plant: Plant, before: Mapping[str, Found]) -> Found:
        cpu, wall = time.process_time(), time.perf_counter()
        search = PriceSearch(plant, pack(plant), costs.WEIGHTED_TARDINESS, seed=0, workers=1)
        search.run(schedules, lambda: False, lambda: None)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        trial = judged(plant, to_schedule(plant, search.arrays, search.state), Objective.TARDINESS)
        assert trial.value is not None
        return Found(trial.value, cpu, wall, trial.violations, trial.completion, {})

    return method


def all_methods(
    model: str, samples: Sequence[int], seconds: Sequence[float], workers: int, exact: bool
) -> dict[str, Method]:
    """Every way by its name, in the order of the table; ``every rule`` comes first, because others build on it."""
    found: dict[str, Method] = {RULES_METHOD: every_rule}
    for noise in NOISES:
        found[noisy_name(noise)] = noisy_rules(noise, NOISY_SAMPLES)
    for n in samples:
        found[f"by prices, {_of(n)}"] = by_prices(n)
    for n in samples:
        found[f"learned, {_of(n)}"] = engine(f"learned samples={n} model={model}")
    for limit in seconds:
        limits = f"time_limit={limit} workers={workers}"
        found[f"learned, {limit:g} s on {workers} workers"] = engine(f"learned {limits} model={model}")
        if exact:
            found[f"exact, {limit:g} s on {workers} workers"] = engine(f"exact {limits}")
    return found


def _of(samples: int) -> str:
    return "one" if samples == 1 else f"best of {samples}"


def noisy_name(noise: float) -> str:
    """The name of a randomised way."""
    return f"best rules with noise {noise:g}, best of {NOISY_SAMPLES}"


def _run(arrays: PlantArrays, state: State, variant: Variant, noise: float, bound: float, seed: int) -> bool:
    """A schedule in the state; False if it was given up because it is sure to cost more than the bound."""
    rule, k1, k2 = variant
    seed_random(seed % SEEDS)
    outcome = run_rule(arrays, state, rule.code, k1, k2, noise, costs.WEIGHTED_TARDINESS, bound)
    return bool(outcome >= 0)


EDD = label((RULES["EDD"], 0.0, 0.0))
