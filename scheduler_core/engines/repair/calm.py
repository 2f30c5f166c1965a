"""Calm: the plan in force carried over, then improved by a search that may move only so many operations of the next days.

A move is a start that changes by more than NOTICEABLE_MINUTES or to another machine, unless right-shift makes the same
change (carry_over.py). The search refuses whatever would go beyond the limit (annealing/staying.py), so that nothing has to
be put back. A limit on what may change instead of a price for it: the planner can say the number. Where the planner says
none, only the next day is protected, for which the floor has prepared: a limit on three days executed 10 % worse on a stream
(docs/replanning.md).
"""

from __future__ import annotations

from dataclasses import replace

from scheduler_core.engines import time_limit_clock
from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.engines.repair.carry_over import CarriedOver, Limits, carry_over, homes_of, now_of
from scheduler_core.engines.repair.start_by_prices import start_by_prices
from scheduler_core.engines.repair.warm_search import USUAL_SECONDS, WARMTH, Search, result, search
from scheduler_core.plant import MINUTES_PER_DAY, Plant
from scheduler_core.schedule import NEAR_HOURS, Result
from scheduler_core.simulator.arrays import pack

USUAL_SHARE = 0.05
"""Share of the operations due to start within a day that may move where no number is given."""
ALWAYS_ALLOWED = 5
"""Moves that are allowed however few operations are due, so that a machine down in a small plant can be avoided."""
PRICING_SHARE = 0.4
"""Share of a time limit in which a start is sought by machine prices at most (start_by_prices.py)."""
USUAL_WARMTH = 1.0
"""Factor of the first temperature from such a start: that of a search from nothing, which begins with one, too."""


def schedule(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """The plan in ``config.warm_start`` carried over to ``plant`` and improved for ``config.time_limit`` seconds.

    At most ``config.most_moves`` of the operations due within NEAR_HOURS move (None: ``usual_limits``), and by the
    objective the plan is never worse than carried over. Where the plan holds as it is and less than WORTHWHILE is to be
    gained, it comes back as it is.

    Raises InvalidValue without a plan to start from, Unschedulable for a plant without any schedule, Cancelled on request;
    KeepBest, raised by ``progress``, ends the search early with the best so far.
    """
    began = time_limit_clock.now()
    arrays = pack(plant)
    carried = carry_over(plant, arrays, config)
    limits = limits_of(plant, config, carried)
    homes = homes_of(plant, arrays, carried, limits)
    limit = USUAL_SECONDS if config.time_limit is None else config.time_limit

    def pricing(fraction: float, message: str) -> None:
        progress(PRICING_SHARE * fraction, message)

    def improving(fraction: float, message: str) -> None:
        progress(PRICING_SHARE + (1 - PRICING_SHARE) * fraction, message)

    start = start_by_prices(plant, arrays, carried, homes, limits.hours, config, PRICING_SHARE * limit, pricing)
    if start.ended:
        searched = Search(start.schedule)
    else:
        left = replace(config, time_limit=max(0.0, limit - start.seconds))
        warmth = WARMTH if start.schedule is carried.schedule else USUAL_WARMTH
        searched = search(plant, arrays, start.schedule, homes, left, improving, warmth)
    return result("repair", plant, config, carried, homes, replace(searched, prices=start.prices), began, limits.moves)


def limits_of(plant: Plant, config: EngineConfig, carried: CarriedOver) -> Limits:
    """The moves that ``config`` allows."""
    if config.most_moves is None:
        return usual_limits(plant, carried)
    return Limits(config.most_moves, NEAR_HOURS if config.calm_hours is None else config.calm_hours)


def usual_limits(plant: Plant, carried: CarriedOver) -> Limits:
    """The moves that are allowed where nobody says a number: few within the next day, any number later."""
    due = carried.due_before(now_of(plant) + MINUTES_PER_DAY)
    return Limits(max(ALWAYS_ALLOWED, int(USUAL_SHARE * due)), hours=MINUTES_PER_DAY / 60)
