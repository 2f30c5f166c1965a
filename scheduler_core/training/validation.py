"""What training is judged by: the policy on paired random plants, beside rules that everybody knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from scheduler_core.engines.config import Progress, no_progress
from scheduler_core.engines.rules import RULES
from scheduler_core.errors import InvalidValue
from scheduler_core.policy.inference import PolicyWeights
from scheduler_core.simulator.arrays import PlantArrays
from scheduler_core.training.config import VALIDATION_SEED, ValidationPlants
from scheduler_core.training.evaluate import SIZES, few_variants, plants_of, policy_costs, rule_costs

KNOWN = ("random", "first-fit", "priority")
"""Rules that stand for planning without thought, by list and by hand."""
AGAINST = (*(f"over_{name.replace('-', '_')}" for name in KNOWN), "over_best_rule")


@dataclass(frozen=True)
class _Group:
    size: str
    samples: int
    plants: list[PlantArrays]
    known: dict[str, float]
    """mean weighted tardiness of each known rule, and of the best of a few rules plant by plant"""
    single: float
    """that of the best single one of the few"""


class Validation:
    """Plants of one or more sizes with what the rules reach on them."""

    def __init__(self, sizes: Sequence[ValidationPlants], progress: Progress = no_progress) -> None:
        """Raises InvalidValue for a size that evaluate.py does not know, or one that comes twice."""
        names = [s.size for s in sizes]
        for i, name in enumerate(names):
            if name not in SIZES:
                raise InvalidValue(f"validation.{i}.size", name, f"must be one of {', '.join(SIZES)}")
            if name in names[:i]:
                raise InvalidValue(f"validation.{i}.size", name, "comes twice")
        self.groups = []
        for k, asked in enumerate(sizes):
            progress(k / len(sizes), f"rules on {asked.plants} validation plants {asked.size}")
            self.groups.append(_group(asked))

    @property
    def columns(self) -> tuple[str, ...]:
        """What is measured, in order."""
        each = [f"{kind}_{g.size}" for g in self.groups for kind in ("greedy", "sampled")]
        return (*each, "score", *AGAINST)

    def measure(self, weights: PolicyWeights, progress: Progress = no_progress) -> dict[str, float]:
        """Ratios of mean weighted tardiness, less is better.

        ``greedy_SIZE`` and ``sampled_SIZE``: the deterministic schedule and the best of a few samples over the best single
        one of a few rules; ``score``: their mean, by which the best checkpoint is selected. ``over_*``: the deterministic
        schedule over a known rule's, and over the best of a few rules plant by plant, as means over the sizes.
        """
        measured: dict[str, float] = {}
        against: dict[str, list[float]] = {name: [] for name in AGAINST}
        todo, done = sum(len(g.plants) for g in self.groups), 0
        for g in self.groups:
            costs = np.zeros((len(g.plants), g.samples))
            for i, plant in enumerate(g.plants):
                progress(done / todo, f"validating, plant {done + 1} of {todo}")
                costs[i] = policy_costs([plant], weights, g.samples, seed=VALIDATION_SEED + i)[0]
                done += 1
            greedy = float(costs[:, 0].mean())
            measured[f"greedy_{g.size}"] = round(greedy / g.single, 4)
            measured[f"sampled_{g.size}"] = round(float(costs[:, -1].mean()) / g.single, 4)
            for name, cost in g.known.items():
                against[name].append(greedy / cost)
        measured["score"] = round(float(np.mean(list(measured.values()))), 4)
        return {**measured, **{name: round(float(np.mean(ratios)), 4) for name, ratios in against.items()}}


def _group(asked: ValidationPlants) -> _Group:
    plants = plants_of(asked.size, asked.plants, VALIDATION_SEED)
    few = rule_costs(plants, few_variants())
    known = rule_costs(plants, [(RULES[name], *RULES[name].default) for name in KNOWN]).mean(0)
    means = dict(zip(AGAINST, [*known, few.min(1).mean()], strict=True))
    return _Group(asked.size, asked.samples, plants, {k: float(v) for k, v in means.items()}, float(few.mean(0).min()))
