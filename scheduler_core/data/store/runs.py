"""Runs in the store. A running run is leased to one worker; only that worker may report on it or finish it.

Runs wait in the order in which they were asked for, until a slot is free. Slots are counted in the store, so that
several dashboards on one store share them.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import arrival_order, audit, requests, run_places, serialization, standing_class
from scheduler_core.data.store.records import MANUAL, STANDING, Run, RunRequest, RunState, StopRequest
from scheduler_core.data.store.tables import RUN, SCHEDULE, SNAPSHOT
from scheduler_core.data.store_errors import LeaseLost, NotFound
from scheduler_core.errors import InvalidValue
from scheduler_core.settings.run_slots import RunSlots

DIED = "its worker process died"
"""Why a run failed whose worker is gone."""
LONGEST_WAIT_HOURS = 4
"""A run that was asked for so long ago is not begun any more: its jobs are of half a shift before."""


@dataclass(frozen=True)
class Patience:
    """Seconds for which a worker may be silent: ``lease``, ``starting`` before its first report, and ``over`` where its
    lease was over by the clock when it was first seen (its machine was off, say, or the clock has just been set)."""

    lease: float
    starting: float
    over: float


_SELECT = sa.select(RUN, SCHEDULE.c.schedule_id).select_from(
    RUN.outerjoin(SCHEDULE, SCHEDULE.c.run_id == RUN.c.run_id)
)  # fmt: skip


def submit(connection: Connection, new: RunRequest) -> str:
    """Queue a run and return its id; the same request id again returns the first run's.

    Raises RequestConflict if that id was used for something else.
    """
    request, config = serialization.request_id(new.request_id), serialization.config_to_json(new.config)
    if new.deadline_seconds < 1:
        raise InvalidValue("deadline_seconds", new.deadline_seconds, "is less than a second")
    found = connection.execute(sa.select(RUN).where(RUN.c.request_id == request)).first()
    if found is not None:
        requests.same(
            request, f"run {found.run_id}",
            {"snapshot": (found.snapshot_id, new.snapshot_id), "engine": (found.engine, new.engine),
             "settings": (found.config, config)},
        )  # fmt: skip
        return str(found.run_id)
    if not connection.execute(sa.select(SNAPSHOT.c.plant).where(SNAPSHOT.c.snapshot_id == new.snapshot_id)).first():
        raise NotFound(f"snapshot {new.snapshot_id!r} is not in the store")
    run_id, now = serialization.new_id(), serialization.now_us()
    connection.execute(
        sa.insert(RUN).values(
            run_id=run_id, request_id=request, snapshot_id=new.snapshot_id, engine=new.engine, config=config,
            actor=serialization.person("actor", new.actor), state=RunState.QUEUED.value, progress=0,
            message="waiting for a place",
            cancel_requested=0, keep_requested=0, created_us=now, deadline_us=now + new.deadline_seconds * 1_000_000,
            order_no=arrival_order.next_number(connection),
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


def of_request(connection: Connection, request_id: str) -> Run | None:
    """The run that a request id has led to; None if there is none."""
    row = connection.execute(_SELECT.where(RUN.c.request_id == request_id)).first()
    return None if row is None else _run(row)


def newest(
    connection: Connection,
    snapshot_id: str | None,
    states: Collection[RunState],
    limit: int,
    after: tuple[int, str] | None = None,
) -> tuple[Run, ...]:
    """Newest first; ``states`` empty: all. ``after``: order and id of the run after which the list goes on."""
    query = _SELECT.order_by(*arrival_order.newest_first(RUN)).limit(limit)
    if snapshot_id is not None:
        query = query.where(RUN.c.snapshot_id == snapshot_id)
    if states:
        query = query.where(RUN.c.state.in_([s.value for s in states]))
    if after is not None:
        query = query.where(arrival_order.comes_after(RUN, *after))
    return tuple(_run(row) for row in connection.execute(query))


def take(connection: Connection, places: RunSlots, owner: str, lease_us: int) -> str | None:
    """Lease the run whose turn it is and return its id; None if there is none (see ``next_in_line``)."""
    # Two who count at the same time would both find the last place.
    audit.wait_in_line(connection)
    first = next_in_line(connection, places)
    if first is not None:
        claim(connection, first, owner, lease_us)
        for standing in standing_class.at_work(connection):
            if standing != first:
                request_keep(connection, standing, "system")
    return first


def next_in_line(connection: Connection, places: RunSlots) -> str | None:
    """The run that has waited longest, if a place is free for it; only looks. Plans by hand need no place.

    Standing searches come last: one begins where no other run waits or is at work, and takes no place from any.
    """
    ordinary = RUN.c.engine.not_in((MANUAL, STANDING))
    open_to = run_places.free(connection, places, sa.and_(RUN.c.state == RunState.RUNNING.value, ordinary))
    if open_to is None:
        return None
    waiting = sa.select(RUN.c.run_id).where(RUN.c.state == RunState.QUEUED.value, ordinary, open_to)
    first = connection.execute(waiting.order_by(RUN.c.order_no, RUN.c.run_id).limit(1)).scalar()
    if first is None:
        first = standing_class.next_in_line(connection)
    return None if first is None else str(first)


def claim(connection: Connection, run_id: str, owner: str, lease_us: int) -> None:
    """Take a queued run, whose deadline counts from now. Raises LeaseLost if it is not waiting (any more)."""
    now = serialization.now_us()
    # No run starts before it was asked for, also where the clock was set back in between.
    start = sa.case((RUN.c.created_us > now, RUN.c.created_us), else_=now)
    taken = connection.execute(
        sa.update(RUN)
        .where(RUN.c.run_id == run_id, RUN.c.state == RunState.QUEUED.value)
        .values(
            state=RunState.RUNNING.value, lease_owner=owner, lease_until_us=now + lease_us, started_us=start,
            deadline_us=RUN.c.deadline_us - RUN.c.created_us + start, message="starting",
        )
    )  # fmt: skip
    if taken.rowcount != 1:
        # Leased to it already, for as long as a worker's start may take, which is over now.
        started = _mine(run_id, owner).values(lease_until_us=now + lease_us)
        if connection.execute(started).rowcount != 1:
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


@dataclass(frozen=True)
class Unfinished:
    """A run that waits or is at work. ``sign``: what changes with every report of its worker. ``patience``: seconds for
    which the sign may stay the same from now on. ``doubtful``: the clock says that the time is over, or the lease would
    last longer than any does."""

    id: str
    sign: tuple[object, ...]
    patience: float
    doubtful: bool


def unfinished(connection: Connection, wait: Patience) -> tuple[Unfinished, ...]:
    """All of them; only looks. The server's clock decides one thing alone: how long a run has waited or been silent already
    when somebody sees it for the first time."""
    now = serialization.now_us()
    columns = (RUN.c.run_id, RUN.c.state, RUN.c.lease_until_us, RUN.c.started_us, RUN.c.created_us)
    query = sa.select(*columns).where(RUN.c.state.in_((RunState.QUEUED.value, RunState.RUNNING.value)))
    return tuple(_unfinished(row, wait, now) for row in connection.execute(query).all())


def _unfinished(row: Any, wait: Patience, now: int) -> Unfinished:
    sign = (row.state, row.lease_until_us)
    if row.state == RunState.QUEUED.value:
        left = LONGEST_WAIT_HOURS * 3600 - max(0.0, (now - row.created_us) / 1_000_000)
        return Unfinished(str(row.run_id), sign, max(0.0, left), left <= 0)
    left = (row.lease_until_us - now) / 1_000_000
    # Its lease is as long as at the start only if its worker has not reported yet.
    starts = row.lease_until_us - (row.started_us or 0) == round(wait.starting * 1_000_000)
    patience = wait.over if left < 0 else wait.starting if starts else wait.lease
    return Unfinished(str(row.run_id), sign, patience, left < 0 or left > wait.starting)


def fail(connection: Connection, lost: Collection[Unfinished]) -> tuple[str, ...]:
    """End runs whose worker has outlived its lease in silence, and those that have waited too long; one that has given a
    sign since goes on."""
    ended = []
    for run in lost:
        state, lease = run.sign
        dead = state == RunState.RUNNING.value
        new = RunState.FAILED if dead else RunState.TIMEOUT
        reason = DIED if dead else f"waited for {LONGEST_WAIT_HOURS} h and no place was free"
        same = RUN.c.lease_until_us.is_(None) if lease is None else RUN.c.lease_until_us == lease
        changed = connection.execute(
            sa.update(RUN)
            .where(RUN.c.run_id == run.id, RUN.c.state == state, same)
            .values(
                state=new.value, lease_owner=None, lease_until_us=None, finished_us=serialization.now_us(), message=reason,
                fail_reason=reason,
            )
        )  # fmt: skip
        if changed.rowcount == 1:
            ended.append(run.id)
            audit.record(connection, "system", f"run-{new.value}", run.id, {"message": reason})
    return tuple(ended)


def _mine(run_id: str, owner: str) -> sa.Update:
    return sa.update(RUN).where(
        RUN.c.run_id == run_id, RUN.c.state == RunState.RUNNING.value, RUN.c.lease_owner == owner
    )  # fmt: skip


def _run(row: sa.Row[Any]) -> Run:
    return Run(
        id=row.run_id, request_id=row.request_id, snapshot_id=row.snapshot_id, engine=row.engine,
        config=serialization.config_from_json(row.config), state=RunState(row.state), fraction=row.progress / 1000,
        message=row.message, cancel_requested=bool(row.cancel_requested), keep_requested=bool(row.keep_requested),
        created_at=serialization.from_us(row.created_us), started_at=serialization.maybe_from_us(row.started_us),
        finished_at=serialization.maybe_from_us(row.finished_us), deadline=serialization.from_us(row.deadline_us),
        lease_owner=row.lease_owner, lease_until=serialization.maybe_from_us(row.lease_until_us),
        fail_reason=row.fail_reason,
        schedule_id=row.schedule_id, order=int(row.order_no),
    )  # fmt: skip
