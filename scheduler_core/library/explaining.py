"""Why jobs are late in a schedule, in words."""

from __future__ import annotations

from dataclasses import dataclass

from scheduler_core.causes import Cause, Explainer, LateJob
from scheduler_core.causes.cause_wording import cause_words, possible_words
from scheduler_core.errors import InvalidValue
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule


@dataclass(frozen=True)
class Explanation:
    """A late job. minutes_late: by the clock. cause: what explains most of it. words: the cause in a sentence.

    possible: whether any plan could have it on time, in words. late: all figures behind it.
    """

    job: str
    minutes_late: int
    cause: Cause
    words: str
    possible: str
    late: LateJob

    def __str__(self) -> str:
        return f"{self.job}: {self.minutes_late / 1440:.1f} d late. {self.words}. {self.possible}."


def explain(plant: Plant, schedule: Schedule, *jobs: str) -> tuple[Explanation, ...]:
    """Every late job with its cause, the worst (weight times tardiness) first; with ``jobs`` only those of these ids.

    The schedule is complete and valid. Raises InvalidValue for an id that the plant does not have.
    """
    for job in jobs:
        if job not in plant.job_by_id:
            raise InvalidValue("jobs", job, f"is not a job of {plant.name}")
    explainer = Explainer(plant, schedule)
    return tuple(_told(plant, explainer, one) for one in explainer.late_jobs() if not jobs or one.job.id in jobs)


def _told(plant: Plant, explainer: Explainer, late: LateJob) -> Explanation:
    bound = possible_words(plant, explainer.bound(late.job))
    minutes = late.lead_time.lateness
    assert minutes is not None  # a late job has a due date
    return Explanation(late.job.id, minutes, late.cause, cause_words(plant, late), bound, late)
