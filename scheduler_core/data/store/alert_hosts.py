"""Which process sends the messages, under a lease, and which processes look after the plant at all."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import serialization
from scheduler_core.data.store.records import HostSign
from scheduler_core.data.store.tables import ALERT_HOST as HOST
from scheduler_core.data.store.tables import ALERT_SENDER as SENDER

_NAME = "sender"


def take_turn(connection: Connection, owner: str, now: datetime, lease: timedelta) -> bool:
    """Whether ``owner`` sends until ``now + lease``: nobody else's lease is running. Renews an own one."""
    now_us, until_us = serialization.to_us(now), serialization.to_us(now + lease)
    free = sa.or_(SENDER.c.owner == owner, SENDER.c.until_us < now_us)
    mine = sa.update(SENDER).where(SENDER.c.name == _NAME, free).values(owner=owner, until_us=until_us)
    if connection.execute(mine).rowcount == 1:
        return True
    if connection.execute(sa.select(SENDER.c.owner).where(SENDER.c.name == _NAME)).first() is not None:
        return False
    connection.execute(sa.insert(SENDER).values(name=_NAME, owner=owner, until_us=until_us))
    return True


def give_up_turn(connection: Connection, owner: str) -> None:
    """Let another process send at once."""
    connection.execute(sa.update(SENDER).where(SENDER.c.name == _NAME, SENDER.c.owner == owner).values(until_us=0))


def beat(connection: Connection, host: str, now: datetime, until: datetime | None) -> None:
    """Note that a process lives and will be heard of again by ``until``; None: it ends by itself."""
    values = {"seen_us": serialization.to_us(now), "alive_until_us": 0 if until is None else serialization.to_us(until)}
    if connection.execute(sa.update(HOST).where(HOST.c.host == host).values(**values)).rowcount == 0:
        connection.execute(sa.insert(HOST).values(host=serialization.name("host", host), **values))


def signs(connection: Connection) -> tuple[HostSign, ...]:
    """Every process that was ever heard of, by name."""
    return tuple(
        HostSign(
            row.host,
            serialization.from_us(row.seen_us),
            serialization.from_us(row.alive_until_us) if row.alive_until_us else None,
        )
        for row in connection.execute(sa.select(HOST).order_by(HOST.c.host))
    )
