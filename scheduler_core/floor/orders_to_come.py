"""Orders that may come, for searches on noisy floors: nobody knows them, but they will be like those of today."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scheduler_core.floor.events import Arrival, Stream, days_later
from scheduler_core.plant import MINUTES_PER_DAY, Plant


def with_orders_like_its_own(plant: Plant, days: int, orders_a_day: float, seed: int) -> Stream:
    """The plant as it is known, with orders to come on ``days`` days that are copies of its own, drawn at random: as if the
    weeks to come were like today's order book. No breakdowns. Equal arguments give equal streams."""
    rng = np.random.default_rng((seed, days))
    arrivals: list[Arrival] = []
    for day, count in enumerate(rng.poisson(orders_a_day, size=days)):
        for _ in range(int(count)):
            job = plant.jobs[int(rng.integers(len(plant.jobs)))]
            unpinned = tuple(replace(op, fixed=None) for op in job.operations)
            later = days_later(replace(job, id=f"{job.id}~{len(arrivals) + 1}", operations=unpinned), day)
            arrivals.append(Arrival(day * MINUTES_PER_DAY + int(rng.integers(MINUTES_PER_DAY)), later))
    return Stream(plant, tuple(sorted(arrivals, key=lambda a: (a.minute, a.job.id))))
