"""Who decides on the floor from one moment to the next: ways to carry on, by name.

Each is a function with one interface (``Execution``): it lets the floor go on from ``now`` and writes what begins before
``until``. Decisions are made with expected durations; ``knowing`` ones look at the real durations instead, which nobody can,
to tell how much that would be worth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

import numpy as np

from scheduler_core.engines.pricing.bottleneck_dynamics import PricedOperations, ResourcePrices, loads, price_operations
from scheduler_core.engines.pricing.price_memory import RememberedPrices, recalled
from scheduler_core.engines.pricing.price_search import TERMS, first_prices
from scheduler_core.engines.rules import RULES, SEEDS, seed_random
from scheduler_core.errors import InvalidValue
from scheduler_core.floor.dispatcher import Weights, learned_for, shipped
from scheduler_core.floor.floor_arrays import FloorArrays, Views, gone_at, on_planned_machines
from scheduler_core.floor.floor_kernel import Begun, Lines, Truth, follow, resume, run_by_plan, run_by_prices, run_by_rule
from scheduler_core.floor.learned_kernel import run_learned
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule
from scheduler_core.simulator.array_types import Float64, Int32, Int64
from scheduler_core.simulator.arrays import NEVER, PlantArrays


@dataclass(frozen=True)
class Guide:
    """What decisions go by: the plan in force in the stream's minutes; prices of machine time (empty: the usual ones); how
    much durations are known to vary."""

    plan: Schedule | None = None
    prices: RememberedPrices = ()
    noise: DurationNoise = field(default_factory=DurationNoise)


class Execution(Protocol):
    """A way to carry on between two moments."""

    def __call__(self, floor: FloorArrays, truth: Truth, guide: Guide, begun: Begun, now: int, until: int) -> None:
        """Adds what begins in [now, until) to ``begun``. Raises InvalidValue where it needs a plan and there is none, and
        for a plan that the floor cannot follow."""


def keep_starts(floor: FloorArrays, truth: Truth, guide: Guide, begun: Begun, now: int, until: int) -> None:
    """Right-shift: the plan's machines and their order, nothing before its planned start."""
    order, pair, start = floor.planned(_plan(guide), begun)
    follow_order(floor, truth, begun, order, pair, start, now, until)


def keep_order(floor: FloorArrays, truth: Truth, guide: Guide, begun: Begun, now: int, until: int) -> None:
    """The plan's machines and their order, everything as soon as it can."""
    order, pair, start = floor.planned(_plan(guide), begun)
    follow_order(floor, truth, begun, order, pair, np.zeros_like(start), now, until)


def next_ready(floor: FloorArrays, truth: Truth, guide: Guide, begun: Begun, now: int, until: int) -> None:
    """The plan's machines; a free one begins the operation of its list that is ready and was planned first."""
    _, pair, start = floor.planned(_plan(guide), begun)
    views, old = on_planned_machines(floor, np.where(begun.pair >= 0, begun.pair, pair))
    new = np.full(len(floor.known.pair_op), -1, np.int32)
    new[old] = np.arange(len(old), dtype=np.int32)
    there = begun._replace(pair=np.where(begun.pair >= 0, new[begun.pair], -1).astype(np.int32))
    truth_there = truth._replace(pair_log=truth.pair_log[old])
    _decide_by_plan(floor, views, truth_there, there, _with_latest_starts(floor, start), now, until)
    begun.pair[:] = np.where(there.pair >= 0, old[there.pair], -1)


def any_machine(floor: FloorArrays, truth: Truth, guide: Guide, begun: Begun, now: int, until: int) -> None:
    """A free machine begins, of all operations that are ready and that it may do, the one that was planned first."""
    _decide_by_plan(floor, floor.views, truth, begun, planned_starts(floor, guide, begun), now, until)


@dataclass(frozen=True)
class ByRule:
    """A dispatching rule decides at every free machine. ``knowing``: it sees real durations."""

    rule: str
    k1: float
    k2: float
    knowing: bool = False

    def __call__(self, floor: FloorArrays, truth: Truth, guide: Guide, begun: Begun, now: int, until: int) -> None:
        """As ``Execution``; the guide does not count."""
        views, code = floor.views, RULES[self.rule].code
        seed_random(now % SEEDS)

        def run(known: PlantArrays, stop: int) -> None:
            run_by_rule(views.clock, known, views.real, truth, views.state, views.seen, code, self.k1, self.k2, stop)

        _decide(floor, views, truth, begun, now, until, run, self.knowing)


def by_prices(floor: FloorArrays, truth: Truth, guide: Guide, begun: Begun, now: int, until: int) -> None:
    """Prices of machine time decide at every free machine: those that the last search found."""
    views, operations = floor.views, priced(floor, guide.prices)

    def run(known: PlantArrays, stop: int) -> None:
        run_by_prices(views.clock, known, views.real, truth, views.state, views.seen, operations, stop)

    _decide(floor, views, truth, begun, now, until, run)


@dataclass(frozen=True)
class ByLearned:
    """Prices and a learned part decide at every free machine, and may let it wait."""

    weights: Weights

    def __call__(self, floor: FloorArrays, truth: Truth, guide: Guide, begun: Begun, now: int, until: int) -> None:
        """As ``Execution``; the plan does not count."""
        views, operations = floor.views, priced(floor, guide.prices)
        learned = learned_for(floor.known, operations, self.weights, guide.noise.variations(floor.plant))

        def run(known: PlantArrays, stop: int) -> None:
            run_learned(views.clock, known, views.real, truth, views.state, views.seen, operations, learned, stop)

        _decide(floor, views, truth, begun, now, until, run)


def by_learned(floor: FloorArrays, truth: Truth, guide: Guide, begun: Begun, now: int, until: int) -> None:
    """Prices and the shipped learned part decide at every free machine, and may let it wait."""
    ByLearned(shipped())(floor, truth, guide, begun, now, until)


def rule_named(name: str) -> ByRule:
    """A rule with its usual parameters. Raises InvalidValue for an unknown one."""
    found = RULES.get(name)
    if found is None:
        raise InvalidValue("rule", name, f"must be one of {', '.join(RULES)}")
    return ByRule(name, *found.default)


EXECUTIONS: Mapping[str, Execution] = MappingProxyType(
    {
        "starts": keep_starts,
        "order": keep_order,
        "next": next_ready,
        "any": any_machine,
        "prices": by_prices,
        "learned": by_learned,
        **{f"rule {name}": rule_named(name) for name in RULES},
    }
)
"""Ways to carry on by name."""
NEED_PLAN = frozenset({"starts", "order", "next", "any"})
"""Those that go by a plan."""
ONLY_PLANNED = frozenset({"starts", "order", "next"})
"""Those that begin no operation that the plan lacks."""


def execution_named(name: str) -> Execution:
    """Raises InvalidValue for an unknown name."""
    if name not in EXECUTIONS:
        raise InvalidValue("execution", name, f"must be one of {', '.join(EXECUTIONS)}")
    return EXECUTIONS[name]


def priced(floor: FloorArrays, remembered: RememberedPrices) -> PricedOperations:
    """The prices of each operation that ever comes, by prices of machine types."""
    return priced_plant(floor.plant, floor.known, remembered)


def priced_plant(plant: Plant, arrays: PlantArrays, remembered: RememberedPrices) -> PricedOperations:
    """The prices of each operation of a packed plant, by prices of machine types."""
    types, machine_type, usual = _usual_prices(plant, arrays)
    x = np.exp(usual + recalled(types, usual, remembered))
    prices = ResourcePrices(x[0], x[1], min(1.0, x[2]), x[3], x[4], x[TERMS:][machine_type])
    return price_operations(arrays, prices)


def usual_prices(floor: FloorArrays) -> tuple[list[int], Int32, Float64]:
    """The prices that a search begins with, by machine type.

    Returns the plant's machine types, ascending; the place of each machine's type among them [M]; logarithms of the prices.
    """
    return _usual_prices(floor.plant, floor.known)


def _usual_prices(plant: Plant, arrays: PlantArrays) -> tuple[list[int], Int32, Float64]:
    types = sorted({m.type for m in plant.machines})
    number = {t: i for i, t in enumerate(types)}
    machine_type = np.array([number[m.type] for m in plant.machines], np.int32)
    return types, machine_type, first_prices(loads(arrays, machine_type, len(types)))


def follow_order(
    floor: FloorArrays, truth: Truth, begun: Begun, order: Int32, pair: Int32, earliest: Int64, now: int, until: int
) -> None:
    """Carries out operations in ``order`` [n], each on its ``pair`` [O] and no earlier than ``earliest`` [O], and adds what
    begins in [now, until) to ``begun``."""
    machines, jobs = len(floor.known.machine_table), len(floor.known.job_open)
    lines = Lines(
        np.zeros(machines, np.int64), np.zeros(machines, np.int32), np.zeros(machines, np.int64), np.zeros(jobs, np.int64)
    )
    follow(floor.clock, truth, begun, lines, order, pair, earliest, now, until)


def _plan(guide: Guide) -> Schedule:
    if guide.plan is None:
        raise InvalidValue("plan", None, "is missing: this way to carry on follows a plan")
    return guide.plan


def planned_starts(floor: FloorArrays, guide: Guide, begun: Begun) -> Int64:
    """What ``any`` decides by: planned starts [O] of operations that have not begun. An operation that the plan lacks counts
    as planned at its latest start. Raises InvalidValue without a plan, and for one that the floor cannot follow."""
    return _with_latest_starts(floor, floor.planned(_plan(guide), begun)[2])


def _with_latest_starts(floor: FloorArrays, start: Int64) -> Int64:
    """Planned starts [O]; an operation that the plan lacks counts as planned at its latest start, in minutes that pass."""
    known = floor.known
    due = np.minimum(known.job_due, NEVER // 2)[known.op_job]
    return np.where(start < NEVER, start, due - known.op_tail[:-1].astype(np.int64))


def _decide_by_plan(
    floor: FloorArrays, views: Views, truth: Truth, begun: Begun, planned: Int64, now: int, until: int
) -> None:
    def run(known: PlantArrays, stop: int) -> None:
        run_by_plan(views.clock, known, views.real, truth, views.state, views.seen, planned, stop)

    _decide(floor, views, truth, begun, now, until, run)


def _decide(
    floor: FloorArrays,
    views: Views,
    truth: Truth,
    begun: Begun,
    now: int,
    until: int,
    run: Callable[[PlantArrays, int], object],
    knowing: bool = False,
) -> None:
    """Runs from one cancellation to the next: at each, what is cancelled leaves the lists."""
    known = _with_real_durations(views, truth) if knowing else views.known
    stops = [*sorted({int(t) for t in floor.job_gone if now < t < until}), until]
    for begin, stop in zip([now, *stops[:-1]], stops, strict=True):
        resume(views.clock, truth, views.state, views.seen, begun, gone_at(floor, begin), begin)
        run(known, stop)
        _keep(views, begun, stop)


def _keep(views: Views, begun: Begun, until: int) -> None:
    """Takes over what has begun before ``until``; several machines may have been booked for a later start."""
    state = views.state
    here = (state.pair >= 0) & (state.start < until)
    begun.pair[:] = np.where(here, state.pair, -1)
    begun.start[:], begun.end[:] = np.where(here, state.start, 0), np.where(here, state.end, 0)
    begun.setup[:], begun.expected[:] = np.where(here, state.setup, 0), np.where(here, views.seen.end, 0)


def _with_real_durations(views: Views, truth: Truth) -> PlantArrays:
    """What decisions look at if they know the real durations and outages, but for the part of a machine's day."""
    minutes = np.floor(views.known.pair_minutes * np.exp(truth.pair_log) + 0.5)
    return views.clock._replace(pair_minutes=np.maximum(1, minutes).astype(np.int32))
