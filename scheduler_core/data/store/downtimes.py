"""Recorded downtimes in the store: an append-only list of what was said about each; the newest line counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import audit, requests, serialization
from scheduler_core.data.store.records import DowntimeChange, NewDowntime, RecordedDowntime
from scheduler_core.data.store.tables import RECORDED_DOWNTIME as LINE
from scheduler_core.data.store_errors import NotFound, Refused


def of_plant(connection: Connection, plant: str) -> tuple[RecordedDowntime, ...]:
    """All downtimes ever recorded of a plant, as they are known now, in the order in which they were recorded."""
    lines: dict[str, list[sa.Row[Any]]] = {}
    for row in connection.execute(sa.select(LINE).where(LINE.c.plant == plant).order_by(LINE.c.change_no)):
        lines.setdefault(row.downtime_id, []).append(row)
    return tuple(_downtime(said) for said in lines.values())


def get(connection: Connection, downtime_id: str) -> RecordedDowntime:
    """One downtime."""
    found = connection.execute(sa.select(LINE).where(LINE.c.downtime_id == downtime_id).order_by(LINE.c.change_no)).all()
    if not found:
        raise NotFound(f"downtime {downtime_id!r} is not in the store")
    return _downtime(found)


def served(connection: Connection, request_id: str) -> str | None:
    """The downtime that a request id has recorded or changed; None if there was no such request."""
    line = _served(connection, serialization.request_id(request_id))
    return None if line is None else str(line.downtime_id)


def record(connection: Connection, new: NewDowntime, seen: Sequence[RecordedDowntime] | None = None) -> str:
    """Insert the first line of a downtime with its line in the audit trail and return its id; the same request id again
    returns the first one's. ``seen``: what the plant's downtimes were when it was decided (None: that does not matter).

    Raises InvalidValue for an empty or long reason or name, and Refused where they are others by now.
    """
    audit.wait_in_line(connection)
    request = serialization.request_id(new.request_id)
    if (before := _served(connection, request)) is not None:
        _same(before, {
            "machine": (before.machine_id, new.machine), "act": (before.in_service, 0),
            "from": (before.starts, new.start.isoformat()), "until": (before.ends, _text(new.end)),
            "reason": (before.reason, new.reason.strip()), "actor": (before.actor, serialization.person("actor", new.actor)),
        })  # fmt: skip
        return str(before.downtime_id)
    _as_seen(connection, new.plant, seen)
    made = RecordedDowntime(
        serialization.new_id(), serialization.name("plant", new.plant), new.machine,
        serialization.printable(new.machine_name), new.start, new.end, False,
        serialization.name("reason", new.reason.strip()), new.actor, new.actor,
        serialization.from_us(serialization.now_us()),
    )  # fmt: skip
    audit.record(connection, new.actor, "record-downtime", made.id, _told(made))
    _insert(connection, request, made)
    return made.id


def change(
    connection: Connection, said: DowntimeChange, seen: Sequence[RecordedDowntime] | None = None
) -> bool:  # fmt: skip
    """Add a line to a downtime with its line in the audit trail; False if that is known already. ``seen`` as for ``record``.

    Raises NotFound, and Refused for one that is over because the machine is back, or where ``seen`` is out of date.
    """
    audit.wait_in_line(connection)
    request = serialization.request_id(said.request_id)
    before = get(connection, said.downtime_id)
    if (line := _served(connection, request)) is not None:
        fields: dict[str, tuple[object, object]] = {
            "downtime": (line.downtime_id, before.id), "in service": (bool(line.in_service), said.in_service),
            "actor": (line.actor, serialization.person("actor", said.actor)),
        }  # fmt: skip
        if not said.in_service:
            fields["until"] = (line.ends, _text(said.end))
        _same(line, fields)
        return False
    if before.in_service:
        if said.in_service:
            return False
        raise Refused(f"{before.machine_name} is back in service already: record a new downtime")
    if not said.in_service and said.end == before.end:
        return False
    _as_seen(connection, before.plant, seen)
    after = RecordedDowntime(
        before.id, before.plant, before.machine, before.machine_name, before.start, said.end, said.in_service, before.reason,
        before.recorded_by, said.actor, serialization.from_us(serialization.now_us()),
    )  # fmt: skip
    audit.record(connection, said.actor, "end-downtime" if said.in_service else "change-downtime", after.id, _told(after))
    _insert(connection, request, after)
    return True


def _as_seen(connection: Connection, plant: str, seen: Sequence[RecordedDowntime] | None) -> None:
    if seen is not None and of_plant(connection, plant) != tuple(seen):
        raise Refused("somebody has recorded a machine as down, or back, a moment ago: look at the machines again")


def _served(connection: Connection, request: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(LINE).where(LINE.c.request_id == request)).first()


def _same(line: sa.Row[Any], fields: Mapping[str, tuple[object, object]]) -> None:
    requests.same(line.request_id, f"a downtime of {line.machine_name}", fields)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _insert(connection: Connection, request: str, line: RecordedDowntime) -> None:
    last = connection.execute(sa.select(sa.func.max(LINE.c.change_no))).scalar()
    connection.execute(
        sa.insert(LINE).values(
            change_no=(last or 0) + 1, downtime_id=line.id, request_id=request, plant=line.plant, machine_id=line.machine,
            machine_name=line.machine_name, starts=line.start.isoformat(),
            ends=_text(line.end), in_service=int(line.in_service), reason=line.reason,
            actor=serialization.person("actor", line.changed_by), changed_us=serialization.to_us(line.changed_at),
        )
    )  # fmt: skip


def _told(line: RecordedDowntime) -> dict[str, object]:
    """What the audit trail holds of a line."""
    return {
        "plant": line.plant, "machine": line.machine, "machine_name": line.machine_name, "start": line.start.isoformat(),
        "end": _text(line.end), "reason": line.reason,
    }  # fmt: skip


def _downtime(lines: Sequence[sa.Row[Any]]) -> RecordedDowntime:
    first, newest = lines[0], lines[-1]
    return RecordedDowntime(
        newest.downtime_id, newest.plant, newest.machine_id, newest.machine_name, datetime.fromisoformat(newest.starts),
        None if newest.ends is None else datetime.fromisoformat(newest.ends), bool(newest.in_service), newest.reason,
        first.actor, newest.actor, serialization.from_us(newest.changed_us),
    )  # fmt: skip
