"""The plant's clock at the hours that do not exist and at those that come twice, against the time zone itself."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler_core.clock import Clock, clock_from, clock_of
from scheduler_core.errors import InvalidValue
from scheduler_core.plant import CLOCK_DAYS
from tests.support.plants import DAY, HOUR, at, job, operation, plant, schedule
from tests.support.wall_clock import in_zone

SPRING = clock_of("Europe/Berlin", datetime(2027, 3, 27, 22), CLOCK_DAYS)
"""On 28 March 2027 02:00 to 03:00 does not exist."""
AUTUMN = clock_of("Europe/Berlin", datetime(2027, 10, 30, 22), CLOCK_DAYS)
"""On 31 October 2027 02:00 to 03:00 comes twice."""
STARTS = [
    ("Europe/Berlin", datetime(2027, 3, 27, 6, 30)),
    ("Europe/Berlin", datetime(2027, 10, 30, 6, 30)),
    ("America/Santiago", datetime(2027, 9, 4, 14)),  # southern: spring in September, and midnight does not exist
    ("Australia/Lord_Howe", datetime(2027, 4, 3, 22)),  # by 30 minutes
    ("Africa/Casablanca", datetime(2027, 2, 1)),  # four changes a year apart by weeks
]


@pytest.mark.parametrize(("zone", "start"), STARTS)
def test_every_minute_shows_the_time_of_the_zone_and_is_found_again(zone: str, start: datetime) -> None:
    clock, place = clock_of(zone, start, CLOCK_DAYS), ZoneInfo(zone)
    begin = start.replace(tzinfo=place).astimezone(UTC)
    assert clock.minutes
    near = {m + d for m in clock.minutes for d in (-61, -60, -31, -30, -1, 0, 1, 29, 30, 59, 60, 61)}
    for minute in sorted({*near, *range(-400 * DAY, 400 * DAY, 997)}):
        shown = clock.time_of(minute)
        assert shown == (begin + timedelta(minutes=minute)).astimezone(place).replace(tzinfo=None)
        assert shown.replace(tzinfo=place).astimezone(UTC) == begin + timedelta(minutes=minute), "the fold is the zone's"
        assert clock.minute_of(shown) == minute


def test_a_day_has_1380_or_1500_minutes() -> None:
    lengths = [
        clock.midnight(day + timedelta(days=1)) - clock.midnight(day)
        for clock, day in (
            (SPRING, date(2027, 3, 27)), (SPRING, date(2027, 3, 28)), (AUTUMN, date(2027, 10, 31)),
            (AUTUMN, date(2027, 11, 1)),
        )
    ]  # fmt: skip
    assert lengths == [DAY, DAY - HOUR, DAY + HOUR, DAY]


def test_a_time_that_does_not_exist_is_the_next_that_does() -> None:
    for minute in (0, 1, 30, 59):
        assert SPRING.minute_of(datetime(2027, 3, 28, 2, minute)) == 4 * HOUR
        assert not SPRING.exists(datetime(2027, 3, 28, 2, minute))
    assert SPRING.time_of(4 * HOUR) == datetime(2027, 3, 28, 3)
    santiago = clock_of("America/Santiago", datetime(2027, 9, 4, 14), CLOCK_DAYS)
    assert santiago.midnight(date(2027, 9, 5)) == 10 * HOUR, "the day begins at 01:00"
    assert santiago.time_of(10 * HOUR) == datetime(2027, 9, 5, 1)


def test_a_repeated_time_is_the_first_unless_its_fold_says_the_second() -> None:
    half_past = datetime(2027, 10, 31, 2, 30)
    assert AUTUMN.minute_of(half_past) == 4 * HOUR + 30
    assert AUTUMN.minute_of(half_past.replace(fold=1)) == 5 * HOUR + 30
    assert (AUTUMN.text(4 * HOUR + 30), AUTUMN.text(5 * HOUR + 30)) == ("2027-10-31T02:30+02:00", "2027-10-31T02:30+01:00")
    assert (AUTUMN.text(4 * HOUR - 1), AUTUMN.text(6 * HOUR)) == ("2027-10-31T01:59", "2027-10-31T03:00")


def test_hours_begin_with_the_first_pass_and_end_with_the_second() -> None:
    night = date(2027, 10, 30)
    assert AUTUMN.hours(night, 22 * HOUR, 30 * HOUR) == (0, 9 * HOUR)
    assert AUTUMN.hours(night, 22 * HOUR, 26 * HOUR) == (0, 4 * HOUR), "02:00 as an end comes before the repeated hour"
    assert AUTUMN.hours(night, 26 * HOUR + 10, 26 * HOUR + 30) == (4 * HOUR + 10, 5 * HOUR + 30)
    assert SPRING.hours(date(2027, 3, 27), 22 * HOUR, 30 * HOUR) == (0, 7 * HOUR)
    assert SPRING.hours(date(2027, 3, 27), 26 * HOUR, 26 * HOUR + 30) == (4 * HOUR, 4 * HOUR), (
        "half an hour that is not there"
    )


def test_marks_of_an_axis_name_whole_hours_on_both_sides_of_a_change() -> None:
    shown = [f"{AUTUMN.time_of(m):%H:%M}" for m in AUTUMN.marks(0, 9 * HOUR, HOUR)]
    assert shown == ["22:00", "23:00", "00:00", "01:00", "02:00", "02:00", "03:00", "04:00", "05:00"]
    assert [f"{SPRING.time_of(m):%H:%M}" for m in SPRING.marks(0, 8 * HOUR, 2 * HOUR)] == [
        "22:00",
        "00:00",
        "04:00",
        "06:00",
    ]
    days = [SPRING.time_of(m) for m in SPRING.marks(0, 4 * DAY, DAY)]
    assert days == [datetime(2027, 3, d) for d in (28, 29, 30, 31)]
    santiago = clock_of("America/Santiago", datetime(2027, 9, 4, 14), CLOCK_DAYS)
    assert [f"{santiago.time_of(m):%d %H:%M}" for m in santiago.marks(0, 2 * DAY, DAY)] == ["05 01:00", "06 00:00"]


def test_a_clock_may_start_in_the_second_of_a_repeated_hour() -> None:
    second = clock_of("Europe/Berlin", datetime(2027, 10, 31, 2, 15, fold=1), CLOCK_DAYS)
    assert second.time_of(0).fold == 1
    assert second.time_of(-60) == datetime(2027, 10, 31, 2, 15)
    assert second.time_of(45) == datetime(2027, 10, 31, 3)


def test_beyond_400_days_the_clock_stays_as_it_is() -> None:
    first, last = SPRING.minutes[0], SPRING.minutes[-1]
    assert -CLOCK_DAYS * DAY < first < last <= CLOCK_DAYS * DAY
    assert SPRING.time_of(last + 2000 * DAY) - SPRING.time_of(last) == timedelta(days=2000)
    assert SPRING.last_change == last
    assert clock_of("UTC", datetime(2027, 1, 1), CLOCK_DAYS) == Clock("UTC", datetime(2027, 1, 1))
    assert Clock("UTC", datetime(2027, 1, 1)).last_change == 0


def test_a_plan_starts_at_a_time_that_exists() -> None:
    missing = datetime(2027, 3, 28, 2, 30)
    assert clock_from("Europe/Berlin", missing, CLOCK_DAYS).start == datetime(2027, 3, 28, 3)
    with pytest.raises(InvalidValue, match="does not exist in Europe/Berlin"):
        in_zone(plant(job("J", operation(5))), "Europe/Berlin", missing)


def test_days_are_dates() -> None:
    shop = in_zone(plant(job("J", operation(5))), "Europe/Berlin", datetime(2027, 10, 30, 22))
    assert [shop.day_of(m) for m in (0, 119, 120, 2 * HOUR + 25 * HOUR - 1, 2 * HOUR + 25 * HOUR)] == [0, 0, 1, 1, 2]


def test_a_schedule_goes_over_to_another_clock_of_its_zone() -> None:
    plan = schedule(at("A", 1, 1, 3 * HOUR, 6 * HOUR), at("B", 1, 1, 30 * HOUR, 31 * HOUR))
    later = clock_of("Europe/Berlin", datetime(2027, 3, 28, 4), CLOCK_DAYS)
    assert [(a.start, a.end) for a in plan.on_clock(SPRING, later).assignments] == [(-120, HOUR), (25 * HOUR, 26 * HOUR)]
    even = Clock(SPRING.zone, SPRING.start)
    kept = plan.on_clock(even, SPRING)
    assert [SPRING.time_of(a.start) for a in kept.assignments] == [even.time_of(a.start) for a in plan.assignments]
    assert [(a.start, a.end) for a in kept.assignments] == [(3 * HOUR, 5 * HOUR), (29 * HOUR, 30 * HOUR)]
    assert plan.on_clock(SPRING, SPRING) is plan
