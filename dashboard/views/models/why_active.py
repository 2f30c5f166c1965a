"""How the active checkpoint stands against another one, in words. Pure."""

from __future__ import annotations

from dashboard.presentation.formatting import NOTHING, number
from scheduler_core.i18n.translate import t, tn
from scheduler_core.policy.catalogue import Listed
from scheduler_core.policy.checkpoint_comparison import Compared

DIGITS = 3


def against(active: Listed, other: Listed, found: Compared) -> str:
    """The active checkpoint against another one, line by line: what each plans for, their scores, figures of the same
    plants."""
    parts = [
        t(
            "Against {other}: {active} plans for {active_aim}; {other} for {other_aim}.",
            other=other.name, active=active.name, active_aim=active.objective or NOTHING,
            other_aim=other.objective or NOTHING,
        )
    ]  # fmt: skip
    if active.score is not None and other.score is not None:
        parts.append(_scores(active, other, found))
    if found.one.evaluation is not None and found.other.evaluation is not None:
        parts.append(
            tn(
                "Evaluated on the same plants ({n} figure): {active} {first}, {other} {second} (lower is better): {better}.",
                "Evaluated on the same plants (mean of {n} figures): {active} {first}, {other} {second} (lower is better): "
                "{better}.",
                found.evaluation_figures, active=active.name, first=number(found.one.evaluation, DIGITS), other=other.name,
                second=number(found.other.evaluation, DIGITS),
                better=_better(active.name, other.name, found.one.evaluation, found.other.evaluation),
            )
        )  # fmt: skip
    else:
        parts.append(t("They were not evaluated on the same plants: shopwright evaluate NAME --record"))
    return "\n".join(parts)


def _scores(active: Listed, other: Listed, found: Compared) -> str:
    if found.same_validation:
        return t(
            "Their scores are of the same plants: {better}.",
            better=_better(active.name, other.name, active.score or 0.0, other.score or 0.0),
        )
    said = t("Their scores cannot be compared: they come from different plants.")
    if found.one.validation is None or found.other.validation is None:
        return said
    return said + " " + t(
        "Over the validation that both have: {active} {one}, {other} {two}: {better}.",
        active=active.name, one=number(found.one.validation, DIGITS), other=other.name,
        two=number(found.other.validation, DIGITS),
        better=_better(active.name, other.name, found.one.validation, found.other.validation),
    )  # fmt: skip


def _better(active: str, other: str, one: float, two: float) -> str:
    """Which one is better, judged as printed."""
    if round(one, DIGITS) == round(two, DIGITS):
        return t("equal")
    return t("{name} is better", name=active if one < two else other)
