"""Odds under varying durations as commands print them: the words of a change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scheduler_core.floor.odds_change_wording import chance_words, others_chance_words
from scheduler_core.plant import Plant

if TYPE_CHECKING:
    from scheduler_core.floor.odds_change import OddsChange


def odds_words(plant: Plant, change: OddsChange) -> str:
    """The odds of the order and of the others, in one line."""
    others = others_chance_words(plant, change)
    return others if change.after is None else f"odds to be on time: {chance_words(change)}; {others}"


def noise_words(change: OddsChange) -> str:
    """What the odds assume."""
    return (
        f"Odds: of {change.runs} runs with the same durations before and after; durations vary by "
        f"{change.assumed.noise.variation:.0%} around the planned ones (stated, see --variation). Another order gets worse "
        "or better if its chance changes by 5 of 100 or more."
    )
