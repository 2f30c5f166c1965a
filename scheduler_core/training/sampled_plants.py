"""Plants drawn for training: packed, with what the base rule reaches on them, and a way to keep them as text."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict
from typing import NamedTuple

import numpy as np

from scheduler_core.engines.rules import RULES, run_rule
from scheduler_core.environments.random_plants import Breaks, PlantSeed, PlantShape
from scheduler_core.errors import InvalidValue
from scheduler_core.simulator import costs, kernel
from scheduler_core.simulator.arrays import PlantArrays, new_state, pack

BASE_RULE = RULES["WATC"]


class Drawn(NamedTuple):
    """A plant that was drawn: its seed, the plant packed, the base rule's weighted tardiness in days, and a digest of it."""

    seed: PlantSeed
    arrays: PlantArrays
    base: float
    digest: str

    @property
    def scale(self) -> float:
        """Days late per job by the base rule, a little more so that it is never 0: what results are measured in."""
        return self.base / len(self.arrays.job_open) + 0.1


def drawn(seed: PlantSeed) -> Drawn:
    """The plant of the seed, packed and tried by the base rule."""
    arrays = pack(seed.plant())
    state = new_state(arrays)
    run_rule(arrays, state, BASE_RULE.code, *BASE_RULE.default, 0.0, costs.WEIGHTED_TARDINESS, math.inf)
    return Drawn(seed, arrays, float(kernel.weighted_tardiness(arrays, state)), _digest(arrays))


def as_text(found: Drawn) -> str:
    """The seed and the digest: enough to make the plant again."""
    return json.dumps({"seed": found.seed.seed, "shape": asdict(found.seed.shape), "digest": found.digest})


def from_text(text: str) -> Drawn:
    """The plant made again. Raises InvalidValue if it does not come out as it was."""
    kept = json.loads(text)
    shape = PlantShape(**{**kept["shape"], "breaks": Breaks(kept["shape"]["breaks"])})
    found = drawn(PlantSeed(kept["seed"], shape))
    if found.digest != kept["digest"]:
        raise InvalidValue(
            "--resume", kept["seed"], "is the seed of a plant that comes out differently now: the program has changed since"
        )
    return found


def _digest(arrays: PlantArrays) -> str:
    digest = hashlib.sha256()
    for value in (*(v for v in arrays if v is not arrays.overtime), *arrays.overtime):
        digest.update(np.ascontiguousarray(value).tobytes())
    return digest.hexdigest()
