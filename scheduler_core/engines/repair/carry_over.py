"""Carrying a plan over to a plant as it is now: what is finished leaves, new orders are inserted, what lost its machine goes
elsewhere, and everything else keeps its machine, its order and, where nothing pushes it, its start."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scheduler_core.engines.annealing.staying import Homes
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.repair.right_shift import current_plan, shifted_with_spared
from scheduler_core.plant import Plant
from scheduler_core.schedule import NEAR_HOURS, NOTICEABLE_MINUTES, Assignment, Schedule
from scheduler_core.simulator.arrays import PlantArrays

NEVER_STRAYS = 1_000_000
"""What a frozen operation counts: more than may ever stray."""


@dataclass(frozen=True)
class CarriedOver:
    """The plan in force on the plant as it is now.

    before: the plan as it was, in minutes of this plant; schedule: carried over; homes: (job, sequence) of the operations
    that were to start within NEAR_HOURS and that stand where they stood; a change of one of them is a move.
    """

    before: Schedule
    schedule: Schedule
    homes: frozenset[tuple[str, int]]

    @property
    def unchanged(self) -> bool:
        """Whether the plan holds as it is: no operation of the plant is new to it, and none stands elsewhere."""
        return all(
            (was := self.before.by_operation.get(a.key)) is not None and _place(was) == _place(a)
            for a in self.schedule.assignments
        )


def carry_over(plant: Plant, arrays: PlantArrays, config: EngineConfig) -> CarriedOver:
    """The plan in ``config.warm_start``, whose minutes count from the plant's plan_start, on the plant.

    Raises InvalidValue without a plan, Unschedulable for a plant without any schedule.
    """
    before = current_plan(config)
    schedule, spared = shifted_with_spared(plant, arrays, before)
    first = now_of(plant)
    near = frozenset(k for k in spared if first <= before.by_operation[k].start < first + NEAR_HOURS * 60)
    return CarriedOver(before, schedule, near)


def now_of(plant: Plant) -> int:
    """Minute before which no machine is there any more: 0, or later where a plan goes on from a later moment."""
    return max(0, min(m.available_from or 0 for m in plant.machines))


def homes_of(plant: Plant, arrays: PlantArrays, carried: CarriedOver, config: EngineConfig) -> Homes | None:
    """Where the search shall leave operations: at most ``config.most_moves`` of the plan's homes may be left (None: any
    number), and none that starts within its machine's frozen hours. None: no operation has to stay."""
    ops = len(arrays.op_job)
    stay, home = np.zeros(ops, np.int32), np.zeros(ops, np.int32)
    start, tolerance = np.zeros(ops, np.int64), np.zeros(ops, np.int64)
    first = now_of(plant)
    frozen = {m.id: first + round(60 * config.frozen_hours_of(m.type)) for m in plant.machines}
    keys = [(job.id, op.sequence) for job in plant.jobs for op in job.operations]
    pair_of = _pairs(plant, arrays)
    for o, key in enumerate(keys):
        now = carried.schedule.by_operation[key]
        if arrays.op_reserved_pair[o] >= 0 or key not in carried.before.by_operation:
            continue
        if any(now.start < frozen[m] for m in now.machines):
            counts, at, slack = NEVER_STRAYS, now.start, 0
        elif key in carried.homes and config.most_moves is not None:
            counts, at, slack = 1, carried.before.by_operation[key].start, NOTICEABLE_MINUTES
        else:
            continue
        stay[o], home[o], start[o], tolerance[o] = counts, pair_of(o, now.machines), at, slack
    if not stay.any():
        return None
    most = NEVER_STRAYS - 1 if config.most_moves is None else min(config.most_moves, NEVER_STRAYS - 1)
    return Homes(stay, home, start, tolerance, most)


class _pairs:
    """The pair of an operation index on machines."""

    def __init__(self, plant: Plant, arrays: PlantArrays) -> None:
        self.arrays = arrays
        self.index = {m.id: i for i, m in enumerate(plant.machines)}

    def __call__(self, op: int, machines: tuple[int, ...]) -> int:
        first, last = int(self.arrays.op_first[op]), int(self.arrays.op_first[op + 1])
        if self.arrays.op_all[op]:
            return first
        m = self.index[machines[0]]
        return next(p for p in range(first, last) if self.arrays.pair_machine[p] == m)


def _place(a: Assignment) -> tuple[frozenset[int], int]:
    return frozenset(a.machines), a.start
