"""A noisy floor run in a given way: who decides between two replans, which engine replans, and how often.

All ways meet the same floor: equal streams, noises and seeds give equal arrivals, outages and durations. What counts is what
was executed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from scheduler_core.analysis.plan_diff import due_and_moved
from scheduler_core.engines import time_limit_clock
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.registry import ALL_ENGINES
from scheduler_core.errors import InvalidValue
from scheduler_core.floor.events import Durations, Stream
from scheduler_core.floor.execution import Floor
from scheduler_core.floor.executions import EXECUTIONS, NEED_PLAN, ONLY_PLANNED, Execution, Guide, execution_named
from scheduler_core.floor.floor_arrays import FloorArrays
from scheduler_core.floor.floor_kernel import Begun, Truth
from scheduler_core.floor.noise import DurationNoise, NoisyDurations
from scheduler_core.floor.price_training import prices_on_floors
from scheduler_core.floor.snapshot import rebased, snapshot
from scheduler_core.floor.stream import projected
from scheduler_core.plant import MINUTES_PER_DAY, Plant
from scheduler_core.reports import LearnedReport, RepairReport
from scheduler_core.schedule import Schedule
from scheduler_core.simulator.arrays import NEVER

AT_BREAKDOWNS = "/breakdowns"
"""Behind the hours of a way's name: it replans also at every breakdown."""
SHIFT_HOURS = 8
"""Hours from a replan on for which the floor has prepared by the old plan already."""
SHIFT_SHARE = 0.05
"""Share of the operations due to start in them that a calm replan of the next shift moves at most."""
CALM_SHIFT = "calm/shift"
"""The engine's name in a way: calm, its limit on the next shift instead of the next day."""


TUNED = "tuned"
"""No engine: prices searched on noisy floors of the plant as it is known, from the last ones on. They make no plan."""
TUNING_FLOORS, TUNING_SEEDS = 2, 1_000_000
"""How many floors these are, and from which seed on: none of the floors that are played."""
MOST_GENERATIONS = 1_000
"""Of a search that its CPU seconds end."""


@dataclass(frozen=True)
class Replanning:
    """A new plan every ``hours`` hours by an engine of the registry, in ``seconds`` CPU seconds; by TUNED new prices only.

    first: hours from the stream's start to the first one (None: as between two).
    warm: the engine begins with the plan in force; without, it plans from nothing. until: minute of the last replan.
    at_breakdowns: also whenever a machine breaks down. shift: the engine begins with the plan as the floor would go on by
    it, and calm moves at most SHIFT_SHARE of what that starts within SHIFT_HOURS, and anything later.
    """

    engine: str
    hours: float
    seconds: float
    warm: bool = True
    until: int = 20 * MINUTES_PER_DAY
    at_breakdowns: bool = False
    shift: bool = False
    first: float | None = None

    def __post_init__(self) -> None:
        if self.engine not in ALL_ENGINES and self.engine != TUNED:
            raise InvalidValue("engine", self.engine, f"must be one of {', '.join((*ALL_ENGINES, TUNED))}")
        if not self.hours > 0:
            raise InvalidValue("hours", self.hours, "must be more than 0")
        if self.first is not None and not self.first > 0:
            raise InvalidValue("first", self.first, "must be more than 0")
        if not self.seconds >= 0:
            raise InvalidValue("seconds", self.seconds, "must be at least 0")

    def minutes(self, stream: Stream) -> tuple[int, ...]:
        """The minutes of the replans, ascending."""
        every = max(1, round(60 * self.hours))
        begin = every if self.first is None else max(1, round(60 * self.first))
        found = set(range(begin, self.until + 1, every))
        if self.at_breakdowns:
            found |= {outage.start for outage in stream.outages if 0 < outage.start <= self.until}
        return tuple(sorted(found))


@dataclass(frozen=True)
class Way:
    """How a floor is run. ``execution``: a name in EXECUTIONS or an execution of one's own; replanning None: never."""

    execution: str | Execution
    replanning: Replanning | None = None

    @property
    def carries_on(self) -> Execution:
        """What decides between two replans. Raises InvalidValue for an unknown name."""
        return execution_named(self.execution) if isinstance(self.execution, str) else self.execution

    @property
    def needs_plan(self) -> bool:
        """Whether there must be a plan at the beginning."""
        return self.execution in NEED_PLAN or (self.replanning is not None and self.replanning.engine != TUNED)

    def replan_minutes(self, stream: Stream) -> tuple[int, ...]:
        """The minutes of the replans, ascending. Where only planned operations begin, there is one more at the end of the
        replans if an order arrives after the last of them: nobody would plan it."""
        how = self.replanning
        if how is None:
            return ()
        found = how.minutes(stream)
        last = found[-1] if found else 0
        unplanned = any(last < arrival.minute <= how.until for arrival in stream.arrivals)
        return (*found, how.until) if unplanned and self.execution in ONLY_PLANNED else found


@dataclass(frozen=True)
class Replanned:
    """One replan. ``due``: operations due to start in the next SHIFT_HOURS hours as the floor would go on by the old plan if
    all took as long as expected; ``moved``: those of them that start over 15 minutes earlier or later, or elsewhere."""

    minute: int
    due: int
    moved: int
    cpu_seconds: float


@dataclass(frozen=True)
class Turnout:
    """What came of a floor. ``tardiness``: executed, weighted days over all orders but cancelled ones; ``late``: orders that
    ended late; ``orders``: those that count."""

    tardiness: float
    late: int
    orders: int
    replans: tuple[Replanned, ...]
    executed: Schedule


class NoisyFloor:
    """A stream with noise in its durations, on which any number of seeds and ways can be played."""

    def __init__(self, stream: Stream, noise: DurationNoise) -> None:
        self.stream, self.noise = stream, noise
        self.arrays = FloorArrays(stream)
        self._durations = NoisyDurations(self.arrays.plant, self.arrays.known, noise)
        self._hours: Floor | None = None

    def truth(self, seed: int) -> Truth:
        """What really happens in the floor of a seed."""
        return self._durations.truth(seed, self.arrays.job_ready, self.arrays.job_gone)

    def play(self, seed: int, way: Way, guide: Guide) -> Turnout:
        """The floor of the seed to its end, beginning with the plan and the prices of ``guide``.

        Equal arguments give equal floors; what an engine makes of CPU seconds may differ. Raises InvalidValue where the way
        needs a plan and there is none, and for a plan that the floor cannot follow.
        """
        guide = replace(guide, noise=self.noise)
        truth, begun, replans = self.truth(seed), self.arrays.nothing_begun(), []
        now = 0
        if way.replanning is not None:
            if guide.plan is None and way.replanning.engine != TUNED:
                raise InvalidValue("plan", None, "is missing: a way that replans begins with a plan")
            play = _Replans(self, way.replanning, seed, guide.plan or Schedule(()))
            for minute in way.replan_minutes(self.stream):
                way.carries_on(self.arrays, truth, guide, begun, now, minute)
                now = minute
                if made := play.replan(begun, now, guide):
                    guide, replanned = made
                    replans.append(replanned)
        way.carries_on(self.arrays, truth, guide, begun, now, NEVER)
        return self._turnout(begun, tuple(replans))

    def live_tardiness(self, seed: int, execution: Execution) -> float:
        """Executed weighted days late of one who decides live and neither needs a plan nor replans."""
        begun = self.arrays.nothing_begun()
        execution(self.arrays, self.truth(seed), Guide(), begun, 0, NEVER)
        return self.arrays.tardiness(begun)

    @property
    def hours(self) -> Floor:
        """The working hours of the stream's machines, as ``snapshot`` takes them."""
        if self._hours is None:
            self._hours = Floor(self.stream.world, Durations())
        return self._hours

    def _turnout(self, begun: Begun, replans: tuple[Replanned, ...]) -> Turnout:
        executed, arrays = self.arrays.schedule(begun), self.arrays
        gone = {c.job for c in self.stream.cancellations}
        late, orders = 0, 0
        for j, job in enumerate(arrays.plant.jobs):
            if job.id in gone:
                continue
            orders += 1
            last = int(arrays.known.job_first[j + 1]) - 1
            if begun.pair[last] < 0:
                raise InvalidValue("plan", job.id, "is an order that the plan lacks, and nobody plans it later")
            late += job.due is not None and int(begun.end[last]) > job.due
        return Turnout(arrays.tardiness(begun), late, orders, replans, executed)


def _due(plant: Plant, followed: Schedule) -> int:
    """Operations that ``followed`` starts within the next shift; what runs is not due any more."""
    running = {(job.id, op.sequence) for job in plant.jobs for op in job.operations if op.fixed is not None}
    return sum(0 <= a.start < 60 * SHIFT_HOURS and a.key not in running for a in followed.assignments)


class _Replans:
    """The replans of one floor; ``plan`` is the first plan, in the stream's minutes."""

    def __init__(self, floor: NoisyFloor, replanning: Replanning, seed: int, plan: Schedule) -> None:
        self._floor, self._how, self._seed = floor, replanning, seed
        self._seen: Plant = floor.stream.plant
        self._plan = plan

    def replan(self, begun: Begun, now: int, guide: Guide) -> tuple[Guide, Replanned] | None:
        """What decisions go by from ``now`` on; None where nothing is left to plan."""
        stream, how = self._floor.stream, self._how
        plant = snapshot(stream, self._floor.hours, self._floor.arrays.schedule(begun), now)
        if all(op.fixed is not None for job in plant.jobs for op in job.operations):
            return None
        if how.engine == TUNED:
            return self._tuned(plant, guide, now)
        carried = rebased(self._plan, self._seen, plant)
        followed = projected(plant, carried)
        due = _due(plant, followed)
        warm = followed if how.shift else carried
        config = EngineConfig(
            warm_start=warm if how.warm else None,
            most_moves=int(SHIFT_SHARE * due) if how.shift else None,
            calm_hours=SHIFT_HOURS if how.shift else None,
            time_limit=how.seconds,
            workers=1,
            seed=self._seed + now,
            first_prices=guide.prices,
        )
        before = time.process_time()
        with time_limit_clock.of_workers(1):
            made = ALL_ENGINES[how.engine](plant, config)
        used = time.process_time() - before
        if made.schedule is None:
            raise InvalidValue("engine", how.engine, f"found no plan within {how.seconds:g} s")
        _, moved = due_and_moved(plant, followed, plant, made.schedule, plant.plan_start, SHIFT_HOURS)
        self._seen, self._plan = plant, made.schedule
        prices = made.report.prices if isinstance(made.report, LearnedReport | RepairReport) else ()
        ahead = rebased(made.schedule, plant, stream.world)
        return replace(guide, plan=ahead, prices=prices or guide.prices), Replanned(now, due, len(moved), used)

    def _tuned(self, plant: Plant, guide: Guide, now: int) -> tuple[Guide, Replanned]:
        before = time.process_time()
        known = NoisyFloor(Stream(plant), self._floor.noise)
        first = TUNING_SEEDS + (self._seed + now) * TUNING_FLOORS
        seeds = range(first, first + TUNING_FLOORS)
        prices = prices_on_floors(
            known, seeds, MOST_GENERATIONS, self._seed + now, first=guide.prices, cpu_seconds=self._how.seconds
        )
        return replace(guide, prices=prices), Replanned(now, 0, 0, time.process_time() - before)


def way_named(text: str) -> Way:
    """A way by its name: an execution's, or "ENGINE HOURSh SECONDSs + EXECUTION" (keep, calm, calm/shift, best, nothing
    or tuned).

    Raises InvalidValue for anything else. "calm 4h 1s + any": calm replans of 1 CPU second every 4 hours, and between
    them free machines begin what was planned first. "calm 4h/breakdowns 1s + any": also at every breakdown. "calm 24h@12h
    1s + any": every 24 hours, the first time after 12.
    """
    engines = {
        "keep": "right_shift",
        "calm": "repair",
        CALM_SHIFT: "repair",
        "best": "best",
        "nothing": "learned",
        TUNED: TUNED,
    }
    head, plus, execution = text.rpartition(" + ")
    if execution not in EXECUTIONS:
        raise InvalidValue("way", text, f"must end with one of: {', '.join(EXECUTIONS)}")
    if not plus:
        return Way(execution)
    parts = head.split()
    try:
        name, hours, seconds = parts
        between, at, begin = hours.removesuffix(AT_BREAKDOWNS).partition("@")
        every, first = float(between.removesuffix("h")), float(begin.removesuffix("h")) if at else None
        engine, budget = engines[name], float(seconds.removesuffix("s"))
    except (ValueError, KeyError):
        reason = f'must be "ENGINE HOURSh SECONDSs + EXECUTION" with one of the engines {", ".join(engines)}'
        raise InvalidValue("way", text, reason) from None
    replanning = Replanning(engine, every, budget, warm=name != "nothing", shift=name == CALM_SHIFT, first=first)
    return Way(execution, replace(replanning, at_breakdowns=hours.endswith(AT_BREAKDOWNS)))
