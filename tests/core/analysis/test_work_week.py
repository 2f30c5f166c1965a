"""The hours of a week: what works, what does not and why, and as many minutes as the plans count."""

from __future__ import annotations

from datetime import date

import numpy as np

from scheduler_core.analysis.work_week import HourKind, HourSpan, WorkDay, monday_of, work_week
from scheduler_core.plant import Break, Calendar, Downtime, ExtraHours, Holiday, Machine, Plant, WorkWindow
from scheduler_core.schedule import Schedule
from scheduler_core.simulator.open_hours import OpenHours
from tests.support.plants import job, machine, operation, plant

MONDAY = date(2025, 7, 21)
DAY = 1440
WEEKS = Calendar(
    "shop",
    (
        *(WorkWindow(day, 420, 930) for day in range(1, 6)),
        WorkWindow(5, 930, 1050, "overtime"),
        WorkWindow(3, 1320, 1800),
    ),
    (Break("lunch", 720, 750), Break("night", 1430, 1450, 3)),
    (Holiday(date(2025, 7, 24), "Fair day"), Holiday(date(2025, 7, 25), "Eve", 780, DAY)),
    (ExtraHours(date(2025, 7, 24), 480, 780), ExtraHours(date(2025, 7, 26), 420, 900)),
)


def shop(*machines: Machine) -> Plant:
    return plant(job("J1", operation(60, 1)), machines=[machine(1, calendar="shop"), *machines], calendars=[WEEKS])


def spans(day: WorkDay, row: int = 0) -> list[tuple[int, int, str, str]]:
    return [(s.start, s.end, s.kind.value, s.words) for s in day.rows[row].spans]


def test_every_kind_of_hours_stands_in_its_day() -> None:
    week = work_week(shop(), [1], MONDAY)
    assert [d.date for d in week] == [date(2025, 7, 21 + k) for k in range(7)]
    assert spans(week[0]) == [(420, 720, "regular", ""), (720, 750, "break", "lunch"), (750, 930, "regular", "")]
    assert spans(week[2])[-2:] == [(1320, 1430, "regular", ""), (1430, 1440, "break", "night")]
    assert spans(week[3]) == [  # the night shift that began on Wednesday stops at the midnight of the holiday
        (0, 480, "holiday", "Fair day"), (480, 720, "extra", ""), (720, 750, "break", "lunch"), (750, 780, "extra", ""),
        (780, 1440, "holiday", "Fair day"),
    ]  # fmt: skip
    assert spans(week[4])[-1] == (780, 1440, "holiday", "Eve")
    assert spans(week[5]) == [(420, 720, "extra", ""), (720, 750, "break", "lunch"), (750, 900, "extra", "")]
    assert week[6].rows[0].spans == ()
    assert [d.rows[0].working for d in week] == [480, 480, 590, 270, 330, 450, 0]


def test_a_machine_that_is_down_has_a_row_of_its_own() -> None:
    down = machine(2, calendar="shop", downtime=(Downtime(60, 300, "spindle"),))
    late = machine(3, calendar="shop", available_from=DAY)
    made = shop(down, late, machine(4, calendar="shop"))
    start = made.plan_start.hour * 60 + made.plan_start.minute
    assert made.plan_start.date() == MONDAY
    monday = work_week(made, [1, 2, 3, 4], MONDAY)[0]
    assert [row.machines for row in monday.rows] == [(1, 4), (2,), (3,)]
    broken = [s for s in monday.rows[1].spans if s.kind is HourKind.DOWN]
    assert broken == [
        HourSpan(start + 60, 720, HourKind.DOWN, "spindle"),
        HourSpan(750, start + 300, HourKind.DOWN, "spindle"),
    ]
    assert monday.rows[2].working == start - 420
    assert len(work_week(made, [1, 2, 3, 4], monday_of(date(2025, 7, 31)))[0].rows) == 1


def test_the_week_works_in_the_minutes_that_plans_count() -> None:
    made = shop(machine(2, calendar="shop", downtime=(Downtime(60, 6000, "x"),)))
    hours = OpenHours(made, Schedule(()))
    assert hours.first == made.midnight(MONDAY)
    for row in made.machines:
        mask = np.zeros(14 * DAY, np.bool_)
        for start, end in zip(*hours.spans(hours.table((row.id,))), strict=True):
            mask[start - hours.first : end - hours.first] = True
        for week in range(2):
            for k, day in enumerate(work_week(made, [row.id], date(2025, 7, 21 + 7 * week))):
                counted = np.zeros(DAY, np.bool_)
                for s in day.rows[0].spans:
                    counted[s.start : s.end] = s.kind in (HourKind.REGULAR, HourKind.OVERTIME, HourKind.EXTRA)
                first = (7 * week + k) * DAY
                assert (counted == mask[first : first + DAY]).all(), (row.id, day.date)
