"""How long an operation takes, from its row: setup, and processing of what is left. Whatever the unit, the result is whole
minutes, rounded up (see ``whole_minutes``)."""

from __future__ import annotations

from decimal import Decimal

from scheduler_core.data.erp.cells import BadCell, number
from scheduler_core.data.erp.mapping import Mapping
from scheduler_core.data.erp.meanings import MINUTES, SPEED
from scheduler_core.data.erp.rows import Row
from scheduler_core.plant import MAX_DURATION
from scheduler_core.rounding import whole_minutes


def is_milestone(row: Row) -> bool:
    """True if the ERP says outright that the operation takes no time: no setup, no speed, a time of 0 for all its pieces."""
    timed = (number(field, row[field]) for field in ("setup", "by_piece", "speed"))
    return number("lot_time", row["lot_time"]) == 0 and not any(timed)


def processing_minutes(row: Row, remaining: Decimal, whole_lot: Decimal, mapping: Mapping) -> int:
    """The remaining pieces at the row's speed, else their share of the time for all pieces. Raises BadCell."""
    by_piece = not row.has("by_piece") or number("by_piece", row["by_piece"]) == 1
    rate, lot = number("speed", row["speed"]), number("lot_time", row["lot_time"])
    for field, value in (("speed", rate), ("lot_time", lot)):
        if value is not None and value < 0:
            raise BadCell(field, row[field], "is negative")
    if row.has("speed") and by_piece and rate is not None and rate > 0:
        per, is_time = SPEED[mapping.unit("operations", "speed")]
        field, minutes = "speed", whole_minutes(remaining * rate * per if is_time else remaining * per / rate)
    elif lot is not None and lot > 0:
        field, minutes = "lot_time", lot_minutes(lot, remaining, whole_lot, mapping.unit("operations", "lot_time"))
    elif not row.has("speed"):
        raise BadCell("lot_time", row["lot_time"], "is no time")
    elif not row.has("lot_time"):
        raise BadCell("speed", row["speed"], "is no time")
    elif by_piece:
        raise BadCell("speed", row["speed"], f"is no capacity, and {row.name_of('lot_time')} gives no time either")
    else:
        reason = f"is no time, and {row.name_of('by_piece')} says that the capacity does not count"
        raise BadCell("lot_time", row["lot_time"], reason)
    if minutes > MAX_DURATION:
        raise BadCell(field, row[field], f"makes {minutes} minutes of processing, which cannot be meant")
    return max(1, minutes)


def lot_minutes(lot: Decimal, remaining: Decimal, whole_lot: Decimal, unit: str) -> int:
    """The remaining pieces' share of the time for all pieces."""
    return whole_minutes(lot * MINUTES[unit] * remaining / whole_lot)


def setup_minutes(row: Row, missing: int | None, mapping: Mapping) -> int:
    """Setup time; ``missing``: what an empty cell means (None: the row is unusable). An ERP without setup times has none."""
    if not row.has("setup"):
        return 0
    setup = number("setup", row["setup"])
    if setup is None:
        if missing is None:
            raise BadCell("setup", None, "is empty")
        return missing
    if setup < 0:
        raise BadCell("setup", row["setup"], "is negative")
    if setup > MAX_DURATION:
        raise BadCell("setup", row["setup"], "cannot be meant in minutes")
    return whole_minutes(setup * MINUTES[mapping.unit("operations", "setup")])
