"""Small floors with everything that can happen: arrivals, outages, cancellations, late material and wide noise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from scheduler_core.errors import Unschedulable
from scheduler_core.floor.events import Arrival, Cancellation, LateMaterial, Outage, Stream
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.simulator.arrays import pack
from tests.support.random_plants import small_plant

NOISE = DurationNoise(0.4, {"p1": 0.8}, machine_share=0.2, day_share=0.3)
SEEDS = range(24)


def _stream(seed: int) -> Stream | None:
    """A small plant with everything that can happen; None where it has no schedule at all."""
    rng = np.random.default_rng((7, seed))
    drawn = small_plant(seed)
    jobs = tuple(replace(j, operations=tuple(replace(op, fixed=None) for op in j.operations)) for j in drawn.jobs)
    late = max(1, len(jobs) // 3)
    p = replace(drawn, jobs=jobs[late:] or jobs[:1])
    try:
        pack(replace(drawn, jobs=jobs))
    except Unschedulable:
        return None
    coming = tuple(Arrival(int(rng.integers(0, 900)), j) for j in (jobs[:late] if jobs[late:] else ()))
    outages = tuple(
        Outage(int(rng.choice([m.id for m in p.machines])), int(rng.integers(0, 3000)), int(rng.integers(20, 900)))
        for _ in range(3)
    )
    gone = tuple(Cancellation(int(rng.integers(0, 2000)), j.id) for j in p.jobs[:1])
    material = tuple(LateMaterial(0, j.id, j.release + int(rng.integers(0, 800))) for j in p.jobs[-1:])
    return Stream(p, coming, outages, cancellations=gone, late_material=material)


STREAMS = [(seed, stream) for seed in SEEDS if (stream := _stream(seed)) is not None]
