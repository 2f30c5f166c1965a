"""The rolling horizon: valid schedules whatever the window, nothing lost, and one window is one pass."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scheduler_core.engines import learned
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.rolling import plan_by_windows
from scheduler_core.engines.rules import RULES, run_rule
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.errors import Cancelled, Unschedulable
from scheduler_core.judge.kpis import measure
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule
from scheduler_core.simulator.arrays import new_state, pack
from scheduler_core.simulator.costs import WEIGHTED_TARDINESS
from scheduler_core.simulator.simulator import to_schedule, to_state
from tests.support.plants import job, operation, plant
from tests.support.random_plants import small_plant


def by_rule(part: Plant, decided: float = 0.0) -> Schedule:
    """EDD on a window's plant."""
    arrays = pack(part)
    state = new_state(arrays)
    run_rule(arrays, state, RULES["EDD"].code, 0.0, 0.0, 0.0, WEIGHTED_TARDINESS, float("inf"))
    return to_schedule(part, arrays, state)


def plannable(first: int, count: int) -> list[Plant]:
    found, seed = [], first
    while len(found) < count:
        given = small_plant(seed)
        seed += 1
        try:
            pack(given)
        except Unschedulable:
            continue
        found.append(given)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("window", [1, 2, 3])
def test_windows_make_valid_schedules_of_any_plant(window: int) -> None:
    several = 0
    for given in plannable(7000, 150):
        found, windows = plan_by_windows(given, by_rule, window)
        assert violations(given, found) == (), given.name
        several += windows > 1
    assert several > 50


def test_a_window_that_sees_all_jobs_is_one_pass() -> None:
    given = random_plant(5, PlantShape(30, 8, tightness=0.8, load=3.0))
    found, windows = plan_by_windows(given, by_rule, 30)
    assert windows == 1
    assert found.by_operation == by_rule(given).by_operation


def test_urgent_jobs_come_into_the_first_window() -> None:
    jobs = [job(f"J{n}", operation(60, 1), due=60 * (4 - n)) for n in range(4)]
    found, windows = plan_by_windows(plant(*jobs), by_rule, 2)
    assert windows == 3
    order = sorted(found.assignments, key=lambda a: a.start)
    assert [a.job for a in order] == ["J3", "J2", "J1", "J0"]


def test_the_share_of_decided_jobs_rises_from_nothing() -> None:
    shares: list[float] = []

    def plan(part: Plant, decided: float) -> Schedule:
        shares.append(decided)
        return by_rule(part)

    plan_by_windows(random_plant(5, PlantShape(40, 8, tightness=0.8, load=3.0)), plan, 10)
    assert shares[0] == 0.0
    assert shares == sorted(shares)
    assert 0.6 < shares[-1] < 1.0


def test_a_state_made_from_a_schedule_is_that_schedule() -> None:
    for given in plannable(7500, 40):
        found = by_rule(given)
        arrays = pack(given)
        again = to_schedule(given, arrays, to_state(given, arrays, found))
        assert again.by_operation == found.by_operation


# ---------------------------------------------------------------- behind the learned engine
@pytest.fixture
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """A plant of thirty jobs counts as a big one."""
    original: Callable[..., tuple[Schedule, int]] = plan_by_windows
    monkeypatch.setattr(learned, "WINDOW", 10)
    monkeypatch.setattr(learned, "plan_by_windows", lambda given, plan: original(given, plan, 10))


@pytest.mark.usefixtures("small_windows")
@pytest.mark.parametrize("settings", [{}, {"samples": 4}, {"time_limit": 1.0}])
def test_the_same_call_plans_big_plants(settings: dict[str, float]) -> None:
    given = random_plant(6, PlantShape(30, 8, tightness=0.8, load=3.0))
    found = learned.schedule(given, EngineConfig(**settings))  # type: ignore[arg-type]
    assert found.schedule is not None
    assert violations(given, found.schedule) == ()
    assert found.detail["windows"] == 4 or found.detail["windows"] == 5
    assert found.detail["winning_rule"] is None
    assert found.objective == pytest.approx(measure(given, found.schedule).weighted_tardiness_days)


@pytest.mark.usefixtures("small_windows")
def test_a_big_plan_can_be_cancelled() -> None:
    def stop(fraction: float, message: str) -> None:
        if "jobs planned" in message and fraction > 0:
            raise Cancelled("enough")

    with pytest.raises(Cancelled):
        learned.schedule(random_plant(6, PlantShape(30, 8, tightness=0.8, load=3.0)), EngineConfig(), stop)
