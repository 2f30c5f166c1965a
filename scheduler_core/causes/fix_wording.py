"""Tried fixes in a planner's words."""

from __future__ import annotations

from scheduler_core.causes.fixes import Fix, FixKind
from scheduler_core.i18n.local_formats import day_text, number_text
from scheduler_core.i18n.time_wording import job_name, machine_names, signed_days
from scheduler_core.i18n.translate import t, tn
from scheduler_core.plant import Plant, time_of_day

MOST_NAMED = 3
"""Jobs that a sentence names."""


def fix_words(plant: Plant, fix: Fix) -> str:
    """What to do."""
    where = machine_names(plant, fix.machines)
    match fix.kind:
        case FixKind.EXTRA_HOURS:
            (hours,) = fix.hours
            what = t("an extra shift") if hours.is_shift else t("overtime")
            return t(
                "Open {what} on {where}: {day} {begin} to {end}",
                what=what,
                where=where,
                day=day_text(hours.date),
                begin=time_of_day(hours.start),
                end=time_of_day(hours.end),
            )
        case FixKind.SWAP:
            passed = t("job {job}", job=job_name(plant.job_by_id[fix.passed])) if fix.passed else t("what it waits for")
            return t(
                "On {where} put operation {operation} before {passed}", where=where, operation=fix.operation, passed=passed
            )
        case FixKind.GO_FIRST:
            return t("Let the job go first on every machine that it waits for")
        case FixKind.OTHER_MACHINE:
            return t("Run operation {operation} on {where} instead", operation=fix.operation, where=where)
        case FixKind.NO_HOLDING_BACK:
            return t("Start operation {operation} on {where} as soon as possible", operation=fix.operation, where=where)
        case FixKind.PRIORITY:
            return t("Give the order priority on all its machines; other orders wait")
        case FixKind.PRIORITY_OVERTIME:
            opened = t("{n} h", n=number_text(fix.overtime_minutes / 60))
            return t(
                "Give the order priority on all its machines, with {hours} of overtime: {list}",
                hours=opened,
                list=overtime_list(plant, fix),
            )


def overtime_list(plant: Plant, fix: Fix) -> str:
    """The hours that a fix opens: each machine with its dates."""
    found = []
    for machines in dict.fromkeys(extra.machines for extra in fix.hours):
        dates = [
            f"{day_text(e.date)} {time_of_day(e.start)}–{time_of_day(e.end)}" for e in fix.hours if e.machines == machines
        ]
        more = "" if len(dates) <= MOST_NAMED else t(" and {n} more", n=len(dates) - MOST_NAMED)
        found.append(f"{machine_names(plant, machines)} {', '.join(dates[:MOST_NAMED])}{more}")
    return "; ".join(found)


def effect_words(fix: Fix) -> str:
    """What came of it: the job's lateness, then the whole plan's late jobs and weighted tardiness, before and after."""
    before, after = fix.before, fix.after
    job = t("{lateness} becomes {after}", lateness=signed_days(before.lateness), after=signed_days(after.lateness))
    on_time = t(" (on time)") if fix.on_time else ""
    days = t(
        "{weighted_tardiness_days} d becomes {after} d",
        weighted_tardiness_days=number_text(before.weighted_tardiness_days),
        after=number_text(after.weighted_tardiness_days),
    )
    return t(
        "{job}{on_time}; late jobs {late_jobs} → {late_after}; weighted tardiness {days}",
        job=job,
        on_time=on_time,
        late_jobs=before.late_jobs,
        late_after=after.late_jobs,
        days=days,
    )


def others_words(plant: Plant, fix: Fix) -> str | None:
    """Which other jobs become late or recover; None if none does."""
    parts = []
    for jobs, amount in (
        (fix.became_late, tn("{n} other job becomes late", "{n} other jobs become late", len(fix.became_late))),
        (fix.recovered, tn("{n} other job recovers", "{n} other jobs recover", len(fix.recovered))),
    ):
        if jobs:
            named = ", ".join(job_name(plant.job_by_id[j]) for j in jobs[:MOST_NAMED])
            more = "" if len(jobs) <= MOST_NAMED else t(" and {n} more", n=len(jobs) - MOST_NAMED)
            parts.append(f"{amount} ({named}{more})")
    return "; ".join(parts) or None
