"""The orders that leave the plan with a release: found, compared with what the approver acknowledged, and kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.analysis.job_sets import LeavingJob, leaving_jobs, losses
from scheduler_core.data.store import scenarios, schedules, snapshots
from scheduler_core.data.store.records import Release
from scheduler_core.data.store.tables import ACKNOWLEDGED_LOSS
from scheduler_core.data.store_errors import Unacknowledged

MOST_NAMED = 5
"""Orders that a refusal names before it only counts."""


def leaving(connection: Connection, in_force: Release | None, snapshot_id: str) -> tuple[LeavingJob, ...]:
    """The jobs of the release in force that a snapshot's plans do not have; nothing before the first release.

    A snapshot that a what-if scenario derived has no quarantine of its own: that of the pull behind it counts.
    """
    if in_force is None or in_force.snapshot_id == snapshot_id:
        return ()
    pulled = snapshot_id
    while (scenario := scenarios.of_snapshots(connection, [pulled]).get(pulled)) is not None:
        pulled = scenario.base_snapshot_id
    held_back = {row.job for row in snapshots.quarantine(connection, pulled) if row.job is not None}
    return leaving_jobs(
        snapshots.plant(connection, in_force.snapshot_id),
        schedules.load(connection, in_force.schedule_id),
        snapshots.plant(connection, snapshot_id),
        held_back,
    )


def needed(
    connection: Connection, in_force: Release | None, snapshot_id: str, acknowledged: Collection[str]
) -> Mapping[str, str]:
    """Reason by job of what has to be acknowledged. Raises Unacknowledged unless exactly these jobs are."""
    found = {lost.job.id: lost.because.value for lost in losses(leaving(connection, in_force, snapshot_id))}
    if set(acknowledged) != found.keys():
        raise Unacknowledged(_refusal(in_force, tuple(found), acknowledged), tuple(found))
    return found


def keep(connection: Connection, approval_id: str, reasons: Mapping[str, str]) -> None:
    """Store what was acknowledged with a release."""
    if reasons:
        rows = [{"approval_id": approval_id, "job_id": job, "reason": reason} for job, reason in reasons.items()]
        connection.execute(sa.insert(ACKNOWLEDGED_LOSS), rows)


def of_release(connection: Connection, approval_id: str) -> Mapping[str, str]:
    """Reason by job of what was acknowledged with a release, by job."""
    query = sa.select(ACKNOWLEDGED_LOSS.c.job_id, ACKNOWLEDGED_LOSS.c.reason)
    rows = connection.execute(query.where(ACKNOWLEDGED_LOSS.c.approval_id == approval_id)).all()
    return {str(job): str(reason) for job, reason in sorted((row.job_id, row.reason) for row in rows)}


def _refusal(in_force: Release | None, jobs: Sequence[str], acknowledged: Collection[str]) -> str:
    if in_force is None or not jobs:
        return f"no order leaves the plan, and {len(acknowledged)} were acknowledged: look at the plan again"
    named = ", ".join(jobs[:MOST_NAMED]) + (f" and {len(jobs) - MOST_NAMED} more" if len(jobs) > MOST_NAMED else "")
    orders = "1 order of version {} is" if len(jobs) == 1 else f"{len(jobs)} orders of version {{}} are"
    what = f"{orders.format(in_force.number)} no longer in this plan ({named})"
    return f"{what}: {'acknowledge them first' if not acknowledged else 'these are not the orders that were acknowledged'}"
