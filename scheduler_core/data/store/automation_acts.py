"""Automation in the store: an append-only list of what it did, and the lease of the one host that acts.

Snapshots and runs that automation asks for have their lines in the audit trail, under its own name. Nobody changes the list
of acts, and no right hangs on it: it says what was done already, so that a host that takes over does nothing twice.

The lease is kept without clocks. A host that holds it raises ``beat_no`` every few seconds. Another one takes over what it
has seen unchanged for long enough by its own clock that nobody can set: it replaces the very beat that it has seen.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import audit, serialization
from scheduler_core.data.store.records import AutomationAct, AutomationHost, AutomationKind
from scheduler_core.data.store.tables import AUTOMATION_ACT, AUTOMATION_HOST

_NAME = "automation"
MAX_SAID = 2000
"""Characters of what a host says of itself."""


def record(connection: Connection, act: AutomationAct) -> int:
    """Add an act; returns its number, which replaces the one in ``act``."""
    # One at a time: the number is read before the row is written.
    audit.wait_in_line(connection)
    number = int(connection.execute(sa.select(sa.func.max(AUTOMATION_ACT.c.act_no))).scalar() or 0) + 1
    connection.execute(
        sa.insert(AUTOMATION_ACT).values(
            act_no=number, plant=serialization.name("plant", act.plant), kind=act.kind.value,
            cause=serialization.name("cause", act.cause), snapshot_id=act.snapshot_id, schedule_id=act.schedule_id,
            run_id=act.run_id, acted_us=serialization.to_us(act.at),
        )
    )  # fmt: skip
    return number


def newest(connection: Connection, plant: str | None, limit: int) -> tuple[AutomationAct, ...]:
    """Of one plant or all, newest first."""
    query = sa.select(AUTOMATION_ACT).order_by(AUTOMATION_ACT.c.act_no.desc()).limit(limit)
    if plant is not None:
        query = query.where(AUTOMATION_ACT.c.plant == plant)
    return tuple(_act(row) for row in connection.execute(query))


def newest_of_kinds(connection: Connection, plant: str) -> tuple[AutomationAct, ...]:
    """The newest act of each kind of a plant."""
    numbers = sa.select(sa.func.max(AUTOMATION_ACT.c.act_no)).where(AUTOMATION_ACT.c.plant == plant)
    query = sa.select(AUTOMATION_ACT).where(AUTOMATION_ACT.c.act_no.in_(numbers.group_by(AUTOMATION_ACT.c.kind)))
    return tuple(_act(row) for row in connection.execute(query))


def host(connection: Connection) -> AutomationHost | None:
    """Who holds the lease; None where no host ever did."""
    row = connection.execute(sa.select(AUTOMATION_HOST).where(AUTOMATION_HOST.c.name == _NAME)).first()
    return None if row is None else AutomationHost(row.owner, int(row.beat_no), serialization.from_us(row.seen_us), row.said)


def beat(connection: Connection, owner: str, said: str) -> bool:
    """Renew the lease that ``owner`` holds; False if it holds it no longer."""
    return _changed(connection, AUTOMATION_HOST.c.owner == owner, owner, said)


def take(connection: Connection, owner: str, seen: AutomationHost | None) -> bool:
    """Take the lease over from ``seen``, as it was last looked at; False if somebody was faster or it has given a sign."""
    if seen is None:
        there = connection.execute(sa.select(AUTOMATION_HOST.c.name).where(AUTOMATION_HOST.c.name == _NAME)).first()
        if there is not None:
            return False
        values = {"beat_no": 1, "seen_us": serialization.now_us(), "said": ""}
        connection.execute(sa.insert(AUTOMATION_HOST).values(name=_NAME, owner=serialization.name("owner", owner), **values))
        return True
    unchanged = sa.and_(AUTOMATION_HOST.c.owner == seen.owner, AUTOMATION_HOST.c.beat_no == seen.beat)
    return _changed(connection, unchanged, owner, "")


def leave(connection: Connection, owner: str) -> None:
    """Give the lease back, so that another host need not wait."""
    _changed(connection, AUTOMATION_HOST.c.owner == owner, "", "")


def _changed(connection: Connection, where: sa.ColumnElement[bool], owner: str, said: str) -> bool:
    values = {
        "owner": owner, "seen_us": serialization.now_us(), "said": serialization.printable(said[:MAX_SAID]),
        "beat_no": AUTOMATION_HOST.c.beat_no + 1,
    }  # fmt: skip
    update = sa.update(AUTOMATION_HOST).where(AUTOMATION_HOST.c.name == _NAME, where)
    return connection.execute(update.values(**values)).rowcount == 1


def _act(row: Any) -> AutomationAct:
    return AutomationAct(
        int(row.act_no), row.plant, AutomationKind(row.kind), row.cause, serialization.from_us(row.acted_us),
        row.snapshot_id, row.schedule_id, row.run_id,
    )  # fmt: skip
