"""Planners' facts in the store: an append-only list of what was said; a second line about a fact undoes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import audit, requests, serialization
from scheduler_core.data.store.records.facts import NewFact, StoredFact
from scheduler_core.data.store.tables import FACT
from scheduler_core.data.store_errors import NotFound, Refused
from scheduler_core.errors import InvalidValue

MAX_CONTENT = 1_000_000
"""Longest JSON of one fact, in characters: an order of many operations is its longest."""


def of_plant(connection: Connection, plant: str) -> tuple[StoredFact, ...]:
    """All facts ever recorded of a plant, as they are known now, in the order in which they were recorded."""
    lines: dict[str, list[sa.Row[Any]]] = {}
    for row in connection.execute(sa.select(FACT).where(FACT.c.plant == plant).order_by(FACT.c.line_no)):
        lines.setdefault(row.fact_id, []).append(row)
    return tuple(_fact(said) for said in lines.values())


def get(connection: Connection, fact_id: str) -> StoredFact:
    """One fact."""
    found = connection.execute(sa.select(FACT).where(FACT.c.fact_id == fact_id).order_by(FACT.c.line_no)).all()
    if not found:
        raise NotFound(f"fact {fact_id!r} is not in the store")
    return _fact(found)


def served(connection: Connection, request_id: str) -> str | None:
    """The fact that a request id has recorded or undone; None if there was no such request."""
    line = _line_of(connection, request_id)
    return None if line is None else str(line.fact_id)


def _line_of(connection: Connection, request_id: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(FACT).where(FACT.c.request_id == serialization.request_id(request_id))).first()


def _same(line: sa.Row[Any], fields: Mapping[str, tuple[object, object]]) -> None:
    requests.same(line.request_id, f"a fact of {line.plant!r}", fields)


def record(connection: Connection, new: NewFact) -> str:
    """Insert the first line of a fact with its line in the audit trail and return its id; the same request id again returns
    the first one's. Raises InvalidValue for a life without length, or an empty or long name."""
    audit.wait_in_line(connection)
    if (line := _line_of(connection, new.request_id)) is not None:
        _same(line, {
            "kind": (line.kind, new.kind), "change": (line.content, serialization.printable(new.change)),
            "reason": (line.reason, serialization.printable(new.reason)),
            "actor": (line.actor, serialization.person("actor", new.actor)), "undone": (bool(line.undone), False),
        })  # fmt: skip
        return str(line.fact_id)
    if new.until is not None and new.until <= new.since:
        raise InvalidValue("until", f"{new.until:%Y-%m-%d %H:%M}", f"is not after {new.since:%Y-%m-%d %H:%M}, its begin")
    if len(new.change) > MAX_CONTENT:
        raise InvalidValue("change", len(new.change), f"characters are more than the limit of {MAX_CONTENT}")
    made = StoredFact(
        serialization.new_id(), serialization.name("plant", new.plant), new.kind, serialization.printable(new.change),
        new.since, new.until, serialization.printable(new.reason), new.scenario_id, new.actor,
        serialization.from_us(serialization.now_us()),
    )  # fmt: skip
    _insert(connection, new.request_id, made, undone=False, actor=new.actor)
    return made.id


def undo(connection: Connection, fact_id: str, request_id: str, actor: str, reason: str = "") -> bool:
    """Add the line that undoes a fact, and says why, with its line in the audit trail; False if this request did so before.

    Raises NotFound, and Refused for a fact that is undone already.
    """
    audit.wait_in_line(connection)
    if (line := _line_of(connection, request_id)) is not None:
        _same(line, {
            "fact": (line.fact_id, fact_id), "reason": (line.reason, serialization.printable(reason)),
            "actor": (line.actor, serialization.person("actor", actor)), "undone": (bool(line.undone), True),
        })  # fmt: skip
        return False
    fact = get(connection, fact_id)
    if fact.undone_by is not None:
        raise Refused(f"this fact was undone already, by {fact.undone_by}")
    _insert(connection, request_id, replace(fact, reason=serialization.printable(reason)), undone=True, actor=actor)
    return True


def _insert(connection: Connection, request_id: str, fact: StoredFact, *, undone: bool, actor: str) -> None:
    last = connection.execute(sa.select(sa.func.max(FACT.c.line_no))).scalar()
    line = {
        "plant": fact.plant, "kind": fact.kind, "content": fact.change, "starts": fact.since.isoformat(),
        "ends": None if fact.until is None else fact.until.isoformat(), "reason": fact.reason,
        "scenario_id": fact.scenario_id,
    }  # fmt: skip
    audit.record(connection, actor, "undo-fact" if undone else "record-fact", fact.id, line)
    connection.execute(
        sa.insert(FACT).values(
            line_no=(last or 0) + 1, fact_id=fact.id, request_id=serialization.request_id(request_id), undone=int(undone),
            actor=serialization.person("actor", actor), said_us=serialization.now_us(), **line,
        )
    )  # fmt: skip


def _fact(lines: Sequence[sa.Row[Any]]) -> StoredFact:
    first = lines[0]
    undone = next((line for line in lines if line.undone), None)
    return StoredFact(
        first.fact_id, first.plant, first.kind, first.content, datetime.fromisoformat(first.starts),
        None if first.ends is None else datetime.fromisoformat(first.ends), first.reason, first.scenario_id, first.actor,
        serialization.from_us(first.said_us), None if undone is None else undone.actor,
        None if undone is None else serialization.from_us(undone.said_us), "" if undone is None else undone.reason,
    )  # fmt: skip
