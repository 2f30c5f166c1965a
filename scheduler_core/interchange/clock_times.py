"""Time stamps of files on a plant's clock."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfoNotFoundError

from scheduler_core.clock import Clock, clock_from, clock_of
from scheduler_core.interchange.strict_json import Node
from scheduler_core.plant import CLOCK_DAYS


def start_at(node: Node, zone: Node) -> Clock:
    """The clock of a plant whose plan starts at a time stamp; where that time does not exist, at the next that does.

    Refuses an offset that the zone does not have then, and an unknown zone.
    """
    stamp = node.stamp()
    try:
        clock = clock_of(zone.text(), stamp.replace(tzinfo=None), CLOCK_DAYS)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone.refuse("is not an IANA time zone")
    local = _local(node, stamp, clock)
    return clock_from(clock.zone, local, CLOCK_DAYS)


def minute_at(node: Node, clock: Clock, *, any_offset: bool = False) -> int:
    """The minute of a time stamp.

    A time that does not exist counts as the next that does, of a repeated one the first is meant unless the stamp has the
    offset of the second. Refuses an offset that the zone does not have then; with ``any_offset`` the wall time counts.
    """
    stamp = node.stamp()
    if any_offset and stamp.tzinfo is not None and clock.local(stamp) is None:
        stamp = stamp.replace(tzinfo=None)
    return clock.minute_of(_local(node, stamp, clock))


def _local(node: Node, stamp: datetime, clock: Clock) -> datetime:
    if stamp.tzinfo is None:
        return stamp
    local = clock.local(stamp)
    if local is None:
        node.refuse(f"has an offset that {clock.zone} does not have then")
    return local
