"""Schedules of random plants: the judge accepts what an engine built, and finds each rule broken in it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.errors import Unschedulable
from scheduler_core.judge.validator import Rule, violations
from scheduler_core.plant import Calendar, ExtraHours, Holiday, Plant, WorkWindow
from scheduler_core.schedule import Schedule
from tests.support.corruptions import CORRUPTIONS, Corrupt, begun_where_only_other_days_work, with_row
from tests.support.plants import HOUR, at, job, machine, operation, plant
from tests.support.strategies import plants


def build(plant: Plant, rule: str) -> Schedule:
    """A schedule by one dispatching rule; plants whose fixed operations leave no room are passed over."""
    try:
        result = greedy.schedule(plant, EngineConfig(rule=rule))
    except Unschedulable:
        assume(False)
        raise
    assert result.schedule is not None
    return result.schedule


@settings(max_examples=60, deadline=None)
@given(plants(), st.sampled_from(["EDD", "SPT", "FIFO"]))
def test_a_built_schedule_is_not_blamed(plant: Plant, rule: str) -> None:
    assert violations(plant, build(plant, rule)) == ()


@pytest.mark.slow
@pytest.mark.parametrize(("corrupt", "rule"), CORRUPTIONS, ids=[c.__name__ for c, _ in CORRUPTIONS])
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(plants(), st.data())
def test_every_rule_is_found_broken(corrupt: Corrupt, rule: Rule, plant: Plant, data: st.DataObject) -> None:
    corrupted = list(corrupt(plant, build(plant, "EDD")))
    assume(corrupted)
    wrong = data.draw(st.sampled_from(corrupted))
    assert rule in {v.rule for v in violations(plant, wrong)}


def test_night_shifts_half_days_and_extra_hours_are_found_broken() -> None:
    """On Monday 22:00 to 06:00, on Tuesday half a day off from noon, on Wednesday extra hours from 20:00 to 21:00."""
    calendar = Calendar(
        "c",
        (WorkWindow(1, 22 * HOUR, 30 * HOUR), WorkWindow(2, 8 * HOUR, 16 * HOUR)),
        holidays=(Holiday(date(2025, 7, 22), "Eve", 12 * HOUR),),
        extra=(ExtraHours(date(2025, 7, 23), 20 * HOUR, 21 * HOUR),),
    )
    shop = plant(job("J", operation(60)), machines=[machine(1, calendar="c")], calendars=[calendar])
    built = build(shop, "EDD")
    assert [(a.start, a.end) for a in built.assignments] == [(14 * HOUR, 15 * HOUR)], "Monday 22:00 to 23:00"
    wrong = {a.start: s for s in begun_where_only_other_days_work(shop, built) for a in s.assignments}
    tuesday, wednesday = shop.midnight(date(2025, 7, 22)), shop.midnight(date(2025, 7, 23))
    week = 7 * 24 * HOUR
    assert sorted(wrong) == [
        14 * HOUR - 1, tuesday + 6 * HOUR, tuesday + 12 * HOUR, wednesday - 1, wednesday + week + 20 * HOUR,
        wednesday + week + 21 * HOUR - 1,
    ]  # fmt: skip
    for schedule in wrong.values():
        assert Rule.WORKING_TIME in {v.rule for v in violations(shop, schedule)}
    inside = [tuesday + 5 * HOUR, tuesday + 11 * HOUR, wednesday + 20 * HOUR]
    assert [violations(shop, with_row(built, 0, at("J", 1, 1, start, start + HOUR))) for start in inside] == [(), (), ()]


def test_every_rule_has_a_corruption() -> None:
    assert {rule for _, rule in CORRUPTIONS} == set(Rule)
