"""What imitation is judged by: weighted tardiness as in any training, and makespan on plants like the classic job shops."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from scheduler_core.engines.config import Progress, no_progress
from scheduler_core.engines.rules import RULES
from scheduler_core.environments.classic_plants import ClassicShape, classic_plant
from scheduler_core.objectives import Objective
from scheduler_core.policy.inference import PolicyWeights
from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import pack
from scheduler_core.training.config import VALIDATION_SEED, ValidationPlants
from scheduler_core.training.evaluate import policy_costs, rule_costs
from scheduler_core.training.validation import AGAINST, Validation

SHAPES = (
    ClassicShape(20, 15),
    ClassicShape(15, 8, eligible=2.5, alike=False, longest=20),
    ClassicShape(15, 10, eligible=2.0),
)
"""A job shop, a flexible one with different minutes, a flexible one with equal minutes; they take turns."""
SAMPLES = 8
CLASSIC = ("greedy_classic", "sampled_classic")


class ImitationValidation:
    """Validation plants of both kinds."""

    def __init__(self, sizes: Sequence[ValidationPlants], classics: int, progress: Progress = no_progress) -> None:
        """``classics``: how many classic plants. Raises InvalidValue as Validation does."""
        self.factories = Validation(sizes, progress)
        self.plants = [pack(classic_plant(VALIDATION_SEED + i, SHAPES[i % len(SHAPES)])) for i in range(classics)]
        self.prices = [costs.prices_of(Objective.MAKESPAN, arrays) for arrays in self.plants]
        reached = rule_costs(self.plants, [(rule, *rule.default) for rule in RULES.values()], self.prices)
        self.best_rule = reached.min(1)

    @property
    def columns(self) -> tuple[str, ...]:
        """What is measured, in order."""
        columns = [c for c in self.factories.columns if c not in (*AGAINST, "score")]
        return (*columns, *CLASSIC, "score", *AGAINST)

    def measure(self, weights: PolicyWeights, progress: Progress = no_progress) -> dict[str, float]:
        """As Validation.measure, with ``greedy_classic`` and ``sampled_classic``: the mean ratio of the makespan to the best
        rule's of each plant, deterministic and best of 8. ``score``: the mean of all ratios but ``over_*``.
        """
        measured = self.factories.measure(weights, progress)
        measured.pop("score")
        against = {key: measured.pop(key) for key in AGAINST}
        costs_of = policy_costs(self.plants, weights, SAMPLES, 0, self.prices)
        for name, at in zip(CLASSIC, (0, -1), strict=True):
            measured[name] = round(float(np.mean(costs_of[:, at] / self.best_rule)), 4)
        measured["score"] = round(float(np.mean(list(measured.values()))), 4)
        return {**measured, **against}
