"""Days, shifts and lists on the dates on which the clocks change; each plan begins on a Saturday evening in Berlin."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from scheduler_core.analysis.daily_load import daily_loads
from scheduler_core.analysis.dispatch_lists import dispatch_lists, shifts
from scheduler_core.causes.start_causes import Closure, Starts
from scheduler_core.plant import Calendar, Plant, WorkWindow
from scheduler_core.scenarios.assumed import passes_at
from scheduler_core.scenarios.single_changes import HoursOpened
from scheduler_core.schedule import Schedule
from scheduler_core.simulator.open_hours import OpenHours
from tests.support.plants import ALWAYS, HOUR, at, job, machine, operation, plant, schedule
from tests.support.wall_clock import in_zone

SPRING, AUTUMN = datetime(2027, 3, 27, 20), datetime(2027, 10, 30, 20)
NIGHTS = Calendar("nights", tuple(WorkWindow(day, 22 * HOUR, 30 * HOUR) for day in range(1, 8)))


def shop(start: datetime, calendar: Calendar = NIGHTS) -> Plant:
    made = plant(job("J", operation(60)), machines=[machine(1, calendar=calendar.id)], calendars=[calendar])
    return in_zone(made, "Europe/Berlin", start)


@pytest.mark.parametrize(("start", "hours"), [(SPRING, 23), (AUTUMN, 25)])
def test_a_day_of_load_is_as_long_as_the_day(start: datetime, hours: int) -> None:
    made = shop(start, ALWAYS)
    loads = daily_loads(made, Schedule(()), OpenHours(made, schedule(at("J", 1, 1, 0, 4000))), 3)
    assert [load.day.day - start.day for load in loads][:2] == [0, 1]
    assert [load.loads[0].open for load in loads] == [4 * HOUR, hours * HOUR, 24 * HOUR]


@pytest.mark.parametrize(("start", "hours"), [(SPRING, 7), (AUTUMN, 9)])
def test_a_night_shift_over_the_change_is_one_shift_of_its_true_length(start: datetime, hours: int) -> None:
    made = shop(start)
    first, second = (s for s in shifts(made, 0, 40 * HOUR) if s.start >= 0)
    assert (first.start, first.end - first.start) == (2 * HOUR, hours * HOUR)
    assert [f"{made.time_of(m):%H:%M}" for m in (first.start, first.end, second.start)] == ["22:00", "06:00", "22:00"]


def test_both_passes_of_a_repeated_hour_stand_on_the_list_of_their_shift_in_order() -> None:
    calendar = Calendar("halves", tuple(WorkWindow(d, s, s + 12 * HOUR) for d in range(1, 8) for s in (0, 12 * HOUR)))
    jobs = [job(f"J{i}", operation(60)) for i in range(3)]
    made = in_zone(plant(*jobs, machines=[machine(1, calendar="halves")], calendars=[calendar]), "Europe/Berlin", AUTUMN)
    plan = schedule(*(at(f"J{i}", 1, 1, (6 + i) * HOUR, (7 + i) * HOUR) for i in range(3)))
    night = next(s for s in shifts(made, 0, 24 * HOUR) if s.start <= 6 * HOUR < s.until)
    (listed,) = dispatch_lists(made, plan, night, {})
    assert [line.assignment.job for line in listed.lines] == ["J0", "J1", "J2"]
    shown = [made.clock.text(line.assignment.start)[11:] for line in listed.lines]
    assert shown == ["02:00+02:00", "02:00+01:00", "03:00"]
    assert [made.clock.offset(m) for m in (6 * HOUR - 1, 6 * HOUR, 7 * HOUR, 8 * HOUR)] == [None, "+02:00", "+01:00", None]


def test_causes_read_the_wall_clock() -> None:
    made = shop(AUTUMN)
    causes = Starts(made, schedule(at("J", 1, 1, 2 * HOUR, 3 * HOUR)), OpenHours(made, schedule(at("J", 1, 1, 0, 4000))))
    assert causes.closure((1,), 11 * HOUR) is Closure.SHIFT, "06:00, after nine hours"


def test_opened_hours_pass_by_the_clock() -> None:
    made = shop(SPRING)
    assert (
        passes_at(made, HoursOpened((1,), 1, 8 * HOUR, 10 * HOUR)) == made.minute_of(datetime(2027, 3, 28, 10)) == 13 * HOUR
    )
    assert made.day_of(13 * HOUR) == (date(2027, 3, 28) - SPRING.date()).days
