"""The frozen zones: an append-only list of changes, of which the newest of a plant counts."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TypeAlias

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import audit, serialization
from scheduler_core.data.store.records import FrozenZone
from scheduler_core.data.store.tables import FROZEN_CENTRE, FROZEN_ZONE
from scheduler_core.errors import InvalidValue

LONGEST_HOURS = 240
"""Ten days: beyond them a plan would not be a replan any more."""
Seen: TypeAlias = Callable[[FrozenZone | None], None]
"""Is given the zone in force and raises where its caller has seen another one."""


def anything(zone: FrozenZone | None) -> None:
    """Any zone may be changed, also one that the caller has not seen."""
    del zone


def of_plant(connection: Connection, plant: str) -> FrozenZone | None:
    """The plant's zone; None where it was never set."""
    query = sa.select(FROZEN_ZONE).where(FROZEN_ZONE.c.plant == plant).order_by(FROZEN_ZONE.c.change_no.desc()).limit(1)
    row = connection.execute(query).first()
    if row is None:
        return None
    own = tuple((kind, minutes / 60) for kind, minutes in minutes_by_type(connection, int(row.change_no)).items())
    return FrozenZone(row.frozen_min / 60, own, row.actor, serialization.from_us(row.changed_us))


def minutes_by_type(connection: Connection, change: int) -> dict[int, int]:
    """Minutes of the work centres that a change gives hours of their own, by machine type."""
    query = sa.select(FROZEN_CENTRE).where(FROZEN_CENTRE.c.change_no == change).order_by(FROZEN_CENTRE.c.machine_type)
    return {int(row.machine_type): int(row.frozen_min) for row in connection.execute(query)}


def change(
    connection: Connection, plant: str, hours: float, by_type: Mapping[int, float], actor: str, seen: Seen = anything
) -> bool:
    """Set the plant's zone, with its line in the audit trail; False if it is so already. Raises InvalidValue, and
    what ``seen`` raises for the zone before."""
    name = serialization.name("plant", plant)
    minutes = _minutes("hours", hours)
    own = {serialization.integer("machine_type", kind): _minutes(f"hours of machine type {kind}", value)
           for kind, value in sorted(by_type.items())}  # fmt: skip
    # One at a time: the number of the line and what is in force are read before the line is written.
    audit.wait_in_line(connection)
    before = of_plant(connection, name)
    seen(before)
    found = (0, {}) if before is None else (round(before.hours * 60), {k: round(h * 60) for k, h in before.by_type})
    if found == (minutes, own):
        return False
    number = (connection.execute(sa.select(sa.func.max(FROZEN_ZONE.c.change_no))).scalar() or 0) + 1
    told = {"change_no": number, "frozen_min": minutes, "centres": {str(kind): value for kind, value in own.items()}}
    audit.record(connection, actor, "set-frozen-zone", name, told)
    connection.execute(
        sa.insert(FROZEN_ZONE).values(
            change_no=number, plant=name, frozen_min=minutes, actor=serialization.person("actor", actor),
            changed_us=serialization.now_us(),
        )
    )  # fmt: skip
    for kind, value in own.items():
        connection.execute(sa.insert(FROZEN_CENTRE).values(change_no=number, machine_type=kind, frozen_min=value))
    return True


def _minutes(where: str, hours: float) -> int:
    if not (math.isfinite(hours) and 0 <= hours <= LONGEST_HOURS):
        raise InvalidValue(where, hours, f"is not between 0 and {LONGEST_HOURS}")
    return round(hours * 60)
