"""An ERP with tables, units and codes of its own: what its mapping means, and what ``shopwright erp check`` finds wrong."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime
from pathlib import Path

import pytest

from scheduler_core.cli import main
from scheduler_core.data.database import open_erp
from scheduler_core.data.erp import ErpConfig, Pull, read
from scheduler_core.errors import Unschedulable
from scheduler_core.plant import Holiday
from scheduler_core.settings import environment

TABLES = """
CREATE TABLE Auftrag (Nr TEXT, Stueck INTEGER, Termin TEXT, Stand TEXT);
CREATE TABLE Gang (Nr TEXT, Folge INTEGER, Name TEXT, Platz TEXT, RuestStd REAL, Std REAL, Stand TEXT);
CREATE TABLE Platz (Kurz TEXT, Name TEXT, Zustand TEXT, Schicht TEXT);
CREATE TABLE Schicht (Schicht TEXT, Tag INTEGER, Von TEXT, Bis TEXT, Zone TEXT);
CREATE TABLE Frei (Datum TEXT, Name TEXT, Von TEXT, Bis TEXT, Schicht TEXT);
INSERT INTO Platz VALUES ('SAG', 'Saw', 'in Betrieb', 'night'), ('FR', 'Mill', 'in Betrieb', 'early'),
  ('OV', 'Oven', 'in Betrieb', NULL);
INSERT INTO Schicht VALUES ('early', 1, '06:00', '14:00', 'UTC'), ('early', 2, '06:00', '14:00', 'UTC'),
  ('night', 1, '22:00', '06:00', 'UTC'), ('night', 2, '22:00', '06:00', 'UTC');
INSERT INTO Frei VALUES ('2026-03-03', 'Half', '12:00', '24:00', NULL), ('2026-03-04', 'Whole', NULL, NULL, NULL),
  ('2026-03-05', 'Early only', NULL, NULL, 'early');
INSERT INTO Auftrag VALUES ('A-1', 10, '2026-03-09', 'offen'), ('A-2', 10, '2026-03-09', 'fertig');
INSERT INTO Gang VALUES ('A-1', 10, 'Saw', 'SAG', 0.25, 1.5, 'offen'), ('A-1', 20, 'Mill', 'FR', 0.5, 3.75, 'offen'),
  ('A-1', 30, 'Heat', 'OV', 0, 2, 'offen'), ('A-2', 10, 'Saw', 'SAG', 0, 1, 'fertig');
"""
MAPPING = """
erp: my own
jobs:
  table: Auftrag
  columns:
    job: {column: Nr, unit: name}
    number: Nr
    quantity: Stueck
    due: {column: Termin, unit: day}
    status: Stand
  codes: {closed: [fertig]}
operations:
  table: Gang
  columns:
    job: {column: Nr, unit: name}
    row: Folge
    process: Name
    machine: {column: Platz, unit: name}
    setup: {column: RuestStd, unit: hours}
    lot_time: {column: Std, unit: hours}
    status: Stand
  codes: {finished: [fertig]}
machines:
  table: Platz
  columns:
    machine: {column: Kurz, unit: name}
    name: Name
    status: Zustand
    calendar: Schicht
  codes: {active: [in Betrieb], out_of_service: [steht]}
hours:
  table: Schicht
  columns: {calendar: Schicht, day: Tag, start: Von, end: Bis, timezone: Zone}
holidays:
  table: Frei
  columns: {date: Datum, name: Name, start: Von, end: Bis, calendar: Schicht}
"""
START = datetime(2026, 3, 2, 5)


def written(folder: Path, old: str = "", new: str = "", more: str = "") -> tuple[str, Path]:
    """The ERP's URL and the settings beside a mapping with one text changed."""
    assert old in MAPPING
    connection = sqlite3.connect(folder / "erp.sqlite3")
    connection.executescript(TABLES + more)
    connection.close()
    (folder / "own.yaml").write_text(MAPPING.replace(old, new, 1) if old else MAPPING, encoding="utf-8")
    settings = folder / "erp.yaml"
    settings.write_text("plant: P\ntimezone: UTC\nmapping: own.yaml\novertime_begins: null\n", encoding="utf-8")
    return f"sqlite:///{folder / 'erp.sqlite3'}", settings


def pulled(folder: Path, old: str = "", new: str = "", more: str = "", **settings: object) -> Pull:
    """What a pull reads."""
    url, _ = written(folder, old, new, more)
    own = {"plant": "P", "timezone": "UTC", "mapping": str(folder / "own.yaml"), "overtime_begins": None, **settings}
    erp = open_erp(url)
    try:
        return read(erp, ErpConfig.model_validate(own), START)
    finally:
        erp.close()


def days_off(pull: Pull) -> dict[str, tuple[Holiday, ...]]:
    """The days off of each machine by its name, by date."""
    calendars = {calendar.id: calendar for calendar in pull.plant.calendars}
    return {
        machine.name: tuple(sorted(calendars[machine.calendar].holidays, key=lambda holiday: holiday.date))
        for machine in pull.plant.machines
    }


HALF, WHOLE = Holiday(date(2026, 3, 3), "Half", 720, 1440), Holiday(date(2026, 3, 4), "Whole")
EARLY = Holiday(date(2026, 3, 5), "Early only")


def test_a_day_off_that_names_no_calendar_is_everybodys(tmp_path: Path) -> None:
    """Hours lie in calendars of machines; the oven has none. Times of a part of a day count without a flag for it."""
    pull = pulled(tmp_path)
    assert days_off(pull) == {"Saw": (HALF, WHOLE), "Mill": (HALF, WHOLE, EARLY), "Oven": (HALF, WHOLE)}
    notes = [note.message for note in pull.notes if note.table == "Frei"]
    assert notes == ["is a part of a day: nobody works from 12:00 to 24:00"]
    assert [(o.minutes, o.setup_minutes) for o in pull.plant.jobs[0].operations] == [(90, 15), (225, 30), (120, 0)]


def test_without_a_column_for_the_calendar_all_days_off_are_everybodys(tmp_path: Path) -> None:
    assert set(days_off(pulled(tmp_path, "end: Bis, calendar: Schicht}\n", "end: Bis}\n")).values()) == {
        (HALF, WHOLE, EARLY)
    }


def test_hours_of_another_time_zone_are_named_as_the_reason_that_nothing_is_planned(tmp_path: Path) -> None:
    """The oven has no hours and would be planned round the clock: here it has some."""
    with pytest.raises(Unschedulable, match="Platz holds no active machine whose working hours in Schicht can be used"):
        pulled(tmp_path, more="UPDATE Platz SET Schicht = 'early'", timezone="Asia/Kuala_Lumpur")


def check(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], old: str = "", new: str = ""
) -> tuple[int, list[str]]:
    """The exit status of ``shopwright erp check`` and the lines that it marks."""
    url, settings = written(folder, old, new)
    monkeypatch.setenv(environment.ERP_URL, url)
    monkeypatch.setenv(environment.ERP_CONFIG, str(settings))
    status = main(["erp", "check"])
    return status, [line.strip() for line in capsys.readouterr().out.splitlines() if line.strip().startswith("!!")]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("quantity: Stueck", "quantity: Termin",
         "!! columns.quantity: none of 2 cells of 'Termin' can be read: 2026-03-09 is not a number"),
        ("end: Bis, timezone", "end: {column: Bis, unit: hours since midnight}, timezone",
         "!! columns.end: none of 4 cells of 'Bis' can be read as hours since midnight: 14:00 is not a number"),
        ("timezone: Zone", "timezone: Bis",
         "!! columns.timezone: none of 4 cells of 'Bis' can be read: '14:00' is another time zone than the plant's, UTC"),
        ("column: Kurz", "column: Name",
         "!! columns.machine: none of 'FR', 'OV', 'SAG' in 'Platz' is in Platz.Name: 'Mill', 'Oven', 'Saw'"),
        ("    calendar: Schicht\n", "    calendar: Name\n",
         "!! columns.calendar: none of 'Mill', 'Oven', 'Saw' in 'Name' is in Schicht.Schicht: 'early', 'night'"),
        ("[in Betrieb]", "[laeuft]",
         "!! codes.active: no row's 'Zustand' is one of them, so that no machine is in service"),
        ("  codes: {active: [in Betrieb], out_of_service: [steht]}\n", "",
         "!! columns.status: none of 3 cells of 'Zustand' can be read: in Betrieb is neither 0 nor 1"),
        ("  table: Gang\n  columns:\n    job: {column: Nr,", "  table: Gang\n  columns:\n    job: {column: Name,",
         "!! columns.job: no row's 'Name' is the 'Nr' of an open order"),
        ("  table: Frei\n", "  table: Frei\n  where: Datum > heute\n",
         "!! where: the database refuses it: no such column: heute"),
    ],
)  # fmt: skip
def test_check_marks_a_column_that_cannot_be_the_one(
    old: str, new: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    status, marked = check(tmp_path, monkeypatch, capsys, old, new)
    assert status == 1
    assert len(marked) == 1
    assert marked[0].startswith(said)


def test_check_marks_nothing_in_a_mapping_that_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path, monkeypatch, capsys) == (0, [])
