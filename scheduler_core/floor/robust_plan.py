"""A plan for durations that vary: searched for the ends that jobs have on the floor instead of those on paper.

On the floor a job ends later than planned on the mean, as each operation waits for the last of those before it; how much
later depends on the plan. So the search goes in rounds. Each brings the due dates forward by the mean delays of the best
plan so far (job by job, from runs under noise), anneals from that plan for these dates, and plays the plans that the
annealing passes: the one with the least expected cost goes on. The plan is judged by its real due dates, like every other.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from scheduler_core.engines import learned, time_limit_clock
from scheduler_core.engines.annealing.population import improve
from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.engines.rules import SEEDS
from scheduler_core.errors import InvalidValue, KeepBest
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.floor.plan_choice import Played, Player
from scheduler_core.judge.kpis import measure
from scheduler_core.objectives import objective_value
from scheduler_core.plant import Plant
from scheduler_core.reports import LearnedReport
from scheduler_core.schedule import Result
from scheduler_core.simulator import costs
from scheduler_core.simulator.array_types import Float64
from scheduler_core.simulator.arrays import NEVER, PlantArrays, State, pack
from scheduler_core.simulator.simulator import to_state

RUNS_SEED = 1_000_003
"""Factor of the search's seed in the seeds of its runs."""
DRAWN, FEWEST_RUNS = 2_000_000, 25
"""Durations that are drawn and kept at most (8 bytes each); larger plants are played in fewer runs, but in so many."""


@dataclass(frozen=True)
class RobustSearch:
    """How the time is used.

    first_share: of the time, for an ordinary search. rounds: of the search that follows, equally long; warmth: factor of the
    first temperature of all rounds but the first. plans: played in each round at most; playing_share: of the round at most.
    runs: of each plan. shifted: whether due dates are brought forward by the mean delays, and spreads: by so many standard
    deviations of the jobs' ends beside that. choosing: whether the runs decide which plan goes on, or always the last one.
    """

    first_share: float = 0.15
    rounds: int = 4
    warmth: float = 0.3
    plans: int = 12
    playing_share: float = 0.3
    runs: int = 100
    shifted: bool = True
    spreads: float = 0.0
    choosing: bool = True

    def part(self, number: int) -> tuple[float, float]:
        """Where a round begins and ends, as shares of the time."""
        length = (1.0 - self.first_share) / self.rounds
        return self.first_share + number * length, self.first_share + (number + 1) * length


USUAL = RobustSearch()


@dataclass(frozen=True)
class Robust:
    """What a search came to: its plan, and the result of the ordinary search that it began with; ``moves`` tried and plans
    ``played`` since."""

    best: Played
    first: Result
    moves: int
    played: int


def schedule(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """The learned engine's plan for durations with a coefficient of variation of ``config.variation``.

    The first part of the time goes to ``learned.schedule``, and the plan's expected cost is never above that of what comes
    of it. The result's objective is that on paper. KeepBest, raised by ``progress``, ends the search with the best so far.

    Raises what ``learned.schedule`` raises, and InvalidValue without a time limit and for a variation that is no number of
    at least 0.
    """
    began = time_limit_clock.now()
    found = robust_plan(plant, config, DurationNoise(config.variation), USUAL, progress)
    plan, report = found.best.plan, found.first.report
    assert isinstance(report, LearnedReport)
    return replace(
        found.first,
        schedule=plan,
        objective=objective_value(config.objective, measure(plant, plan)),
        seconds=time_limit_clock.now() - began,
        # A curve on paper would not end at the plan, which was chosen for its cost under noise.
        report=replace(report, start_cost=None, moves=report.moves + found.moves, curve=(), played=found.played),
    )


def robust_plan(
    plant: Plant, config: EngineConfig, noise: DurationNoise, how: RobustSearch = USUAL, progress: Progress = no_progress
) -> Robust:
    """The plan with the least expected cost that a search of ``config.time_limit`` seconds finds; raises as ``schedule``.

    Not part of the limit: the seconds that a fresh process takes to load compiled code.
    """
    if config.time_limit is None:
        raise InvalidValue("time_limit", None, "is needed for a robust plan, which is improved until the time is over")
    heard = _Heard(progress)
    first = learned.schedule(
        plant, replace(config, time_limit=how.first_share * config.time_limit), heard.part(0.0, how.first_share)
    )
    assert first.schedule is not None
    began = time_limit_clock.now()
    arrays = pack(plant)
    prices = costs.prices_of(config.objective, arrays)
    runs = min(how.runs, max(FEWEST_RUNS, DRAWN // max(1, len(arrays.pair_op))))
    player = Player(plant, arrays, prices, noise, range(config.seed * RUNS_SEED, config.seed * RUNS_SEED + runs))
    prepared = time_limit_clock.now() - began
    state = to_state(plant, arrays, first.schedule)
    player.play(state)  # loads what is compiled
    loaded = time_limit_clock.now()
    best = player.play(state)
    found = Robust(best, first, 0, 1)
    each = time_limit_clock.now() - loaded
    end = loaded + (1 - how.first_share) * config.time_limit - prepared
    for number in range(how.rounds):
        if heard.enough:
            break
        now = time_limit_clock.now()
        length = max(0.0, end - now) / (how.rounds - number)
        plans = min(how.plans, int(how.playing_share * length / max(1e-6, each)))
        aim = brought_forward(arrays, found.best.delay + how.spreads * found.best.spread) if how.shifted else arrays
        searched = improve(
            aim, found.best.state, prices, now + length - each * (plans + 1), max(1, config.workers),
            (config.seed + number) % SEEDS, heard.part(*how.part(number)), warmth=how.warmth if number else 1.0, keep=plans,
        )  # fmt: skip
        before = time_limit_clock.now()
        states = (*searched.earlier, searched.state)
        best = player.best(heard.while_playing(states, how.part(number)[1]))
        each = (time_limit_clock.now() - before) / len(states)
        if how.choosing and found.best.cost <= best.cost:
            best = found.best
        found = Robust(best, first, found.moves + searched.moves, found.played + len(states))
    return found


def brought_forward(arrays: PlantArrays, minutes: Float64) -> PlantArrays:
    """The plant with the jobs' due dates earlier by so many ``minutes`` [J]."""
    due = np.where(arrays.job_due < NEVER, arrays.job_due - np.rint(minutes).astype(np.int64), NEVER)
    return arrays._replace(job_due=due)


class _Heard:
    """Progress of a search in parts, which remembers that somebody wants the best so far."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.enough = False

    def part(self, begin: float, end: float) -> Progress:
        """Reports of a part of the search, which is [begin, end) of the whole."""

        def report(fraction: float, message: str) -> None:
            try:
                self._progress(begin + (end - begin) * fraction, message)
            except KeepBest:
                self.enough = True
                raise

        return report

    def while_playing(self, states: Sequence[State], share: float) -> Iterator[State]:
        """The states, each told of before it is played at that share of the whole; they are few, so all are played."""
        for number, state in enumerate(states, 1):
            with suppress(KeepBest):
                self.part(share, share)(1.0, f"plan {number} of {len(states)} is played with varying durations")
            yield state
