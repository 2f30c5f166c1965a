"""Calm: the plan in force carried over, then improved by a search that may move only so many operations of the next days.

A move is a start that changes by more than NOTICEABLE_MINUTES or to another machine, unless right-shift makes the same
change (carry_over.py). The search refuses whatever would go beyond the limit (annealing/staying.py), so that nothing has to
be put back. A limit on what may change instead of a price for it: the planner can say the number. Where the planner says
none, only the next day is protected, for which the floor has prepared: a limit on three days executed 10 % worse on a stream
(docs/replanning.md).
"""

from __future__ import annotations

from scheduler_core.engines import time_limit_clock
from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.engines.repair.carry_over import CarriedOver, Limits, carry_over, homes_of, now_of
from scheduler_core.engines.repair.warm_search import result, search
from scheduler_core.plant import MINUTES_PER_DAY, Plant
from scheduler_core.schedule import Result
from scheduler_core.simulator.arrays import pack

USUAL_SHARE = 0.05
"""Share of the operations due to start within a day that may move where no number is given."""
ALWAYS_ALLOWED = 5
"""Moves that are allowed however few operations are due, so that a machine down in a small plant can be avoided."""


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
    limits = usual_limits(plant, carried) if config.most_moves is None else Limits(config.most_moves)
    homes = homes_of(plant, arrays, carried, limits)
    searched = search(plant, arrays, carried.schedule, homes, config, progress)
    return result("repair", plant, config, carried, homes, searched, began, limits.moves)


def usual_limits(plant: Plant, carried: CarriedOver) -> Limits:
    """The moves that are allowed where nobody says a number: few within the next day, any number later."""
    due = carried.due_before(now_of(plant) + MINUTES_PER_DAY)
    return Limits(max(ALWAYS_ALLOWED, int(USUAL_SHARE * due)), hours=MINUTES_PER_DAY / 60)
