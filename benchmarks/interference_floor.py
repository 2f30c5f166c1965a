"""One floor on which some orders follow a challenger's preference and the others the champion's: an A/B test by order.

The compiled floor lets one way decide for all orders. Here the plain floor (``scheduler_core/floor/reference.py``) asks, at
every free machine, which order begins, and preferences are stated in plain Python. If all orders are of one group, it does
exactly what the compiled floor does with that way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np

from scheduler_core.floor.execution import WorkingHours
from scheduler_core.floor.executions import priced
from scheduler_core.floor.floor_arrays import FloorArrays
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.floor.reference import Candidate, ReferenceFloor
from scheduler_core.schedule import Schedule

LOOK_AHEAD = 2.0
"""k1 of (W)ATC, as the rules have it by default."""


class Order(StrEnum):
    """Whose favourite begins where orders of both groups are ready."""

    FIRST = "treated first"
    LAST = "treated last"
    FAIR = "fair turns"


@dataclass(frozen=True)
class Move:
    """A candidate as a preference sees it: the numbers of its operation and job in the packed plant, minutes of setup and
    processing on its machine, working minutes of the plant before now."""

    operation: int
    job: int
    setup: int
    minutes: int
    worked_now: int


class Preference(Protocol):
    """How much a way to plan prefers a candidate; the highest value begins."""

    def __call__(self, move: Move) -> float: ...


class ApparentTardinessCost:
    """The rules WATC (``weighted``) and ATC, as ``engines/rules.py`` computes them."""

    def __init__(self, floor: FloorArrays, weighted: bool) -> None:
        known = floor.known
        self._due, self._tail = known.job_worked_due.tolist(), known.op_tail.tolist()
        self._scale = LOOK_AHEAD * float(known.mean_minutes)
        self._log_weight = [math.log(w) if weighted else 0.0 for w in known.job_weight.tolist()]

    def __call__(self, move: Move) -> float:
        """The rule's value as a logarithm."""
        slack = self._due[move.job] - move.worked_now - self._tail[move.operation]
        return float(self._log_weight[move.job] - max(0.0, slack) / self._scale - math.log(move.minutes + move.setup))


class MachinePrices:
    """Dispatching by the usual prices of machine time, as ``engines/pricing/bottleneck_dynamics.py`` computes it."""

    def __init__(self, floor: FloorArrays) -> None:
        known, prices = floor.known, priced(floor, ())
        self._due, self._mean, self._weight = (
            known.job_worked_due.tolist(),
            known.op_mean.tolist(),
            known.job_weight.tolist(),
        )
        self._look_ahead, self._setup_scale = prices.terms.tolist()
        self._lead, self._priced, self._price = prices.lead.tolist(), prices.priced.tolist(), prices.price.tolist()

    def __call__(self, move: Move) -> float:
        """The value as a logarithm."""
        o = move.operation
        slack = self._due[move.job] - move.worked_now - self._lead[o]
        cost = self._priced[o] + self._price[o] * (move.minutes - self._mean[o])
        urgency = max(0.0, slack) / self._look_ahead + move.setup / self._setup_scale
        return float(math.log(self._weight[move.job] / (cost + 1e-9)) - urgency)


def treated_orders(floor: FloorArrays, seed: int) -> frozenset[str]:
    """Half of all orders that ever come, drawn by the seed."""
    jobs = [job.id for job in floor.plant.jobs]
    drawn = np.random.default_rng((seed, len(jobs))).permutation(len(jobs))
    return frozenset(jobs[int(i)] for i in drawn[: len(jobs) // 2])


class SharedFloor:
    """Decisions on a floor that two groups of orders share. The plant must have no operation on several machines at once."""

    def __init__(
        self,
        arrays: FloorArrays,
        floor: ReferenceFloor,
        treated: frozenset[str],
        challenger: Preference,
        champion: Preference,
        order: Order,
    ) -> None:
        self._arrays, self._floor, self._treated, self._order = arrays, floor, treated, order
        self._challenger, self._champion = challenger, champion
        self._hours = WorkingHours(arrays.stream.plant)
        usual = int(np.flatnonzero(arrays.known.machine_table == arrays.known.plant_table)[0])
        self._usual = (arrays.plant.machines[usual].id,)
        self._turn = True

    def choose(self, candidates: Sequence[Candidate]) -> Candidate:
        """The candidate that begins. With fair turns the two groups alternate over all decisions that both take part in."""
        treated = [c for c in candidates if c.job.id in self._treated]
        others = [c for c in candidates if c.job.id not in self._treated]
        first = bool(treated)
        if treated and others:
            first = self._turn if self._order is Order.FAIR else self._order is Order.FIRST
            self._turn = not self._turn
        return self._favourite(treated, self._challenger) if first else self._favourite(others, self._champion)

    def _favourite(self, candidates: Sequence[Candidate], preference: Preference) -> Candidate:
        worked_now = self._hours.worked(self._usual, 0, self._floor.minute)
        return min(candidates, key=lambda c: (-preference(self._move(c, worked_now)), c.expected_end))

    def _move(self, candidate: Candidate, worked_now: int) -> Move:
        machines, op = candidate.machines, candidate.operation
        minutes = op.processing_minutes(machines)
        setup = self._hours.worked(machines, self._floor.minute, candidate.expected_end) - minutes
        o = self._arrays.operation[candidate.job.id, op.sequence]
        return Move(o, int(self._arrays.known.op_job[o]), setup, minutes, worked_now)


def shared_floor(
    arrays: FloorArrays,
    noise: DurationNoise,
    seed: int,
    treated: frozenset[str],
    challenger: Preference,
    champion: Preference,
    order: Order,
) -> Schedule:
    """The floor of the seed to its end, in the stream's minutes, with ``treated`` orders chosen by the challenger's
    preference and the others by the champion's."""
    floor = ReferenceFloor(arrays.stream, noise, seed)
    return floor.decide(SharedFloor(arrays, floor, treated, challenger, champion, order).choose)
