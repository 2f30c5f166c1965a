"""Hours of single machines and work centres, for an ERP that has them: each such machine gets a calendar of its own.

Either a machine names the calendar whose hours it has (``machines.calendar``), or a table has weekly hours of machines and
machine types beside those of the plant (``machine_hours`` in ``configs/erp.yaml``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from scheduler_core.data.erp.calendar import CALENDAR_ID, ROUND_THE_CLOCK, Calendars, weekdays_of
from scheduler_core.data.erp.cells import BadCell, canonical, whole
from scheduler_core.data.erp.config import ErpConfig
from scheduler_core.data.erp.hours import split_at, window_hours
from scheduler_core.data.erp.machines import MachinePark
from scheduler_core.data.erp.row_accounting import RowAccounting, row_name
from scheduler_core.data.erp.rows import Row
from scheduler_core.data.erp.source import ErpTables
from scheduler_core.plant import Calendar, WorkWindow


def machine_calendars(
    tables: ErpTables, config: ErpConfig, calendars: Calendars, park: MachinePark, accounting: RowAccounting
) -> tuple[Calendar, Mapping[int, Calendar]]:
    """The plant's calendar, and those of the active machines (ids) that do not follow it."""
    if calendars.plant is not None:
        return calendars.plant, _read_machine_hours(tables, config, calendars.plant, park, accounting)
    own: dict[int, Calendar] = {}
    for machine in park.machines:
        key = park.calendar_keys.get(machine, "")
        if key in calendars.unusable:
            # It is back by a planner's word alone: the plant's hours are the best guess.
            continue
        if key in calendars.by_key:
            own[machine] = calendars.by_key[key]
        else:
            own[machine] = Calendar(CALENDAR_ID, ROUND_THE_CLOCK, holidays=calendars.days_off(key))
            message = "has no working hours in the ERP: it is planned round the clock"
            accounting.note("machines", park.rows[machine], message)
    # The calendar that most machines have is the plant's: what is not said of a machine is said of it.
    plant = Counter(own.values()).most_common(1)[0][0] if own else Calendar(CALENDAR_ID, ROUND_THE_CLOCK)
    return plant, {machine: calendar for machine, calendar in own.items() if calendar != plant}


def _read_machine_hours(
    tables: ErpTables, config: ErpConfig, plant_hours: Calendar, park: MachinePark, accounting: RowAccounting
) -> Mapping[int, Calendar]:
    """The calendars of the active machines (ids) that have weekly hours of their own, or whose work centre has: those hours
    with the plant's breaks and holidays. A row that cannot be used is left out and named."""
    by_machine: dict[int, list[WorkWindow]] = {}
    by_type: dict[int, list[WorkWindow]] = {}
    for row in tables.rows("machine_hours"):
        accounting.read("machine_hours", row)
        place = row_name(row, "day")
        try:
            machine, work_centre = _whose(row, park)
            (weekday,) = weekdays_of(row, tables.mapping, "machine_hours")
            hours, remark = window_hours((row.name_of("start"), row.name_of("end")), row["start"], row["end"])
        except BadCell as bad:
            accounting.refuse_row("machine_hours", place, bad)
            continue
        if remark is not None:
            accounting.note("machine_hours", place, remark)
        own = by_type if machine is None else by_machine
        whose = machine if machine is not None else work_centre
        assert whose is not None  # one of the two is named
        own.setdefault(whose, []).extend(split_at(weekday, hours, config.overtime_minute))
    weeks = {m.id: by_machine.get(m.id) or by_type.get(m.type) for m in park.machines.values()}
    return {m: replace(plant_hours, week=tuple(week)) for m, week in weeks.items() if week}


def _whose(row: Row, park: MachinePark) -> tuple[int | None, int | None]:
    """The machine or, where the row names none, the work centre that has the hours."""
    if row.has("machine") and canonical(row["machine"]).strip():
        machine = whole("machine", row["machine"])
        if machine not in park.type_of:
            raise BadCell("machine", machine, "is not a machine of the ERP")
        return machine, None
    if not row.has("machine_type") or not canonical(row["machine_type"]).strip():
        raise BadCell("machine" if row.has("machine") else "machine_type", None, "names neither a machine nor a work centre")
    work_centre = whole("machine_type", row["machine_type"])
    if work_centre not in park.type_of.values():
        raise BadCell("machine_type", work_centre, "is not a work centre of the ERP")
    return None, work_centre
