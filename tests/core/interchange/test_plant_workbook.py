"""A plant from one workbook: the template is one, and every bad cell is named by sheet, row and column."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

from scheduler_core.errors import InvalidValue
from scheduler_core.interchange import snapshot_from_json, snapshot_to_json
from scheduler_core.interchange.job_sheet import UndecidedHiddenRows
from scheduler_core.interchange.plant_workbook import PlantWorkbook, read_plant_workbook
from scheduler_core.interchange.workbook_template import EXAMPLE_PLANT
from scheduler_core.plant import Break, ExtraHours, Holiday, MachineType, SetupEntry, WorkWindow
from tests.support.sheet_files import ods_cell, packed_ods, template, template_with

TODAY = date(2025, 7, 23)
"""A Wednesday; the template's week begins on Monday 2025-07-28."""
NOW = datetime(2025, 7, 23, 4, 30, 20, tzinfo=UTC)


def read(cells: dict[tuple[str, str], object]) -> PlantWorkbook:
    return read_plant_workbook(template_with(cells, TODAY), "plant.xlsx", NOW)


def test_the_template_is_a_plant_that_can_be_planned_as_it_is() -> None:
    found = read({})
    assert found.faults == ()
    plant, sheet = found.plant, found.jobs
    assert plant is not None
    assert sheet is not None
    assert (plant.name, plant.timezone, plant.plan_start) == (EXAMPLE_PLANT, "Europe/Berlin", datetime(2025, 7, 23, 6, 30))
    assert plant.machine_types == (MachineType(1, "Sawing"), MachineType(2, "Welding"), MachineType(4, "Packing"))
    assert [(m.id, m.name, m.type, m.initial_family) for m in plant.machines[:2]] == [
        (1, "Saw 1", 1, None), (2, "Weld 1", 2, "F01"),
    ]  # fmt: skip
    two, nights = plant.calendars
    assert len(two.week) == 10
    assert two.breaks == (Break("Early break", 600, 630),)
    assert two.holidays == (
        Holiday(date(2025, 7, 30), "A public holiday"), Holiday(date(2025, 8, 1), "A half day", 720, 1440),
    )  # fmt: skip
    assert two.extra == (ExtraHours(date(2025, 8, 2), 360, 720),)
    assert WorkWindow(4, 1320, 1800) in nights.week, "a night shift of Thursday"
    assert SetupEntry(2, "F01", "F02", 40) in plant.setup_matrix
    assert [j.id for j in plant.jobs] == ["WO-1001", "WO-1002", "WO-1003"]
    assert (sheet.refused, sheet.notes) == ((), ())
    assert snapshot_from_json(snapshot_to_json(plant), "again") == plant


@pytest.mark.parametrize(
    ("start", "end", "hours"),
    [("22:00", "06:00", (1320, 1800)), (time(14), time(23, 59, 59), (840, 1440)), ("14:00", "23:59", (840, 1440)),
     ("14:00", "0:00", (840, 1440)), (time(6), timedelta(days=1), (360, 1440)), ("00:00", "00:00", (0, 1440)),
     ("06:00:00", "24:00", (360, 1440)), (time(22), time(6), (1320, 1800))],
)  # fmt: skip
def test_hours_are_times_of_the_spreadsheet_or_texts(start: object, end: object, hours: tuple[int, int]) -> None:
    found = read({("Calendars", "E2"): start, ("Calendars", "F2"): end})
    assert found.plant is not None, found.faults
    assert next((w.start, w.end) for w in found.plant.calendars[0].week if w.day == 1) == hours


@pytest.mark.parametrize(
    ("written", "days"),
    [("Mon-Fri", [1, 2, 3, 4, 5]), ("Mon, Wed", [1, 3]), ("Saturday – Monday", [1, 6, 7]), ("daily", [1, 2, 3, 4, 5, 6, 7]),
     ("1-3; 6", [1, 2, 3, 6]), (5, [5])],
)  # fmt: skip
def test_days_are_names_or_numbers_and_spans_of_them(written: object, days: list[int]) -> None:
    found = read({("Calendars", "C2"): written})
    assert found.plant is not None, found.faults
    assert sorted(w.day for w in found.plant.calendars[0].week if (w.start, w.end) == (360, 840)) == days


@pytest.mark.parametrize(
    ("cells", "place", "reason"),
    [
        ({("Plant", "A2"): "factory"}, ("Plant", 2, "setting"), "must be one of: plant, time_zone, plan_start"),
        ({("Plant", "B2"): None}, ("Plant", 2, "value"), "is empty"),
        ({("Plant", "B3"): "Berlin"}, ("Plant", 3, "value"), "is not an IANA time zone such as Europe/Berlin"),
        ({("Plant", "B4"): "1850-01-01"}, ("Plant", 4, "value"), "is not in the years 1970 to 2200"),
        ({("Machines", "A3"): 1}, ("Machines", 3, "number"), "stands twice"),
        ({("Machines", "A3"): "M1"}, ("Machines", 3, "number"),
         "is not a number (write it with a decimal point and without separators)"),
        ({("Machines", "B3"): "Saw 1"}, ("Machines", 3, "machine"), "stands twice"),
        ({("Machines", "D3"): "Never"}, ("Machines", 3, "calendar"), "is no calendar of the sheet Calendars"),
        ({("Machines", "F3"): "2099-01-01"}, ("Machines", 3, "available_from"),
         "is more than 19 years from the plan's start"),
        ({("Calendars", "B2"): "party"}, ("Calendars", 2, "kind"), "must be one of: shift, overtime, break, holiday, extra"),
        ({("Calendars", "C2"): "Mo-Fr"}, ("Calendars", 2, "days"), "is not a list of weekdays such as Mon-Fri, or Mon, Wed"),
        ({("Calendars", "C2"): "Mon-Fri, Fri"}, ("Calendars", 2, "days"), "names a day twice"),
        ({("Calendars", "C5"): "Mon"}, ("Calendars", 5, "days"), "must be empty for this kind"),
        ({("Calendars", "D5"): None}, ("Calendars", 5, "date"), "is empty"),
        ({("Calendars", "D5"): "2095-01-01"}, ("Calendars", 5, "date"), "is more than 19 years from the plan's start"),
        ({("Calendars", "E2"): "6 am"}, ("Calendars", 2, "start"), "is not a time of day from 00:00 to 24:00"),
        ({("Calendars", "E2"): 0.25}, ("Calendars", 2, "start"), "is not a time of day from 00:00 to 24:00"),
        ({("Calendars", "A8"): "Lonely", ("Calendars", "B8"): "break"}, ("Calendars", 8, "calendar"),
         "has no shift and no extra hours: nothing would ever be made"),
        ({("Setups", "A2"): "Baking"}, ("Setups", 2, "work_centre"), "names “Baking”, which is no work centre of the plant"),
        ({("Setups", "B3"): "F01", ("Setups", "C3"): "F02"}, ("Setups", 3, "to_family"),
         "stands twice for this work centre and from_family"),
    ],
)  # fmt: skip
def test_a_bad_cell_is_named(cells: dict[tuple[str, str], object], place: tuple[str, int, str], reason: str) -> None:
    found = read(cells)
    assert (found.plant, found.jobs) == (None, None)
    assert (*place, reason) in {(f.sheet, f.row, f.column, f.reason) for f in found.faults}


def test_bad_rows_of_jobs_are_refused_and_the_others_planned() -> None:
    found = read({("Jobs", "J3"): "soon", ("Jobs", "F4"): "2025-08-01 00:00"})
    assert found.plant is not None
    assert found.jobs is not None
    assert [j.id for j in found.plant.jobs] == ["WO-1002", "WO-1003"]
    assert {(r.number, r.field) for r in found.jobs.refused} >= {(3, "minutes")}


def test_a_machine_that_comes_back_is_available_from_then() -> None:
    found = read({("Machines", "F2"): datetime(2025, 7, 24, 6), ("Plant", "B4"): "2025-07-23 06:00"})
    assert found.plant is not None, found.faults
    assert [m.available_from for m in found.plant.machines] == [1440, None, None, None]


def test_sheets_and_columns_that_are_missing_are_named() -> None:
    book = load_workbook(BytesIO(template(TODAY)))
    del book["Calendars"]
    stream = BytesIO()
    book.save(stream)
    with pytest.raises(InvalidValue, match="the sheet “Calendars” is missing"):
        read_plant_workbook(stream.getvalue(), "plant.xlsx", NOW)
    with pytest.raises(InvalidValue, match="sheet Machines: header: 'hall' is no column of the sheet Machines"):
        read({("Machines", "G1"): "hall"})
    with pytest.raises(InvalidValue, match="sheet Machines: header: 'calendar' are columns that are missing"):
        read({("Machines", "D1"): None})


def test_hidden_rows_are_asked_about_in_every_sheet() -> None:
    book = load_workbook(BytesIO(template(TODAY)))
    book["Machines"].row_dimensions[4].hidden = True
    stream = BytesIO()
    book.save(stream)
    with pytest.raises(UndecidedHiddenRows, match="sheet Machines"):
        read_plant_workbook(stream.getvalue(), "plant.xlsx", NOW)
    skipped = read_plant_workbook(stream.getvalue(), "plant.xlsx", NOW, hidden_rows="skip")
    kept = read_plant_workbook(stream.getvalue(), "plant.xlsx", NOW, hidden_rows="read")
    assert skipped.plant is not None
    assert kept.plant is not None
    assert [[m.id for m in p.machines] for p in (skipped.plant, kept.plant)] == [[1, 2, 4], [1, 2, 3, 4]]


def test_an_opendocument_workbook_is_read_too() -> None:
    """All sheets of the template, written once more as ODS, with times as the format's own."""
    tables = ""
    for sheet in load_workbook(BytesIO(template(TODAY))).worksheets:
        rows = ""
        for line in sheet.iter_rows(values_only=True):
            cells = "".join(_time("PT06H00M00S") if value == "06:00" else ods_cell(value) for value in line)
            rows += f"<table:table-row>{cells}</table:table-row>"
        tables += f'<table:table table:name="{sheet.title}">{rows}</table:table>'
    again = read_plant_workbook(packed_ods(tables), "plant.ods", NOW)
    assert again.faults == ()
    assert again.plant == read({}).plant


def _time(written: str) -> str:
    return f'<table:table-cell office:value-type="time" office:time-value="{written}"/>'
