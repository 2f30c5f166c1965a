"""Improving a schedule by simulated annealing over its sequence (Kirkpatrick et al. 1983).

A schedule is the order in which its operations were dispatched (decoding.py). A move changes that order for a late job, or
for the jobs that could wait, and the schedule is rebuilt from the last kept state before the change. A rebuilt schedule that
is sure to be refused is given up at once.
"""

from __future__ import annotations

import math
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from scheduler_core.engines.config import Progress
from scheduler_core.plant import MINUTES_PER_DAY
from scheduler_core.simulator import kernel
from scheduler_core.simulator.arrays import NOW, PlantArrays, State, new_state
from scheduler_core.simulator.decoding import COMPLETE, PAUSED, copy_state, decode

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

MARKS = 24
"""Kept states along a schedule, evenly spaced over its decisions: a move re-simulates half a mark too much on average."""
START_TEMPERATURE, END_TEMPERATURE = 2e-4, 1e-5
"""As shares of the starting cost."""
EXCHANGE_SECONDS = 2.0
"""How often a chain that fell behind takes over the best schedule of all chains."""
BEHIND = 1.01
ORDER_STEP = 1e-5
"""Minutes between the ranks of operations that were dispatched one after the other in the same minute."""


@dataclass(frozen=True)
class Improvement:
    """The best state found, its cost (kernel.cost), moves tried, and (seconds, cost) at every improvement."""

    state: State
    cost: float
    moves: int
    curve: tuple[tuple[float, float], ...]


def improve(
    arrays: PlantArrays, start: State, objective: int, deadline: float, workers: int, seed: int, progress: Progress
) -> Improvement:
    """Improves the complete schedule in ``start`` until ``deadline`` (time.perf_counter), one chain per worker thread.

    Raises Cancelled through ``progress``.
    """
    best = _Best(arrays, start, objective, [0] * workers)
    if best.cost <= 0 or not (arrays.op_reserved_pair < 0).any():
        return Improvement(best.state, best.cost, 0, ())
    began = time.perf_counter()
    stop = threading.Event()

    def run(number: int) -> None:
        chain = _Chain(arrays, best, objective, number, np.random.default_rng([seed, number]))
        chain.run(began, deadline, stop)

    with ThreadPoolExecutor(max_workers=workers) as pool:
        chains = [pool.submit(run, n) for n in range(workers)]
        try:
            while True:
                _, running = wait(chains, timeout=0.3)
                share = (time.perf_counter() - began) / max(1e-9, deadline - began)
                progress(min(1.0, share), f"improving, {best.moves} moves tried, {1 - best.cost / best.first:.1%} better")
                if not running:
                    break
        finally:
            stop.set()
    for chain in chains:
        chain.result()
    return Improvement(best.state, best.cost, best.moves, tuple(best.curve))


@dataclass
class _Best:
    """The best schedule of all chains."""

    arrays: PlantArrays
    start: State
    objective: int
    moves_of: list[int]
    """Moves that each chain has tried."""
    curve: list[tuple[float, float]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.state = new_state(self.arrays)
        copy_state(self.state, self.start)
        self.cost = self.first = float(kernel.cost(self.arrays, self.start, self.objective))
        self.began = time.perf_counter()

    @property
    def moves(self) -> int:
        return sum(self.moves_of)

    def offer(self, state: State, cost: float) -> None:
        with self.lock:
            if cost < self.cost:
                self.cost = cost
                copy_state(self.state, state)
                self.curve.append((time.perf_counter() - self.began, cost))


class _Chain:
    """One annealing chain: an incumbent, the states kept along it, and room for a trial."""

    def __init__(self, arrays: PlantArrays, best: _Best, objective: int, number: int, rng: np.random.Generator) -> None:
        self.a, self.best, self.objective, self.number, self.rng = arrays, best, objective, number, rng
        ops = len(arrays.op_job)
        reserved = int((arrays.op_reserved_pair >= 0).sum())
        self.marks = np.unique(np.linspace(reserved, ops, MARKS + 1).astype(np.int64)[:-1])
        self.kept = [new_state(arrays) for _ in self.marks]
        self.kept_spent = np.zeros(len(self.marks))
        self.spare = [new_state(arrays) for _ in self.marks]
        self.spare_spent = np.zeros(len(self.marks))
        self.incumbent, self.trial = new_state(arrays), new_state(arrays)
        self.spent = np.zeros(1)
        self.open_ops = np.flatnonzero(arrays.op_reserved_pair < 0)
        self.adopt()

    def adopt(self) -> None:
        """Takes over the best schedule."""
        with self.best.lock:
            copy_state(self.incumbent, self.best.state)
        self._read_incumbent()
        kernel.reset(self.a, self.kept[0])
        self.kept_spent[0] = 0.0
        cost = self._evaluate(0, self.rank, self.wish, math.inf)
        assert cost < math.inf
        self._accept(0, cost)

    def run(self, began: float, deadline: float, stop: threading.Event) -> None:
        """Anneals until the deadline or the stop."""
        first = self.cost
        exchanged = time.perf_counter()
        while not stop.is_set():
            now = time.perf_counter()
            if now >= deadline:
                return
            if now - exchanged > EXCHANGE_SECONDS:
                exchanged = now
                if self.cost > self.best.cost * BEHIND:
                    self.adopt()
            share = (now - began) / (deadline - began)
            temperature = first * START_TEMPERATURE * (END_TEMPERATURE / START_TEMPERATURE) ** share
            rank, wish, minute = self._propose()
            index = max(0, int(np.searchsorted(self.kept_clock, minute)) - 1)
            bound = self.cost - temperature * math.log(1.0 - self.rng.random())
            cost = self._evaluate(index, rank, wish, bound)
            self.best.moves_of[self.number] += 1
            if cost <= bound:
                self._accept(index, cost)
                self.best.offer(self.incumbent, cost)

    # ---------------------------------------------------------------- schedules
    def _evaluate(self, index: int, rank: Float64, wish: Int64, bound: float) -> float:
        """Rebuilds the schedule in ``self.trial`` from kept state ``index``; its cost, or infinity if that exceeds bound."""
        copy_state(self.trial, self.kept[index])
        self.spent[0] = self.kept_spent[index]
        for q in range(index + 1, len(self.marks)):
            outcome = decode(self.a, self.trial, rank, wish, self.marks[q], self.objective, self.spent, bound)
            if outcome != PAUSED:
                break
            copy_state(self.spare[q], self.trial)
            self.spare_spent[q] = self.spent[0]
        else:
            outcome = decode(self.a, self.trial, rank, wish, len(rank) + 1, self.objective, self.spent, bound)
        if outcome != COMPLETE:
            return math.inf
        return float(kernel.cost(self.a, self.trial, self.objective))

    def _accept(self, index: int, cost: float) -> None:
        self.cost = cost
        self.incumbent, self.trial = self.trial, self.incumbent
        for q in range(index + 1, len(self.marks)):
            self.kept[q], self.spare[q] = self.spare[q], self.kept[q]
            self.kept_spent[q] = self.spare_spent[q]
        self.kept_clock = np.array([s.clock[NOW] for s in self.kept])
        self._read_incumbent()

    def _read_incumbent(self) -> None:
        """Ranks, wishes and what moves are drawn from."""
        a, s = self.a, self.incumbent
        self.rank = _decision_minutes(s) + s.order * ORDER_STEP
        self.wish = s.pair.astype(np.int64)
        ready = np.empty(len(s.start), np.int64)
        ready[1:] = s.end[:-1]
        ready[a.job_first[:-1]] = a.job_ready
        self.ready = ready
        late = s.end[a.job_first[1:] - 1] - a.job_due
        if self.objective == kernel.MAKESPAN:
            end = s.end[a.job_first[1:] - 1].astype(np.float64)
            self.pull = (end / max(1.0, end.max())) ** 8
        else:
            self.pull = a.job_weight * np.maximum(0, late) / MINUTES_PER_DAY
            if self.objective == kernel.ON_TIME:
                # A job that is barely late is nearest to being on time.
                self.pull = (late > 0) / (1.0 + np.maximum(0, late) / MINUTES_PER_DAY)
        total = self.pull.sum()
        self.pull = np.cumsum(self.pull / total) if total > 0 else np.empty(0)
        machine = a.pair_machine[s.pair]
        self.on_machine = np.lexsort((s.start, machine))
        self.place = np.empty_like(self.on_machine)
        self.place[self.on_machine] = np.arange(len(machine))
        self.machine = machine

    # ---------------------------------------------------------------- moves
    def _propose(self) -> tuple[Float64, Int64, int]:
        """(rank, wish, first minute that may change) of a neighbour of the incumbent."""
        rank, wish = self.rank.copy(), self.wish.copy()
        draw = self.rng.random()
        if len(self.pull) and draw < 0.45:
            minute = self._insert_before(rank)
        elif len(self.pull) and draw < 0.70:
            minute = self._pull_job(rank, wish)
        elif draw < 0.85:
            minute = self._push_job(rank)
        else:
            minute = self._other_machine(rank, wish)
        return rank, wish, minute

    def _late_job(self) -> int:
        return min(int(np.searchsorted(self.pull, self.rng.random())), len(self.pull) - 1)

    def _insert_before(self, rank: Float64) -> int:
        """A waiting operation of a late job goes before one that its machine took while it waited."""
        j = self._late_job()
        first, last = int(self.a.job_open[j]), int(self.a.job_first[j + 1])
        waits = (self.incumbent.start[first:last] - self.ready[first:last]).astype(np.float64)
        if first == last or waits.max() <= 0:
            return self._jitter(rank)
        o = first + int(self.rng.choice(last - first, p=waits / waits.sum()))
        at = int(self.place[o])
        before = at - 1
        while (
            before >= 0
            and self.machine[self.on_machine[before]] == self.machine[o]
            and self.incumbent.start[self.on_machine[before]] >= self.ready[o]
        ):
            before -= 1
        if before + 1 >= at:
            return self._pull_operations(rank, o, o + 1)
        other = int(self.on_machine[int(self.rng.integers(before + 1, at))])
        rank[o] = rank[other] - ORDER_STEP / 2
        return int(self.incumbent.start[other])

    def _pull_job(self, rank: Float64, wish: Int64) -> int:
        """A late job, or its part from some operation on, goes earlier by about a day."""
        j = self._late_job()
        first, last = int(self.a.job_open[j]), int(self.a.job_first[j + 1])
        if first == last:
            return self._jitter(rank)
        if self.rng.random() < 0.5:
            first = int(self.rng.integers(first, last))
        if self.rng.random() < 0.3:
            wish[first:last] = -1
        return self._pull_operations(rank, first, last)

    def _pull_operations(self, rank: Float64, first: int, last: int) -> int:
        rank[first:last] -= self.rng.exponential(MINUTES_PER_DAY)
        return int(self.ready[first])

    def _push_job(self, rank: Float64) -> int:
        """Some job goes later by about a day."""
        j = int(self.rng.integers(len(self.a.job_open)))
        first, last = int(self.a.job_open[j]), int(self.a.job_first[j + 1])
        if first == last:
            return self._jitter(rank)
        rank[first:last] += self.rng.exponential(MINUTES_PER_DAY)
        return int(self.incumbent.start[first])

    def _jitter(self, rank: Float64) -> int:
        """A few operations move a little."""
        ops = self.rng.choice(self.open_ops, size=int(self.rng.integers(1, 8)))
        rank[ops] += self.rng.normal(size=len(ops)) * MINUTES_PER_DAY / 2
        return int(self.ready[ops].min())

    def _other_machine(self, rank: Float64, wish: Int64) -> int:
        """An operation tries another of its machines."""
        o = int(self.rng.choice(self.open_ops))
        first, last = int(self.a.op_first[o]), int(self.a.op_first[o + 1])
        if self.a.op_all[o] or last - first == 1:
            return self._jitter(rank)
        wish[o] = int(self.rng.integers(first, last))
        return int(self.ready[o])


def _decision_minutes(state: State) -> Float64:
    """[O] the minute in which each operation was dispatched, or one that keeps its place in the sequence.

    That is its start, except for an operation that booked several machines ahead: for it the start of the next one that
    was dispatched. Reserved operations have no place; they keep their start.
    """
    minutes = state.start.astype(np.float64)
    booked = np.flatnonzero(state.order >= 0)
    sequence = booked[np.argsort(state.order[booked])]
    minutes[sequence] = np.minimum.accumulate(minutes[sequence][::-1])[::-1]
    return minutes
