"""Decisions to imitate: for each plant the best of many rollouts, some of them pulled towards a searched schedule."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch

from scheduler_core.engines.annealing.population import improve_by_moves
from scheduler_core.engines.rules import SEEDS, seed_random
from scheduler_core.plant import Plant
from scheduler_core.policy.features import N_JOB, N_MACHINE, PRICES, new_view
from scheduler_core.policy.inference import PolicyWeights, new_room, rollout
from scheduler_core.policy.network import Pointer
from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import new_state, pack
from scheduler_core.training.guided_rollouts import Records, guided, new_records, teacher_of

Float32 = npt.NDArray[np.float32]
ANCHOR_WEIGHT = 3.0
"""What a unit of divergence from the policy at the start counts beside a missed answer."""


class ImitationDataset(NamedTuple):
    """D decisions of one head with R candidates in all."""

    rows: Float32  # [R, features of the head]
    right: npt.NDArray[np.bool_]  # [R]
    counts: npt.NDArray[np.int64]  # [D] candidates of each
    plant: Float32  # [D, N_GLOBAL]


class Lesson(NamedTuple):
    """What one plant teaches: both heads' decisions of its best schedule and that schedule's cost over the policy's own."""

    job: ImitationDataset
    machine: ImitationDataset
    ratio: float


def lesson(
    plant: Plant,
    prices: costs.Float64,
    weights: PolicyWeights,
    samples: int,
    pulls: tuple[float, ...],
    temperatures: tuple[float, ...],
    moves: int,
    seed: int,
) -> Lesson | None:
    """The best of ``samples`` rollouts, at the strengths ``pulls`` and the ``temperatures`` in turn, towards a schedule that
    ``moves`` moves per operation have found. None if none is better than the policy's deterministic rollout: there is
    nothing to learn.
    """
    arrays = pack(plant)
    state, view, room = new_state(arrays), new_view(arrays, prices), new_room(arrays, weights)
    if rollout(arrays, state, view, room, weights, 0.0, prices, math.inf) < 0:
        raise AssertionError("a rollout of the policy failed on a valid plant")
    own = float(costs.cost(arrays, state, prices))
    found = improve_by_moves(arrays, state, prices, moves * len(arrays.op_job), seed)
    teacher, records = teacher_of(arrays, found.state), new_records(arrays)

    def run(number: int) -> float:
        seed_random((seed * 1_000_003 + number) % SEEDS)
        temperature = temperatures[number % len(temperatures)]
        pull = pulls[number % len(pulls)]
        if guided(arrays, state, view, teacher, records, room, weights, temperature, pull) < 0:
            raise AssertionError("a rollout of the policy failed on a valid plant")
        return float(costs.cost(arrays, state, prices))

    reached = [run(n) for n in range(samples)]
    best = int(np.argmin(reached))
    if not reached[best] < own * (1 - 1e-6):
        return None
    run(best)
    return Lesson(_part(records, False), _part(records, True), reached[best] / own)


def _part(records: Records, machine: bool) -> ImitationDataset:
    decisions, rows = records.size.tolist()
    count = records.counts[:decisions]
    chosen = records.asks_machine[:decisions] == machine
    mine = np.repeat(chosen, count)
    width = N_MACHINE + N_JOB if machine else N_JOB
    return ImitationDataset(
        records.rows[:rows][mine, :width],
        records.right[:rows][mine],
        count[chosen].copy(),
        records.plant[:decisions][chosen],
    )


def joined(parts: list[ImitationDataset]) -> ImitationDataset:
    """All of them as one. Raises ValueError for none."""
    return ImitationDataset(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def loss_of(
    head: Pointer,
    examples: ImitationDataset,
    first: npt.NDArray[np.int64],
    chosen: npt.NDArray[np.int64],
    start: Pointer | None = None,
    anchor: float = 0.0,
) -> torch.Tensor:
    """Mean of -log(the policy's chance of any right answer) over the ``chosen`` decisions; rows begin at ``first`` [D].

    With an ``anchor`` from 0 to 1, that share of it gives way to staying with the policy ``start`` (its Kullback-Leibler
    divergence, ANCHOR_WEIGHT times) where the objective is weighted tardiness; in a mix, as far as tardiness has a share.
    """
    count = examples.counts[chosen]
    place = np.arange(int(count.max()))
    at = first[chosen][:, None] + np.minimum(place, count[:, None] - 1)
    present = torch.from_numpy(place < count[:, None])
    right = torch.from_numpy(examples.right[at]) & present
    seen = (torch.from_numpy(examples.rows[at]), torch.from_numpy(examples.plant[chosen]), present.float())
    low = torch.finfo(torch.float32).min
    chances = torch.log_softmax(head(*seen).masked_fill(~present, low), 1)
    missed = -torch.logsumexp(chances.masked_fill(~right, low), 1)
    if start is None or anchor == 0.0:
        return missed.mean()
    with torch.no_grad():
        known = torch.log_softmax(start(*seen).masked_fill(~present, low), 1)
    strayed = (known.exp() * (known - chances)).masked_fill(~present, 0.0).sum(1)
    kept = anchor * seen[1][:, PRICES + costs.TARDINESS]
    return ((1.0 - kept) * missed + kept * ANCHOR_WEIGHT * strayed).mean()


def starts_of(examples: ImitationDataset) -> npt.NDArray[np.int64]:
    """[D] where the rows of each decision begin."""
    return np.concatenate([[0], np.cumsum(examples.counts)[:-1]]).astype(np.int64)
