"""Incidents in the store: an append-only list of what began and ended, and who acknowledged it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import audit, serialization
from scheduler_core.data.store.records import Act, Incident, IncidentChanges, IncidentEvent, NewIncident
from scheduler_core.data.store.tables import ALERT_ACKNOWLEDGEMENT as ACKNOWLEDGED
from scheduler_core.data.store.tables import ALERT_EVENT as EVENT
from scheduler_core.data.store.tables import ALERT_MESSAGE_EVENT
from scheduler_core.data.store_errors import NotFound, Refused

_LONGEST = 200
"""Characters of a column of names."""


def opened(connection: Connection) -> tuple[Incident, ...]:
    """The open incidents, the oldest first."""
    over = sa.select(EVENT.c.incident_id).where(EVENT.c.act == Act.OVER)
    return _incidents(connection, sa.select(EVENT).where(EVENT.c.incident_id.not_in(over)))


def newest(connection: Connection, limit: int, before: int | None, only_open: bool) -> tuple[Incident, ...]:
    """Incidents that began last, before the one of this order: the newest first. ``only_open``: without those over."""
    begun = sa.select(EVENT.c.incident_id).where(EVENT.c.act == Act.BEGUN).order_by(EVENT.c.event_no.desc()).limit(limit)
    if before is not None:
        begun = begun.where(EVENT.c.event_no < before)
    if only_open:
        begun = begun.where(EVENT.c.incident_id.not_in(sa.select(EVENT.c.incident_id).where(EVENT.c.act == Act.OVER)))
    ids = tuple(connection.execute(begun).scalars())
    return tuple(reversed(_incidents(connection, sa.select(EVENT).where(EVENT.c.incident_id.in_(ids)))))


def get(connection: Connection, incident_id: str) -> Incident:
    """One incident. Raises NotFound."""
    found = _incidents(connection, sa.select(EVENT).where(EVENT.c.incident_id == incident_id))
    if not found:
        raise NotFound(f"alert {incident_id!r} is not in the store")
    return found[0]


def change(connection: Connection, changes: IncidentChanges, now: datetime) -> None:
    """Add what one look found. An incident that is open already is not begun again, and one that is over stays so."""
    audit.wait_in_line(connection)  # one at a time: what is open is read before it is written
    known = opened(connection)
    ids, about = {i.id: i for i in known}, {(i.kind, i.about) for i in known}
    for new in changes.begun:
        if (new.kind, new.about[:_LONGEST]) not in about:
            _insert(connection, Act.BEGUN, serialization.new_id(), new, now)
    for act, chosen in ((Act.REMINDER, changes.reminded), (Act.OVER, changes.over)):
        for incident_id in chosen:
            if (known_one := ids.get(incident_id)) is not None:
                _insert(connection, act, incident_id, known_one, now)


def acknowledge(connection: Connection, incident_id: str, actor: str) -> bool:
    """Note who has seen an open incident, with the line in the audit trail; False if somebody has already.

    Raises NotFound, and Refused for an incident that is over.
    """
    audit.wait_in_line(connection)
    incident = get(connection, incident_id)
    if incident.acknowledged_by is not None:
        return False
    if not incident.is_open:
        raise Refused("this alert is over: there is nothing left to acknowledge")
    last = connection.execute(sa.select(sa.func.max(ACKNOWLEDGED.c.change_no))).scalar()
    detail = {"change_no": (last or 0) + 1, "kind": incident.kind, "about": incident.about}
    audit.record(connection, actor, "acknowledge-alert", incident_id, detail)
    connection.execute(
        sa.insert(ACKNOWLEDGED).values(
            change_no=detail["change_no"], incident_id=incident_id, actor=serialization.person("actor", actor),
            said_us=serialization.now_us(),
        )
    )  # fmt: skip
    return True


def untold(connection: Connection, receiver: str, since: datetime) -> tuple[IncidentEvent, ...]:
    """Events for a receiver that no message to it tells of, from ``since`` on, the oldest first."""
    told = sa.select(ALERT_MESSAGE_EVENT.c.event_no).where(ALERT_MESSAGE_EVENT.c.receiver == receiver)
    query = sa.select(EVENT).where(EVENT.c.at_us >= serialization.to_us(since), EVENT.c.event_no.not_in(told))
    rows = [row for row in connection.execute(query.order_by(EVENT.c.event_no)) if receiver in json.loads(row.receivers)]
    return events(connection, rows)


def events(connection: Connection, rows: Sequence[sa.Row[Any]]) -> tuple[IncidentEvent, ...]:
    """Rows of the list with their incidents as they are now."""
    ids = {row.incident_id for row in rows}
    of = {i.id: i for i in _incidents(connection, sa.select(EVENT).where(EVENT.c.incident_id.in_(ids)))} if ids else {}
    return tuple(
        IncidentEvent(int(row.event_no), Act(row.act), serialization.from_us(row.at_us), of[row.incident_id]) for row in rows
    )


def _incidents(connection: Connection, query: sa.Select[Any]) -> tuple[Incident, ...]:
    """The incidents whose events the query gives (all events of each), in the order in which they began."""
    lines: dict[str, list[sa.Row[Any]]] = {}
    for row in connection.execute(query.order_by(EVENT.c.event_no)):
        lines.setdefault(row.incident_id, []).append(row)
    if not lines:
        return ()
    said = connection.execute(sa.select(ACKNOWLEDGED).where(ACKNOWLEDGED.c.incident_id.in_(lines)))
    seen = {row.incident_id: row for row in said}
    return tuple(_incident(of, seen.get(incident_id)) for incident_id, of in lines.items())


def _incident(lines: Sequence[sa.Row[Any]], seen: sa.Row[Any] | None) -> Incident:
    first = lines[0]
    last = {row.act: serialization.from_us(row.at_us) for row in lines}
    return Incident(
        first.incident_id, first.kind, first.about, json.loads(first.content), tuple(json.loads(first.receivers)),
        bool(first.urgent), serialization.from_us(first.at_us), last.get(Act.OVER), last.get(Act.REMINDER),
        None if seen is None else seen.actor, None if seen is None else serialization.from_us(seen.said_us),
        int(first.event_no),
    )  # fmt: skip


def _insert(connection: Connection, act: Act, incident_id: str, of: Incident | NewIncident, now: datetime) -> None:
    last = connection.execute(sa.select(sa.func.max(EVENT.c.event_no))).scalar()
    connection.execute(
        sa.insert(EVENT).values(
            event_no=(last or 0) + 1, incident_id=incident_id, act=act.value, kind=serialization.name("kind", of.kind),
            about=serialization.printable(of.about)[:_LONGEST],
            content=serialization.printable(serialization.to_json("alert", of.content)),
            receivers=serialization.to_json("receivers", of.receivers), urgent=int(of.urgent),
            at_us=serialization.to_us(now),
        )
    )  # fmt: skip
