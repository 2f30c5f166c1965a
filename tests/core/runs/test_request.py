"""What is asked for when a planner replans: keep, calm and best on one snapshot, from the plan in force."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunRequest
from scheduler_core.data.store.serialization import config_from_json, config_to_json
from scheduler_core.engines.config import EngineConfig
from scheduler_core.objectives import Objective
from scheduler_core.reports import LearnedReport
from scheduler_core.runs.request import DEADLINE_SECONDS, DEFAULT_SECONDS, at_work, replans, side_by_side, submit
from tests.support.sample_plans import good_schedule, snapshot
from tests.support.seeding import seed_plan, seed_snapshot


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")


def test_replans_are_keep_calm_and_best_from_the_plan_in_force_with_what_was_asked() -> None:
    asked = replans(
        "snapshot-1", "token", good_schedule(), objective=Objective.MAKESPAN, seconds=7, most_moves=3, frozen_hours=2.0,
        frozen_by_type=((1, 8.0),), seed=5,
    )  # fmt: skip
    assert [r.engine for r in asked] == ["right_shift", "repair", "best"]
    assert [r.request_id for r in asked] == ["token-right_shift", "token-repair", "token-best"]
    for request in asked:
        limit = None if request.engine == "right_shift" else 7.0
        assert (request.snapshot_id, request.deadline_seconds) == ("snapshot-1", DEADLINE_SECONDS)
        assert request.config == EngineConfig(
            objective=Objective.MAKESPAN, time_limit=limit, seed=5, warm_start=good_schedule(), workers=1, most_moves=3,
            frozen_hours=2.0, frozen_by_type=((1, 8.0),),
        )  # fmt: skip


def test_replans_search_for_the_usual_time_and_freeze_nothing_unless_asked() -> None:
    for request in replans("snapshot-1", "token", good_schedule()):
        config = request.config
        assert config.time_limit == (None if request.engine == "right_shift" else DEFAULT_SECONDS)
        assert (config.objective, config.most_moves) == (Objective.TARDINESS, None)
        assert (config.frozen_hours, config.frozen_by_type) == (0.0, ())


def test_one_click_makes_one_set_of_replans_that_survives_storing(store: Store) -> None:
    kept = snapshot(store)
    asked = replans(kept, "token", good_schedule(), most_moves=0, frozen_hours=4.0, frozen_by_type=((1, 1.5),))
    first = [submit(store, request) for request in asked]
    again = replans(kept, "token", good_schedule(), most_moves=0, frozen_hours=4.0, frozen_by_type=((1, 1.5),))
    assert [submit(store, request) for request in again] == first
    assert [store.runs.get(run).config for run in first] == [request.config for request in asked]
    assert [run and run.id for run in (at_work(store, request) for request in asked)] == first
    other = replans(kept, "token-2", good_schedule(), most_moves=1, frozen_hours=4.0, frozen_by_type=((1, 1.5),))
    assert [at_work(store, request) for request in other] == [None, None, None]


def test_engines_from_nothing_take_the_plan_in_force_along_where_a_zone_is_frozen() -> None:
    frozen = (2.0, ((1, 8.0),))
    for request in side_by_side(
        "snapshot-1", "token", engines=("greedy", "learned"), in_force=good_schedule(), frozen=frozen
    ):
        config = request.config
        assert (config.warm_start, config.frozen_hours, config.frozen_by_type) == (good_schedule(), *frozen)
    usual = side_by_side("snapshot-1", "token")
    for nothing in ((0.0, ()), (0.0, ((1, 0.0),))):
        assert side_by_side("snapshot-1", "token", in_force=good_schedule(), frozen=nothing) == usual
    assert side_by_side("snapshot-1", "token", frozen=frozen) == usual, "without a plan in force nothing is frozen"


def test_only_the_learned_engine_is_asked_for_a_robust_plan_and_the_store_keeps_it(store: Store) -> None:
    kept = snapshot(store)
    requests = side_by_side(kept, "token", variation=0.2)
    assert [(request.engine, request.config.variation) for request in requests] == [("greedy", 0.0), ("learned", 0.2)]
    assert [store.runs.get(submit(store, request)).config.variation for request in requests] == [0.0, 0.2]
    plain, robust = (config_to_json(replace(requests[1].config, variation=variation)) for variation in (0.0, 0.2))
    assert "variation" not in plain, "a setting at its default is not written"
    assert config_from_json(robust).variation == 0.2


# ---------------------------------------------------------------- memory of machine prices
def learned_run(token: str, snapshot_id: str, objective: Objective = Objective.TARDINESS) -> RunRequest:
    return RunRequest(token, snapshot_id, "learned", EngineConfig(objective=objective, time_limit=1.0), "Ann", 60)


def test_a_search_starts_at_the_prices_of_the_plants_last_one_for_the_same_objective(store: Store) -> None:
    kept = snapshot(store)
    before = store.runs.get(submit(store, learned_run("first", kept)))
    assert before.config.first_prices == ()
    prices = (("stretch", 0.25), ("type 1", -1.5))
    seed_plan(store, kept, "learned", report=LearnedReport("standard", "0" * 64, 1, priced=40, prices=prices))
    seed_plan(store, kept, "learned", "WATC", "later", report=LearnedReport("standard", "0" * 64, 1))

    run = store.runs.get(submit(store, learned_run("second", kept)))
    assert run.config.first_prices == prices
    assert store.runs.get(submit(store, learned_run("third", kept, Objective.MAKESPAN))).config.first_prices == ()
    assert (
        store.runs.get(submit(store, RunRequest("g", kept, "greedy", EngineConfig(), "Ann", 60))).config.first_prices == ()
    )
    # Who asks for the same again is given the run that is there.
    assert at_work(store, learned_run("fourth", kept)) == before or at_work(store, learned_run("fourth", kept)) == run

    other = seed_snapshot(store, replace(store.snapshots.plant(kept), name="elsewhere"), "other-plant")
    assert store.runs.get(submit(store, learned_run("fifth", other))).config.first_prices == ()


def test_prices_of_a_damaged_report_are_left_out(store: Store) -> None:
    kept = snapshot(store)
    for token, prices in (("one", (("stretch", 0.25), ("type 1", 900.0))), ("two", (("type 1", -1e300),))):
        report = LearnedReport("standard", "0" * 64, 1, priced=40, prices=prices)
        seed_plan(store, kept, "learned", "EDD", token, report=report)
    run = store.runs.get(submit(store, learned_run("next", kept)))
    assert run.config.first_prices == (("stretch", 0.25),)
