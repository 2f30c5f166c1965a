"""Which answer to a change is recommended, in a planner's words (Markdown)."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.loaded_plan import Replanned
from dashboard.presentation import formatting
from scheduler_core.analysis.recommendation import Answer, recommend
from scheduler_core.i18n.translate import t


def recommended(answers: Mapping[str, Replanned]) -> str:
    """The recommended one of the answers, which stand from the calmest to the least calm, with the reason."""
    found = {engine: answer.moves for engine, answer in answers.items()}
    judged = {
        engine: Answer(answer.plan.stored.objective or 0.0, len(answer.moves.moved) / max(1, answer.moves.due))
        for engine, answer in answers.items()
    }
    choice = recommend(judged)
    name = formatting.engine_name(choice.name)
    amount = len(found[choice.name].moved)
    if choice.gain > 0:
        words = t(
            "**Recommended: {name}.** {gain} less late than Keep, with {moves} moves in the next 72 h.",
            name=name, gain=formatting.percent(choice.gain), moves=amount,
        )  # fmt: skip
    else:
        words = t("**Recommended: {name}.** Nothing better was found.", name=name)
    if choice.further is not None:
        words += " " + t(
            "{name} would gain {gain} more and move {moves} operations.",
            name=formatting.engine_name(choice.further), gain=formatting.percent(choice.further_gain),
            moves=len(found[choice.further].moved),
        )  # fmt: skip
    return words
