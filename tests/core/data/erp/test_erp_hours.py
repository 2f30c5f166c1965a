"""Hours in the ERP: over midnight, at the end of a day, half days, breaks without a length, machines with their own."""

from __future__ import annotations

import sqlite3
from datetime import date
from pathlib import Path

import pytest

from scheduler_core.data.database import open_erp
from scheduler_core.data.erp import ErpConfig, Pull, fingerprint, read
from scheduler_core.plant import Calendar, Fixed, Holiday
from scheduler_core.services.note_words import note_words
from tests.support.erp_rows import CONFIG, START, Erp, checked, with_one_job


def changed(**settings: object) -> ErpConfig:
    return ErpConfig.model_validate({**CONFIG.model_dump(), "overtime_begins": None, **settings})


def with_hours(*hours: tuple[int, str, str]) -> Erp:
    """A job, and no working hours but these."""
    erp = with_one_job()
    erp.tables["ai_arrangable_hour"].clear()
    for day, start, end in hours:
        erp.add("ai_arrangable_hour", arrange_day=day, start_time=start, end_time=end, is_working=1)
    return erp


def break_of(start: str, end: str, minutes: object) -> dict[str, object]:
    return {
        "name": "tea",
        "start_time": start,
        "end_time": end,
        "duration_minutes": minutes,
        "day_of_week": None,
        "is_active": 1,
    }


def windows(calendar: Calendar) -> list[tuple[int, int, int, str]]:
    return [(w.day, w.start, w.end, w.kind) for w in calendar.week]


def test_ends_at_midnight_and_shifts_over_it(database_url: str) -> None:
    erp = with_hours(
        (1, "22:00:00", "06:00:00"), (2, "14:00:00", "00:00:00"), (3, "14:00:00", "24:00:00"), (4, "14:00:00", "23:59:59"),
        (5, "14:00:00", "23:59:00"), (6, "00:00:00", "00:00:00"), (7, "18:00:00", "05:59:59"),
    )  # fmt: skip
    pull = checked(erp.read(database_url, changed()))
    assert (pull.quarantine, pull.notes) == ((), ())
    assert [w[:3] for w in windows(pull.plant.calendars[0])] == [
        (1, 1320, 1800), *((day, 840, 1440) for day in (2, 3, 4, 5)), (6, 0, 1440), (7, 1080, 1800),
    ]  # fmt: skip


def test_overtime_runs_to_the_end_of_its_window_also_over_midnight(tmp_path: Path) -> None:
    erp = with_hours((1, "14:00:00", "02:00:00"))
    (calendar,) = erp.read(f"sqlite:///{tmp_path}/e.sqlite3", changed(overtime_begins="18:00")).plant.calendars
    assert windows(calendar) == [(1, 840, 1080, "regular"), (1, 1080, 1560, "overtime")]


def test_very_long_nights_are_noted_and_times_the_wrong_way_round_refused(tmp_path: Path) -> None:
    erp = with_hours(
        (1, "06:00:00", "06:00:00"), (2, "14:00:00", "04:00:00"), (3, "14:00:00", "13:00:00"), (4, "24:00:00", "06:00:00")
    )
    pull = checked(erp.read(f"sqlite:///{tmp_path}/e.sqlite3", changed()))
    assert [w[:3] for w in windows(pull.plant.calendars[0])] == [(1, 360, 1800), (2, 840, 1680)]
    assert [note_words(note) for note in pull.notes] == [
        "Hours of weekday 1 run over midnight for 24 h: 06:00 to 06:00 of the next day.",
        "Hours of weekday 2 run over midnight for 14 h: 14:00 to 04:00 of the next day.",
    ]
    assert [(q.field, q.reason) for q in pull.quarantine] == [
        ("end_time", "is not after the start at 14:00"), ("start_time", "is not a time of day"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("start", "end", "minutes", "found", "said"),
    [
        ("23:45:00", "00:15:00", 30, (1425, 1455), []),
        ("09:59:59", "10:14:59", 15, (600, 615), []),
        ("09:00:00", "09:20:00", 0, (540, 560), ["A break states no length; its times count: 09:00 to 09:20."]),
        ("09:00:00", "09:00:00", 20, (540, 560), ["A break ends when it begins, at 09:00; its length counts: 20 min."]),
        ("23:50:00", "23:50:00", 20, (1430, 1450), ["A break ends when it begins, at 23:50; its length counts: 20 min."]),
        ("09:00:00", "09:20:00", None, (540, 560), []),
    ],
)
def test_breaks(
    tmp_path: Path, start: str, end: str, minutes: object, found: tuple[int, int], said: list[str]
) -> None:  # fmt: skip
    erp = with_one_job()
    erp.tables["ai_breaktimes"] = [break_of(start, end, minutes)]
    pull = checked(erp.read(f"sqlite:///{tmp_path}/e.sqlite3", changed()))
    assert [(b.start, b.end) for b in pull.plant.calendars[0].breaks] == [found]
    assert [note_words(note) for note in pull.notes] == said
    assert pull.quarantine == ()


@pytest.mark.parametrize(
    ("start", "end", "minutes", "field"),
    [
        ("09:00:00", "09:00:00", 0, "end_time"), ("09:00:00", "09:00:00", None, "end_time"),
        ("12:30:00", "12:00:00", None, "end_time"), ("23:45:00", "00:15:00", 45, "duration_minutes"),
        ("09:00:00", "24:01:00", 5, "end_time"), ("09:00:60", "10:00:00", 60, "start_time"),
    ],
)  # fmt: skip
def test_a_break_that_cannot_be_is_refused(tmp_path: Path, start: str, end: str, minutes: object, field: str) -> None:
    erp = with_one_job()
    erp.tables["ai_breaktimes"] = [break_of(start, end, minutes)]
    pull = checked(erp.read(f"sqlite:///{tmp_path}/e.sqlite3"))
    assert pull.plant.calendars[0].breaks == ()
    assert [(q.table, q.field) for q in pull.quarantine] == [("ai_breaktimes", field)]


@pytest.mark.parametrize(
    ("setting", "closed"),
    [
        # Wednesdays are 06:30 to 19:30 with lunch 12:30 to 13:15: the middle of twelve and a quarter hours is 13:22.
        ({}, (802, 1440)),
        ({"half_day_off": "first half"}, (0, 802)),
        ({"half_day_off": "10:00-24:00"}, (600, 1440)),
    ],
)
def test_a_half_day_is_never_worked_in_full(tmp_path: Path, setting: dict[str, object], closed: tuple[int, int]) -> None:
    erp = with_one_job()
    for flag, day in ((0, "2025-12-24"), (None, "2025-12-31")):
        erp.add("ai_holidays", holiday_date=day, name="Eve", is_full_day=flag, is_active=1)
    erp.add("ai_holidays", holiday_date="2025-12-25", name="Christmas", is_full_day=1, is_active=1)
    erp.add("ai_holidays", holiday_date="2025-12-28", name="Sunday", is_full_day=0, is_active=1)
    pull = checked(erp.read(f"sqlite:///{tmp_path}/e.sqlite3", changed(**setting)))
    half, whole, sunday, other = pull.plant.calendars[0].holidays
    assert half == Holiday(date(2025, 12, 24), "Eve", *closed)
    assert other == Holiday(date(2025, 12, 31), "Eve", *closed)
    assert whole.is_whole_day
    assert not sunday.is_whole_day
    assert len(pull.notes) == 3
    assert note_words(pull.notes[0]).startswith("The day off 2025-12-24 is half a day; the ERP does not say which half.")


def spoil(url: str, *statements: str) -> None:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def pulled(url: str, config: ErpConfig) -> Pull:
    erp = open_erp(url)
    try:
        pull = checked(read(erp, config, START))
        assert fingerprint(erp, config, START) == pull.fingerprint
    finally:
        erp.close()
    return pull


def test_holidays_may_have_their_hours_in_columns(tmp_path: Path) -> None:
    erp = with_one_job()
    for day in ("2025-12-24", "2025-12-26", "2025-12-30", "2025-12-31"):
        erp.add("ai_holidays", holiday_date=day, name="Eve", is_full_day=0, is_active=1)
    url = erp.write(f"sqlite:///{tmp_path}/e.sqlite3")
    spoil(
        url, "ALTER TABLE ai_holidays ADD closed_from TIME", "ALTER TABLE ai_holidays ADD closed_to TIME",
        "UPDATE ai_holidays SET closed_from = '12:00:00', closed_to = '23:59:59' WHERE holiday_date = '2025-12-24'",
        "UPDATE ai_holidays SET closed_to = '09:00:00' WHERE holiday_date = '2025-12-26'",
        "UPDATE ai_holidays SET closed_from = '09:00:00', closed_to = '08:00:00' WHERE holiday_date = '2025-12-30'",
    )  # fmt: skip
    plain = pulled(url, changed())
    pull = pulled(url, changed(holiday_hours=["closed_from", "closed_to"]))
    assert [(h.start, h.end) for h in pull.plant.calendars[0].holidays] == [(720, 1440), (0, 540), (802, 1440), (802, 1440)]
    assert "is a part of a day: nobody works 12:00 to 24:00" in note_words(pull.notes[0])
    assert pull.fingerprint != plain.fingerprint, "the columns count for the fingerprint where they are read"


HOURS = "CREATE TABLE own_hours(machine_id INT, type_id INT, weekday INT, begins TIME, ends TIME)"
NAMES = {"table": "own_hours", "machine": "machine_id", "work_centre": "type_id", "day": "weekday", "start": "begins",
         "end": "ends"}  # fmt: skip


def test_machines_and_work_centres_may_have_hours_of_their_own(tmp_path: Path) -> None:
    erp = with_one_job()
    erp.made(20)
    url = erp.write(f"sqlite:///{tmp_path}/e.sqlite3")
    spoil(
        url, HOURS, "INSERT INTO own_hours VALUES (NULL, 5, 1, '22:00:00', '06:00:00')",
        "INSERT INTO own_hours VALUES (7, 9, 1, '06:00:00', '14:00:00')",
        "INSERT INTO own_hours VALUES (8, NULL, 1, '06:00:00', '14:00:00')",
        "INSERT INTO own_hours VALUES (99, NULL, 1, '06:00:00', '14:00:00')",
        "INSERT INTO own_hours VALUES (NULL, 77, 1, '06:00:00', '14:00:00')",
        "INSERT INTO own_hours VALUES (NULL, NULL, 1, '06:00:00', '14:00:00')",
        "INSERT INTO own_hours VALUES (6, NULL, 8, '06:00:00', '14:00:00')",
    )  # fmt: skip
    pull = pulled(url, changed(machine_hours=NAMES))
    calendar_of = {m.id: pull.plant.calendar_by_id[m.calendar] for m in pull.plant.machines}
    assert windows(calendar_of[6]) == [(1, 1320, 1800, "regular")], "its work centre's"
    assert windows(calendar_of[7]) == [(1, 360, 840, "regular")], "its own"
    assert calendar_of[20].id == "plant"
    assert calendar_of[6].breaks == calendar_of[20].breaks
    assert [m.calendar for m in pull.plant.machines] == ["plant: CM01", "plant: CM02", "plant"]
    assert sorted((q.field, q.value) for q in pull.quarantine) == [
        ("machine_id", "(empty)"), ("machine_id", "99"), ("type_id", "77"), ("weekday", "8"),
    ]  # fmt: skip
    # 80 pieces are 40 minutes: what runs on machine 6 goes on when its own night begins, at 22:00.
    assert pull.plant.jobs[0].operations[0].fixed == Fixed((6,), 0, 930 + 40)
    assert pulled(url, changed()).plant.calendars[1:] == (), "off unless the settings name the table"
