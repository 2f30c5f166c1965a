"""Improving a schedule by simulated annealing over the machines' sequences (Kirkpatrick et al. 1983).

One chain of moves (moves.py) per worker thread, each on its own copy of the schedule. The temperature falls with the time
that is used up, so the same code serves ten seconds and ten minutes. From time to time a chain that fell behind goes on from
where the best one is. The best schedule of all chains is there at every moment.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scheduler_core.engines import clock
from scheduler_core.engines.config import Progress
from scheduler_core.engines.moves import BEST, HERE, TRIED, Chain, anneal, keep, new_chain
from scheduler_core.engines.rules import SEEDS, seed_random
from scheduler_core.errors import Enough
from scheduler_core.simulator import costs, sequences
from scheduler_core.simulator.arrays import PlantArrays, State, new_state
from scheduler_core.simulator.sequences import Sequences, new_sequences

Float64 = npt.NDArray[np.float64]

HOT, COLD = 1.5, 0.015
"""First and last temperature, in units of what an average change of one job is worth (``_job_scale``)."""
ENOUGH_MOVES = 550
"""Moves for each operation that a search needs to begin as hot as HOT: one with fewer would only lose its start (2,000 jobs
in 10 s: 35), one with many more can begin hotter still. See ``_heat``."""
CALIBRATION = 0.01
"""Share of the time in which a chain measures how fast its moves are, at the last temperature."""
HOT_MAKESPAN, COLD_MAKESPAN = 0.3, 0.045
"""The same where the makespan counts, in units of what a mean operation's minutes of it are worth: one operation on the
critical path changes it, so the search must stay able to leave a schedule until the end (chosen on random classic shops)."""
CHUNK_SECONDS = 0.02
"""How long a chain runs compiled code before it looks at the clock."""
EXCHANGES = 12
"""How often in the given time chains compare where they are."""
REPORT_SECONDS = 0.3
STEPS = 60
"""Temperatures that a chain of a given number of moves goes through."""


@dataclass(frozen=True)
class Improvement:
    """The best state found, its cost (costs.cost), moves tried, and (seconds, cost) at the improvements."""

    state: State
    cost: float
    moves: int
    curve: tuple[tuple[float, float], ...]


def improve(
    arrays: PlantArrays,
    start: State,
    prices: Float64,
    deadline: float,
    workers: int,
    seed: int,
    progress: Progress,
) -> Improvement:
    """Improves the complete schedule in ``start`` with one chain per worker thread, until ``deadline`` (clock.now)
    or until ``progress`` raises Enough.

    Raises Cancelled through ``progress``.
    """
    best = _Best(arrays, start, prices, workers)
    if not (arrays.op_reserved_pair < 0).any():
        return best.improvement()
    began = clock.now()
    halt = threading.Event()

    def share() -> float:
        return min(1.0, (clock.now() - began) / max(1e-9, deadline - began))

    def run(number: int) -> None:
        _Chain(arrays, best, prices, number, seed).run(share, halt)

    # Enough ends the wait like the deadline does: what the chains have found is kept.
    with ThreadPoolExecutor(max_workers=workers) as pool, suppress(Enough):
        chains = [pool.submit(run, n) for n in range(workers)]
        try:
            running = set(chains)
            while running:
                _, running = wait(chains, timeout=REPORT_SECONDS)
                gained = 1 - best.cost / best.first if best.first > 0 else 0.0
                progress(share(), f"improving, {best.moves:,} moves tried, {gained:.1%} better")
        finally:
            halt.set()
    for chain in chains:
        chain.result()
    return best.improvement()


def improve_by_moves(arrays: PlantArrays, start: State, prices: Float64, moves: int, seed: int) -> Improvement:
    """Improves the complete schedule in ``start`` by one chain of about so many moves: the same moves, and so the same
    schedule, on every machine."""
    best = _Best(arrays, start, prices, 1)
    if (arrays.op_reserved_pair < 0).any():
        chain = _Chain(arrays, best, prices, 0, seed)
        chain.run_moves(moves)
    return best.improvement()


class _Places(NamedTuple):
    """What a schedule's sequences can be rebuilt from; [O] each."""

    pair: npt.NDArray[np.int32]
    start: npt.NDArray[np.int64]
    floor: npt.NDArray[np.int64]


@dataclass
class _Best:
    """What the chains share: the best schedule of all, and where each chain stands."""

    arrays: PlantArrays
    start: State
    prices: Float64
    workers: int
    curve: list[tuple[float, float]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.began = clock.now()
        self.moves_of = [0] * self.workers
        self.at: list[tuple[float, _Places] | None] = [None] * self.workers
        q = new_sequences(self.arrays)
        # Taking over the sequences already closes the gaps that a dispatched schedule may have.
        sequences.load(self.arrays, q, self.start.pair, self.start.start, None, self.prices)
        self.places = _Places(q.pair, q.start, q.floor)
        self.first = float(costs.cost(self.arrays, self.start, self.prices))
        self.cost = float(sequences.total_cost(self.arrays, q, self.prices))
        if self.cost < self.first:
            self.curve.append((0.0, self.cost))

    @property
    def moves(self) -> int:
        return sum(self.moves_of)

    def offer(self, chain: Chain) -> None:
        with self.lock:
            if chain.cost[BEST] < self.cost - 1e-9:
                self.cost = float(chain.cost[BEST])
                self.places = _Places(chain.pair.copy(), chain.start.copy(), chain.floor.copy())
                self.curve.append((clock.now() - self.began, self.cost))

    def improvement(self) -> Improvement:
        """The best schedule as a state, timed once more from its sequences."""
        q, state = new_sequences(self.arrays), new_state(self.arrays)
        sequences.load(self.arrays, q, *self.places, self.prices)
        sequences.store(self.arrays, q, state)
        return Improvement(state, float(costs.cost(self.arrays, state, self.prices)), self.moves, tuple(self.curve))


class _Chain:
    """One annealing chain."""

    def __init__(self, arrays: PlantArrays, best: _Best, prices: Float64, number: int, seed: int) -> None:
        self.arrays, self.best, self.prices, self.number, self.seed = arrays, best, prices, number, seed
        self.q: Sequences = new_sequences(arrays)
        self.chain = new_chain(arrays)
        self._stand_at(best.places)
        keep(self.q, self.chain)
        self._expect(ENOUGH_MOVES * len(arrays.op_job))

    def run(self, share: Callable[[], float], halt: threading.Event) -> None:
        """Anneals until the whole share of the time is used or the event is set."""
        self._seed()
        moves, compared, measured = 200, 0, False
        while not halt.is_set():
            used = share()
            if used >= 1.0:
                return
            if used * EXCHANGES >= compared + 1:
                compared = int(used * EXCHANGES)
                self._compare()
            if not measured and used > CALIBRATION:
                measured = True
                self._expect(int(self.chain.number[TRIED] / used))
            began = time.perf_counter()
            self._anneal(moves, used if measured else 1.0)
            took = time.perf_counter() - began
            moves = int(np.clip(moves * CHUNK_SECONDS / max(1e-6, took), moves / 2 + 1, moves * 2))

    def run_moves(self, moves: int) -> None:
        """Anneals by so many moves in ``STEPS`` steps of temperature."""
        self._seed()
        self._expect(moves)
        for step in range(STEPS):
            self._anneal(max(1, moves // STEPS), step / STEPS)

    def _expect(self, moves: int) -> None:
        """Chooses the temperatures for so many moves of this chain."""
        self.hot, self.cold = _temperatures(self.arrays, self.q, self.prices, moves / max(1, len(self.arrays.op_job)))

    def _seed(self) -> None:
        # Compiled code draws from a generator of the thread's own, so this runs in the thread that anneals.
        seed_random((self.seed * 1_000_003 + 7919 * self.number) % SEEDS)

    def _anneal(self, moves: int, used: float) -> None:
        """Tries so many moves at the temperature of the share ``used`` of the whole, and tells what came of it."""
        temperature = self.hot * (self.cold / self.hot) ** used
        anneal(self.arrays, self.q, self.prices, self.chain, moves, temperature)
        self.best.moves_of[self.number] = int(self.chain.number[TRIED])
        self.best.offer(self.chain)
        # The order drifts away from that of the starts, by which the span of a change is shortest; and sums that were kept
        # move by move are added up anew, so that rounding does not build up.
        self._stand_at(_Places(self.q.pair, self.q.start, self.q.floor))

    def _compare(self) -> None:
        """Goes on from where another chain is if that is better."""
        here = (float(self.chain.cost[HERE]), _Places(self.q.pair.copy(), self.q.start.copy(), self.q.floor.copy()))
        with self.best.lock:
            self.best.at[self.number] = here
            cost, places = min((at for at in self.best.at if at is not None), key=lambda at: at[0])
        if cost < here[0]:
            self._stand_at(places)

    def _stand_at(self, places: _Places) -> None:
        sequences.load(self.arrays, self.q, *places, self.prices)
        self.chain.cost[HERE] = sequences.total_cost(self.arrays, self.q, self.prices)


def _temperatures(arrays: PlantArrays, q: Sequences, prices: Float64, moves: float) -> tuple[float, float]:
    """First and last temperature, in units of cost, for so many moves for each operation."""
    jobs = _job_scale(arrays, q, prices)
    makespan = float(prices[costs.MAKESPAN]) * arrays.mean_minutes / 60.0
    cold = COLD * jobs + COLD_MAKESPAN * makespan
    hot = HOT * _heat(moves) * jobs + HOT_MAKESPAN * min(1.0, _heat(moves)) * makespan
    # A schedule that costs nothing has nothing to anneal; its temperature only has to be a number above 0.
    return max(hot, cold) + 1e-9, min(cold, hot / 5.0) + 1e-9


def _heat(moves: float) -> float:
    """Factor of the first temperature. Measured on generated plants: with 35 moves for each operation a tenth of HOT is best
    among 0.01, 0.1 and 1, with 550 it is HOT itself, with 8,800 twice HOT is better than HOT and half of it."""
    share = max(1.0, moves) / ENOUGH_MOVES
    return float(share**0.8 if share < 1.0 else share**0.25)


def _job_scale(arrays: PlantArrays, q: Sequences, prices: Float64) -> float:
    """What an average change of one job is worth at these prices, the makespan left out."""
    jobs, operations = max(1, len(arrays.job_open)), max(1, len(arrays.op_job))
    return (
        float(q.total[sequences.JOBS]) / jobs
        + float(prices[costs.SETUPS]) * arrays.mean_setup / 60.0
        + float(prices[costs.OVERTIME]) * float(q.total[sequences.OVERTIME]) / 60.0 / operations
        + float(prices[costs.BALANCE]) * 0.02
    )
