"""A job's status by its slack at completion."""

from __future__ import annotations

import pytest

from scheduler_core.analysis.job_status import JobStatus, status_of, statuses


@pytest.mark.parametrize(
    ("lateness", "status"),
    [
        (None, JobStatus.NO_DUE_DATE),
        (1, JobStatus.LATE),
        (0, JobStatus.TIGHT),
        (-1439, JobStatus.TIGHT),
        (-1440, JobStatus.CLOSE),
        (-4319, JobStatus.CLOSE),
        (-4320, JobStatus.ON_TIME),
    ],
)
def test_status_changes_exactly_at_its_threshold(lateness: int | None, status: JobStatus) -> None:
    assert status_of(lateness) is status


def test_every_job_has_a_status() -> None:
    assert statuses({"a": 5, "b": None}) == {"a": JobStatus.LATE, "b": JobStatus.NO_DUE_DATE}
