"""The standing search: it goes on from a plan, never makes it worse, and ends where it gains nothing or is told to."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from scheduler_core.engines import greedy, time_limit_clock
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.isolation import spare_cores
from scheduler_core.engines.isolation.spare_cores import at_lowest_priority
from scheduler_core.engines.repair import standing
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.errors import Cancelled, InvalidValue, KeepBest
from scheduler_core.judge.kpis import measure
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.reports import RepairReport
from scheduler_core.schedule import Schedule
from tests.support.plants import job, operation, plant

SHOP = random_plant(5, PlantShape(40, 12, tightness=0.6, load=8.0))
EASY = plant(job("A", operation(60, 1), due=500), job("B", operation(60, 1), due=500))


def by_rule(shop: Plant, rule: str = "LPT") -> Schedule:
    found = greedy.schedule(shop, EngineConfig(rule=rule)).schedule
    assert found is not None
    return found


def config(shop: Plant, seconds: float) -> EngineConfig:
    return EngineConfig(warm_start=by_rule(shop), time_limit=seconds, workers=1)


def test_a_plan_gets_better_and_stays_legal() -> None:
    before = by_rule(SHOP)
    with time_limit_clock.of_workers(1):
        found = standing.schedule(SHOP, config(SHOP, 0.4))
    assert found.schedule is not None
    assert found.engine == "standing"
    assert violations(SHOP, found.schedule) == ()
    assert measure(SHOP, found.schedule).weighted_tardiness_days < measure(SHOP, before).weighted_tardiness_days
    assert isinstance(found.report, RepairReport)
    assert not found.report.stays
    assert found.report.moves > 0


def test_what_cannot_get_better_stays_and_ends_the_search_at_once() -> None:
    found = standing.schedule(EASY, config(EASY, 3600.0))  # nothing is late: an hour would be waited for otherwise
    assert found.schedule == by_rule(EASY)
    assert isinstance(found.report, RepairReport)
    assert found.report.stays


def test_a_slice_that_gains_nothing_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "FIRST_SLICE", 0.1)
    late = plant(job("A", operation(60, 1), due=10), job("B", operation(70, 1), due=10))
    best = replace(config(late, 3600.0), warm_start=by_rule(late, "SPT"))
    with time_limit_clock.of_workers(1):
        found = standing.schedule(late, best)
    assert isinstance(found.report, RepairReport)
    assert found.report.stays
    assert found.seconds < 60


def test_slices_get_longer_while_they_gain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "FIRST_SLICE", 0.05)
    monkeypatch.setattr(standing, "LEAST_GAIN", -1.0)  # every slice counts as one that gained
    told: list[float] = []
    with time_limit_clock.of_workers(1):
        found = standing.schedule(SHOP, config(SHOP, 0.35), lambda fraction, message: told.append(fraction))
    assert found.seconds == pytest.approx(0.35, abs=0.25)  # slices of 0.05, 0.1 and 0.2 s
    assert told == sorted(told)
    assert max(told) <= 1.0


def test_told_that_it_is_enough_it_ends_with_the_best_so_far_and_told_to_stop_with_nothing() -> None:
    def enough(fraction: float, message: str) -> None:
        raise KeepBest("enough")

    def stop(fraction: float, message: str) -> None:
        raise Cancelled("stop")

    found = standing.schedule(SHOP, config(SHOP, 3600.0), enough)
    assert found.schedule is not None
    assert violations(SHOP, found.schedule) == ()
    assert found.seconds < 60
    with pytest.raises(Cancelled):
        standing.schedule(SHOP, config(SHOP, 3600.0), stop)


def test_it_needs_a_plan_to_start_from() -> None:
    with pytest.raises(InvalidValue, match="warm_start"):
        standing.schedule(SHOP, EngineConfig(time_limit=1.0))


@pytest.mark.skipif(not hasattr(os, "nice"), reason="there are no priorities here")
def test_its_threads_have_the_lowest_priority_and_the_caller_keeps_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    before = os.nice(0)
    monkeypatch.setattr(spare_cores, "LOWEST", 19)
    assert at_lowest_priority(lambda: os.nice(0)) == 19
    assert os.nice(0) == before
    with pytest.raises(ZeroDivisionError):
        at_lowest_priority(lambda: 1 // 0)
