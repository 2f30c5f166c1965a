"""The explanation of one order as plain values for JSON: the same for the command and the API.

Moments stand twice: in minutes from plan_start, and in names that end in ``_at`` on the plant's wall clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from scheduler_core.bounds import JobBound
from scheduler_core.causes.cause_wording import cause_words, link_words, possible_words, setup_words
from scheduler_core.causes.explainer import Explainer, LateJob
from scheduler_core.causes.fix_wording import fix_words
from scheduler_core.causes.fixes import Fix
from scheduler_core.causes.lead_time import LeadTime
from scheduler_core.causes.start_causes import Link
from scheduler_core.causes.trial_plan import Figures
from scheduler_core.plant import Plant
from scheduler_core.schedule import Assignment

Document = dict[str, object]


def explanation_document(why: Explainer, lead: LeadTime, bound: JobBound, chain: Sequence[Link]) -> Document:
    """Where the order's time goes, whether it could be on time, and what its operation's start hangs on (``chain``)."""
    plant = why.plant
    return {
        "job": lead.job.id,
        "start": lead.start,
        "start_at": plant.clock.text(lead.start),
        "end": lead.end,
        "end_at": plant.clock.text(lead.end),
        "due_at": None if lead.job.due is None else plant.clock.text(lead.job.due),
        "minutes_late": lead.lateness,
        "cause": late_cause_document(plant, why.late_job(lead.job)),
        "earliest_end": bound.completion,
        "earliest_end_at": plant.clock.text(bound.completion),
        "can_be_on_time": bound.can_be_on_time,
        "words": possible_words(plant, bound),
        "minutes": {
            "processing": lead.processing,
            "setup": lead.setup,
            "waiting": lead.waiting,
            "held_back": lead.held_back,
            "closed": lead.closed,
            "released_late": lead.released_late,
            "total": lead.total,
        },
        "waits": [{"machine": w.machine, "minutes": w.minutes, "behind": dict(w.jobs)} for w in lead.waits],
        "chain": [link_document(plant, link) for link in chain],
    }


def late_cause_document(plant: Plant, late: LateJob | None) -> Document | None:
    """The one cause that explains most of the lateness; None for an order that is not late."""
    if late is None:
        return None
    return {"kind": late.cause.value, "minutes": late.minutes, "words": cause_words(plant, late)}


def late_job_document(plant: Plant, late: LateJob) -> Document:
    """One late order in a list of them."""
    lead = late.lead_time
    return {
        "job": late.job.id,
        "product": late.job.product,
        "weight": late.job.weight,
        "due_at": None if late.job.due is None else plant.clock.text(late.job.due),
        "end_at": plant.clock.text(lead.end),
        "minutes_late": lead.lateness,
        "cause": late_cause_document(plant, late),
    }


def link_document(plant: Plant, link: Link) -> Document:
    """Why one operation starts when it does."""
    a = link.assignment
    return {
        "job": a.job,
        "operation": a.sequence,
        "machines": list(a.machines),
        "start": a.start,
        "start_at": plant.clock.text(a.start),
        "reason": link.reason.value,
        "since": link.since,
        "since_at": plant.clock.text(link.since),
        "minutes": link.minutes,
        "closed_minutes": link.waits_for_shift,
        "closed_by": None if link.closure is None else link.closure.value,
        "held_back_minutes": link.held_back,
        "setup_minutes": a.setup_minutes,
        "waits_for": None if link.blocker is None else _operation(link.blocker),
        "words": link_words(plant, link),
        "setup_words": setup_words(plant, link),
    }


def fix_document(plant: Plant, fix: Fix, odds: Mapping[str, object] | None = None) -> Document:
    """A tried fix with what came of it; ``odds``: what it does to the odds, if that is known."""
    return {
        "kind": fix.kind.value,
        "words": fix_words(plant, fix),
        "before": _figures(fix.before),
        "after": _figures(fix.after),
        "became_late": list(fix.became_late),
        "recovered": list(fix.recovered),
        **({} if odds is None else {"odds": odds}),
    }


def _figures(figures: Figures) -> Document:
    return {
        "minutes_late": figures.lateness,
        "late_jobs": figures.late_jobs,
        "weighted_tardiness_days": round(figures.weighted_tardiness_days, 4),
    }


def _operation(a: Assignment) -> Document:
    return {"job": a.job, "operation": a.sequence}
