"""Hours of single machines and work centres, for an ERP that has them: each such machine gets a calendar of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy.engine import Connection

from scheduler_core.data.erp import source
from scheduler_core.data.erp.calendar import weekday_of
from scheduler_core.data.erp.cells import BadCell, canonical, shown, whole
from scheduler_core.data.erp.config import ErpConfig, MachineHours
from scheduler_core.data.erp.hours import split_at, window_hours
from scheduler_core.data.erp.machines import MachinePark
from scheduler_core.data.erp.row_accounting import RowAccounting
from scheduler_core.data.erp.rows import Row
from scheduler_core.plant import Calendar, WorkWindow


def read_machine_hours(
    connection: Connection, config: ErpConfig, plant_hours: Calendar, park: MachinePark, accounting: RowAccounting
) -> Mapping[int, Calendar]:
    """The calendars of the active machines (ids) that have weekly hours of their own, or whose work centre has: those hours
    with the plant's breaks and holidays. A row that cannot be used is left out and named."""
    names = config.machine_hours
    if names is None:
        return {}
    by_machine: dict[int, list[WorkWindow]] = {}
    by_type: dict[int, list[WorkWindow]] = {}
    for row in source.machine_hours(connection, names):
        accounting.read(names.table, row)
        place = f"{names.day}={shown(row['arrange_day'])}"
        try:
            machine, work_centre = _whose(row, names, park)
            weekday = weekday_of(names.day, row["arrange_day"])
            hours, remark = window_hours((names.start, names.end), row["start_time"], row["end_time"])
        except BadCell as bad:
            accounting.refuse_row(names.table, place, bad)
            continue
        if remark is not None:
            accounting.note(names.table, place, remark)
        own = by_type if machine is None else by_machine
        whose = machine if machine is not None else work_centre
        assert whose is not None  # one of the two is named
        own.setdefault(whose, []).extend(split_at(weekday, hours, config.overtime_minute))
    weeks = {m.id: by_machine.get(m.id) or by_type.get(m.type) for m in park.machines.values()}
    return {m: replace(plant_hours, week=tuple(week)) for m, week in weeks.items() if week}


def _whose(row: Row, names: MachineHours, park: MachinePark) -> tuple[int | None, int | None]:
    """The machine or, where the row names none, the work centre that has the hours."""
    if names.machine is not None and canonical(row["machine"]).strip():
        machine = whole(names.machine, row["machine"])
        if machine not in park.type_of:
            raise BadCell(names.machine, machine, "is not a machine of the ERP")
        return machine, None
    if names.work_centre is None or not canonical(row["work_centre"]).strip():
        raise BadCell(names.machine or names.work_centre or "", None, "names neither a machine nor a work centre")
    work_centre = whole(names.work_centre, row["work_centre"])
    if work_centre not in park.type_of.values():
        raise BadCell(names.work_centre, work_centre, "is not a work centre of the ERP")
    return None, work_centre
