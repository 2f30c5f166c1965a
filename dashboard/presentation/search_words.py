"""What a search reached and how much no plan can beat, in a planner's words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from dashboard.presentation.formatting import number, percent, printed_change
from dashboard.presentation.objective_labels import objective_words, value_scale, value_words
from scheduler_core.i18n.translate import t
from scheduler_core.judge.kpis import Kpis
from scheduler_core.objectives import PURE, Objective, objective_value

USEFUL_GAP: Final = 0.25
"""Share of the better plan's value by which a bound may lie below it and still tell a planner what is left to gain."""


def bound_words(objective: Objective, bound: float, left: Kpis, right: Kpis) -> str:
    """What no plan of the same jobs can be better than, and how much two of them could still gain at most.

    A bound far below both plans promises a gain that nobody may find: then only that nothing useful is known is said.
    """
    values = [objective_value(objective, kpis) for kpis in (left, right)]
    if min(values) - bound > USEFUL_GAP * min(values):
        return t(
            "No useful bound is known for “{objective}”, so the possible gain is not known.",
            objective=objective_words(objective),
        )
    scale, unit, what = {
        Objective.TARDINESS: (1.0, t(" d"), t("have less weighted tardiness than")),
        Objective.ON_TIME: (100.0, t(" %"), t("have fewer late jobs than")),
        Objective.MAKESPAN: (1 / 24, t(" d"), t("have its last job done before")),
    }.get(
        objective, (1.0, t(" points"), t("have a lower value for “{objective}” than", objective=objective_words(objective)))
    )
    gains = [max(0.0, printed_change(bound * scale, value * scale, 1)) for value in values]
    if max(gains) == 0:
        left_to_gain = t("neither plan can be improved")
    else:
        said = [f"{number(gain)}{unit}" for gain in gains]
        left_to_gain = t("at most {said} can be gained on the left plan, {right} on the right", said=said[0], right=said[1])
    return t(
        "No plan of these jobs can {what} {bound}{unit} (proven): {left_to_gain}.",
        what=what, bound=number(bound * scale), unit=unit, left_to_gain=left_to_gain,
    )  # fmt: skip


def search_gain(points: Sequence[tuple[float, float]], objective: Objective) -> str:
    """First and last value of a search, with what they count and how long it took; ``points``: (seconds, value)."""
    digits, scale = (1 if objective in PURE.values() else 2), value_scale(objective)
    first, last = points[0][1] * scale, points[-1][1] * scale
    better = t(" ({share} better)", share=percent((first - last) / first, 1)) if first > 0 else ""
    return t(
        "From {first} to {last} {unit}{better} within {seconds} s",
        first=number(first, digits), last=number(last, digits), unit=value_words(objective), better=better,
        seconds=number(points[-1][0], 1),
    )  # fmt: skip
