"""The engines' clock: wall time, or CPU time where a comparison asks for it."""

from __future__ import annotations

import time

import pytest

from scheduler_core.engines import learned, time_limit_clock
from scheduler_core.engines.config import EngineConfig
from scheduler_core.environments.random_plants import PlantShape, random_plant


def test_a_second_of_the_clock_is_a_wall_second_outside() -> None:
    before = time_limit_clock.now()
    time.sleep(0.05)
    assert 0.05 <= time_limit_clock.now() - before < 5.0


def test_waiting_costs_nothing_on_the_clock_of_workers_and_work_counts_for_all_of_them() -> None:
    with time_limit_clock.of_workers(2):
        before, cpu = time_limit_clock.now(), time.process_time()
        time.sleep(0.2)
        assert time_limit_clock.now() - before < 0.1
        while time.process_time() - cpu < 0.3:
            pass
        assert time_limit_clock.now() - before == pytest.approx((time.process_time() - cpu) / 2, abs=0.02)
    assert time_limit_clock.now() - time.perf_counter() == pytest.approx(0.0, abs=0.1)


def test_the_clock_is_back_after_a_failure() -> None:
    with pytest.raises(KeyError), time_limit_clock.of_workers(2):
        raise KeyError
    before = time_limit_clock.now()
    time.sleep(0.05)
    assert time_limit_clock.now() - before >= 0.05


def test_a_search_ends_when_its_cpu_seconds_are_used() -> None:
    given = random_plant(6, PlantShape(30, 8, tightness=0.8, load=3.0))
    for _ in range(2):  # the first may spend its time on loading what samples, and leave nothing for what searches
        learned.schedule(given, EngineConfig(time_limit=0.2))
    with time_limit_clock.of_workers(2):
        cpu = time.process_time()
        learned.schedule(given, EngineConfig(time_limit=0.6, workers=2))
        assert 1.1 < time.process_time() - cpu < 2.0
