"""How hours of a calendar are written in a snapshot: over midnight, at its end, on part of a holiday and on one date."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from scheduler_core.interchange.snapshot_reading import snapshot_from_json
from scheduler_core.interchange.snapshot_writing import snapshot_sha256, snapshot_to_json
from scheduler_core.plant import Break, Calendar, ExtraHours, Holiday, Plant, WorkWindow
from tests.support.plants import job, operation, plant

MONDAY = date(2025, 7, 21)


def with_calendar(calendar: dict[str, object]) -> Plant:
    """A small plant as it is read when its only calendar stands in the file like this."""
    value = json.loads(snapshot_to_json(plant(job("J", operation(5)))))
    value["calendars"] = [{"id": value["machines"][0]["calendar"], **calendar}]
    return snapshot_from_json(json.dumps(value), "night.json")


@pytest.mark.parametrize(
    ("start", "end", "minutes"),
    [
        ("22:00", "06:00", (1320, 1800)),
        ("14:00", "24:00", (840, 1440)),
        ("14:00", "00:00", (840, 1440)),
        ("00:00", "00:00", (0, 1440)),
        ("00:00", "24:00", (0, 1440)),
        ("06:00", "06:00", (360, 1800)),
        ("23:59", "23:58", (1439, 2878)),
    ],
)
def test_an_end_at_or_before_the_start_lies_on_the_next_day(start: str, end: str, minutes: tuple[int, int]) -> None:
    read = with_calendar({"week": [{"day": 7, "start": start, "end": end, "kind": "regular"}]})
    assert read.calendars[0].week == (WorkWindow(7, *minutes),)
    assert snapshot_from_json(snapshot_to_json(read), "again.json") == read


def test_breaks_half_days_and_extra_hours_survive_the_round_trip_as_times() -> None:
    calendar = Calendar(
        "nights",
        (WorkWindow(1, 1320, 1800),),
        (Break("meal", 1425, 1455),),
        (Holiday(MONDAY, "Eve", 720), Holiday(MONDAY, "Eve", 0, 60), Holiday(date(2025, 7, 22), "Feast")),
        (ExtraHours(MONDAY, 1380, 1500), ExtraHours(MONDAY, 360, 1440, "regular")),
    )
    base = plant(job("J", operation(5)))
    made = replace(base, calendars=(*base.calendars, calendar))
    text = snapshot_to_json(made)
    assert snapshot_from_json(text, "night.json") == made
    row = next(line for line in text.splitlines() if '"nights"' in line)
    for part in (
        '"start": "22:00", "end": "06:00"',
        '"start": "23:45", "end": "00:15"',
        '{"date": "2025-07-21", "name": "Eve", "start": "12:00", "end": "24:00"}',
        '{"date": "2025-07-22", "name": "Feast"}',
        '{"date": "2025-07-21", "start": "23:00", "end": "01:00"}',
        '{"date": "2025-07-21", "start": "06:00", "end": "24:00", "kind": "regular"}',
    ):
        assert part in row


def test_a_half_day_needs_one_of_its_times_only() -> None:
    read = with_calendar({
        "week": [],
        "holidays": [{"date": "2025-12-24", "start": "12:00"}, {"date": "2025-12-31", "end": "10:00"},
                     {"date": "2026-01-01", "start": "06:00", "end": "00:00"}],
    })  # fmt: skip
    assert [(h.start, h.end) for h in read.calendars[0].holidays] == [(720, 1440), (0, 600), (360, 1440)]


def test_keys_at_their_default_are_not_written() -> None:
    base = plant(job("J", operation(5)))
    plain = replace(base, calendars=(replace(base.calendars[0], holidays=(Holiday(MONDAY, "Feast"),)),))
    text = snapshot_to_json(plain)
    assert '"extra"' not in text
    assert '{"date": "2025-07-21", "name": "Feast"}' in text
    assert snapshot_sha256(snapshot_from_json(text.replace('"Feast"}', '"Feast", "start": "00:00"}'), "s.json")) == (
        snapshot_sha256(plain)
    )
