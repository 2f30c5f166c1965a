"""What a change does to the odds, in a planner's words, and as values for JSON."""

from __future__ import annotations

from scheduler_core.floor.odds_change import NOTICEABLE, OddsChange
from scheduler_core.i18n.time_wording import job_name
from scheduler_core.i18n.translate import t, tn
from scheduler_core.plant import Plant

MOST_NAMED = 3
"""Orders that a sentence names."""


def of_hundred(share: float) -> int:
    """A share as a number of 100; only what holds always or never is 100 or 0."""
    return min(99, max(1, round(100 * share))) if 0 < share < 1 else round(100 * share)


def chance_words(change: OddsChange) -> str:
    """The order's chance to be on time, before and after."""
    if change.after is None:
        return t("no due date")
    if change.before is None:
        return t("{after} of 100", after=of_hundred(change.after))
    return t("{before} → {after} of 100", before=of_hundred(change.before), after=of_hundred(change.after))


def others_chance_words(plant: Plant, change: OddsChange) -> str:
    """How many others get worse, with names, and how many better."""
    if not change.worse and not change.better:
        return t("no other order's chance changes by {n} of 100 or more", n=round(100 * NOTICEABLE))
    parts = []
    for jobs, amount in (
        (change.worse, tn("{n} other order gets worse", "{n} other orders get worse", len(change.worse))),
        (change.better, tn("{n} other order gets better", "{n} other orders get better", len(change.better))),
    ):
        if jobs:
            named = ", ".join(job_name(plant.job_by_id[j]) for j in jobs[:MOST_NAMED])
            more = "" if len(jobs) <= MOST_NAMED else t(" and {n} more", n=len(jobs) - MOST_NAMED)
            parts.append(f"{amount} ({named}{more})")
    return "; ".join(parts)


def odds_change_document(change: OddsChange) -> dict[str, object]:
    """The change as values: chances from 0 to 1, ids of orders."""
    return {
        "before": change.before,
        "after": change.after,
        "worse": list(change.worse),
        "better": list(change.better),
        "late_orders": {"before": round(change.late_before, 4), "after": round(change.late_after, 4)},
        "runs": change.runs,
        "variation": change.assumed.noise.variation,
        "stated": change.assumed.stated,
    }
