"""A fix that was tried on a plan as changes, so that it can be asked as a what-if."""

from __future__ import annotations

from scheduler_core.causes.fix_wording import fix_words
from scheduler_core.causes.fixes import Fix, FixKind
from scheduler_core.scenarios.changes import Change
from scheduler_core.scenarios.single_changes import MAX_REASON, HoursOpened, Pinned


def changes_of(fix: Fix, job_id: str) -> tuple[Change, ...]:
    """The extra hours, and the job's operations pinned where the fix has put them (one, or all that nothing fixes)."""
    start = fix.plant.plan_start.date()
    opened = tuple(HoursOpened(e.machines, (e.date - start).days, e.start, e.end) for e in fix.hours)
    if fix.kind is FixKind.EXTRA_HOURS:
        return opened
    why = fix_words(fix.plant, fix)[:MAX_REASON]
    job = fix.plant.job_by_id[job_id]
    places = [
        fix.schedule.by_operation[job_id, op.sequence]
        for op in job.operations
        if op.fixed is None and fix.operation in (None, op.sequence)
    ]
    return (*opened, *(Pinned(job_id, a.sequence, a.machines, a.start, a.end, why) for a in places))
