"""Shifts as a foreman counts them; the plan starts on Monday 2025-07-21 at 08:00, which is minute 0."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

from scheduler_core.analysis.dispatch_lists import Shift, current_shift, next_shift, plant_calendar, shifts
from scheduler_core.plant import Break, Calendar, ExtraHours, Holiday, Plant, WorkWindow
from tests.support.plants import DAY, HOUR, job, machine, operation, plant


def plant_with(*windows: WorkWindow, holidays: tuple[Holiday, ...] = (), extra: tuple[ExtraHours, ...] = ()) -> Plant:
    calendar = Calendar("shop", windows, (Break("lunch", 720, 765),), holidays, extra)
    return plant(job("J1", operation(60)), machines=[machine(1, calendar="shop")], calendars=[calendar])


def daily(start: int, end: int, kind: str = "regular", days: range = range(1, 8)) -> tuple[WorkWindow, ...]:
    return tuple(WorkWindow(day, start * HOUR, end * HOUR, kind) for day in days)  # type: ignore[arg-type]


def test_overtime_belongs_to_the_window_that_it_touches_and_breaks_divide_nothing() -> None:
    found = shifts(plant_with(*daily(8, 16), *daily(16, 18, "overtime")), 0, DAY)
    assert found == (Shift(0, 10 * HOUR, DAY),)


def test_overtime_alone_is_a_shift() -> None:
    found = shifts(plant_with(*daily(8, 16), *daily(17, 18, "overtime")), 0, DAY)
    assert found == (Shift(0, 8 * HOUR, 9 * HOUR), Shift(9 * HOUR, 10 * HOUR, DAY))


def test_overtime_before_a_window_begins_its_shift() -> None:
    assert shifts(plant_with(*daily(6, 8, "overtime"), *daily(8, 16)), 0, 1) == (Shift(-2 * HOUR, 8 * HOUR, 22 * HOUR),)


def test_a_night_shift_is_one_shift_of_two_dates() -> None:
    made = plant_with(*daily(6, 14), *daily(14, 22), *daily(22, 24), *daily(0, 6))
    assert shifts(made, 0, DAY) == (
        Shift(-2 * HOUR, 6 * HOUR, 6 * HOUR), Shift(6 * HOUR, 14 * HOUR, 14 * HOUR),
        Shift(14 * HOUR, 22 * HOUR, 22 * HOUR), Shift(22 * HOUR, 30 * HOUR, 30 * HOUR),
    )  # fmt: skip


def test_work_around_the_clock_is_divided_by_dates() -> None:
    assert shifts(plant_with(*daily(0, 24)), 0, DAY) == (
        Shift(-8 * HOUR, 16 * HOUR, 16 * HOUR), Shift(16 * HOUR, 40 * HOUR, 40 * HOUR),
    )  # fmt: skip


def test_a_weekend_and_a_holiday_belong_to_the_shift_before_them() -> None:
    made = plant_with(*daily(8, 16, days=range(1, 6)), holidays=(Holiday(date(2025, 7, 23)),))
    found = shifts(made, 0, 5 * DAY)
    assert [(s.start, s.until) for s in found] == [(0, DAY), (DAY, 3 * DAY), (3 * DAY, 4 * DAY), (4 * DAY, 7 * DAY)]


def test_every_minute_lies_in_exactly_one_shift() -> None:
    found = shifts(plant_with(*daily(6, 14, days=range(1, 6)), *daily(14, 22, days=range(2, 4))), 100, 20 * DAY)
    assert found[0].start <= 100
    assert found[-1].until >= 20 * DAY
    assert all(a.until == b.start for a, b in pairwise(found))


def test_a_calendar_without_a_window_has_calendar_days() -> None:
    assert shifts(plant_with(), 0, 1) == (Shift(-8 * HOUR, 16 * HOUR, 16 * HOUR),)


def test_what_lies_before_the_first_window_has_a_shift_too() -> None:
    days_off = tuple(Holiday(date.fromordinal(date(2025, 7, 22).toordinal() - k)) for k in range(60))
    found = shifts(plant_with(*daily(8, 16), holidays=days_off), 0, 2 * DAY)
    assert found[0] == Shift(0, 2 * DAY, 2 * DAY)


def test_the_next_shift_starts_now_or_later() -> None:
    found = shifts(plant_with(*daily(8, 16)), 0, 3 * DAY)
    assert next_shift(found, 0).start == 0
    assert next_shift(found, 1).start == DAY
    assert next_shift(found, 9 * DAY) == found[-1]


def test_the_plants_calendar_is_the_one_of_most_machines() -> None:
    made = plant(
        job("J1", operation(60)),
        machines=[machine(1), machine(2, calendar="office"), machine(3, calendar="office")],
    )
    assert plant_calendar(made).id == "office"


def hours_of(made: Plant, days: int = 2) -> list[tuple[float, float]]:
    """The shifts as hours after Monday 00:00, from Monday 08:00 on."""
    return [(s.start / HOUR + 8, s.end / HOUR + 8) for s in shifts(made, 0, days * DAY)]


def test_shifts_that_overlap_for_a_handover_stay_two_and_three_stay_three() -> None:
    two = (WorkWindow(1, 6 * HOUR, 14 * HOUR + 30), WorkWindow(1, 14 * HOUR, 22 * HOUR + 30))
    assert hours_of(plant_with(*two), 1) == [(6, 14.5), (14, 22.5)]
    three = plant_with(*daily(6, 15), *daily(14, 23), *daily(22, 31))
    assert hours_of(three, 1) == [(6, 15), (14, 23), (22, 31), (30, 39)]
    found = shifts(three, 0, DAY)
    assert [s.until for s in found[:3]] == [s.start for s in found[1:4]], "what starts stands in one list"
    assert current_shift(found, 6 * HOUR + 30) == found[1], "of two that run the one that takes over"
    assert hours_of(plant_with(*daily(6, 14), *daily(6, 14), *daily(6, 12)), 1)[:1] == [(6, 14)], "equal starts: one list"


def test_overtime_follows_the_shift_that_it_touches_where_shifts_overlap() -> None:
    made = plant_with(*daily(6, 14, days=range(1, 2)), *daily(13, 18), *daily(18, 20, "overtime"))
    assert hours_of(made, 1) == [(6, 14), (13, 20)]
    assert hours_of(plant_with(*daily(6, 14), *daily(9, 13), *daily(14, 15, "overtime")), 1)[:2] == [(6, 15), (9, 13)]


def test_a_night_shift_belongs_to_the_day_on_which_it_begins() -> None:
    nights = plant_with(*daily(22, 30, days=range(1, 6)))
    assert hours_of(nights, 3)[:3] == [(-50, -42), (22, 30), (46, 54)], "Monday morning still has Friday's shift on its list"
    cut = plant_with(*daily(22, 30, days=range(1, 6)), holidays=(Holiday(date(2025, 7, 22)),))
    assert hours_of(cut, 3)[1:3] == [(22, 24), (48, 54)], "Tuesday is off: its minutes are closed, and no others"


def test_half_days_shorten_shifts_and_extra_hours_lengthen_or_add_them() -> None:
    tuesday, saturday = date(2025, 7, 22), date(2025, 7, 26)
    half = plant_with(
        *daily(6, 14), holidays=(Holiday(tuesday, "", 10 * HOUR), Holiday(date(2025, 7, 23), "", 0, 14 * HOUR))
    )
    assert hours_of(half, 4)[:4] == [(6, 14), (30, 34), (78, 86), (102, 110)]
    more = plant_with(
        *daily(6, 14, days=range(1, 6)),
        extra=(ExtraHours(tuesday, 12 * HOUR, 17 * HOUR), ExtraHours(saturday, 22 * HOUR, 28 * HOUR),
               ExtraHours(tuesday, 18 * HOUR, 20 * HOUR, "regular")),
    )  # fmt: skip
    assert hours_of(more, 7)[1:4] == [(30, 41), (42, 44), (54, 62)]
    assert (142, 148) in hours_of(more, 7)
