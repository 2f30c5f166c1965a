"""Which facts belong to a week of a work centre."""

from __future__ import annotations

from datetime import date

import pytest

from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.scenarios.changes import Change, DueChanged
from scheduler_core.scenarios.days import Days, on
from scheduler_core.scenarios.hour_changes import Group, HoursAdded, HoursClosed, MachineLimited
from scheduler_core.scenarios.single_changes import HoursOpened
from scheduler_core.scenarios.week_of_change import changes_hours
from tests.support.plants import job, machine, operation, plant

MONDAY = date(2025, 7, 28)
DAY = 1440


@pytest.mark.parametrize(
    ("change", "inside"),
    [
        (HoursAdded(on(date(2025, 8, 3)), 420, 900, Group(machine_types=(1,))), True),
        (HoursAdded(on(date(2025, 8, 4)), 420, 900, Group(machine_types=(1,))), False),
        (HoursAdded(on(MONDAY), 420, 900, Group(machine_types=(2,))), False),
        (HoursAdded(on(MONDAY), 420, 900, Group(machines=(99,))), False),
        (HoursClosed(Days(date(2025, 7, 1), None, (7,))), True),
        (HoursClosed(Days(date(2025, 8, 4), None, (7,))), False),
        (MachineLimited(1, Days(date(2025, 7, 1), MONDAY), 420, 900), True),
        (MachineLimited(3, Days(date(2025, 7, 1), MONDAY), 420, 900), False),
        (HoursOpened((1,), 7, 420, 900), True),
        (HoursOpened((1,), 6, 420, 900), False),
        (Breakdown(2, 0, 8 * DAY), True),
        (Breakdown(2, 0, 6 * DAY), False),
        (Breakdown(2, 0, None), True),
        (DueChanged("J1", 7 * DAY), False),
    ],
)
def test_a_change_concerns_the_weeks_and_machines_that_it_names(change: Change, inside: bool) -> None:
    made = plant(job("J1", operation(60)), machines=[machine(1), machine(2), machine(3, type=2)])
    assert changes_hours(made, change, {1, 2}, MONDAY) is inside
