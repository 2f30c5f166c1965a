"""A job's status by its slack at completion: the one place that knows the thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from scheduler_core.plant import MINUTES_PER_DAY

TIGHT_MINUTES = MINUTES_PER_DAY
"""Less slack than this and any hiccup makes the job late."""
CLOSE_MINUTES = 3 * MINUTES_PER_DAY
"""Less slack than this deserves an eye."""


class JobStatus(StrEnum):
    """Ordered from the most to the least urgent; the values are the words that a planner reads."""

    LATE = "late"
    TIGHT = "under 24 h"
    CLOSE = "under 72 h"
    ON_TIME = "on time"
    NO_DUE_DATE = "no due date"


def status_of(lateness: int | None) -> JobStatus:
    """Status of a job that ends ``lateness`` minutes after its due date (negative: before it; None: no due date)."""
    if lateness is None:
        return JobStatus.NO_DUE_DATE
    if lateness > 0:
        return JobStatus.LATE
    slack = -lateness
    if slack < TIGHT_MINUTES:
        return JobStatus.TIGHT
    if slack < CLOSE_MINUTES:
        return JobStatus.CLOSE
    return JobStatus.ON_TIME


def statuses(lateness_by_job: Mapping[str, int | None]) -> dict[str, JobStatus]:
    """Status of every job, from its signed minutes late (see ``kpis.job_lateness``)."""
    return {job: status_of(lateness) for job, lateness in lateness_by_job.items()}
