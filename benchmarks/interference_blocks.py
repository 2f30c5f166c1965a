"""A switchback: the whole floor alternates between two ways to plan in drawn blocks; outcomes count after a burn-in.

Blocks come in pairs of neighbours; in each pair a coin says which one is the challenger's, so that a slow change of the
floor's load cancels. Minutes count from the stream's start.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

import numpy as np

from scheduler_core.floor.execution import WorkingHours
from scheduler_core.floor.executions import Execution, Guide
from scheduler_core.floor.floor_arrays import FloorArrays
from scheduler_core.floor.floor_kernel import Begun, Truth
from scheduler_core.plant import MINUTES_PER_DAY
from scheduler_core.simulator.array_types import Float64, Int64
from scheduler_core.simulator.arrays import NEVER


class Length(StrEnum):
    """How long a block is."""

    DAY = "day"
    WEEK = "week"
    FORTNIGHT = "2 weeks"
    MONTH = "4 weeks"


DAYS = {Length.DAY: 1, Length.WEEK: 7, Length.FORTNIGHT: 14, Length.MONTH: 28}
"""Days of a block; a day is a day on which the plant works, with the days after it on which it does not."""
BURN_IN = {
    Length.DAY: 360,
    Length.WEEK: 3 * MINUTES_PER_DAY,
    Length.FORTNIGHT: 7 * MINUTES_PER_DAY,
    Length.MONTH: 14 * MINUTES_PER_DAY,
}
"""Minutes at a block's beginning that do not count: half of it, of a day half of the hours that it works."""


@dataclass(frozen=True)
class Block:
    """A stretch in which one way decides; outcomes count from ``counted`` to ``end``."""

    start: int
    counted: int
    end: int


Pair = tuple[Block, Block]
"""(the challenger's block, the champion's block)"""


class Measure(StrEnum):
    """What is counted in a block."""

    ACCRUED = "accrued"
    """Lateness that accrues in it, per day: of every open order that is past its due date then."""
    FINISHED = "finished"
    """Mean lateness of the orders that are finished in it."""


def blocks(floor: FloorArrays, length: Length, days: int) -> tuple[Block, ...]:
    """The blocks of a stream of this number of days; their number is even."""
    starts = _starts(floor, length, days)
    found = [Block(a, a + BURN_IN[length], b) for a, b in pairwise(starts)]
    return tuple(found[: len(found) // 2 * 2])


def _starts(floor: FloorArrays, length: Length, days: int) -> list[int]:
    if length is not Length.DAY:
        return list(range(0, days * MINUTES_PER_DAY + 1, DAYS[length] * MINUTES_PER_DAY))
    hours, machine = WorkingHours(floor.stream.plant), (floor.plant.machines[0].id,)
    calendar = range(0, days * MINUTES_PER_DAY, MINUTES_PER_DAY)
    working = [minute for minute in calendar if hours.worked(machine, minute, minute + MINUTES_PER_DAY)]
    return [*working, days * MINUTES_PER_DAY]


def drawn_pairs(found: Sequence[Block], seed: int) -> tuple[Pair, ...]:
    """Neighbouring blocks as pairs, the challenger's first, drawn by the seed."""
    coins = np.random.default_rng((seed, len(found))).random(len(found) // 2) < 0.5
    pairs = zip(found[::2], found[1::2], strict=True)
    return tuple((a, b) if coin else (b, a) for coin, (a, b) in zip(coins, pairs, strict=True))


def play_pairs(floor: FloorArrays, truth: Truth, pairs: Sequence[Pair], challenger: Execution, champion: Execution) -> Begun:
    """The floor to its end: the challenger decides in its blocks, the champion at all other times."""
    own = sorted((pair[0] for pair in pairs), key=lambda block: block.start)
    begun, now = floor.nothing_begun(), 0
    for block in own:
        if block.start > now:
            champion(floor, truth, Guide(), begun, now, block.start)
        challenger(floor, truth, Guide(), begun, block.start, block.end)
        now = block.end
    champion(floor, truth, Guide(), begun, now, NEVER)
    return begun


@dataclass(frozen=True)
class Lateness:
    """Orders as they were executed: minute due (NEVER: without), minute finished and weight, [J] each."""

    due: Int64
    end: Int64
    weight: Float64

    @property
    def days(self) -> Float64:
        """[J] weighted days late."""
        late: Float64 = self.weight * np.maximum(0, self.end - self.due) / MINUTES_PER_DAY
        return late

    def accrued(self, block: Block) -> float:
        """Weighted days late that accrue in a day of the block, the burn-in left out."""
        minutes = np.minimum(block.end, self.end) - np.maximum(block.counted, self.due)
        return float((self.weight * np.maximum(0, minutes)).sum()) / (block.end - block.counted)

    def finished(self, block: Block) -> float | None:
        """Mean weighted days late of the orders finished in the block after the burn-in; None without any."""
        inside = (self.end >= block.counted) & (self.end < block.end)
        return float(self.days[inside].mean()) if inside.any() else None


def outcomes(late: Lateness, pairs: Sequence[Pair], measure: Measure) -> tuple[Float64, Float64]:
    """(challenger, champion) outcomes of the pairs in which both blocks have one."""
    of = late.accrued if measure is Measure.ACCRUED else late.finished
    values = [(of(challenger), of(champion)) for challenger, champion in pairs]
    both = np.array([(a, b) for a, b in values if a is not None and b is not None], np.float64).reshape(-1, 2)
    return both[:, 0], both[:, 1]
