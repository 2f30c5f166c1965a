"""The outbox: every release waits here until the receiver has acknowledged it. One exporter at a time holds a message.

pending -> sent (leased) -> confirmed, or back to pending, or dead; a dead one is pending again when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import arrival_order, audit, release_numbers, serialization
from scheduler_core.data.store.records import Delivery, DeliveryState
from scheduler_core.data.store.tables import APPROVAL, FAILED_DELIVERY, OUTBOX
from scheduler_core.data.store_errors import LeaseLost, NotFound, Refused

DIED_MIDWAY = "the exporter ended in the middle of the attempt"
MAX_REASON = 500
EXPORTER = "exporter"


def under_way(connection: Connection) -> dict[str, int]:
    """When the lease of each message that an exporter holds is over by the clock, in microseconds since 1970."""
    held = sa.select(OUTBOX.c.approval_id, OUTBOX.c.lease_until_us).where(OUTBOX.c.state == "sent")
    return {str(row.approval_id): int(row.lease_until_us) for row in connection.execute(held)}


def claim(
    connection: Connection, owner: str, lease_us: int, attempts: int, silent: Collection[str] = ()
) -> tuple[str, int] | None:  # fmt: skip
    """Lease the oldest message that is due; its approval's id and which attempt this is (from 1), None if none is due.

    ``silent``: messages whose exporter has not ended its attempt within its lease. They are due again; if that attempt was
    the last of ``attempts`` the message is dead. A wait that began in the future is over: the clock was set back since.
    """
    now = serialization.now_us()
    latest = sa.select(sa.func.max(FAILED_DELIVERY.c.failed_us)).where(FAILED_DELIVERY.c.approval_id == OUTBOX.c.approval_id)
    set_back = latest.correlate(OUTBOX).scalar_subquery() > now
    waiting = sa.and_(OUTBOX.c.state == "pending", sa.or_(OUTBOX.c.next_try_us <= now, set_back))
    left = sa.and_(OUTBOX.c.state == "sent", OUTBOX.c.approval_id.in_(silent))
    query = (
        sa.select(OUTBOX.c.approval_id, OUTBOX.c.state, OUTBOX.c.attempts)
        .join(APPROVAL, APPROVAL.c.approval_id == OUTBOX.c.approval_id)
        .where(sa.or_(waiting, left))
        .order_by(arrival_order.line_of(APPROVAL.c.approval_id, "approve"), APPROVAL.c.release_no)
    )
    for row in connection.execute(query).all():
        # Another exporter may have been faster: the update looks once more.
        due = sa.and_(OUTBOX.c.approval_id == row.approval_id, OUTBOX.c.attempts == row.attempts, sa.or_(waiting, left))
        if row.state == "sent" and int(row.attempts) % attempts == 0:
            if connection.execute(sa.update(OUTBOX).where(due).values(**_freed(DeliveryState.DEAD))).rowcount == 1:
                _note_failure(connection, row.approval_id, int(row.attempts), DIED_MIDWAY)
                _record_dead(connection, row.approval_id, int(row.attempts), DIED_MIDWAY)
            continue
        leased = {"state": "sent", "lease_owner": owner, "lease_until_us": now + lease_us, "attempts": int(row.attempts) + 1}
        if connection.execute(sa.update(OUTBOX).where(due).values(**leased)).rowcount == 1:
            return str(row.approval_id), int(row.attempts) + 1
    return None


def confirm(connection: Connection, approval_id: str, owner: str, receipt: str) -> None:
    """The receiver has it. Raises LeaseLost if another exporter has taken the message over."""
    row = _held(connection, approval_id, owner)
    values = {**_freed(DeliveryState.CONFIRMED), "confirmed_us": serialization.now_us()}
    connection.execute(sa.update(OUTBOX).where(OUTBOX.c.approval_id == approval_id).values(**values))
    audit.record(connection, EXPORTER, "delivered", approval_id, {"attempts": int(row.attempts), "receipt": receipt})


def fail(connection: Connection, approval_id: str, owner: str, reason: str, attempts: int, wait_us: int) -> DeliveryState:
    """An attempt has failed: try again after ``wait_us``, or give up after every ``attempts``-th. Raises LeaseLost."""
    row = _held(connection, approval_id, owner)
    told = serialization.printable(reason.strip() or "no reason given")[:MAX_REASON]
    dead = int(row.attempts) % attempts == 0
    state = DeliveryState.DEAD if dead else DeliveryState.PENDING
    values = {**_freed(state), "next_try_us": serialization.now_us() + wait_us}
    connection.execute(sa.update(OUTBOX).where(OUTBOX.c.approval_id == approval_id).values(**values))
    _note_failure(connection, approval_id, int(row.attempts), told)
    if dead:
        _record_dead(connection, approval_id, int(row.attempts), told)
    return state


def refuse(connection: Connection, approval_id: str, owner: str, reason: str) -> DeliveryState:
    """Give a message up before it is sent, whatever attempts are left. Raises LeaseLost."""
    row = _held(connection, approval_id, owner)
    connection.execute(sa.update(OUTBOX).where(OUTBOX.c.approval_id == approval_id).values(**_freed(DeliveryState.DEAD)))
    told = serialization.printable(reason)[:MAX_REASON]
    _note_failure(connection, approval_id, int(row.attempts), told)
    _record_dead(connection, approval_id, int(row.attempts), told)
    return DeliveryState.DEAD


def retry(connection: Connection, approval_id: str, actor: str) -> None:
    """Let a dead message be tried again at once. Raises NotFound, and Refused for one that isn't dead."""
    dead = sa.and_(OUTBOX.c.approval_id == approval_id, OUTBOX.c.state == "dead")
    if connection.execute(sa.update(OUTBOX).where(dead).values(state="pending", next_try_us=0)).rowcount == 1:
        audit.record(connection, actor, "retry-delivery", approval_id, {})
        return
    found = connection.execute(sa.select(OUTBOX.c.state).where(OUTBOX.c.approval_id == approval_id)).first()
    if found is None:
        raise NotFound(f"release {approval_id!r} is not in the store")
    raise Refused(f"only a delivery that was given up can be tried again; this one is {found.state}")


def deliveries(connection: Connection, plant: str | None, limit: int) -> tuple[Delivery, ...]:
    """A plant's deliveries (None: all plants'), newest release first."""
    query = _deliveries().limit(limit)
    if plant is not None:
        query = query.where(APPROVAL.c.plant == plant)
    return tuple(_delivery(row) for row in connection.execute(query))


def of_release(connection: Connection, release_id: str) -> Delivery:
    """The delivery of one release. Raises NotFound."""
    row = connection.execute(_deliveries().where(OUTBOX.c.approval_id == release_id)).first()
    if row is None:
        raise NotFound(f"release {release_id!r} is not in the store")
    return _delivery(row)


def _deliveries() -> sa.Select[Any]:
    newest = sa.select(sa.func.max(FAILED_DELIVERY.c.attempt)).where(FAILED_DELIVERY.c.approval_id == OUTBOX.c.approval_id)
    return (
        sa.select(
            OUTBOX,
            APPROVAL.c.plant,
            release_numbers.number_of().label("number"),
            APPROVAL.c.approved_us,
            FAILED_DELIVERY.c.reason,
        )
        .join(APPROVAL, APPROVAL.c.approval_id == OUTBOX.c.approval_id)
        .outerjoin(
            FAILED_DELIVERY,
            sa.and_(
                FAILED_DELIVERY.c.approval_id == OUTBOX.c.approval_id,
                FAILED_DELIVERY.c.attempt == newest.correlate(OUTBOX).scalar_subquery(),
            ),
        )
        .order_by(arrival_order.line_of(APPROVAL.c.approval_id, "approve").desc(), APPROVAL.c.release_no.desc())
    )


def _delivery(row: sa.Row[Any]) -> Delivery:
    waits = row.state == "pending" and row.next_try_us > 0
    return Delivery(
        release_id=row.approval_id, plant=row.plant, number=int(row.number), state=DeliveryState(row.state),
        attempts=int(row.attempts), released_at=serialization.from_us(row.approved_us),
        confirmed_at=serialization.maybe_from_us(row.confirmed_us),
        next_try_at=serialization.from_us(row.next_try_us) if waits else None, last_error=row.reason,
    )  # fmt: skip


def _held(connection: Connection, approval_id: str, owner: str) -> sa.Row[Any]:
    held = sa.and_(OUTBOX.c.approval_id == approval_id, OUTBOX.c.state == "sent", OUTBOX.c.lease_owner == owner)
    row = connection.execute(sa.select(OUTBOX.c.attempts).where(held).with_for_update()).first()
    if row is None:
        raise LeaseLost(f"the delivery of release {approval_id} is no longer this exporter's")
    return row


def _freed(state: DeliveryState) -> dict[str, object]:
    return {"state": state.value, "lease_owner": None, "lease_until_us": None}


def _note_failure(connection: Connection, approval_id: str, attempt: int, reason: str) -> None:
    values = {"approval_id": approval_id, "attempt": attempt, "reason": reason, "failed_us": serialization.now_us()}
    connection.execute(sa.insert(FAILED_DELIVERY).values(**values))


def _record_dead(connection: Connection, approval_id: str, attempts: int, reason: str) -> None:
    audit.record(connection, EXPORTER, "undeliverable", approval_id, {"attempts": attempts, "reason": reason})
