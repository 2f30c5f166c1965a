"""Improving a schedule by population annealing over the machines' sequences (Kirkpatrick et al. 1983; Hukushima & Iba 2003,
Population annealing and its application to a spin glass).

One population per worker thread: chains of moves (proposals.py), each on its own copy of the schedule, all at one
temperature. It falls with the time that is used up, so the same code serves ten seconds and ten minutes; with each fall,
chains that are dear for the new temperature go on as copies of cheaper ones. In a large plant or a short time it is one
chain. From time to time it takes over the best chain of all. The best schedule is there at every moment.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scheduler_core.engines import time_limit_clock
from scheduler_core.engines.annealing.annealing_loop import anneal
from scheduler_core.engines.annealing.chain import BEST, HERE, MOST, MOVED, TRIED, Chain, keep, new_chain
from scheduler_core.engines.annealing.machine_group import new_draft
from scheduler_core.engines.annealing.staying import Homes, strayed
from scheduler_core.engines.config import Progress
from scheduler_core.engines.rules import SEEDS, seed_random
from scheduler_core.errors import KeepBest
from scheduler_core.plant import MINUTES_PER_DAY
from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import PlantArrays, State, new_state
from scheduler_core.simulator.sequences import machine_sequences
from scheduler_core.simulator.sequences.machine_sequences import Sequences, new_sequences

Float64 = npt.NDArray[np.float64]

HOT, KNEE, COLD = 0.6, 0.05, 0.015
"""First temperature, that at KNEE_AT, and the last one, in units of what an average change of one job is worth
(``_job_scale``). A schedule takes its shape between the first two, so that takes most of the time."""
KNEE_AT = 0.8
"""Share of the time in which the temperature falls from HOT to KNEE."""
OPERATIONS_ASIDE = 3.0
"""By how many mean operations a move delays an average job at most."""
ENOUGH_MOVES = 550
"""Moves for each operation that a search needs to begin as hot as HOT: one with fewer would only lose its start (2,000 jobs
in 10 s: 35), one with many more can begin hotter still. See ``_heat``."""
CALIBRATION = 0.01
"""Share of the time in which a chain measures how fast its moves are, at the last temperature."""
HOT_MAKESPAN, KNEE_MAKESPAN, COLD_MAKESPAN = 0.3, 0.066, 0.045
"""The same where the makespan counts, in units of what a mean operation's minutes of it are worth: one operation on the
critical path changes it, so the search must stay able to leave a schedule until the end (chosen on random classic shops)."""
POPULATION = 12
"""Chains of a population at most."""
MOVES_OF_ONE = 1000
"""Moves for each operation from which on a population has one chain more."""
FEW_OPERATIONS = 1000
"""Operations below which a population pays: luck weighs less in a larger plant, where five chains with a fifth of the moves
lost 6 % (docs/policy.md)."""
ROUND_SECONDS, CHAIN_SECONDS = 0.02, 0.01
"""How long a population runs between two looks at the clock, and each of its chains, whichever is longer: it takes a chain
up to a millisecond to sort and sum up its schedule anew."""
EXCHANGES = 12
"""How often in the given time populations compare their chains."""
REPORT_SECONDS = 0.3
STEPS = 60
"""Temperatures that a chain of a given number of moves goes through."""


@dataclass(frozen=True)
class Improvement:
    """The best state found, its cost (costs.cost), moves tried, (seconds, cost) at the improvements, and the best states at
    evenly spaced moments before the end, each once, where they were asked for."""

    state: State
    cost: float
    moves: int
    curve: tuple[tuple[float, float], ...]
    earlier: tuple[State, ...] = ()


def improve(
    arrays: PlantArrays,
    start: State,
    prices: Float64,
    deadline: float,
    workers: int,
    seed: int,
    progress: Progress,
    population: int | None = None,
    homes: Homes | None = None,
    warmth: float = 1.0,
    keep: int = 0,
) -> Improvement:
    """Improves the complete schedule in ``start`` with one population per worker thread, until ``deadline`` (clock.now)
    or until ``progress`` raises KeepBest. ``population`` chains each, or as many as the time allows for the size.

    ``homes``: where operations shall stay; they must all be at home in ``start``, or count no more than may stray.
    ``warmth``: factor of the first temperature; below 1 for a good start that shall not be forgotten.
    ``keep``: so many moments at which the best schedule is kept beside the final one.
    Raises Cancelled through ``progress``.
    """
    began = time_limit_clock.now()
    best = _Best(
        arrays, start, prices, workers, homes, tuple(began + (deadline - began) * n / (keep + 1) for n in range(1, keep + 1))
    )
    if not (arrays.op_reserved_pair < 0).any():
        return best.improvement()
    halt = threading.Event()

    def share() -> float:
        return min(1.0, (time_limit_clock.now() - began) / max(1e-9, deadline - began))

    def run(number: int) -> None:
        _Population(arrays, best, prices, number, seed, population, warmth).run(share, halt)

    # KeepBest ends the wait like the deadline does: what the chains have found is kept.
    with ThreadPoolExecutor(max_workers=workers) as pool, suppress(KeepBest):
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
        _Population(arrays, best, prices, 0, seed).run_moves(moves)
    return best.improvement()


class _Places(NamedTuple):
    """What a schedule's sequences can be rebuilt from; [O] each."""

    pair: npt.NDArray[np.int32]
    start: npt.NDArray[np.int64]
    floor: npt.NDArray[np.int64]


@dataclass
class _Best:
    """What the populations share: the best schedule of all, and the best chain of each as it stands."""

    arrays: PlantArrays
    start: State
    prices: Float64
    workers: int
    homes: Homes | None = None
    moments: tuple[float, ...] = ()
    curve: list[tuple[float, float]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.began = time_limit_clock.now()
        self.earlier: list[_Places] = []
        self.passed = 0
        self.moves_of = [0] * self.workers
        self.at: list[tuple[float, _Places] | None] = [None] * self.workers
        q = new_sequences(self.arrays)
        # Taking over the sequences already closes the gaps that a dispatched schedule may have.
        floor = None if self.homes is None else self.homes.floor
        machine_sequences.load(self.arrays, q, self.start.pair, self.start.start, floor, self.prices)
        self.places = _Places(q.pair, q.start, q.floor)
        self.first = float(costs.cost(self.arrays, self.start, self.prices))
        self.cost = float(machine_sequences.total_cost(self.arrays, q, self.prices))
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
                self.curve.append((time_limit_clock.now() - self.began, self.cost))
            if self.passed < len(self.moments) and time_limit_clock.now() >= self.moments[self.passed]:
                self.passed += 1
                if not self.earlier or self.earlier[-1] is not self.places:
                    self.earlier.append(self.places)

    def improvement(self) -> Improvement:
        """The best schedule as a state, timed once more from its sequences."""
        state = self._timed(self.places)
        earlier = tuple(self._timed(places) for places in self.earlier if places is not self.places)
        return Improvement(state, float(costs.cost(self.arrays, state, self.prices)), self.moves, tuple(self.curve), earlier)

    def _timed(self, places: _Places) -> State:
        q, state = new_sequences(self.arrays), new_state(self.arrays)
        machine_sequences.load(self.arrays, q, *places, self.prices)
        machine_sequences.store(self.arrays, q, state)
        return state


class _Chain:
    """One annealing chain."""

    def __init__(self, arrays: PlantArrays, best: _Best, prices: Float64) -> None:
        self.arrays, self.best, self.prices = arrays, best, prices
        self.q: Sequences = new_sequences(arrays)
        self.draft = new_draft(arrays)
        self.moves = new_chain(arrays)
        if best.homes is not None:
            best.homes.tell(self.moves)
        self.stand_at(best.places)
        keep(self.q, self.moves)

    @property
    def cost(self) -> float:
        """What the schedule costs where the chain stands."""
        return float(self.moves.cost[HERE])

    @property
    def tried(self) -> int:
        """Moves tried so far."""
        return int(self.moves.number[TRIED])

    def places(self) -> _Places:
        """Where the chain stands, to be kept."""
        return _Places(self.q.pair.copy(), self.q.start.copy(), self.q.floor.copy())

    def anneal(self, moves: int, temperature: float) -> None:
        """Tries so many moves and tells the best schedule that came of it."""
        anneal(self.arrays, self.q, self.draft, self.prices, self.moves, moves, temperature)
        self.best.offer(self.moves)
        # The order drifts away from that of the starts, by which the span of a change is shortest; and sums that were kept
        # move by move are added up anew, so that rounding does not build up.
        self.stand_at(_Places(self.q.pair, self.q.start, self.q.floor))

    def stand_at(self, places: _Places) -> None:
        """Goes on from that schedule."""
        machine_sequences.load(self.arrays, self.q, *places, self.prices)
        self.draft.order[:] = np.argsort(self.q.start, kind="stable")
        self.moves.cost[HERE] = machine_sequences.total_cost(self.arrays, self.q, self.prices)
        if self.moves.number[MOST] >= 0:
            self.moves.number[MOVED] = strayed(self.arrays, self.q, self.moves)


class _Population:
    """The chains of one worker thread."""

    def __init__(
        self,
        arrays: PlantArrays,
        best: _Best,
        prices: Float64,
        number: int,
        seed: int,
        size: int | None = None,
        warmth: float = 1.0,
    ) -> None:
        self.arrays, self.best, self.prices, self.number, self.seed, self.size = arrays, best, prices, number, seed, size
        self.warmth = warmth
        self.random = np.random.default_rng((seed, number))
        self.chains = [_Chain(arrays, best, prices)]
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
                self._grow(int(self.chains[0].tried / used))
            began = time.perf_counter()
            self._anneal(max(1, moves // len(self.chains)), used if measured else 1.0)
            took = time.perf_counter() - began
            wanted = max(ROUND_SECONDS, CHAIN_SECONDS * len(self.chains))
            moves = int(np.clip(moves * wanted / max(1e-6, took), moves / 2 + 1, moves * 2))

    def run_moves(self, moves: int) -> None:
        """Anneals one chain by so many moves in ``STEPS`` steps of temperature."""
        self._seed()
        self._expect(moves)
        for step in range(STEPS):
            self._anneal(max(1, moves // STEPS), step / STEPS)

    def _grow(self, moves: int) -> None:
        """Chooses temperatures and the number of chains for so many moves of them all."""
        self._expect(moves)
        operations = max(1, len(self.arrays.op_job))
        usual = min(POPULATION, int(moves / operations / MOVES_OF_ONE)) if operations < FEW_OPERATIONS else 1
        wanted = self.size or usual
        while len(self.chains) < wanted:
            self.chains.append(_Chain(self.arrays, self.best, self.prices))

    def _expect(self, moves: int) -> None:
        """Chooses the temperatures for so many moves."""
        each = moves / max(1, len(self.arrays.op_job))
        self.cooling = _cooling(self.arrays, self.chains[0].q, self.prices, each, self.warmth)
        self.temperature = self.cooling.hot

    def _seed(self) -> None:
        # Compiled code draws from a generator of the thread's own, so this runs in the thread that anneals.
        seed_random((self.seed * 1_000_003 + 7919 * self.number) % SEEDS)

    def _anneal(self, moves: int, used: float) -> None:
        """Tries so many moves of each chain at the temperature of the share ``used`` of the whole."""
        temperature = self.cooling.at(used)
        if temperature < self.temperature:
            costs_now = np.array([c.cost for c in self.chains])
            for place, source in copies(costs_now, self.temperature, temperature, self.random):
                self.chains[place].stand_at(self.chains[source].places())
        self.temperature = temperature
        for chain in self.chains:
            chain.anneal(moves, temperature)
        self.best.moves_of[self.number] = sum(c.tried for c in self.chains)

    def _compare(self) -> None:
        """The dearest chain goes on from the cheapest of all populations if that is cheaper."""
        first, last = (pick(self.chains, key=lambda c: c.cost) for pick in (min, max))
        with self.best.lock:
            self.best.at[self.number] = (first.cost, first.places())
            cost, places = min((at for at in self.best.at if at is not None), key=lambda at: at[0])
        if cost < first.cost:
            last.stand_at(places)


def copies(chain_costs: Float64, before: float, now: float, random: np.random.Generator) -> list[tuple[int, int]]:
    """Which chains (first) go on as copies of which others (second) when the temperature falls from ``before`` to ``now``:
    on the mean each is then there as often as its Boltzmann factor says, and never by a whole chain more or less
    (systematic resampling)."""
    count = len(chain_costs)
    factors = np.exp(-(1.0 / now - 1.0 / before) * (chain_costs - chain_costs.min()))
    marks = (random.random() + np.arange(count)) / count
    chosen = np.searchsorted(np.cumsum(factors / factors.sum()), marks).clip(0, count - 1)
    times = np.bincount(chosen, minlength=count)
    free = iter(np.flatnonzero(times == 0))
    return [(int(next(free)), source) for source in range(count) for _ in range(times[source] - 1)]


@dataclass(frozen=True)
class Cooling:
    """Temperatures, in units of cost."""

    hot: float
    knee: float
    cold: float

    def at(self, used: float) -> float:
        """The temperature once that share of the time is used."""
        if used < KNEE_AT:
            return float(self.hot * (self.knee / self.hot) ** (used / KNEE_AT))
        return float(self.knee * (self.cold / self.knee) ** ((used - KNEE_AT) / (1.0 - KNEE_AT)))


def _cooling(arrays: PlantArrays, q: Sequences, prices: Float64, moves: float, warmth: float) -> Cooling:
    """The temperatures for so many moves for each operation; ``warmth``: factor of the first."""
    jobs = _job_scale(arrays, q, prices)
    makespan = float(prices[costs.MAKESPAN]) * arrays.mean_minutes / 60.0
    hot = warmth * (HOT * _heat(moves) * jobs + HOT_MAKESPAN * min(1.0, _heat(moves)) * makespan)
    # A schedule that costs nothing has nothing to anneal; its temperature only has to be a number above 0.
    hot += 1e-9
    knee = min(hot, KNEE * jobs + KNEE_MAKESPAN * makespan + 1e-9)
    return Cooling(hot, knee, min(knee, COLD * jobs + COLD_MAKESPAN * makespan + 1e-9))


def _heat(moves: float) -> float:
    """Factor of the first temperature for so many moves for each operation: a search that is to forget its start must have
    the time to find it again. Measured on generated plants: with 35 moves a quarter of HOT is best among 0.025, 0.25 and 2.5
    times it, with 1,700 HOT or a little more, and with 8,000 at 40 x 100 five times HOT and more."""
    return math.sqrt(max(1.0, moves) / ENOUGH_MOVES)


def _job_scale(arrays: PlantArrays, q: Sequences, prices: Float64) -> float:
    """What an average change of one job is worth at these prices, the makespan left out."""
    jobs, operations = max(1, len(arrays.job_open)), max(1, len(arrays.op_job))
    # Where far more is due than can be made, jobs are late by much more than a move changes.
    aside = float(prices[costs.TARDINESS]) * float(arrays.job_weight.mean()) * arrays.mean_minutes / MINUTES_PER_DAY
    return (
        min(float(q.total[machine_sequences.JOBS]) / jobs, OPERATIONS_ASIDE * aside + float(prices[costs.LATE]))
        + float(prices[costs.SETUPS]) * arrays.mean_setup / 60.0
        + float(prices[costs.OVERTIME]) * float(q.total[machine_sequences.OVERTIME]) / 60.0 / operations
        + float(prices[costs.BALANCE]) * 0.02
    )
