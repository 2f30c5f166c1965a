"""A start for a calm search: what the floor has been told stays, and a schedule by machine prices makes the rest.

A plan carried over has new orders in its gaps, behind everything else: with a day's arrivals it costs up to twice as much as
a schedule by prices, and a search of a second does not bring them to the front.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass, replace

from scheduler_core.engines import time_limit_clock
from scheduler_core.engines.annealing.staying import Homes
from scheduler_core.engines.config import EngineConfig, Progress
from scheduler_core.engines.pinned_zone import Pinned, in_places, pin_zone
from scheduler_core.engines.pricing.price_memory import RememberedPrices
from scheduler_core.engines.pricing.price_search import PriceSearch
from scheduler_core.engines.repair.carry_over import CarriedOver, now_of
from scheduler_core.engines.repair.warm_search import value, with_fixed_setups
from scheduler_core.errors import KeepBest
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule
from scheduler_core.simulator import costs
from scheduler_core.simulator.arrays import PlantArrays, pack
from scheduler_core.simulator.simulator import to_schedule, to_state

FIRST = 16
"""Schedules after which none is made any more if all cost more than the carried plan: then that is the better start."""


@dataclass(frozen=True)
class Start:
    """A plan to search from, and the prices that made it (none where it is the plan carried over). seconds: what making
    schedules took; ended: KeepBest came meanwhile."""

    schedule: Schedule
    prices: RememberedPrices = ()
    seconds: float = 0.0
    ended: bool = False


def start_by_prices(
    plant: Plant,
    arrays: PlantArrays,
    carried: CarriedOver,
    homes: Homes | None,
    hours: float,
    config: EngineConfig,
    seconds: float,
    progress: Progress,
) -> Start:
    """The better of the carried plan and the best schedule by prices found in so many ``seconds`` (one is always made), in
    which what the plan before was to start within ``hours`` from now stays where the carried plan has it.

    Where more than may stray leaves its home by that, it is the carried plan. KeepBest, raised by ``progress``, ends it
    early. Raises Cancelled through ``progress``.
    """
    pinned = _pinned(plant, carried, hours, config)
    free = pack(pinned.plant)
    if (free.op_reserved_pair >= 0).all():
        return Start(carried.schedule)
    search = PriceSearch(
        pinned.plant, free, costs.prices_of(config.objective, free), config.seed, 1, remembered=config.first_prices
    )
    carried_cost = value(plant, config, carried.schedule)
    began = time_limit_clock.now()

    def share() -> float:
        return min(1.0, (time_limit_clock.now() - began) / max(1e-9, seconds))

    def report() -> None:
        progress(share(), f"{search.tried} plans by machine prices tried")

    def better() -> Schedule | None:
        if search.cost == math.inf:
            return None
        made = in_places(to_schedule(pinned.plant, free, search.state), pinned)
        found = with_fixed_setups(plant, made, carried.schedule)
        return found if value(plant, config, found) < carried_cost else None

    ended = True
    with suppress(KeepBest):
        search.run(1, lambda: False, report)
        search.run(1 + FIRST, lambda: share() >= 1.0, report)
        if better() is not None:
            search.run(math.inf, lambda: share() >= 1.0, report)
        ended = False
    used = time_limit_clock.now() - began
    found = better()
    if found is not None and _at_home(plant, arrays, homes, found):
        return Start(found, search.learned, used, ended)
    return Start(carried.schedule, (), used, ended)


def _pinned(plant: Plant, carried: CarriedOver, hours: float, config: EngineConfig) -> Pinned:
    """The plant with what was to start within ``hours`` fixed where the carried plan has it, which may be later."""
    until = now_of(plant) + round(60 * hours)
    soon = [key for key in carried.pushed if carried.before.by_operation[key].start < until]
    places = [carried.schedule.by_operation[key] for key in soon]
    last = max((place.start for place in places), default=0)
    zone = replace(config, warm_start=Schedule(tuple(places)), frozen_hours=last / 60 + 1, frozen_by_type=())
    return pin_zone(plant, zone)


def _at_home(plant: Plant, arrays: PlantArrays, homes: Homes | None, plan: Schedule) -> bool:
    """Whether no more of the plan's operations have left their homes than may."""
    if homes is None:
        return True
    state = to_state(plant, arrays, plan)
    there = arrays.op_all | (state.pair == homes.home)
    in_time = (state.start >= homes.earliest) & (state.start <= homes.latest)
    return int(homes.stay[~(there & in_time)].sum()) <= homes.most
