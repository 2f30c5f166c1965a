"""Lower bounds on what lateness costs, by putting a price on machine time.

If machine time has a price, every job can be planned by itself, exactly: calendars, pauses, machine choice, precedence and
release included. What the jobs then cost together, less the price of all machine time that there is, is never more than
what any plan costs, whatever the prices (Lagrangian relaxation of capacity: Hoitomt, Luh and Pattipati 1993, "A practical
approach to job-shop scheduling problems", IEEE Transactions on Robotics and Automation 9). In the same way every family
that has to be set up somewhere offers a reward for it. Prices are sought by a projected subgradient method with the steps
of Adam (Kingma and Ba 2015) on a grid of starts; the bound itself is computed once, in whole minutes, at the best of them.
"""

from __future__ import annotations

import math
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from scheduler_core.bounds import lagrangian
from scheduler_core.bounds.capacity_groups import Group, by_type, interchangeable
from scheduler_core.bounds.job_alone import completion
from scheduler_core.bounds.job_steps import OpenPlant
from scheduler_core.bounds.relaxation import Float64, Relaxation, relax
from scheduler_core.plant import MINUTES_PER_DAY
from scheduler_core.simulator.open_hours import WorkTime

BUCKETS, PLACES = 100, 320
"""Spans of time with one price each, and places of the grid, up to the horizon."""
MAX_WORK = 400_000_000
"""Most modes times minutes that the exact pass may look at (about two seconds); a longer horizon is cut to that."""
MAX_MODES = 40_000
"""Beyond so many ways to run a step, machines are pooled by type."""
ITERATIONS = 110
FIRST_STEP, LAST_STEP = 3.0, 0.15
"""Steps of the prices, in what a minute late costs an average job."""
SETUP_MINUTES = 30.0
"""A reward moves as the price of so many minutes."""
LATE_STEPS = 50.0
"""Being late at all moves the prices as a minute late would if it cost the same spread over so many average steps."""
DECAY, SQUARE_DECAY = 0.9, 0.99
ROOM = 1.3
"""The horizon, in multiples of the time that the work takes at least."""


@dataclass(frozen=True)
class PricedBound:
    """``cost``: no plan costs less. ``alone``: the part of it that each job costs by itself, without any other.

    rent: of each group, what its machine time is worth at the prices found; where it is high, jobs wait for each other.
    """

    cost: float
    alone: float
    groups: tuple[Group, ...] = ()
    rent: tuple[float, ...] = ()
    iterations: int = 0


@dataclass(frozen=True)
class Lateness:
    """What lateness costs, by job [J]: ``slope`` a minute, and ``late`` being late at all. Jobs without a due date: 0."""

    slope: Float64
    late: Float64

    def cost(self, j: int, minutes_late: int) -> float:
        """Cost of job j."""
        return float(self.late[j] + self.slope[j] * minutes_late) if minutes_late > 0 else 0.0


def weighted_days(plant: OpenPlant) -> Lateness:
    """Weighted tardiness in days."""
    weights = [0.0 if job.job.due is None else job.job.weight for job in plant.jobs]
    return Lateness(np.array(weights) / MINUTES_PER_DAY, np.zeros(len(weights)))


def late_jobs(plant: OpenPlant) -> Lateness:
    """The number of late jobs."""
    counts = [0.0 if job.job.due is None else 1.0 for job in plant.jobs]
    return Lateness(np.zeros(len(counts)), np.array(counts))


def priced_bound(
    plant: OpenPlant, lateness: Lateness, time_limit: float | None, tick: Callable[[float], None] = lambda _: None
) -> PricedBound:
    """The best bound found within ``time_limit`` wall seconds, or after all iterations (None); the same every time unless
    time ran out. ``tick`` is told the share of the work that is done, and may raise to stop it.
    """
    began = time.perf_counter()
    ends = [completion(plant, job) for job in plant.jobs]
    alone = [
        0.0 if job.job.due is None else lateness.cost(j, end - job.job.due)
        for j, (job, end) in enumerate(zip(plant.jobs, ends, strict=True))
    ]  # fmt: skip
    bound = PricedBound(sum(alone), sum(alone))
    relaxation = _relaxation(plant, lateness, max(ends, default=0))
    if relaxation is None:
        return bound
    groups, x = relaxation
    search = _Search(x, lateness)
    iterations = search.run(began, math.inf if time_limit is None else time_limit, tick)
    if not iterations:
        return bound
    # Jobs with nothing left to do take no part in the pricing.
    settled = sum(cost for job, cost in zip(plant.jobs, alone, strict=True) if not job.steps)
    price, reward = search.best
    cost = _Pass(x, 1).cost(price, reward) + settled
    if cost <= bound.cost:
        return bound
    rent = tuple(float(r) for r in (price * x.capacity).sum(axis=1))
    return PricedBound(cost, bound.alone, groups, rent, iterations)


def _relaxation(plant: OpenPlant, lateness: Lateness, last_alone: int) -> tuple[tuple[Group, ...], Relaxation] | None:
    """The groups and the packed plant, or None where there is nothing to price."""
    if not plant.steps or not (lateness.slope.any() or lateness.late.any()):
        return None
    modes = sum(len(step.modes) for _, step in plant.steps)
    groups = interchangeable(plant) if modes <= MAX_MODES else by_type(plant)
    horizon = min(plant.times.horizon, int(ROOM * max(last_alone, _work_done(plant, groups))))
    x = relax(plant, groups, lateness.slope, lateness.late, horizon, BUCKETS, MAX_WORK // modes)
    return None if len(x.wall_end) == 1 else (groups, x)


def _work_done(plant: OpenPlant, groups: Sequence[Group]) -> int:
    """The minute by which every group has worked as long as its steps take, at least."""
    times = plant.times
    group_of = {m: g for g, group in enumerate(groups) for m in group.machines}
    work = [0] * len(groups)
    for _, step in plant.steps:
        mode = min(step.modes, key=lambda mode: mode.least)
        for m in mode.machines:
            work[group_of[m]] += mode.least
    done = 0
    for g, group in enumerate(groups):
        tables = [plant.tables[times.table((m,))] for m in group.machines]
        done = max(done, _minute_of(tables, work[g], times.horizon))
    return done


def _minute_of(tables: Sequence[WorkTime], work: int, horizon: int) -> int:
    """The minute by which machines of these working times have worked so long together, at most the horizon."""
    return bisect_left(range(horizon), work, key=lambda minute: sum(table.before(minute) for table in tables))


class _Pass:
    """One way through all jobs at given prices, on a grid of every ``stride`` common minutes."""

    def __init__(self, x: Relaxation, stride: int) -> None:
        self._x, self.stride = x, stride
        last = len(x.wall_end) - 1
        places = (int(np.diff(x.job_first).max()), last // stride + 1)
        self._paid = np.zeros((len(x.pair_table), last + 1))
        self._value = np.zeros(places)
        self._start, self._mode = np.zeros(places, np.int32), np.zeros(places, np.int32)
        self.usage, self.set_up = np.zeros(x.capacity.shape), np.zeros(x.rewards)
        """Of the last pass: machine minutes used [G, B], and how often each family was set up [R]."""

    def cost(self, price: Float64, reward: Float64) -> float:
        """What all jobs cost together, less the price of all machine time: at stride 1 a lower bound for every plan."""
        x = self._x
        lagrangian.add_up_prices(x, price, self._paid)
        jobs = lagrangian.all_jobs(
            x, self._paid, reward, self.stride, self._value, self._start, self._mode, self.usage, self.set_up
        )
        return float(jobs - (price * x.capacity).sum() + reward.sum())


class _Search:
    """Prices by projected subgradient steps; ``best`` are those with the highest cost on the grid."""

    def __init__(self, x: Relaxation, lateness: Lateness) -> None:
        self._x = x
        self._pass = _Pass(x, max(1, (len(x.wall_end) - 1) // PLACES))
        self._price, self._reward = _Climb(x.capacity.shape), _Climb((x.rewards,))
        self._usual = np.maximum(1.0, x.capacity.mean(axis=1, keepdims=True))
        self._unit = float(lateness.slope.mean() + lateness.late.mean() / (LATE_STEPS * x.mode_minutes.mean()))
        self._cost = -math.inf
        self.best = (self._price.at, self._reward.at)

    def run(self, began: float, seconds: float, tick: Callable[[float], None]) -> int:
        """Search until all iterations are done, or so late that the exact pass just ends in time; returns the iterations.

        0: there is no time for the exact pass at all. ``began`` is a ``time.perf_counter``.
        """
        iterations, fastest, progress = 0, math.inf, 0.0
        while progress < 1:
            before = time.perf_counter()
            self._step(progress)
            iterations += 1
            fastest = min(fastest, time.perf_counter() - before)
            # The exact pass looks at every minute, where a step looks at one in ``stride``.
            room = seconds - 1.2 * fastest * self._pass.stride
            elapsed = time.perf_counter() - began
            if elapsed > room and iterations == 1:
                return 0
            progress = iterations / ITERATIONS
            if elapsed + (ITERATIONS - iterations) * fastest > room:
                # Time is short: the steps shrink faster, so that the search has come to rest when it ends.
                progress = max(progress, elapsed / room)
            tick(min(progress, 1.0))
        return iterations

    def _step(self, progress: float) -> None:
        """One step at ``progress`` (0 to 1) of the search."""
        cost = self._pass.cost(self._price.at, self._reward.at)
        if cost > self._cost:
            self._cost, self.best = cost, (self._price.at, self._reward.at)
        length = self._unit * FIRST_STEP * (LAST_STEP / FIRST_STEP) ** progress
        self._price.move((self._pass.usage - self._x.capacity) / self._usual, length)
        self._reward.move(1.0 - self._pass.set_up, length * SETUP_MINUTES)


class _Climb:
    """A point that is not negative, and climbs by Adam's steps."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.at = np.zeros(shape)
        self._mean, self._square, self._moves = np.zeros(shape), np.zeros(shape), 0

    def move(self, slope: Float64, length: float) -> None:
        """A step of about ``length`` in every direction; ``at`` becomes a new array."""
        self._moves += 1
        self._mean = DECAY * self._mean + (1 - DECAY) * slope
        self._square = SQUARE_DECAY * self._square + (1 - SQUARE_DECAY) * slope * slope
        mean = self._mean / (1 - DECAY**self._moves)
        square = self._square / (1 - SQUARE_DECAY**self._moves)
        self.at = np.maximum(0.0, self.at + length * mean / (np.sqrt(square) + 1e-3))
