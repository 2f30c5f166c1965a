"""Which answer to a change is recommended, in a planner's words (Markdown)."""

from __future__ import annotations

from collections.abc import Mapping

from dashboard.loaded_plan import Plan, Replanned
from dashboard.presentation import formatting
from scheduler_core.analysis.recommendation import Answer, Recommendation, recommend
from scheduler_core.i18n.translate import t
from scheduler_core.judge.moves import Moves

KEEP = "right_shift"
"""The engine of the calmest answer; it ends without a plan where the plan in force holds as it is."""

SIMULATED_VARIATION, SIMULATED_GAIN = 0.2, 0.07
"""How much durations varied on the simulated floors of benchmarks/results/floor.md, and the share of weighted tardiness by
which replans every 8 hours were below the best rule: at most 5 % of the next 8 hours' starts moved, their order followed."""


def how_often() -> str:
    """How often to replan and what to follow in between, as the simulated floors say."""
    return t(
        "How often: on simulated shop floors with durations varying by {variation}, replans every 8 hours that moved at "
        "most 5 % of the next 8 hours' starts were {gain} less late than the best dispatching rule. The floors followed the "
        "plan's order between replans.",
        variation=formatting.percent(SIMULATED_VARIATION), gain=formatting.percent(SIMULATED_GAIN),
    )  # fmt: skip


def choice(plans: Mapping[str, Plan], found: Mapping[str, Moves]) -> Recommendation:
    """The recommended one of the answers, which stand from the calmest to the least calm, by what they gain and move."""
    return recommend(
        {
            engine: Answer(plan.stored.objective or 0.0, found[engine].moved_in_a_day / max(1, found[engine].due_in_a_day))
            for engine, plan in plans.items()
        }
    )


def recommended_name(answers: Mapping[str, Replanned]) -> str:
    """The engine of the recommended one of the answers, which stand from the calmest to the least calm."""
    return _of(answers).name


def _of(answers: Mapping[str, Replanned]) -> Recommendation:
    moved = {engine: answer.moves for engine, answer in answers.items()}
    return choice({engine: answer.plan for engine, answer in answers.items()}, moved)


def recommended(answers: Mapping[str, Replanned]) -> str:
    """The recommended one of the answers, which stand from the calmest to the least calm, with the reason."""
    found = {engine: answer.moves for engine, answer in answers.items()}
    chosen = _of(answers)
    name = formatting.engine_name(chosen.name)
    if KEEP not in answers:
        words = t("**Recommended: {name}.** The plan in force still holds, and this one is better.", name=name)
    elif chosen.gain > 0:
        words = t(
            "**Recommended: {name}.** {gain} less late than Keep; it moves {moves} of the {due} operations of the next 24 h "
            "that may move.",
            name=name, gain=formatting.percent(chosen.gain), moves=found[chosen.name].moved_in_a_day,
            due=found[chosen.name].due_in_a_day,
        )  # fmt: skip
    else:
        words = t("**Recommended: {name}.** Nothing better was found.", name=name)
    if chosen.further is not None:
        words += " " + t(
            "{name} would gain {gain} more and move {moves} of them.",
            name=formatting.engine_name(chosen.further), gain=formatting.percent(chosen.further_gain),
            moves=found[chosen.further].moved_in_a_day,
        )  # fmt: skip
    return words
