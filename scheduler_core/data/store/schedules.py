"""Schedules in the store: plans with their KPIs, and rejected ones with their faults."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import arrival_order, serialization
from scheduler_core.data.store.records import Run, StoredSchedule, StoredViolation
from scheduler_core.data.store.tables import ASSIGNMENT, ASSIGNMENT_MACHINE, FAULT, RUN, SCHEDULE, SNAPSHOT
from scheduler_core.data.store_errors import NotFound, Refused
from scheduler_core.judge.kpis import Kpis
from scheduler_core.judge.validator import Violation
from scheduler_core.reports import report_of
from scheduler_core.schedule import Assignment, Result, Schedule, Status

_ASKED_BY = sa.select(RUN.c.actor).where(RUN.c.run_id == SCHEDULE.c.run_id).scalar_subquery().label("asked_by")
_FACTS = (*(column for column in SCHEDULE.c if column.name != "rejected_document"), _ASKED_BY)


def save(
    connection: Connection, run: Run, result: Result, violations: Sequence[Violation], kpis: Kpis | None
) -> str:  # fmt: skip
    """Insert a run's schedule and return its id. With violations it is kept as rejected: its rows never become a plan's."""
    schedule = result.schedule
    if schedule is None:
        raise ValueError(f"run {run.id} ended {result.status} without a schedule: there is nothing to store")
    schedule_id = serialization.new_id()
    snapshot_sha256 = connection.execute(
        sa.select(SNAPSHOT.c.sha256).where(SNAPSHOT.c.snapshot_id == run.snapshot_id)
    ).scalar_one()  # fmt: skip
    rejected = bool(violations)
    connection.execute(
        sa.insert(SCHEDULE).values(
            schedule_id=schedule_id, run_id=run.id, snapshot_id=run.snapshot_id, engine=result.engine,
            status=result.status.value, content_sha256=serialization.content_sha256(snapshot_sha256, schedule),
            violations=len(violations), kpis=None if rejected or kpis is None else serialization.to_json("kpis",
            kpis.as_dict()),
            objective=serialization.plain("objective", result.objective),
            lower_bound=serialization.plain("lower_bound", result.lower_bound),
            seconds=serialization.plain("seconds", result.seconds), detail=serialization.to_json("detail", result.detail),
            created_us=serialization.now_us(), order_no=arrival_order.next_number(connection),
            rejected_document=serialization.to_json("schedule", serialization.rows_of(schedule)) if rejected else None,
        )
    )  # fmt: skip
    if rejected:
        connection.execute(sa.insert(FAULT), [_fault(schedule_id, i, v) for i, v in enumerate(violations)])
    else:
        _insert_rows(connection, schedule_id, schedule)
    return schedule_id


def same_as_stored(connection: Connection, schedule_id: str, result: Result) -> str:
    """The id itself if the stored schedule has the result's content. Raises Refused otherwise: a run has one schedule."""
    stored = get(connection, schedule_id)
    of_snapshot = sa.select(SNAPSHOT.c.sha256).where(SNAPSHOT.c.snapshot_id == stored.snapshot_id)
    sha256 = connection.execute(of_snapshot).scalar_one()
    if result.schedule is None or serialization.content_sha256(sha256, result.schedule) != stored.content_sha256:
        raise Refused(f"run {stored.run_id} has another schedule already: {schedule_id}")
    return schedule_id


def _insert_rows(connection: Connection, schedule_id: str, schedule: Schedule) -> None:
    rows = serialization.rows_of(schedule)
    if not rows:
        return
    connection.execute(
        sa.insert(ASSIGNMENT),
        [
            {
                "schedule_id": schedule_id, "job_id": job, "op_seq": sequence, "start_min": start, "end_min": end,
                "setup_min": setup,
            }
            for job, sequence, _, start, end, setup in rows
        ],
    )  # fmt: skip
    connection.execute(
        sa.insert(ASSIGNMENT_MACHINE),
        [
            {"schedule_id": schedule_id, "job_id": job, "op_seq": sequence, "machine_id": machine, "start_min": start}
            for job, sequence, machines, start, _, _ in rows
            for machine in machines
        ],
    )


def get(connection: Connection, schedule_id: str) -> StoredSchedule:
    """One schedule's facts."""
    row = connection.execute(sa.select(*_FACTS).where(SCHEDULE.c.schedule_id == schedule_id)).first()
    if row is None:
        raise NotFound(f"schedule {schedule_id!r} is not in the store")
    return _stored(row)


def newest(
    connection: Connection,
    snapshot_id: str | None,
    rejected: bool | None,
    limit: int,
    after: tuple[int, str] | None = None,
) -> tuple[StoredSchedule, ...]:
    """Newest first; ``rejected`` None: all. ``after``: order and id of the schedule after which the list goes on."""
    query = sa.select(*_FACTS).order_by(*arrival_order.newest_first(SCHEDULE)).limit(limit)
    if snapshot_id is not None:
        query = query.where(SCHEDULE.c.snapshot_id == snapshot_id)
    if rejected is not None:
        query = query.where(SCHEDULE.c.violations > 0 if rejected else SCHEDULE.c.violations == 0)
    if after is not None:
        query = query.where(arrival_order.comes_after(SCHEDULE, *after))
    return tuple(_stored(row) for row in connection.execute(query))


def load(connection: Connection, schedule_id: str) -> Schedule:
    """A plan's assignments by job and sequence. Raises Refused for a rejected schedule."""
    facts = get(connection, schedule_id)
    if facts.rejected:
        raise Refused(f"schedule {schedule_id} was rejected with {facts.fault_count} violations: it is no plan")
    machines: dict[tuple[str, int], list[int]] = {}
    held = sa.select(ASSIGNMENT_MACHINE).where(ASSIGNMENT_MACHINE.c.schedule_id == schedule_id)
    for row in connection.execute(held.order_by(ASSIGNMENT_MACHINE.c.machine_id)):
        machines.setdefault((row.job_id, row.op_seq), []).append(row.machine_id)
    query = sa.select(ASSIGNMENT).where(ASSIGNMENT.c.schedule_id == schedule_id)
    rows = connection.execute(query.order_by(ASSIGNMENT.c.job_id, ASSIGNMENT.c.op_seq))
    return Schedule(
        tuple(
            Assignment(
                r.job_id, r.op_seq, tuple(machines.get((r.job_id, r.op_seq), ())), r.start_min, r.end_min, r.setup_min
            )
            for r in rows
        )
    )  # fmt: skip


def faults(connection: Connection, schedule_id: str) -> tuple[StoredViolation, ...]:
    """What the validator found."""
    get(connection, schedule_id)
    rows = connection.execute(sa.select(FAULT).where(FAULT.c.schedule_id == schedule_id).order_by(FAULT.c.position))
    return tuple(StoredViolation(r.rule_name, r.job_id, r.op_seq, r.machine_id, r.message) for r in rows)


def _fault(schedule_id: str, position: int, violation: Violation) -> dict[str, object]:
    return {
        "schedule_id": schedule_id, "position": position, "rule_name": str(violation.rule), "job_id": violation.job or "",
        "op_seq": violation.sequence, "machine_id": violation.machine, "message": serialization.printable(violation.message),
    }  # fmt: skip


def _stored(row: sa.Row[Any]) -> StoredSchedule:
    return StoredSchedule(
        id=row.schedule_id, run_id=row.run_id, snapshot_id=row.snapshot_id, engine=row.engine, status=Status(row.status),
        content_sha256=row.content_sha256, fault_count=row.violations,
        kpis=None if row.kpis is None else Kpis(**json.loads(row.kpis)), objective=row.objective,
        lower_bound=row.lower_bound, seconds=row.seconds, report=report_of(json.loads(row.detail)),
        created_at=serialization.from_us(row.created_us), order=int(row.order_no), asked_by=row.asked_by or "",
    )  # fmt: skip
