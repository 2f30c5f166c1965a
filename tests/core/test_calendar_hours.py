"""Hours of single dates: what a calendar has, and plants in which some machines have more or fewer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from scheduler_core.calendar_hours import (
    NO_EXTRA_HOURS,
    closed_on,
    hours_between,
    hours_on,
    with_changed_calendars,
    with_extra_hours,
)
from scheduler_core.errors import InvalidValue
from scheduler_core.plant import Break, Calendar, Downtime, ExtraHours, Holiday, Plant, WorkWindow
from tests.support.plants import ALWAYS, DAY, HOUR, job, machine, operation, plant
from tests.support.wall_clock import works

MONDAY = date(2025, 7, 21)
TUESDAY, SUNDAY = MONDAY + timedelta(days=1), MONDAY + timedelta(days=6)
NIGHTS = Calendar(
    "nights",
    (WorkWindow(1, 22 * HOUR, 30 * HOUR), WorkWindow(7, 22 * HOUR, 30 * HOUR), WorkWindow(1, 6 * HOUR, 14 * HOUR)),
    (Break("meal", 10 * HOUR, 11 * HOUR),),
)


def shop(*calendars: Calendar) -> Plant:
    """Three machines of the first calendar, and one that always works."""
    return plant(
        job("J", operation(5)),
        machines=[*(machine(m, calendar=calendars[0].id) for m in (1, 2, 3)), machine(4)],
        calendars=[*calendars, ALWAYS],
    )


def closed(plant: Plant, machines: tuple[int, ...], day: date, start: int, end: int, name: str = "") -> Plant:
    """The plant in which these machines do not work in these hours."""
    return with_changed_calendars(plant, machines, lambda calendar: closed_on(calendar, day, start, end, name))


def worked(plant: Plant, number: int, day: date) -> list[tuple[int, int]]:
    """What a machine works on a date, in minutes after its midnight, read minute by minute."""
    midnight = plant.midnight(day)
    minutes = [t for t in range(DAY) if works(plant, number, midnight + t)]
    starts = [t for t in minutes if t - 1 not in minutes]
    return [(s, next(t for t in range(s, DAY + 1) if t not in minutes)) for s in starts]


def test_hours_of_a_date_are_its_own_and_those_of_the_evening_before() -> None:
    assert hours_on(NIGHTS, MONDAY) == ((0, 6 * HOUR + 8 * HOUR), (22 * HOUR, DAY)), "breaks count"
    assert hours_on(NIGHTS, TUESDAY) == ((0, 6 * HOUR),)
    assert hours_on(NIGHTS, SUNDAY) == ((22 * HOUR, DAY),)
    half = replace(NIGHTS, holidays=(Holiday(MONDAY, "", 4 * HOUR, 23 * HOUR),), extra=(ExtraHours(MONDAY, 600, 660),))
    assert hours_on(half, MONDAY) == ((0, 4 * HOUR), (600, 660), (23 * HOUR, DAY))
    assert hours_between(half, MONDAY, 630, DAY + 60) == ((630, 660), (23 * HOUR, DAY + 60))
    assert hours_between(half, MONDAY, 660, 700) == ()


def test_extra_hours_are_those_machines_alone_and_work_on_a_holiday_less_breaks() -> None:
    day_off = replace(NIGHTS, holidays=(Holiday(TUESDAY, "Feast"),))
    before = shop(day_off)
    after = with_extra_hours(before, (1, 3), ExtraHours(TUESDAY, 9 * HOUR, 12 * HOUR))
    assert worked(after, 1, TUESDAY) == worked(after, 3, TUESDAY) == [(9 * HOUR, 10 * HOUR), (11 * HOUR, 12 * HOUR)]
    assert worked(after, 2, TUESDAY) == []
    assert [m.calendar for m in after.machines] == ["nights: M1, M3", "nights", "nights: M1, M3", "always"]
    assert worked(after, 1, TUESDAY + timedelta(days=7)) == [(0, 6 * HOUR)], "no other week has them"
    assert with_extra_hours(after, (1, 3), ExtraHours(TUESDAY, 9 * HOUR, 12 * HOUR)) == after


def test_hours_for_all_that_follow_a_calendar_are_that_calendar_s() -> None:
    after = with_extra_hours(shop(NIGHTS), (1, 2, 3), ExtraHours(SUNDAY, 600, 660))
    assert [c.id for c in after.calendars] == ["nights", "always"]
    assert after.calendar_by_id["nights"].extra == (ExtraHours(SUNDAY, 600, 660),)
    again = closed(with_extra_hours(after, (1,), ExtraHours(SUNDAY, 0, 60)), (1,), MONDAY, 0, DAY)
    assert [c.id for c in again.calendars] == ["nights", "nights: M1", "always"], "its own calendar changes in place"


def test_closed_hours_end_shifts_and_earlier_extra_hours() -> None:
    more = with_extra_hours(shop(NIGHTS), (1,), ExtraHours(MONDAY, 15 * HOUR, 18 * HOUR))
    after = closed(more, (1, 2), MONDAY, 16 * HOUR, DAY + 2 * HOUR, "no power")
    assert worked(after, 1, MONDAY) == [(0, 10 * HOUR), (11 * HOUR, 14 * HOUR), (15 * HOUR, 16 * HOUR)]
    assert worked(after, 1, TUESDAY) == [(2 * HOUR, 6 * HOUR)]
    assert worked(after, 2, MONDAY) == [(0, 10 * HOUR), (11 * HOUR, 14 * HOUR)]
    assert worked(after, 3, MONDAY)[-1] == (22 * HOUR, DAY)
    names = {h.name for h in after.calendar_by_id[after.machine_by_id[1].calendar].holidays}
    assert names == {"no power"}
    cut = closed(with_extra_hours(more, (1,), ExtraHours(MONDAY, 21 * HOUR, 30 * HOUR)), (1,), TUESDAY, 60, 120)
    assert worked(cut, 1, TUESDAY) == [(0, 60), (120, 6 * HOUR)]


def test_extra_hours_open_what_older_plants_keep_closed_in_other_weeks() -> None:
    base = shop(NIGHTS)
    kept_closed = Downtime(base.midnight(SUNDAY) + 720, base.midnight(SUNDAY) + 820, NO_EXTRA_HOURS)
    repair = Downtime(base.midnight(SUNDAY) + 720, base.midnight(SUNDAY) + 725, "repair")
    older = replace(base, machines=(replace(base.machines[0], downtime=(kept_closed, repair)), *base.machines[1:]))
    after = with_extra_hours(older, (1,), ExtraHours(SUNDAY, 720, 780))
    assert worked(after, 1, SUNDAY) == [(725, 780), (22 * HOUR, DAY)]
    assert Downtime(base.midnight(SUNDAY) + 780, base.midnight(SUNDAY) + 820, NO_EXTRA_HOURS) in after.machines[0].downtime


def test_calendars_of_their_own_have_names_that_are_free() -> None:
    taken = replace(ALWAYS, id="nights: M1")
    after = with_changed_calendars(shop(NIGHTS, taken), (1,), lambda c: replace(c, breaks=()))
    assert after.machines[0].calendar == "nights: M1 (2)"


@pytest.mark.parametrize("machines", [(9,), (1, 9)])
def test_unknown_machines_are_refused(machines: tuple[int, ...]) -> None:
    with pytest.raises(InvalidValue, match="machines: 9 is not a known machine"):
        with_extra_hours(shop(NIGHTS), machines, ExtraHours(MONDAY, 0, 60))
    with pytest.raises(InvalidValue, match="end: '12:00' is not after the holiday's start at 12:00"):
        closed(shop(NIGHTS), (1,), MONDAY, 720, 720)
