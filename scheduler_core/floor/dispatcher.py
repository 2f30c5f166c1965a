"""The learned part of the way ``learned``: its weights, what they are made of, and what it takes of a plant.

The weights are few (``shape``); they are trained by floor/dispatcher_training.py on many plants and noises and kept as a
file of the package with its card. All zero, the dispatcher is the way ``prices`` that may wait.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scheduler_core.engines.pricing.bottleneck_dynamics import PricedOperations
from scheduler_core.errors import InvalidValue
from scheduler_core.floor.learned_kernel import FEATURES, NOBODY, Learned
from scheduler_core.simulator.array_types import Float64
from scheduler_core.simulator.arrays import PlantArrays

HIDDEN = 6
"""Hidden units."""
COUNT = len(FEATURES) + HIDDEN * (len(FEATURES) + 2)
"""Numbers in a dispatcher's weights."""


@dataclass(frozen=True)
class Weights:
    """Direct weights [F], hidden weights [H, F], biases [H] and output weights [H]."""

    direct: Float64
    hidden: Float64
    bias: Float64
    out: Float64

    @staticmethod
    def of(numbers: Float64) -> Weights:
        """From one array [COUNT]. Raises InvalidValue for another size or a number that is not finite."""
        if numbers.shape != (COUNT,):
            raise InvalidValue("weights", numbers.shape, f"must be {COUNT} numbers")
        if not np.all(np.isfinite(numbers)):
            raise InvalidValue("weights", "not finite", "must be finite numbers")
        f, h = len(FEATURES), HIDDEN
        direct, hidden, bias, out = np.split(numbers.astype(np.float64), [f, f + h * f, f + h * f + h])
        return Weights(direct.copy(), np.ascontiguousarray(hidden.reshape(h, f)), bias.copy(), out.copy())

    @property
    def numbers(self) -> Float64:
        """All of them in one array [COUNT]."""
        return np.concatenate([self.direct, self.hidden.ravel(), self.bias, self.out])


def learned_for(arrays: PlantArrays, operations: PricedOperations, weights: Weights, variation: Float64) -> Learned:
    """The weights with what they take of a packed plant. ``variation`` [O]: coefficient of variation of each operation's
    duration, as known beforehand."""
    tail_spread = np.zeros(len(arrays.op_job))
    own = (variation * arrays.op_mean) ** 2
    behind = np.cumsum(own[::-1])[::-1]
    after = np.append(behind, 0.0)[arrays.job_first[1:]][arrays.op_job]
    tail_spread[:] = np.sqrt(np.maximum(0.0, behind - after))
    price = np.log((operations.price + 1e-9) / (operations.price.mean() + 1e-9))
    return Learned(
        weights.direct,
        weights.hidden,
        weights.bias,
        weights.out,
        variation.astype(np.float64),
        tail_spread,
        price,
        np.full(len(arrays.machine_table), NOBODY, np.int32),
        np.zeros(len(FEATURES)),
    )
