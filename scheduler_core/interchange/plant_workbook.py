"""A plant from one workbook: the sheets Plant, Machines, Calendars, Jobs and, if there is one, Setups.

Plant, machines, calendars and setups are used whole or not at all, with every bad cell named. Jobs are a table of jobs: a
row that cannot be used is refused with its job.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scheduler_core.errors import InvalidValue
from scheduler_core.interchange import sheet_cells as cells
from scheduler_core.interchange.calendar_rows import near, read_calendars
from scheduler_core.interchange.job_sheet import HiddenRows, JobSheet, UndecidedHiddenRows, jobs_of, with_jobs
from scheduler_core.interchange.plant_names import PlantNames
from scheduler_core.interchange.sheet_cells import BadCell
from scheduler_core.interchange.sheet_faults import SheetFault, SheetRow
from scheduler_core.interchange.sheet_header import column_places
from scheduler_core.interchange.sheet_rows import Cell, SheetFile
from scheduler_core.interchange.sheet_table import SHEET_NAME, Progress, open_sheets, sheet_place, table_of
from scheduler_core.interchange.snapshot_reading import FIRST_YEAR, LAST_YEAR
from scheduler_core.interchange.workbook_columns import CALENDARS, COLUMNS, MACHINES, PLANT, SETTINGS, SETUPS
from scheduler_core.limits import MAX_MACHINES
from scheduler_core.plant import Calendar, Machine, MachineType, Plant, SetupEntry

_HIGHEST = 2**31 - 1
_NEEDED = ("plant", "time_zone")


@dataclass(frozen=True)
class PlantWorkbook:
    """What a workbook holds. ``plant`` with the accepted jobs; None, and ``jobs`` too, if there are faults."""

    file: str
    plant: Plant | None
    faults: tuple[SheetFault, ...]
    jobs: JobSheet | None


def read_plant_workbook(
    content: bytes, file: str, now: datetime, progress: Progress | None = None, hidden_rows: HiddenRows | None = None
) -> PlantWorkbook:
    """The plant of a workbook (XLSX or ODS by the file's ending).

    ``now``: an aware moment at which the plan starts if the workbook names none. Raises InvalidValue for a file that is
    none, is above a limit, lacks a sheet, or has unknown or missing columns; UndecidedHiddenRows as `read_jobs`; passes on
    whatever ``progress`` raises.
    """
    sheets = open_sheets(content, file)
    faults: list[SheetFault] = []
    settings = _settings(_rows(sheets, PLANT, file, faults, hidden_rows), faults)
    zone = str(settings.get("time_zone", "UTC"))
    start = _start(settings.get("plan_start"), zone, now)
    calendars = read_calendars(_rows(sheets, CALENDARS, file, faults, hidden_rows), start.date())
    park = _machines(_rows(sheets, MACHINES, file, faults, hidden_rows), calendars, start)
    types = park.types
    setups: tuple[SetupEntry, ...] = ()
    if sheet_place(sheets, SETUPS) is not None and not faults:  # they name work centres, which must be known first
        setups = _setups(_rows(sheets, SETUPS, file, faults, hidden_rows), types)
    if not faults and not park.machines:
        faults.append(SheetFault(MACHINES, 1, "machine", "", "has no row: a plant needs a machine"))
    if faults:
        return PlantWorkbook(file, None, tuple(faults), None)
    plant = park.available(Plant(str(settings["plant"]), zone, start, calendars, types, park.machines, (), setups))
    table = table_of(sheets, _sheet(sheets, SHEET_NAME, file), f"{file}: sheet {SHEET_NAME}", progress)
    jobs = jobs_of(table, file, plant, hidden_rows)
    return PlantWorkbook(file, with_jobs(plant, jobs.jobs), (), jobs)


def _sheet(sheets: SheetFile, title: str, file: str) -> int:
    place = sheet_place(sheets, title)
    if place is None:
        raise InvalidValue(file, [t.name for t in sheets.titles], f"are its sheets: the sheet “{title}” is missing")
    return place


def _rows(
    sheets: SheetFile, title: str, file: str, faults: list[SheetFault], hidden_rows: HiddenRows | None
) -> list[SheetRow]:
    """The rows of one sheet that are to be read."""
    where = f"{file}: sheet {title}"
    table = table_of(sheets, _sheet(sheets, title, file), where)
    places = column_places(table.header, COLUMNS[title], f"{where}: header", f"the sheet {title}")
    if table.hidden and hidden_rows is None:
        raise UndecidedHiddenRows(where, table.hidden)
    return [SheetRow(title, row, places, faults) for row in table.rows if hidden_rows == "read" or not row.hidden]


def _settings(rows: Sequence[SheetRow], faults: list[SheetFault]) -> dict[str, str | datetime]:
    """The settings of the plant by name; a missing or unknown one is a fault."""
    found: dict[str, str | datetime] = {}
    named: set[str] = set()
    for row in rows:
        setting = row.needed("setting", cells.text)
        name = "" if setting is None else "_".join(setting.lower().split())
        if setting is not None and name not in SETTINGS:
            row.refuse("setting", f"must be one of: {', '.join(SETTINGS)}")
        elif name in named:
            row.refuse("setting", "stands twice")
        elif name == "plan_start":
            moment = row.value("value", _plan_start)
            if moment is not None:
                found[name] = moment
        elif name:
            value = row.needed("value", _zone if name == "time_zone" else cells.text)
            if value is not None:
                found[name] = value
        named.add(name)
    faults += [SheetFault(PLANT, 1, "setting", name, "has no row") for name in _NEEDED if name not in named]
    return found


def _plan_start(cell: Cell) -> datetime | None:
    moment = cells.moment(cell, end_of_day=False)
    if moment is not None and not FIRST_YEAR <= moment.at.year <= LAST_YEAR:
        raise BadCell(f"is not in the years {FIRST_YEAR} to {LAST_YEAR}")
    return None if moment is None else moment.at


def _zone(cell: Cell) -> str | None:
    name = cells.text(cell)
    if name is None:
        return None
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadCell("is not an IANA time zone such as Europe/Berlin") from None
    return name


def _start(written: str | datetime | None, zone: str, now: datetime) -> datetime:
    if isinstance(written, datetime):
        return written
    return now.astimezone(ZoneInfo(zone)).replace(tzinfo=None, second=0, microsecond=0)


@dataclass(frozen=True)
class _Park:
    """Work centres, each with the lowest number of its machines, and the machines in the sheet's order; ``free``: the
    moments from which some of them can be used, by number."""

    types: tuple[MachineType, ...]
    machines: tuple[Machine, ...]
    free: Mapping[int, datetime]

    def available(self, plant: Plant) -> Plant:
        """The plant, whose clock turns those moments into minutes."""
        free = {number: plant.minute_of(moment) for number, moment in self.free.items()}
        return replace(plant, machines=tuple(replace(m, available_from=free.get(m.id)) for m in plant.machines))


def _machines(rows: Sequence[SheetRow], calendars: Sequence[Calendar], start: datetime) -> _Park:
    known = {calendar.id for calendar in calendars}
    machines: list[tuple[int, str, str, str, str | None]] = []
    free: dict[int, datetime] = {}
    numbers: set[int | None] = set()
    names: set[str | None] = set()
    for row in rows:
        number = row.needed("number", lambda cell: cells.whole(cell, 0, _HIGHEST))
        name = row.needed("machine", cells.text)
        centre = row.needed("work_centre", cells.text)
        calendar = row.needed("calendar", cells.text)
        family = row.value("set_up_for", cells.text)
        moment = row.value("available_from", lambda cell: near(cell, start.date()))
        if number is not None and number in numbers:
            row.refuse("number", "stands twice")
        if name is not None and name in names:
            row.refuse("machine", "stands twice")
        numbers.add(number)
        names.add(name)
        if len(machines) == MAX_MACHINES:
            row.refuse("machine", f"is a machine beyond the limit of {MAX_MACHINES}")
            break
        if calendar is not None and calendar not in known:
            row.refuse("calendar", f"is no calendar of the sheet {CALENDARS}")
        if not row.usable or number is None or name is None or centre is None or calendar is None:
            continue
        machines.append((number, name, centre, calendar, family))
        if moment is not None:
            free[number] = moment
    lowest: dict[str, int] = {}
    for number, _, centre, *_ in machines:
        lowest[centre] = min(number, lowest.get(centre, number))
    return _Park(
        tuple(MachineType(number, centre) for centre, number in lowest.items()),
        tuple(Machine(n, name, lowest[c], calendar, initial_family=family) for n, name, c, calendar, family in machines),
        free,
    )


def _setups(rows: Sequence[SheetRow], types: Sequence[MachineType]) -> tuple[SetupEntry, ...]:
    centres = PlantNames([(t.name, t.id) for t in types], "work centre")

    def centre(cell: Cell) -> int | None:
        name = cells.text(cell)
        return None if name is None else centres.number(name)

    found: dict[tuple[int, str, str], SetupEntry] = {}
    for row in rows:
        kind = row.needed("work_centre", centre)
        before, after = row.needed("from_family", cells.text), row.needed("to_family", cells.text)
        minutes = row.needed("minutes", cells.minutes)
        if kind is None or before is None or after is None or minutes is None:
            continue
        if (kind, before, after) in found:
            row.refuse("to_family", "stands twice for this work centre and from_family")
        found[kind, before, after] = SetupEntry(kind, before, after, minutes)
    return tuple(found.values())
