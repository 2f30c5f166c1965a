"""A what-if from end to end: kept, planned three times, each plan judged; stacked; measured by its stability."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scheduler_core.analysis.stability import stability
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunState
from scheduler_core.engines.registry import REPAIR_CHOICES
from scheduler_core.errors import InvalidValue, Unschedulable
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.runs.execute import execute
from scheduler_core.runs.kept_zone import judged_zone
from scheduler_core.runs.request import submit
from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.scenarios.changes import DueChanged, JobDropped, MachineAdded, RushOrder
from scheduler_core.scenarios.promise import promise
from scheduler_core.services import what_if
from tests.support.plants import job, machine, operation, plant
from tests.support.seeding import seed_plan, seed_snapshot


def shop() -> Plant:
    jobs = [job(f"J{i}", operation(60 + 7 * i, 1, 2), operation(40 + 5 * i, 3), due=200 + 60 * i) for i in range(8)]
    return plant(*jobs, machines=(machine(1), machine(2), machine(3)))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")


@pytest.fixture
def base(store: Store) -> str:
    return seed_plan(store, seed_snapshot(store, shop()), "greedy", "EDD")


def repairs(store: Store, scenario_id: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Runs the three repairs in this process; ids of their plans by engine."""
    monkeypatch.setattr(what_if, "REPAIR_SECONDS", 0.3)
    found = {}
    for request in what_if.repair_requests(store, store.scenarios.get(scenario_id)):
        run_id = submit(store, request)
        execute(store, run_id)
        run = store.runs.get(run_id)
        assert run.state is RunState.OK, run.message
        assert run.schedule_id is not None
        found[run.engine] = run.schedule_id
    return found


def test_three_repairs_of_a_breakdown_pass_the_judge_and_right_shift_moves_least(
    store: Store, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scenario = what_if.keep(store, what_if.Question("q1", base, (Breakdown(1, 30, 120),), now=20, frozen_hours=1))
    hit = store.snapshots.plant(scenario.snapshot_id)
    plans = repairs(store, scenario.id, monkeypatch)
    assert list(plans) == list(REPAIR_CHOICES)
    moved = {}
    for engine, schedule_id in plans.items():
        plan = store.schedules.load(schedule_id)
        assert violations(hit, plan) == ()
        moved[engine] = stability(shop(), store.schedules.load(base), hit, plan, shop().time_of(20)).moved_24h
    assert all(share is not None for share in moved.values())
    objectives = {e: store.schedules.get(s).objective or 0.0 for e, s in plans.items()}
    assert objectives["repair"] <= objectives["right_shift"] + 1e-9


def test_a_rush_order_has_a_safe_promise(store: Store, base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rush = RushOrder(job("R", operation(30, 3), due=100, important=True))
    scenario = what_if.keep(store, what_if.Question("q1", base, (rush,)))
    plans = repairs(store, scenario.id, monkeypatch)
    after = store.snapshots.plant(scenario.snapshot_id)
    safe, dear = (
        promise("R", shop(), store.schedules.load(base), after, store.schedules.load(plans[e]))
        for e in ("right_shift", "repair")
    )
    assert (safe.later, safe.became_late, safe.weighted_days) == (0, 0, 0.0)
    assert dear.completion > 0


def test_scenarios_stack_in_order_and_a_repeated_question_is_one_scenario(store: Store, base: str) -> None:
    first = what_if.keep(store, what_if.Question("q1", base, (MachineAdded(1, 9, "M9"),)))
    again = what_if.keep(store, what_if.Question("q1", base, (MachineAdded(1, 9, "M9"),)))
    assert first.id == again.id
    second = what_if.keep(store, what_if.Question("q2", base, (Breakdown(9, 0, 60), JobDropped("J0")), parent_id=first.id))
    changed = store.snapshots.plant(second.snapshot_id)
    assert changed.machine_by_id[9].downtime
    assert "J0" not in changed.job_by_id


def test_what_does_not_fit_is_refused_before_anything_is_kept(store: Store, base: str) -> None:
    with pytest.raises(InvalidValue, match=r"changes\[0\]\.job: 'X'"):
        what_if.keep(store, what_if.Question("q1", base, (DueChanged("X", 1),)))
    blocked = replace(shop(), jobs=shop().jobs[:1])
    with pytest.raises(Unschedulable, match="does not fit before"):
        what_if.changed_plant(
            blocked, store.schedules.load(base), (Breakdown(1, 0, 500), Breakdown(2, 0, 500)), 0, 0, (("J0", 2),)
        )  # fmt: skip
    assert len(store.snapshots.newest()) == 1


def test_the_answers_keep_the_plants_frozen_zone(store: Store, base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Machine 1 is down at first: what it was to begin is released, what the others begin within four hours stays."""
    store.frozen_zones.set_zone(store.snapshots.get(store.schedules.get(base).snapshot_id).plant, 4, {}, "Ann")
    scenario = what_if.keep(store, what_if.Question("q1", base, (Breakdown(1, 0, 120),)))
    hit, before = store.snapshots.plant(scenario.snapshot_id), store.schedules.load(base)
    for schedule_id in repairs(store, scenario.id, monkeypatch).values():
        config = store.runs.get(store.schedules.get(schedule_id).run_id).config
        assert (config.frozen_hours, config.warm_start) == (4.0, before)
        zone = judged_zone(hit, config, store.schedules.load(schedule_id))
        assert zone is not None
        assert zone.could_stay
        assert zone.released
        assert zone.moved == ()
