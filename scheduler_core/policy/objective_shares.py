"""What the policy sees of an objective: the share that each of its six prices has in what a plan costs.

A price per day and one per late job cannot be compared as they stand, so each is multiplied by a day's worth of what it is
for on this plant, and the products are divided by their sum. Only the objective's proportions matter, not its scale.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scheduler_core.simulator.arrays import PlantArrays

PRICE_FEATURES = (
    "price of tardiness", "price of late jobs", "price of makespan", "price of setups", "price of overtime",
    "price of balance",
)  # fmt: skip
HOURS_OF_SETUP, HOURS_OF_OVERTIME, POINTS_OF_BALANCE = 0.25, 1.5, 10.0
"""Hours of setup that an operation needs, overtime that a machine works a day, and how unequal a plan usually is."""


def usual_amounts(arrays: PlantArrays) -> npt.NDArray[np.float64]:
    """float64 [6]: how much of what each price is for makes a day's worth on this plant: every job a day late, every job
    late, the last end a day later, and setups, overtime and imbalance as usual. At least 1 each.
    """
    jobs, operations, machines = len(arrays.job_open), len(arrays.op_job), len(arrays.machine_table)
    amounts = (jobs, jobs, 24.0, HOURS_OF_SETUP * operations, HOURS_OF_OVERTIME * machines, POINTS_OF_BALANCE)
    return np.maximum(1.0, np.array(amounts, np.float64))


def price_shares(arrays: PlantArrays, prices: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    """float32 [6], summing to 1: what the usual amounts would cost at ``prices`` [6] (costs.prices_of), as shares."""
    worth = prices * usual_amounts(arrays)
    shares: npt.NDArray[np.float32] = (worth / worth.sum()).astype(np.float32)
    return shares
