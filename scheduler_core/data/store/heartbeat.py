"""The exporters' sign of life: one row, written by whichever exporter was heard of last."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import serialization
from scheduler_core.data.store.records import ExporterSign
from scheduler_core.data.store.tables import HEARTBEAT

_NAME = "exporter"


def beat(connection: Connection, owner: str, for_us: int) -> None:
    """Note that an exporter lives and will be heard of again within ``for_us`` microseconds; 0: it ends now."""
    now = serialization.now_us()
    values = {"owner": serialization.name("owner", owner), "seen_us": now, "alive_until_us": now + for_us}
    if connection.execute(sa.update(HEARTBEAT).where(HEARTBEAT.c.name == _NAME).values(**values)).rowcount == 0:
        connection.execute(sa.insert(HEARTBEAT).values(name=_NAME, **values))


def last(connection: Connection) -> ExporterSign | None:
    """The newest sign of life, None if no exporter has ever been heard of."""
    row = connection.execute(sa.select(HEARTBEAT)).first()
    if row is None:
        return None
    return ExporterSign(row.owner, serialization.from_us(row.seen_us), serialization.from_us(row.alive_until_us))
