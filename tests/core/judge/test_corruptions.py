"""Schedules of random plants: the judge accepts what an engine built, and finds each rule broken in it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.errors import Unschedulable
from scheduler_core.judge.validator import Rule, violations
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule
from tests.support.corruptions import CORRUPTIONS, Corrupt
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


def test_every_rule_has_a_corruption() -> None:
    assert {rule for _, rule in CORRUPTIONS} == set(Rule)
