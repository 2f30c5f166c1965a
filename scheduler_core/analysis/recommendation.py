"""Which of the answers to a change is recommended, and why: gain against moves. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

WORTH_MOVING = 0.01
"""Share of the lateness before that an answer must gain over a calmer one whose moves are few."""
WORTH_UPHEAVAL = 0.05
"""The same for an answer that moves more than MANY of what is due."""
MANY = 0.25


@dataclass(frozen=True)
class Answer:
    """One answer to a change: its objective (lower is better) and the share (0 to 1) of the next day's operations
    that it moves."""

    value: float
    moved: float


@dataclass(frozen=True)
class Recommendation:
    """The name of the recommended answer.

    gain: share of the calmest one's value that it gains over that one. further: the best answer that was passed over, None
    if none is better; further_gain: what it would gain beyond.
    """

    name: str
    gain: float
    further: str | None = None
    further_gain: float = 0.0


def recommend(answers: Mapping[str, Answer]) -> Recommendation:
    """From the calmest to the least calm (the mapping's order), the next one is taken while it is worth its moves. At least
    one is given."""
    names = list(answers)
    calmest = answers[names[0]].value
    scale = calmest if calmest > 0 else 1.0
    chosen = names[0]
    for name in names[1:]:
        gain = (answers[chosen].value - answers[name].value) / scale
        if gain >= (WORTH_UPHEAVAL if answers[name].moved > MANY else WORTH_MOVING):
            chosen = name
    best = min(names, key=lambda n: answers[n].value)
    beyond = (answers[chosen].value - answers[best].value) / scale
    gain = (calmest - answers[chosen].value) / scale
    return Recommendation(chosen, gain, best if beyond > 0 else None, max(0.0, beyond))
