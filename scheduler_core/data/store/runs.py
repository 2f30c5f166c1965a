"""Runs in the store. A running run is leased to one worker; only that worker may report on it or finish it.

Runs wait in the order in which they were asked for, until a slot is free. Slots are counted in the store, so that
several dashboards on one store share them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import audit, serialization
from scheduler_core.data.store.records import MANUAL, Run, RunRequest, RunState, StopRequest
from scheduler_core.data.store.tables import RUN, SCENARIO, SCHEDULE, SNAPSHOT
from scheduler_core.data.store_errors import LeaseLost, NotFound, Refused
from scheduler_core.errors import InvalidValue
from scheduler_core.settings.run_slots import RunSlots

LONGEST_WAIT_HOURS = 4
"""A run that was asked for so long ago is not begun any more: its jobs are of half a shift before."""

_SELECT = sa.select(RUN, SCHEDULE.c.schedule_id).select_from(
    RUN.outerjoin(SCHEDULE, SCHEDULE.c.run_id == RUN.c.run_id)
)  # fmt: skip


def submit(connection: Connection, new: RunRequest) -> str:
    """Queue a run and return its id; the same request id again returns the first run's.

    Raises Refused if that id was used for something else.
    """
    request, config = serialization.request_id(new.request_id), serialization.config_to_json(new.config)
    if new.deadline_seconds < 1:
        raise InvalidValue("deadline_seconds", new.deadline_seconds, "is less than a second")
    found = connection.execute(sa.select(RUN).where(RUN.c.request_id == request)).first()
    if found is not None:
        if (found.snapshot_id, found.engine, found.config) != (new.snapshot_id, new.engine, config):
            raise Refused(f"request {request} was used for another run: {found.run_id}")
        return str(found.run_id)
    if not connection.execute(sa.select(SNAPSHOT.c.plant).where(SNAPSHOT.c.snapshot_id == new.snapshot_id)).first():
        raise NotFound(f"snapshot {new.snapshot_id!r} is not in the store")
    run_id, now = serialization.new_id(), serialization.now_us()
    connection.execute(
        sa.insert(RUN).values(
            run_id=run_id, request_id=request, snapshot_id=new.snapshot_id, engine=new.engine, config=config,
            actor=serialization.name("actor", new.actor), state=RunState.QUEUED.value, progress=0,
            message="waiting for a place",
            cancel_requested=0, keep_requested=0, created_us=now, deadline_us=now + new.deadline_seconds * 1_000_000,
        )
    )  # fmt: skip
    audit.record(connection, new.actor, "run", run_id, {"engine": new.engine, "snapshot": new.snapshot_id})
    return run_id


def get(connection: Connection, run_id: str) -> Run:
    """One run."""
    row = connection.execute(_SELECT.where(RUN.c.run_id == run_id)).first()
    if row is None:
        raise NotFound(f"run {run_id!r} is not in the store")
    return _run(row)


def newest(
    connection: Connection, snapshot_id: str | None, states: Collection[RunState], limit: int
) -> tuple[Run, ...]:  # fmt: skip
    """Newest first; ``states`` empty: all."""
    query = _SELECT.order_by(RUN.c.created_us.desc(), RUN.c.run_id).limit(limit)
    if snapshot_id is not None:
        query = query.where(RUN.c.snapshot_id == snapshot_id)
    if states:
        query = query.where(RUN.c.state.in_([s.value for s in states]))
    return tuple(_run(row) for row in connection.execute(query))


def take(connection: Connection, places: RunSlots, owner: str, lease_us: int) -> str | None:
    """Lease the run whose turn it is and return its id; None if there is none (see ``next_in_line``)."""
    # Two who count at the same time would both find the last place.
    audit.wait_in_line(connection)
    first = next_in_line(connection, places)
    if first is not None:
        claim(connection, first, owner, lease_us)
    return first


def next_in_line(connection: Connection, places: RunSlots) -> str | None:
    """The run that has waited longest, if a place is free for it; only looks. Plans by hand need no place."""
    working = connection.execute(
        sa.select(sa.func.count()).where(RUN.c.state == RunState.RUNNING.value, RUN.c.engine != MANUAL)
    ).scalar_one()
    waiting = sa.select(RUN.c.run_id).where(RUN.c.state == RunState.QUEUED.value, RUN.c.engine != MANUAL)
    if working >= places.runs + places.what_if:
        return None
    if working >= places.runs:
        waiting = waiting.where(RUN.c.snapshot_id.in_(sa.select(SCENARIO.c.snapshot_id)))
    first = connection.execute(waiting.order_by(RUN.c.created_us, RUN.c.run_id).limit(1)).scalar()
    return None if first is None else str(first)


def claim(connection: Connection, run_id: str, owner: str, lease_us: int) -> None:
    """Take a queued run, whose deadline counts from now. Raises LeaseLost if it is not waiting (any more)."""
    now = serialization.now_us()
    taken = connection.execute(
        sa.update(RUN)
        .where(RUN.c.run_id == run_id, RUN.c.state == RunState.QUEUED.value)
        .values(
            state=RunState.RUNNING.value, lease_owner=owner, lease_until_us=now + lease_us, started_us=now,
            deadline_us=RUN.c.deadline_us - RUN.c.created_us + now, message="starting",
        )
    )  # fmt: skip
    if taken.rowcount != 1 and not _held(connection, run_id, owner):
        raise LeaseLost(f"run {run_id} is not waiting for a worker")


def report(
    connection: Connection, run_id: str, owner: str, lease_us: int, progress: tuple[float, str] | None
) -> StopRequest | None:  # fmt: skip
    """Renew the lease, note the progress (fraction, message) if there is any; what somebody has asked of the run.

    A wish to stop outweighs one to keep the best so far.
    """
    values: dict[str, object] = {"lease_until_us": serialization.now_us() + lease_us}
    if progress is not None:
        fraction, message = progress
        values |= {"progress": round(min(1.0, max(0.0, fraction)) * 1000), "message": serialization.printable(message[:500])}
    if connection.execute(_mine(run_id, owner).values(**values)).rowcount != 1:
        raise LeaseLost(f"run {run_id} is no longer this worker's")
    asked = connection.execute(sa.select(RUN.c.cancel_requested, RUN.c.keep_requested).where(RUN.c.run_id == run_id)).one()
    if asked.cancel_requested:
        return StopRequest.STOP
    return StopRequest.KEEP if asked.keep_requested else None


def finish(
    connection: Connection, run_id: str, owner: str, state: RunState, message: str, plan_id: str | None = None
) -> None:  # fmt: skip
    """End a run that this worker holds. ``message`` is the reason of a failure or time-out. A second time: LeaseLost."""
    failed = state in (RunState.FAILED, RunState.TIMEOUT)
    values: dict[str, object] = {
        "state": state.value, "lease_owner": None, "lease_until_us": None, "finished_us": serialization.now_us(),
        "message": serialization.printable(message[:500]), "plan_id": plan_id,
        "plan_violations": None if plan_id is None else 0,
        "fail_reason": serialization.printable(message) if failed else None,
    }  # fmt: skip
    if state is RunState.OK:
        values["progress"] = 1000
    if connection.execute(_mine(run_id, owner).values(**values)).rowcount != 1:
        raise LeaseLost(f"run {run_id} is no longer this worker's")
    audit.record(connection, owner, f"run-{state.value}", run_id, {"message": message[:500], "plan": plan_id})


def request_cancel(connection: Connection, run_id: str, actor: str) -> None:
    """Cancel a queued run, flag a running one, leave a finished one."""
    run = get(connection, run_id)
    if run.state.finished:
        return
    queued = sa.update(RUN).where(RUN.c.run_id == run_id, RUN.c.state == RunState.QUEUED.value)
    at_once = connection.execute(
        queued.values(
            state=RunState.CANCELLED.value, finished_us=serialization.now_us(), message="cancelled before it began"
        )
    )
    if at_once.rowcount != 1:
        running = sa.update(RUN).where(RUN.c.run_id == run_id, RUN.c.state == RunState.RUNNING.value)
        connection.execute(running.values(cancel_requested=1))
    audit.record(connection, actor, "cancel", run_id, {})


def request_keep(connection: Connection, run_id: str, actor: str) -> None:
    """Flag a running run; a queued one has nothing to keep and goes on, as does one that is being stopped or has ended."""
    get(connection, run_id)
    flagged = connection.execute(
        sa.update(RUN)
        .where(RUN.c.run_id == run_id, RUN.c.state == RunState.RUNNING.value, RUN.c.cancel_requested == 0)
        .where(RUN.c.keep_requested == 0)
        .values(keep_requested=1)
    )
    if flagged.rowcount == 1:
        audit.record(connection, actor, "keep-best", run_id, {})


def any_expired(connection: Connection, now: int) -> bool:
    """True if ``fail_expired`` would end a run; only looks."""
    return connection.execute(sa.select(RUN.c.run_id).where(_expired(now)).limit(1)).first() is not None


def fail_expired(connection: Connection, now: int) -> tuple[str, ...]:
    """End the runs whose worker has outlived its lease in silence, and those that have waited too long."""
    ended = []
    for row in connection.execute(sa.select(RUN.c.run_id, RUN.c.state).where(_expired(now))).all():
        dead = row.state == RunState.RUNNING.value
        state = RunState.FAILED if dead else RunState.TIMEOUT
        reason = "its worker process died" if dead else f"waited for {LONGEST_WAIT_HOURS} h and no place was free"
        changed = connection.execute(
            sa.update(RUN)
            .where(RUN.c.run_id == row.run_id, RUN.c.state == row.state, _expired(now))
            .values(
                state=state.value, lease_owner=None, lease_until_us=None, finished_us=serialization.now_us(), message=reason,
                fail_reason=reason,
            )
        )  # fmt: skip
        if changed.rowcount == 1:
            ended.append(str(row.run_id))
            audit.record(connection, "system", f"run-{state.value}", str(row.run_id), {"message": reason})
    return tuple(ended)


def _expired(now: int) -> sa.ColumnElement[bool]:
    silent = sa.and_(RUN.c.state == RunState.RUNNING.value, RUN.c.lease_until_us < now)
    long_ago = now - LONGEST_WAIT_HOURS * 3_600_000_000
    never_begun = sa.and_(RUN.c.state == RunState.QUEUED.value, RUN.c.created_us < long_ago)
    return sa.or_(silent, never_begun)


def _mine(run_id: str, owner: str) -> sa.Update:
    return sa.update(RUN).where(
        RUN.c.run_id == run_id, RUN.c.state == RunState.RUNNING.value, RUN.c.lease_owner == owner
    )  # fmt: skip


def _held(connection: Connection, run_id: str, owner: str) -> bool:
    query = sa.select(RUN.c.run_id).where(RUN.c.run_id == run_id, RUN.c.lease_owner == owner)
    return connection.execute(query).first() is not None


def _run(row: sa.Row[Any]) -> Run:
    return Run(
        id=row.run_id, request_id=row.request_id, snapshot_id=row.snapshot_id, engine=row.engine,
        config=serialization.config_from_json(row.config), state=RunState(row.state), fraction=row.progress / 1000,
        message=row.message, cancel_requested=bool(row.cancel_requested), keep_requested=bool(row.keep_requested),
        created_at=serialization.from_us(row.created_us), started_at=serialization.maybe_from_us(row.started_us),
        finished_at=serialization.maybe_from_us(row.finished_us), deadline=serialization.from_us(row.deadline_us),
        lease_owner=row.lease_owner, lease_until=serialization.maybe_from_us(row.lease_until_us),
        fail_reason=row.fail_reason,
        schedule_id=row.schedule_id,
    )  # fmt: skip
