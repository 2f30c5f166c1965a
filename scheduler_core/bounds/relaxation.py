"""The plant packed for pricing: every job's steps on the minutes that any machine works, and what capacity there is.

Indices: jobs J, steps S, modes Q (a step on a pair), pairs P (groups of machines that a step uses at once, with their
working time), working times T, groups G, families R to set up, buckets B. *Common minutes* c = 0 .. N count the minutes from
plan_start in which some machine in use works; N is the last that is priced.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from scheduler_core.bounds.capacity_groups import Group
from scheduler_core.bounds.family_setups import families_to_set_up
from scheduler_core.bounds.job_steps import OpenPlant, Step
from scheduler_core.simulator.array_types import Bool, Int32, Int64
from scheduler_core.simulator.array_types import Float64 as Float64
from scheduler_core.simulator.arrays import NEVER

NO_REWARD = -1


class Relaxation(NamedTuple):
    """The packed plant. Never written after packing."""

    job_first: Int32  # [J + 1] first step of each job
    job_ready: Int32  # [J] common minute from which the first one may start
    job_due: Int64  # [J] minute from plan_start, NEVER without a due date
    job_slope: Float64  # [J] cost of a minute late
    job_late: Float64  # [J] cost of being late at all
    step_first: Int32  # [S + 1] first mode of each step
    mode_pair: Int32  # [Q]
    mode_minutes: Int32  # [Q] least minutes
    mode_reward: Int32  # [Q] family that the mode sets up, NO_REWARD for none
    pair_table: Int32  # [P]
    pair_first: Int32  # [P + 1] first group of each pair
    pair_group: Int32  # groups, once per machine that is held of them
    table_before: Int32  # [T, N + 1] own working minutes before each common minute
    table_at: Int32  # [T, N] common minute of each own working minute; unused places hold N
    wall_end: Int64  # [N + 1] minute from plan_start right after the common minute before
    bucket: int  # common minutes per bucket: prices are constant in it
    capacity: Float64  # [G, B] machine minutes that work
    rewards: int  # R


def relax(
    plant: OpenPlant,
    groups: Sequence[Group],
    slope: Float64,
    late: Float64,
    horizon: int,
    buckets: int,
    most: int,
) -> Relaxation:
    """Packs the plant up to ``horizon`` minutes from plan_start, and at most the first ``most`` common minutes.

    slope, late: [J], see ``Relaxation``.
    """
    used = sorted({mode.table for _, step in plant.steps for mode in step.modes})
    masks = [plant.tables[t].mask[:horizon] for t in used]
    common = np.logical_or.reduce(masks)
    if common.sum() > most:
        horizon = int(np.flatnonzero(common)[most])
        common, masks = common[:horizon], [mask[:horizon] for mask in masks]
    common_before = np.concatenate([[0], np.cumsum(common)])
    minutes = len(common_before) - 1
    last = int(common_before[-1])
    bucket = max(1, -(-last // buckets))
    modes = _Modes(plant, groups, {t: i for i, t in enumerate(used)})
    table_before = np.zeros((len(used), last + 1), np.int32)
    table_at = np.full((len(used), last), last, np.int32)
    for i, mask in enumerate(masks):
        own = mask[common]
        table_before[i, 1:] = np.cumsum(own)
        at = np.flatnonzero(own)
        table_at[i, : len(at)] = at
    return Relaxation(
        job_first=np.cumsum([0, *(len(job.steps) for job in plant.jobs)], dtype=np.int32),
        job_ready=np.array([common_before[min(job.ready, minutes)] for job in plant.jobs], np.int32),
        job_due=np.array([NEVER if job.job.due is None else job.job.due for job in plant.jobs], np.int64),
        job_slope=slope,
        job_late=late,
        step_first=np.array(modes.step_first, np.int32),
        mode_pair=np.array(modes.pair, np.int32),
        mode_minutes=np.array(modes.minutes, np.int32),
        mode_reward=np.array(modes.reward, np.int32),
        pair_table=np.array([table for _, table in modes.pairs], np.int32),
        pair_first=np.cumsum([0, *(len(held) for held, _ in modes.pairs)], dtype=np.int32),
        pair_group=np.array([g for held, _ in modes.pairs for g in held], np.int32),
        table_before=table_before,
        table_at=table_at,
        wall_end=np.concatenate([[0], np.flatnonzero(common) + 1]).astype(np.int64),
        bucket=bucket,
        capacity=_capacity(plant, groups, common, bucket),
        rewards=modes.rewards,
    )


class _Modes:
    """Of every step the cheapest mode on each pair, without and with the setting up of its family."""

    def __init__(self, plant: OpenPlant, groups: Sequence[Group], tables: dict[int, int]) -> None:
        self._group_of = {m: g for g, group in enumerate(groups) for m in group.machines}
        self._tables = tables
        self.pairs: dict[tuple[tuple[int, ...], int], int] = {}
        self.step_first = [0]
        self.pair: list[int] = []
        self.minutes: list[int] = []
        self.reward: list[int] = []
        self._reward_of: dict[tuple[int, int], int] = {}  # by id of the step and group
        self.rewards = 0
        for g, group in enumerate(groups):
            for family in families_to_set_up(plant, group.machines):
                if len(family.steps) > 1:
                    self._reward_of.update({(id(step), g): self.rewards for _, step in family.steps})
                    self.rewards += 1
        for _, step in plant.steps:
            self._add(step)

    def _add(self, step: Step) -> None:
        cheapest: dict[tuple[int, int], int] = {}
        for mode in step.modes:
            held = tuple(sorted(self._group_of[m] for m in mode.machines))
            pair = self.pairs.setdefault((held, self._tables[mode.table]), len(self.pairs))
            reward = self._reward_of.get((id(step), held[0]), NO_REWARD) if len(held) == 1 else NO_REWARD
            ways = [(mode.least, NO_REWARD)]
            if reward != NO_REWARD:
                ways.append((mode.first_of_family, reward))
            for minutes, earned in ways:
                cheapest[pair, earned] = min(minutes, cheapest.get((pair, earned), minutes))
        for (pair, earned), minutes in cheapest.items():
            self.pair.append(pair)
            self.minutes.append(minutes)
            self.reward.append(earned)
        self.step_first.append(len(self.pair))


def _capacity(plant: OpenPlant, groups: Sequence[Group], common: Bool, bucket: int) -> Float64:
    edges = np.arange(0, int(common.sum()), bucket)
    capacity = np.zeros((len(groups), len(edges)), np.float64)
    if not len(edges):
        return capacity
    for g, group in enumerate(groups):
        for machine in group.machines:
            mask = plant.tables[plant.times.table((machine,))].mask
            own = mask[: len(common)][common].astype(np.int64)
            capacity[g] += np.add.reduceat(own, edges)
    return capacity
