"""Which answer to a change is recommended, in a planner's words (Markdown)."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.loaded_plan import Plan, Replanned, counted_moves
from dashboard.presentation import formatting
from scheduler_core.analysis.recommendation import Answer, Recommendation, recommend
from scheduler_core.i18n.translate import t
from scheduler_core.judge.moves import Moves


def choice(before: Plan, answers: Mapping[str, Plan]) -> tuple[Recommendation, dict[str, Moves]]:
    """The recommended one of the answers, which stand from the calmest to the least calm, and the moves of each."""
    found = {engine: counted_moves(before, plan) for engine, plan in answers.items()}
    return _chosen(answers, found), found


def _chosen(plans: Mapping[str, Plan], found: Mapping[str, Moves]) -> Recommendation:
    return recommend(
        {
            engine: Answer(plan.stored.objective or 0.0, len(found[engine].moved) / max(1, found[engine].due))
            for engine, plan in plans.items()
        }
    )


def recommended(answers: Mapping[str, Replanned]) -> str:
    """The recommended one of the answers, which stand from the calmest to the least calm, with the reason."""
    found = {engine: answer.moves for engine, answer in answers.items()}
    chosen = _chosen({engine: answer.plan for engine, answer in answers.items()}, found)
    name = formatting.engine_name(chosen.name)
    amount = len(found[chosen.name].moved)
    if chosen.gain > 0:
        words = t(
            "**Recommended: {name}.** {gain} less late than Keep, with {moves} moves in the next 72 h.",
            name=name, gain=formatting.percent(chosen.gain), moves=amount,
        )  # fmt: skip
    else:
        words = t("**Recommended: {name}.** Nothing better was found.", name=name)
    if chosen.further is not None:
        words += " " + t(
            "{name} would gain {gain} more and move {moves} operations.",
            name=formatting.engine_name(chosen.further), gain=formatting.percent(chosen.further_gain),
            moves=len(found[chosen.further].moved),
        )  # fmt: skip
    return words
