"""An order arrives that the ERP does not have yet: it is planned until the ERP delivers one of its number.

It stands in the plant as an order of a table of jobs does (``job_import``), with a note of who reported it and why.
"""

from __future__ import annotations

from dataclasses import replace

from scheduler_core.data.store import Store
from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.job_sheet import JobSheet
from scheduler_core.plant import Job, Plant
from scheduler_core.services import job_import

MAX_SOURCE = 60
"""Letters of what an order is said to come from."""


def arrive(store: Store, job: Job, counted_from: Plant, source: str, *, request_id: str, actor: str) -> str:
    """Keep the latest snapshot with the order as a new one, and return its id; the same request id again returns the first
    one's. ``job`` counts its minutes from the plan_start of ``counted_from``; ``source``: where it comes from, such as the
    web shop.

    Raises InvalidValue for an order that the plant has or an empty or long source, Superseded where somebody has changed the
    snapshot meanwhile, NotFound without a snapshot.
    """
    if (made := store.snapshots.of_request(request_id)) is not None:
        return made
    source = source.strip()
    if not 1 <= len(source) <= MAX_SOURCE:
        raise InvalidValue("source", source, f"is empty or longer than {MAX_SOURCE} characters")
    latest = store.snapshots.needed_latest()
    plant = store.snapshots.plant(latest.id)
    due = None if job.due is None else plant.minute_of(counted_from.time_of(job.due))
    release = plant.minute_of(counted_from.time_of(job.release))
    steps = tuple(replace(op, fixed=None) for op in job.operations)
    moved = replace(job, operations=steps, due=due, release=release)
    sheet = JobSheet(f"{source} ({actor})", 1, 1, (moved,), (), 0)
    return job_import.add_jobs(store, latest.id, sheet, request_id=request_id, actor=actor)
