"""Carrying a plan over to a plant as it is now: what is finished leaves, new orders are inserted, what lost its machine goes
elsewhere, and everything else keeps its machine, its order and, where nothing pushes it, its start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scheduler_core.engines.annealing.staying import Homes
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.repair.right_shift import current_plan, holds, shifted_from
from scheduler_core.plant import Plant
from scheduler_core.schedule import NEAR_HOURS, NOTICEABLE_MINUTES, Schedule
from scheduler_core.simulator.arrays import PlantArrays

NEVER_STRAYS = 1_000_000
"""What a move counts that is never made: more than may ever stray."""


@dataclass(frozen=True)
class CarriedOver:
    """The plan in force on the plant as it is now.

    before: the plan as it was, in minutes of this plant; schedule: carried over; pushed: starts of what right-shift places,
    by (job, sequence), before anything was inserted; due: those of them that were to start within NEAR_HOURS. One of them is
    moved if it stands on another machine than in ``schedule``, or starts over NOTICEABLE_MINUTES before it was to, or after
    ``pushed``.
    """

    before: Schedule
    schedule: Schedule
    pushed: Mapping[tuple[str, int], int]
    due: frozenset[tuple[str, int]]

    @property
    def unchanged(self) -> bool:
        """Whether the plan holds as it is: no operation of the plant is new to it, and none stands elsewhere."""
        return holds(self.before, self.schedule)

    def due_before(self, minute: int) -> int:
        """How many of them were to start before the minute."""
        return sum(self.before.by_operation[key].start < minute for key in self.due)


@dataclass(frozen=True)
class Limits:
    """The most moves that are allowed among the operations due within ``hours`` from now (at most NEAR_HOURS)."""

    moves: int
    hours: float = NEAR_HOURS


def carry_over(plant: Plant, arrays: PlantArrays, config: EngineConfig) -> CarriedOver:
    """The plan in ``config.warm_start``, whose minutes count from the plant's plan_start, on the plant.

    Raises InvalidValue without a plan, Unschedulable for a plant without any schedule.
    """
    before = current_plan(config)
    first = now_of(plant)
    carried, pushed = shifted_from(plant, arrays, before)
    due = frozenset(key for key in pushed if first <= before.by_operation[key].start < first + NEAR_HOURS * 60)
    return CarriedOver(before, carried, pushed, due)


def now_of(plant: Plant) -> int:
    """Minute before which no machine is there any more: 0, or later where a plan goes on from a later moment."""
    return max(0, min(m.available_from or 0 for m in plant.machines))


def homes_of(plant: Plant, arrays: PlantArrays, carried: CarriedOver, limits: Limits) -> Homes | None:
    """Where the search shall leave operations, so that what it moves keeps to the limits. None: no operation has to stay."""
    ops = len(arrays.op_job)
    stay, home = np.zeros(ops, np.int32), np.zeros(ops, np.int32)
    earliest, latest = np.zeros(ops, np.int64), np.zeros(ops, np.int64)
    until = now_of(plant) + round(60 * limits.hours)
    keys = [(job.id, op.sequence) for job in plant.jobs for op in job.operations]
    pair_of = _pairs(plant, arrays)
    for o, key in enumerate(keys):
        was, now = carried.before.by_operation.get(key), carried.schedule.by_operation[key]
        if arrays.op_reserved_pair[o] >= 0 or was is None or key not in carried.due or was.start >= until:
            continue
        stay[o] = 1
        earliest[o], latest[o] = was.start - NOTICEABLE_MINUTES, carried.pushed[key] + NOTICEABLE_MINUTES
        home[o] = pair_of(o, now.machines)
    return Homes(stay, home, earliest, latest, min(limits.moves, NEVER_STRAYS - 1)) if stay.any() else None


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
