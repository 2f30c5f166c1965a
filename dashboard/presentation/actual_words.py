"""When an operation really began and ended, in words."""

from __future__ import annotations

from dashboard.presentation.formatting import stamp_at
from scheduler_core.i18n.translate import t
from scheduler_core.plant import Plant


def moment_words(plant: Plant, first: int | None, last: int) -> str:
    """A moment that lies between two minutes of the plan; ``first`` None: nobody knows since when."""
    if first is None:
        return t("before {moment}", moment=stamp_at(plant, last))
    if first >= last:
        return stamp_at(plant, last)
    return t("{first} to {last}", first=stamp_at(plant, first), last=stamp_at(plant, last))
