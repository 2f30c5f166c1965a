"""Which answer to a change is recommended, in a planner's words (Markdown)."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.loaded_plan import Plan
from dashboard.presentation import formatting
from scheduler_core.analysis.recommendation import Answer, Recommendation, recommend
from scheduler_core.i18n.translate import t
from scheduler_core.judge.moves import Moves, moves


def counted(before: Plan, after: Plan) -> Moves:
    """The moves of ``after`` against ``before``, which may come from an older pull. What gives way to the frozen zone of
    ``after`` is no move."""
    old = before.schedule.counted_from(before.plant.minute_of(after.plant.plan_start))
    zone = after.frozen_zone
    return moves(after.plant if zone is None else zone.fixed_in(after.plant), old, after.schedule)


def choice(before: Plan, answers: Mapping[str, Plan]) -> tuple[Recommendation, dict[str, Moves]]:
    """The recommended one of the answers, which stand from the calmest to the least calm, and the moves of each."""
    found = {engine: counted(before, plan) for engine, plan in answers.items()}
    judged = {
        engine: Answer(plan.stored.objective or 0.0, len(found[engine].moved) / max(1, found[engine].due))
        for engine, plan in answers.items()
    }
    return recommend(judged), found


def recommended(before: Plan, answers: Mapping[str, Plan]) -> str:
    """The recommended one of the answers, which stand from the calmest to the least calm, with the reason."""
    chosen, found = choice(before, answers)
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
