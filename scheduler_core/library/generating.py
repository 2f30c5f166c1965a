"""Random plants to compare on."""

from __future__ import annotations

from scheduler_core.environments.random_plants import random_plant
from scheduler_core.errors import InvalidValue
from scheduler_core.plant import Plant
from scheduler_core.training.config import EVALUATION_SEED
from scheduler_core.training.evaluate import SIZES


def random_plants(size: str = "40x100", count: int = 20, seed: int = EVALUATION_SEED) -> list[Plant]:
    """``count`` plants of a size, machines x jobs, with the seeds from ``seed`` on; those of ``shopwright ab`` unless told.

    Nothing was trained on seeds from 900,000 on. Raises InvalidValue for a size or a count that there is not.
    """
    if size not in SIZES:
        raise InvalidValue("size", size, f"is none of {', '.join(SIZES)}")
    if count < 1:
        raise InvalidValue("count", count, "is less than 1")
    return [random_plant(seed + i, SIZES[size]) for i in range(count)]
