"""Messages about incidents: what was written to whom, and what each attempt to deliver it came to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import audit, serialization
from scheduler_core.data.store.records import AlertMessage
from scheduler_core.data.store.tables import ALERT_ATTEMPT as ATTEMPT
from scheduler_core.data.store.tables import ALERT_EVENT as EVENT
from scheduler_core.data.store.tables import ALERT_MESSAGE as MESSAGE
from scheduler_core.data.store.tables import ALERT_MESSAGE_EVENT as TELLS
from scheduler_core.errors import InvalidValue


def write(
    connection: Connection, receiver: str, title: str, body: str, events: Sequence[int], now: datetime
) -> AlertMessage | None:
    """Keep a message that tells of these events; None where another one tells this receiver of one of them already.

    Raises InvalidValue without any event.
    """
    if not events:
        raise InvalidValue("events", events, "is empty: a message tells of something")
    audit.wait_in_line(connection)
    told = sa.select(TELLS.c.event_no).where(TELLS.c.receiver == receiver, TELLS.c.event_no.in_(tuple(events)))
    if connection.execute(told.limit(1)).first() is not None:
        return None
    message_id = serialization.new_id()
    connection.execute(
        sa.insert(MESSAGE).values(
            message_id=message_id, receiver=serialization.name("receiver", receiver), title=serialization.printable(title),
            body=serialization.printable(body), written_us=serialization.to_us(now),
        )
    )  # fmt: skip
    rows = [{"event_no": number, "receiver": receiver, "message_id": message_id} for number in events]
    connection.execute(sa.insert(TELLS), rows)
    return AlertMessage(message_id, receiver, title, body, now, tuple(events))


def tried(connection: Connection, message_id: str, arrived: bool, reason: str, now: datetime) -> None:
    """Note what an attempt came to."""
    last = connection.execute(sa.select(sa.func.max(ATTEMPT.c.attempt)).where(ATTEMPT.c.message_id == message_id)).scalar()
    connection.execute(
        sa.insert(ATTEMPT).values(
            message_id=message_id, attempt=(last or 0) + 1, arrived=int(arrived), reason=serialization.printable(reason),
            tried_us=serialization.to_us(now),
        )
    )  # fmt: skip


def unarrived(connection: Connection, receiver: str, since: datetime) -> tuple[AlertMessage, ...]:
    """Messages to a receiver, written from ``since`` on, that have not arrived: the oldest first."""
    arrived = sa.select(ATTEMPT.c.message_id).where(ATTEMPT.c.arrived == 1)
    query = sa.select(MESSAGE).where(
        MESSAGE.c.receiver == receiver,
        MESSAGE.c.written_us >= serialization.to_us(since),
        MESSAGE.c.message_id.not_in(arrived),
    )
    return _messages(connection, query.order_by(MESSAGE.c.written_us, MESSAGE.c.message_id))


def newest(connection: Connection, limit: int) -> tuple[AlertMessage, ...]:
    """The newest messages to all receivers, the newest first."""
    return _messages(connection, sa.select(MESSAGE).order_by(MESSAGE.c.written_us.desc(), MESSAGE.c.message_id).limit(limit))


def about(connection: Connection, incidents: Sequence[str]) -> tuple[AlertMessage, ...]:
    """The messages about these incidents, the oldest first."""
    if not incidents:
        return ()
    telling = (
        sa.select(TELLS.c.message_id)
        .join(EVENT, EVENT.c.event_no == TELLS.c.event_no)
        .where(EVENT.c.incident_id.in_(tuple(incidents)))
    )
    query = sa.select(MESSAGE).where(MESSAGE.c.message_id.in_(telling))
    return _messages(connection, query.order_by(MESSAGE.c.written_us, MESSAGE.c.message_id))


def _messages(connection: Connection, query: sa.Select[Any]) -> tuple[AlertMessage, ...]:
    rows = connection.execute(query).all()
    ids = tuple(row.message_id for row in rows)
    if not ids:
        return ()
    told: dict[str, list[sa.Row[Any]]] = {}
    pairs = sa.select(TELLS.c.message_id, TELLS.c.event_no, EVENT.c.incident_id)
    tells: sa.Select[Any] = pairs.join(EVENT, EVENT.c.event_no == TELLS.c.event_no).where(TELLS.c.message_id.in_(ids))
    for one in connection.execute(tells.order_by(TELLS.c.event_no)):
        told.setdefault(one.message_id, []).append(one)
    tries: sa.Select[Any] = sa.select(ATTEMPT).where(ATTEMPT.c.message_id.in_(ids)).order_by(ATTEMPT.c.attempt)
    last: dict[str, sa.Row[Any]] = {one.message_id: one for one in connection.execute(tries)}
    return tuple(_message(row, told.get(row.message_id, []), last.get(row.message_id)) for row in rows)


def _message(row: sa.Row[Any], tells: Sequence[sa.Row[Any]], last: sa.Row[Any] | None) -> AlertMessage:
    told = tuple(int(one.event_no) for one in tells)
    incidents = tuple(dict.fromkeys(str(one.incident_id) for one in tells))
    written = serialization.from_us(row.written_us)
    message = AlertMessage(row.message_id, row.receiver, row.title, row.body, written, told, incidents=incidents)
    if last is None:
        return message
    return AlertMessage(
        row.message_id, row.receiver, row.title, row.body, written, told, int(last.attempt),
        serialization.from_us(last.tried_us), bool(last.arrived), last.reason, incidents,
    )  # fmt: skip
