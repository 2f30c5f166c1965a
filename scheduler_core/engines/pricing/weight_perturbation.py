"""Whom to favour beside what prices say (Storer, Wu & Vaccari 1992, New search spaces for sequencing problems with
application to job shop scheduling: search in the problem's data instead of in its schedules).

Prices answer a plant with one schedule. With slightly wrong weights of a few jobs they lead to another one, near it and
complete; where that is better, the next is looked for around it.
"""

from __future__ import annotations

import numpy as np

from scheduler_core.engines.pricing.bottleneck_dynamics import PricedOperations
from scheduler_core.simulator.arrays import Float64

CHANGED = 2.0
"""Jobs whose favour changes, on average; at least one does."""
STEP = 0.5
"""Standard deviation of a change, in logarithms."""
COSTLY_SHARE = 0.5
"""Share of the changes that favour a job that costs something."""


def favoured(x: PricedOperations, job_costs: Float64, random: np.random.Generator) -> PricedOperations:
    """The same prices with a few jobs favoured otherwise than in ``x``: jobs drawn by what they cost in the schedule by
    ``x``, ``job_costs`` [J], more than there; any others more or less."""
    favour = x.favour.copy()
    total = job_costs.sum()
    for _ in range(max(1, int(random.poisson(CHANGED)))):
        change = random.normal(0.0, STEP)
        if total > 0.0 and random.random() < COSTLY_SHARE:
            favour[random.choice(len(favour), p=job_costs / total)] += abs(change)
        else:
            favour[random.integers(len(favour))] += change
    return x._replace(favour=favour)
