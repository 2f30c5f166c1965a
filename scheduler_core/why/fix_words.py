"""Tried fixes in a planner's words."""

from __future__ import annotations

from scheduler_core.plant import Plant
from scheduler_core.why.fixes import Fix, FixKind
from scheduler_core.words import count, hours_minutes, job_name, machine_names, signed_days

MOST_NAMED = 3
"""Jobs that a sentence names."""


def fix_words(plant: Plant, fix: Fix) -> str:
    """What to do."""
    where = machine_names(plant, fix.machines)
    match fix.kind:
        case FixKind.EXTRA_HOURS:
            assert fix.hours is not None
            what = "an extra shift" if fix.hours.is_shift else "overtime"
            begin, end = (hours_minutes(minute).rjust(5, "0") for minute in (fix.hours.start, fix.hours.end))
            return f"Open {what} on {where}: {fix.hours.date:%a} {fix.hours.date.day} {fix.hours.date:%b} {begin} to {end}"
        case FixKind.SWAP:
            passed = f"job {job_name(plant.job_by_id[fix.passed])}" if fix.passed else "what it waits for"
            return f"On {where} put operation {fix.operation} before {passed}"
        case FixKind.GO_FIRST:
            return "Let the job go first on every machine that it waits for"
        case FixKind.OTHER_MACHINE:
            return f"Run operation {fix.operation} on {where} instead"
        case FixKind.NO_HOLDING_BACK:
            return f"Start operation {fix.operation} on {where} as soon as it can"


def effect_words(fix: Fix) -> str:
    """What came of it: the job's lateness, then the whole plan's late jobs and weighted tardiness, before and after."""
    before, after = fix.before, fix.after
    job = f"{signed_days(before.lateness)} becomes {signed_days(after.lateness)}"
    on_time = " (on time)" if fix.on_time else ""
    days = f"{before.weighted_tardiness_days:.1f} d becomes {after.weighted_tardiness_days:.1f} d"
    return f"{job}{on_time}; late jobs {before.late_jobs} → {after.late_jobs}; weighted tardiness {days}"


def others_words(plant: Plant, fix: Fix) -> str | None:
    """Which other jobs become late or recover; None if none does."""
    parts = []
    for jobs, one, many in (
        (fix.became_late, "other job becomes late", "other jobs become late"),
        (fix.recovered, "other job recovers", "other jobs recover"),
    ):
        if jobs:
            named = ", ".join(job_name(plant.job_by_id[j]) for j in jobs[:MOST_NAMED])
            more = "" if len(jobs) <= MOST_NAMED else f" and {len(jobs) - MOST_NAMED} more"
            parts.append(f"{count(len(jobs), one, many)} ({named}{more})")
    return "; ".join(parts) or None
