"""Other machines on which an operation can run, with their own times, as some ERPs have them beside its machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from scheduler_core.data.erp.cells import BadCell, canonical, number, shown
from scheduler_core.data.erp.durations import lot_minutes
from scheduler_core.data.erp.keys import look_up
from scheduler_core.data.erp.meanings import NAME
from scheduler_core.data.erp.operations import Reading
from scheduler_core.data.erp.rows import Row
from scheduler_core.plant import MAX_DURATION


def read_alternatives(rows: Sequence[Row], remaining: Decimal, whole_lot: Decimal, reading: Reading) -> Mapping[int, int]:
    """Active machines (ids) with the minutes that the remaining pieces take there. Raises BadCell, its field the name of the
    column: the reason stands beside the operation's row."""
    minutes: dict[int, int] = {}
    unit = None if reading.mapping.alternatives is None else reading.mapping.unit("alternatives", "lot_time")
    for row in rows:
        named = canonical(row["machine"]).strip()
        named = (
            look_up(named, reading.any_case_machines) if reading.mapping.unit("alternatives", "machine") == NAME else named
        )
        places = reading.park.by_key.get(named)
        if places is None:
            reason = f"names machine {shown(named)}, which the machine park does not have"
            raise BadCell(row.name_of("machine"), row["machine"], reason)
        lot = number(row.name_of("lot_time"), row["lot_time"])
        if lot is None or lot <= 0:
            raise BadCell(row.name_of("lot_time"), row["lot_time"], "is no time")
        assert unit is not None
        there = max(1, lot_minutes(lot, remaining, whole_lot, unit))
        if there > MAX_DURATION:
            reason = f"makes {there} minutes of processing, which cannot be meant"
            raise BadCell(row.name_of("lot_time"), row["lot_time"], reason)
        minutes.update({place: there for place in places if place in reading.park.machines})
    return minutes
