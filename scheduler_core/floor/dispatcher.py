"""The learned part of the way ``learned``: its weights, what they are made of, and what it takes of a plant.

The weights are few (``shape``); they are trained by floor/dispatcher_training.py on many plants and noises and kept as a
file of the package with its card.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from scheduler_core.bounded_files import bounded_bytes
from scheduler_core.engines.pricing.bottleneck_dynamics import PricedOperations
from scheduler_core.errors import InvalidValue
from scheduler_core.floor.learned_kernel import FEATURES, NOBODY, Learned
from scheduler_core.policy import card_file
from scheduler_core.simulator.array_types import Float64
from scheduler_core.simulator.arrays import PlantArrays

HIDDEN = 6
"""Hidden units."""
COUNT = len(FEATURES) + HIDDEN * (len(FEATURES) + 2)
"""Numbers in a dispatcher's weights."""
SHIPPED = Path(__file__).with_name("dispatcher.yaml")
"""The weights that the way ``learned`` goes by."""
FORMAT = "dispatcher/1"
MAX_BYTES = 2**20
NEVER_WAITS = -1e9
"""Weight of an operation to come that no value outweighs."""
DIGITS = 5
"""Decimals of a weight in a file."""


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

    @staticmethod
    def prices_alone() -> Weights:
        """Those by which nothing is added and no machine waits: the decisions of the way ``prices``."""
        numbers = np.zeros(COUNT)
        numbers[FEATURES.index("to come")] = NEVER_WAITS
        return Weights.of(numbers)

    @property
    def numbers(self) -> Float64:
        """All of them in one array [COUNT]."""
        return np.concatenate([self.direct, self.hidden.ravel(), self.bias, self.out])

    @property
    def sha256(self) -> str:
        """Of the weights as a file has them."""
        return hashlib.sha256(json.dumps(_plain(self)).encode()).hexdigest()


def write(weights: Weights, card: Mapping[str, Any]) -> bytes:
    """A file with the weights, their SHA-256 and a card: what they were trained on, and how."""
    return card_file.write({"format": FORMAT, **card, "sha256": weights.sha256, "weights": _plain(weights)})


def read(path: Path) -> Weights:
    """The weights of a file. Raises InvalidValue, naming the file and the reason, for another format, features, numbers or
    SHA-256, and for a file that cannot be read."""
    try:
        content = card_file.parse(bounded_bytes(path, MAX_BYTES), path)
    except OSError as error:
        raise InvalidValue(str(path), path.name, f"cannot be read: {error.strerror}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise InvalidValue(str(path), path.name, f"must be a file of the format {FORMAT}")
    found = content.get("weights")
    if not isinstance(found, dict) or set(found) != {"direct", "hidden", "bias", "out"}:
        raise InvalidValue(str(path), "weights", "must have direct, hidden, bias and out")
    if not isinstance(found["direct"], dict) or tuple(found["direct"]) != FEATURES:
        raise InvalidValue(str(path), "weights.direct", "must have the features of this version, in its order")
    try:
        parts = [np.array(part, np.float64) for part in (list(found["direct"].values()), *list(found.values())[1:])]
    except (TypeError, ValueError) as error:
        raise InvalidValue(str(path), "weights", f"must be numbers: {error}") from None
    if [part.shape for part in parts] != [(len(FEATURES),), (HIDDEN, len(FEATURES)), (HIDDEN,), (HIDDEN,)]:
        raise InvalidValue(str(path), "weights", f"must be those of {len(FEATURES)} features and {HIDDEN} hidden units")
    weights = Weights.of(np.concatenate([part.ravel() for part in parts]))
    if content.get("sha256") != weights.sha256:
        raise InvalidValue(str(path), "sha256", "is not that of the weights: the file was changed")
    return weights


@cache
def shipped() -> Weights:
    """The weights that the way ``learned`` goes by. Raises InvalidValue for a damaged file."""
    return read(SHIPPED)


def _plain(weights: Weights) -> dict[str, Any]:
    def rounded(numbers: Float64) -> list[float]:
        return [round(float(x), DIGITS) + 0.0 for x in numbers]

    return {
        "direct": dict(zip(FEATURES, rounded(weights.direct), strict=True)),
        "hidden": [rounded(row) for row in weights.hidden],
        "bias": rounded(weights.bias),
        "out": rounded(weights.out),
    }


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
        np.zeros(len(arrays.job_open), np.int32),
        np.zeros(len(arrays.job_open), np.bool_),
        np.zeros(1, np.int64),
    )
