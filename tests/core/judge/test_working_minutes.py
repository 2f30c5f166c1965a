"""The closed form of working time, against a reading of the rule minute by minute."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler_core.judge.working_minutes import PlantTime, common, merged, without
from scheduler_core.plant import Downtime, Plant
from tests.support.plants import DAY, HOUR, job, machine, operation, plant
from tests.support.strategies import plants
from tests.support.wall_clock import works


@settings(max_examples=60, deadline=None)
@given(plants(max_jobs=1, fixed=False), st.integers(-8 * DAY, 15 * DAY), st.integers(-90, 3000), st.data())
def test_agrees_with_the_rule_read_minute_by_minute(plant: Plant, start: int, length: int, data: st.DataObject) -> None:
    ids = [m.id for m in plant.machines]
    held = tuple(data.draw(st.lists(st.sampled_from(ids), min_size=1, unique=True)))
    minutes = [t for t in range(start, start + length) if all(works(plant, m, t) for m in held)]
    time = PlantTime(plant)
    worked = time.of(held)
    assert worked.between(start, start + length) == len(minutes)
    assert worked.works(start) == all(works(plant, m, start) for m in held)
    assert [t for s, e in worked.spans(start, start + length) for t in range(s, e)] == minutes
    for m in held:
        expected = sum(works(plant, m, t, "overtime") for t in minutes)
        assert time.overtime(held, m).between(start, start + length) == expected


def test_an_office_week_by_hand() -> None:
    office = PlantTime(plant(job("J", operation(5)), machines=[machine(1, calendar="office")])).of((1,))
    assert office.between(0, 10 * HOUR) == 9 * HOUR  # Monday 08:00 to 18:00, less lunch
    assert office.between(0, 7 * DAY) == 4 * 9 * HOUR  # Wednesday is off
    assert office.between(7 * DAY, 14 * DAY) == 5 * 9 * HOUR
    assert office.spans(3 * HOUR, 6 * HOUR) == [(3 * HOUR, 4 * HOUR), (5 * HOUR, 6 * HOUR)]
    assert not office.works(-1)
    assert office.works(0)


def test_a_thousand_years_ahead_costs_no_more() -> None:
    always = PlantTime(plant(job("J", operation(5)), machines=[machine(1, downtime=(Downtime(0, 60),))])).of((1,))
    assert always.between(0, 1000 * 365 * DAY) == 1000 * 365 * DAY - 60


def test_spans() -> None:
    assert merged([(5, 7), (0, 2), (2, 3), (9, 9), (1, 2)]) == [(0, 3), (5, 7)]
    assert common([(0, 5), (8, 12)], [(3, 9), (11, 20)]) == [(3, 5), (8, 9), (11, 12)]
    assert without([(0, 10), (20, 30)], [(2, 4), (9, 21), (29, 40)]) == [(0, 2), (4, 9), (21, 29)]
