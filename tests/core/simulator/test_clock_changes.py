"""Working time where the zone's clocks change: each side counts the minutes that pass, against the zone read by UTC."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler_core.data.erp.running_operations import WorkingEnd
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.registry import ENGINES
from scheduler_core.judge.validator import Rule, violations
from scheduler_core.judge.working_minutes import PlantTime
from scheduler_core.plant import MINUTES_PER_WEEK, Calendar, ExtraHours, Plant, WorkWindow
from scheduler_core.schedule import Schedule
from scheduler_core.simulator import kernel
from scheduler_core.simulator.arrays import pack
from scheduler_core.simulator.open_hours import OpenHours
from scheduler_core.simulator.reference import WorkingMinutes
from scheduler_core.simulator.working_time import horizon_of
from tests.support.plants import DAY, HOUR, at, job, machine, operation, plant, schedule
from tests.support.strategies import plants
from tests.support.wall_clock import in_zone, works

STARTS = [
    ("Europe/Berlin", datetime(2027, 3, 25, 22)),
    ("Europe/Berlin", datetime(2027, 10, 29, 6)),
    ("America/Santiago", datetime(2027, 9, 3, 14)),
    ("Australia/Lord_Howe", datetime(2027, 4, 2, 0)),
]
NIGHTS = Calendar("nights", tuple(WorkWindow(day, 22 * HOUR, 30 * HOUR) for day in range(1, 8)))
"""Every night from 22:00 to 06:00."""
SPRING, AUTUMN = datetime(2027, 3, 27, 20), datetime(2027, 10, 30, 20)
"""Saturday evenings before the clocks of Berlin change."""


def night_shop(start: datetime, minutes: int = 500) -> Plant:
    made = plant(job("J", operation(minutes)), machines=[machine(1, calendar="nights")], calendars=[NIGHTS])
    return in_zone(made, "Europe/Berlin", start)


@settings(max_examples=20, deadline=None)
@given(plants(max_jobs=1, fixed=False), st.sampled_from(STARTS), st.integers(0, 4 * DAY), st.integers(-90, 2000), st.data())
def test_judge_tables_and_open_hours_count_what_the_zone_says(
    made: Plant, start: tuple[str, datetime], first: int, length: int, data: st.DataObject
) -> None:
    shop = in_zone(made, *start)
    own = data.draw(st.sampled_from([m.id for m in shop.machines]))
    minutes = [t for t in range(first, first + length) if works(shop, own, t)]
    judged = PlantTime(shop).of((own,))
    assert judged.between(first, first + length) == len(minutes)
    assert [t for s, e in judged.spans(first, first + length) for t in range(s, e)] == minutes
    assert judged.works(first) == works(shop, own, first)
    overtime = PlantTime(shop).overtime((own,), own).between(first, first + length)
    assert overtime == sum(works(shop, own, t, "overtime") for t in minutes)
    assert OpenHours(shop, Schedule(())).working((own,), first, first + length) == len(minutes)
    arrays = pack(shop)
    table = int(arrays.machine_table[[m.id for m in shop.machines].index(own)])
    worked = kernel.worked_before(arrays, table, max(first, first + length)) - kernel.worked_before(arrays, table, first)
    assert worked == len(minutes)


@pytest.mark.parametrize(("zone", "start"), STARTS)
def test_the_reference_works_in_the_same_minutes(zone: str, start: datetime) -> None:
    shift = Calendar("shift", tuple(WorkWindow(d, 23 * HOUR, 27 * HOUR + 20) for d in range(1, 8)))
    shop = in_zone(plant(job("J", operation(5)), machines=[machine(1, calendar="shift")], calendars=[shift]), zone, start)
    reference = WorkingMinutes(shop)
    found = [minute for day in range(4) for minute in reference.of_day((1,), day)]
    first, last = shop.midnight(start.date()), found[-1] + 1
    assert found == [t for t in range(first, last) if works(shop, 1, t)]
    assert [next(reference.following((1,), t)) for t in found[::50]] == found[::50]


@pytest.mark.parametrize(
    ("start", "end"), [(SPRING, "2027-03-28 23:20"), (AUTUMN, "2027-10-31 05:20")], ids=["spring", "autumn"]
)
@pytest.mark.parametrize("engine", ["greedy", "exact"])
def test_a_night_shift_is_an_hour_shorter_in_spring_and_longer_in_autumn(engine: str, start: datetime, end: str) -> None:
    """500 minutes: seven hours of the night in spring and the rest in the next one; nine hours in autumn."""
    shop = night_shop(start)
    result = ENGINES[engine](shop, EngineConfig(time_limit=60.0, workers=1))
    assert result.schedule is not None
    assert violations(shop, result.schedule) == ()
    assert f"{shop.time_of(result.schedule.end):%Y-%m-%d %H:%M}" == end


def test_the_judge_catches_a_plan_counted_with_even_days() -> None:
    """The plan of a builder that takes every day for 1,440 minutes, which only the judge can tell from a right one."""
    for start, minutes, end in (
        (SPRING, 450, 2 * HOUR + 450),  # 05:30, where the night has only seven hours
        (AUTUMN, 500, 10 * HOUR + 960 + 20),  # after eight hours 22:20 of the next night, where this one has nine
    ):
        shop = night_shop(start, minutes)
        wrong = schedule(at("J", 1, 1, 2 * HOUR, end))
        assert {v.rule for v in violations(shop, wrong)} == {Rule.WORKING_TIME, Rule.DURATION}
        assert violations(replace(shop, clock_rule="even-days"), wrong) == ()


def test_tables_list_a_week_beyond_the_last_change_and_repeat_its_clock() -> None:
    shop = night_shop(SPRING)
    horizon = horizon_of(shop)
    assert horizon % MINUTES_PER_WEEK == 0
    assert horizon >= shop.clock.last_change + MINUTES_PER_WEEK
    arrays = pack(shop)
    far = horizon + 10 * MINUTES_PER_WEEK
    noon = shop.minute_of(datetime(2031, 7, 1, 12))
    assert f"{shop.time_of(kernel.first_working(arrays, int(arrays.machine_table[0]), noon)):%H:%M}" == "22:00"
    judged = PlantTime(shop).of((1,))
    found = np.array([kernel.worked_before(arrays, int(arrays.machine_table[0]), t) for t in range(0, far, 6007)])
    assert found.tolist() == [judged.between(0, t) for t in range(0, far, 6007)]


def test_extra_hours_over_a_repeated_hour_work_in_both() -> None:
    extra = ExtraHours(AUTUMN.date(), 23 * HOUR, 27 * HOUR)
    calendar = Calendar("extra", (WorkWindow(1, 8 * HOUR, 9 * HOUR),), extra=(extra,))
    made = plant(job("J", operation(5)), machines=[machine(1, calendar="extra")], calendars=[calendar])
    shop = replace(made, timezone="Europe/Berlin", plan_start=AUTUMN)
    assert PlantTime(shop).of((1,)).spans(0, DAY) == [(3 * HOUR, 8 * HOUR)]
    assert OpenHours(shop, Schedule(())).working((1,), 0, DAY) == 5 * HOUR


def test_what_runs_at_the_pull_ends_by_the_clock() -> None:
    shop = night_shop(SPRING.replace(hour=23))
    assert WorkingEnd(NIGHTS, shop.clock).after(6 * HOUR) == 6 * HOUR, "06:00, seven hours after 23:00 by the wall clock"
    assert shop.time_of(6 * HOUR) == datetime(2027, 3, 28, 6)
