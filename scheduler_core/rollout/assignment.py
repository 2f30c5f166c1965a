"""Which planning decisions pre-select the challenger's plan: drawn in blocks, reproducible, exact counts in each block."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from scheduler_core.errors import InvalidValue
from scheduler_core.rollout.stages import SHARES, Stage

BLOCK: Final = 20
"""Planning decisions (days or shifts) in a block: the smallest number of which 10, 25 and 50 % are whole numbers."""


def block_draw(rollout: str, block: int) -> tuple[int, ...]:
    """The positions 0 to 19 of a block in the order in which a growing share takes them.

    A hash of the rollout's id, the block and the position orders them, so that anybody can check the draw afterwards with
    any SHA-256, and nobody can choose it after the id was given out.
    """
    if block < 0:
        raise InvalidValue("block", block, "must be 0 or more")
    return tuple(sorted(range(BLOCK), key=lambda place: sha256(f"{rollout}\n{block}\n{place}".encode()).digest()))


def preselects_challenger(rollout: str, decision: int, stage: Stage) -> bool:
    """Whether the challenger's plan is pre-selected in this planning decision (counted from 0 from the rollout's begin).

    Of the 20 decisions of each block exactly 2 are at 10 %, 5 at 25 %, 10 at 50 %, all at 100 %, none in any other stage.
    A decision that a smaller share pre-selects is pre-selected by every larger one. Raises InvalidValue below 0.
    """
    if decision < 0:
        raise InvalidValue("decision", decision, "must be 0 or more")
    taken = BLOCK * SHARES.get(stage, 0) // 100
    block, place = divmod(decision, BLOCK)
    return place in block_draw(rollout, block)[:taken]
