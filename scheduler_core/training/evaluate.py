"""How good a policy is: on random plants that it never saw, beside the rules, paired plant by plant."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from scheduler_core.engines.learned import temperature_of
from scheduler_core.engines.rules import RULES, Rule, run_rule, seed_random
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.policy.features import View, new_view
from scheduler_core.policy.inference import PolicyWeights, Room, new_room, rollout
from scheduler_core.simulator import costs, kernel
from scheduler_core.simulator.arrays import PlantArrays, State, new_state, pack
from scheduler_core.statistics import ratio_of_means

Float64 = npt.NDArray[np.float64]
SIZES = {
    "2x10": PlantShape(10, 2, tightness=0.9, load=6.0),
    "10x60": PlantShape(60, 10, tightness=0.7),
    "40x100": PlantShape(100, 40, tightness=0.8),
    "40x200": PlantShape(200, 40, tightness=0.7),
    "152x500": PlantShape(500, 152, tightness=0.8),
    "152x2000": PlantShape(2000, 152, tightness=0.8, load=48.0),
}
"""Sizes (machines x jobs) that policies are compared at; at 152x500 the EDD rule is on time for about 60 %."""


def all_variants() -> list[tuple[Rule, float, float]]:
    """Every rule with every parameter that "best" tries."""
    return [(rule, k1, k2) for rule in RULES.values() for k1, k2 in rule.variants]


def few_variants() -> list[tuple[Rule, float, float]]:
    """The rules that are usually best, for a quick comparison."""
    found = [(RULES["WATC"], k, 0.0) for k in (1.0, 2.0, 4.0)]
    return found + [(RULES["WATCS"], k1, k2) for k1 in (1.0, 2.0) for k2 in (2.0, 4.0)]


def rule_costs(
    plants: Sequence[PlantArrays], variants: Sequence[tuple[Rule, float, float]], prices: Sequence[Float64] | None = None
) -> Float64:
    """[plants, variants] cost at each plant's prices; None: weighted tardiness in days."""
    found = np.zeros((len(plants), len(variants)))
    for i, arrays in enumerate(plants):
        state, at = new_state(arrays), None if prices is None else prices[i]
        for k, (rule, k1, k2) in enumerate(variants):
            seed_random(0)
            run_rule(arrays, state, rule.code, k1, k2, 0.0, costs.WEIGHTED_TARDINESS if at is None else at, math.inf)
            found[i, k] = _cost(arrays, state, at)
    return found


def policy_costs(
    plants: Sequence[PlantArrays],
    weights: PolicyWeights,
    samples: int,
    seed: int,
    prices: Sequence[Float64] | None = None,
) -> Float64:
    """[plants, samples] running best of the cost, as in ``rule_costs``; the first sample is the deterministic rollout."""
    found = np.zeros((len(plants), samples))
    for i, arrays in enumerate(plants):
        at = None if prices is None else prices[i]
        view = new_view(arrays) if at is None else new_view(arrays, at)
        state, room = new_state(arrays), new_room(arrays, weights)
        seed_random(seed + i)
        for n in range(samples):
            found[i, n] = sample(arrays, state, view, room, weights, n, at)
    best: Float64 = np.minimum.accumulate(found, axis=1)
    return best


def sample(
    arrays: PlantArrays,
    state: State,
    view: View,
    room: Room,
    weights: PolicyWeights,
    number: int,
    prices: Float64 | None = None,
) -> float:
    """Cost of rollout ``number`` (0: deterministic), which stays in the state; without prices its weighted tardiness."""
    at = costs.WEIGHTED_TARDINESS if prices is None else prices
    if rollout(arrays, state, view, room, weights, temperature_of(number), at, math.inf) < 0:
        raise AssertionError("a rollout of the policy failed on a valid plant")
    return _cost(arrays, state, prices)


def _cost(arrays: PlantArrays, state: State, prices: Float64 | None) -> float:
    return float(kernel.weighted_tardiness(arrays, state) if prices is None else costs.cost(arrays, state, prices))


def plants_of(size: str, count: int, first_seed: int) -> list[PlantArrays]:
    """Packed random plants of a named size."""
    return [pack(random_plant(first_seed + i, SIZES[size])) for i in range(count)]


@dataclass(frozen=True)
class Comparison:
    """A policy beside the rules on paired plants: weighted tardiness in days per plant, and CPU seconds per schedule."""

    size: str
    single_rule: str
    single: Float64
    best_rule: Float64
    edd: Float64
    policy: dict[int, Float64] = field(default_factory=dict)
    policy_seconds: float = 0.0
    rules_seconds: float = 0.0

    def ratio(self, samples: int, against: Float64) -> float:
        """Mean weighted tardiness of the best of ``samples`` over that of ``against``."""
        return float(self.policy[samples].mean() / against.mean())

    def interval(self, samples: int, against: Float64) -> tuple[float, float]:
        """95 % bootstrap interval of that ratio over paired plants (see ``bootstrap``); not a number where it has none."""
        found = ratio_of_means(self.policy[samples], against)
        return (math.nan, math.nan) if found.low is None or found.high is None else (found.low, found.high)


def compare(
    weights: PolicyWeights,
    size: str,
    count: int,
    first_seed: int,
    sample_counts: Sequence[int],
    variants: Sequence[tuple[Rule, float, float]],
    report: Callable[[str], None] = lambda message: None,
) -> Comparison:
    """The policy against the rules on ``count`` plants of the size."""
    report(f"{size}: {count} plants, {len(variants)} rules")
    plants = plants_of(size, count, first_seed)
    began = time.process_time()
    rules = rule_costs(plants, variants)
    rules_seconds = (time.process_time() - began) / (count * len(variants))
    edd = rule_costs(plants, [(RULES["EDD"], 0.0, 0.0)])[:, 0]
    single = int(rules.mean(0).argmin())
    rule, k1, k2 = variants[single]
    report(f"{size}: policy, best of {max(sample_counts)}")
    began = time.process_time()
    sampled = policy_costs(plants, weights, max(sample_counts), seed=first_seed)
    seconds = (time.process_time() - began) / (count * max(sample_counts))
    parameters = "" if not k1 else f" k1={k1:g}" + (f" k2={k2:g}" if k2 else "")
    return Comparison(
        size, rule.name + parameters, rules[:, single], rules.min(1), edd,
        {n: sampled[:, n - 1] for n in sample_counts}, seconds, rules_seconds,
    )  # fmt: skip


def table(comparisons: Sequence[Comparison]) -> str:
    """The comparisons as a Markdown table of means and ratios."""
    lines = [
        "| plants | way | mean weighted tardiness, days | over the best single rule (95 %) | over the best rule per plant |",
        "| --- | --- | --- | --- | --- |",
    ]
    for c in comparisons:
        single, best = c.single.mean(), c.best_rule.mean()
        lines.append(f"| {c.size} | EDD | {c.edd.mean():.1f} | {c.edd.mean() / single:.3f} | {c.edd.mean() / best:.3f} |")
        lines.append(f"| {c.size} | best single rule ({c.single_rule}) | {single:.1f} | 1 | {single / best:.3f} |")
        lines.append(f"| {c.size} | best rule per plant | {best:.1f} | {best / single:.3f} | 1 |")
        for n, sampled in c.policy.items():
            low, high = c.interval(n, c.single)
            way = "policy, one rollout" if n == 1 else f"policy, best of {n}"
            lines.append(
                f"| {c.size} | {way} ({c.policy_seconds * n:.2f} CPU s) | {sampled.mean():.1f} "
                f"| {c.ratio(n, c.single):.3f} ({low:.3f} to {high:.3f}) | {c.ratio(n, c.best_rule):.3f} |"
            )
    return "\n".join(lines)
