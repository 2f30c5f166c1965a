"""What differs between two plans, in counts that add up. Pure; the words are defined in analysis/plan_diff.py."""

from __future__ import annotations

from dashboard.presentation.formatting import number
from scheduler_core.analysis.plan_diff import JobChangeKind, PlanDiff
from scheduler_core.i18n.translate import t, tn
from scheduler_core.schedule import NOTICEABLE_MINUTES


def counts(found: PlanDiff) -> list[tuple[str, int, str]]:
    """The difference in five counts: label, amount and what is counted."""
    return [
        (t("Became late"), found.count(JobChangeKind.BECAME_LATE), t("Orders that were on time before and are late now.")),
        (t("Recovered"), found.count(JobChangeKind.RECOVERED), t("Orders that were late before and are on time now.")),
        (t("Operations compared"), found.compared, t("Operations that both plans have.")),
        (t("Operations moved"), found.moved, moved_help()),
        (t("On another machine"), found.changed_machine, t("Of the operations moved, those on another machine.")),
    ]


def moved_help() -> str:
    """What counts as a moved operation."""
    return t(
        "Of the operations compared, those on another machine or starting over {minutes} minutes earlier or later.",
        minutes=NOTICEABLE_MINUTES,
    )


def moved_next_day_help() -> str:
    """What the share that moves in the next day counts."""
    return t(
        "Of the operations that the released plan starts in the next 24 hours, the share that this plan moves to "
        "another machine or by more than 15 minutes."
    )


def sentence(found: PlanDiff) -> str:
    """How the counts add up."""
    said = t(
        "Of {compared} compared, {moved} moved: {machine} to another machine and {time} to another time on the same "
        "machine. {shifted} shifted by at most {minutes} minutes, {unchanged} unchanged.",
        compared=tn("{n} operation", "{n} operations", found.compared), moved=number(found.moved, 0),
        machine=number(found.changed_machine, 0), time=number(found.other_time, 0), shifted=number(found.shifted, 0),
        minutes=NOTICEABLE_MINUTES, unchanged=number(found.unchanged, 0),
    )  # fmt: skip
    only = len(found.operations) - found.changed
    if not only:
        return said
    more = tn("{n} more is in one plan only.", "{n} more are in one plan only.", only)
    return f"{said} {more}"


def changed_words(found: PlanDiff) -> str:
    """How many operations the list of changes has."""
    return tn("{n} changed operation", "{n} changed operations", len(found.operations))
