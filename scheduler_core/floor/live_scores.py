"""What a live decision thinks of a single operation: the score by which it begins this one rather than another.

These are the values that the executions of the same names compare (``executions.py``), one at a time. Of equal scores the
earlier expected end decides, then the plant's order. ``LIVE_RULE`` names who decides where nobody says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

from scheduler_core.engines.pricing.price_memory import RememberedPrices
from scheduler_core.floor.dispatcher import learned_for, shipped
from scheduler_core.floor.executions import Guide, planned_starts, priced
from scheduler_core.floor.floor_arrays import FloorArrays
from scheduler_core.floor.floor_kernel import Begun
from scheduler_core.floor.learned_kernel import value_of
from scheduler_core.simulator.arrays import NOW, State
from scheduler_core.simulator.kernel import worked_before

Score: TypeAlias = Callable[[State, int], float]
"""Score of a job's next operation on the move that the state holds for it (``move_*``); the highest begins."""
LIVE_RULE, WITHOUT_PRICES = "learned", "any"
"""Who decides at a free machine: of the ways of docs/floor.md without replans the one with the least weighted tardiness; and
who does for a plan whose search found no prices."""
NOT_COMPARED = -1
"""End of the operation that a candidate to come is compared with, for a candidate that is ready."""


def live_rule(prices: RememberedPrices) -> str:
    """The name of who decides, given the prices that the plan's search found."""
    return LIVE_RULE if prices else WITHOUT_PRICES


def learned_scores(floor: FloorArrays, guide: Guide, begun: Begun) -> Score:
    """By prices with what the shipped dispatcher's learned part adds, in natural logarithms: a difference of 0.7 is twice
    the urgency for the same price of machine time. Waiting is not decided here."""
    known, operations = floor.known, priced(floor, guide.prices)
    learned = learned_for(known, operations, shipped(), guide.noise.variations(floor.plant))

    def score(seen: State, job: int) -> float:
        worked = worked_before(known, known.plant_table, seen.clock[NOW])
        pair, start, setup = seen.move_pair[job], seen.move_start[job], seen.move_setup[job]
        return float(value_of(known, seen, operations, learned, job, pair, start, setup, NOT_COMPARED, worked))

    return score


def plan_scores(floor: FloorArrays, guide: Guide, begun: Begun) -> Score:
    """Minutes from the planned start back to plan_start. Raises InvalidValue as ``planned_starts``."""
    planned = planned_starts(floor, guide, begun)
    return lambda seen, job: -float(planned[seen.next_op[job]])


SCORES: Mapping[str, Callable[[FloorArrays, Guide, Begun], Score]] = MappingProxyType(
    {"learned": learned_scores, "any": plan_scores}
)
"""Scores by the name of the execution that decides by them."""
