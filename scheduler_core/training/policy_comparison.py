"""Two policies on the same plants with the same seeds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from scheduler_core.policy.inference import PolicyWeights
from scheduler_core.statistics import Float64, Ratio, ratio_of_means
from scheduler_core.training.evaluate import plants_of, policy_costs


@dataclass(frozen=True)
class PolicyComparison:
    """Best-of-``samples`` weighted tardiness in days of two policies per plant, and the CPU seconds of one schedule."""

    size: str
    samples: int
    first: Float64
    second: Float64
    first_seconds: float
    second_seconds: float

    @property
    def ratio(self) -> Ratio:
        """Mean of the second over mean of the first: below 1 the second is better."""
        return ratio_of_means(self.second, self.first)

    @property
    def record(self) -> tuple[int, int, int]:
        """Plants on which the second is better, equal, worse."""
        wins, losses = int((self.second < self.first).sum()), int((self.second > self.first).sum())
        return wins, len(self.first) - wins - losses, losses


def compare_policies(
    first: PolicyWeights,
    second: PolicyWeights,
    size: str,
    plants: int,
    first_seed: int,
    samples: int,
    report: Callable[[str], None] = lambda message: None,
) -> PolicyComparison:
    """Runs both on ``plants`` random plants of a named size (see ``evaluate.SIZES``); ``report`` is told plant by plant.

    ``report`` may raise to stop.
    """
    costs: tuple[list[float], list[float]] = ([], [])
    seconds = [0.0, 0.0]
    policy_costs(plants_of(size, 1, first_seed), first, 1, 0)  # loads the compiled code, which nobody's time shall pay for
    for i in range(plants):
        report(f"{size}: plant {i + 1} of {plants}")
        (arrays,) = plants_of(size, 1, first_seed + i)
        for k, weights in enumerate((first, second)):
            began = time.process_time()
            costs[k].append(float(policy_costs([arrays], weights, samples, first_seed + i)[0, -1]))
            seconds[k] += time.process_time() - began
    schedules = plants * samples
    return PolicyComparison(
        size, samples, np.array(costs[0]), np.array(costs[1]), seconds[0] / schedules, seconds[1] / schedules
    )
