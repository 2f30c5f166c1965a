"""Valid plans of random plants, built by a rule, and the same held back here and there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.errors import Unschedulable
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule
from tests.support.random_plants import small_plant

SEEDS = range(91_000, 91_200)


@cache
def random_plans() -> tuple[tuple[Plant, Schedule], ...]:
    """(plant, a valid plan of it) of every seed whose plant has one."""
    return tuple(_plans())


def _plans() -> Iterator[tuple[Plant, Schedule]]:
    for seed in SEEDS:
        plant = small_plant(seed)
        try:
            made = greedy.schedule(plant, EngineConfig(rule=("EDD", "SPT", "LPT")[seed % 3])).schedule
        except Unschedulable:
            continue
        assert made is not None
        yield plant, made
