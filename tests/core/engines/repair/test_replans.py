"""Calm and best: what they promise of moves, frozen hours and unchanged data, counted by the judge."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.repair import best, calm, right_shift
from scheduler_core.engines.repair.carry_over import carry_over
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.errors import KeepBest, Unschedulable
from scheduler_core.judge.moves import moves
from scheduler_core.judge.validator import violations
from scheduler_core.objectives import NAMED
from scheduler_core.plant import Downtime, Plant, SetupEntry
from scheduler_core.reports import RepairReport
from scheduler_core.schedule import Result, Schedule
from scheduler_core.simulator.arrays import pack
from tests.support.plants import at, job, machine, operation, plant, schedule
from tests.support.random_plants import small_plant

SHOP = random_plant(5, PlantShape(60, 20, tightness=0.6, load=8.0))


def planned(shop: Plant) -> Schedule:
    found = greedy.schedule(shop, EngineConfig(rule="EDD")).schedule
    assert found is not None
    return found


def report(found: Result) -> RepairReport:
    assert isinstance(found.report, RepairReport)
    return found.report


def plan(found: Result) -> Schedule:
    assert found.schedule is not None
    return found.schedule


@pytest.mark.parametrize("most", [0, 1, 5, 40])
def test_calm_moves_no_more_than_it_may_and_uses_what_it_may(most: int) -> None:
    old = planned(SHOP)
    found = calm.schedule(SHOP, EngineConfig(warm_start=old, time_limit=0.5, workers=1, most_moves=most))
    assert violations(SHOP, plan(found)) == ()
    counted = moves(SHOP, old, plan(found))
    assert len(counted.moved) <= most
    assert counted.due > 80
    assert found.objective is not None
    assert found.objective < report(found).start_cost
    if most == 5:
        assert counted.moved


def test_best_moves_what_it_likes() -> None:
    old = planned(SHOP)
    found = best.schedule(SHOP, EngineConfig(warm_start=old, time_limit=0.5, workers=1, most_moves=0))
    assert violations(SHOP, plan(found)) == ()
    assert len(moves(SHOP, old, plan(found)).moved) > 20


@pytest.mark.slow
@pytest.mark.parametrize("objective", NAMED.values(), ids=NAMED)
def test_the_promise_holds_on_random_plants_after_a_breakdown_and_a_new_order(objective: object) -> None:
    judged = moved = 0
    for seed in range(40):
        shop = small_plant(seed)
        first = shop.machines[0]
        hit = replace(shop, machines=(replace(first, downtime=(*first.downtime, Downtime(30, 300))), *shop.machines[1:]))
        try:
            old = planned(replace(shop, jobs=shop.jobs[:-1] or shop.jobs))
            config = EngineConfig(warm_start=old, time_limit=0.02, workers=1, objective=objective)  # type: ignore[arg-type]
            kept = right_shift.schedule(hit, config)
            found = {most: calm.schedule(hit, replace(config, most_moves=most)) for most in (0, 2)}
            found[10**6] = best.schedule(hit, config)
        except Unschedulable:
            continue
        for most, one in found.items():
            assert violations(hit, plan(one)) == (), seed
            count = len(moves(hit, old, plan(one)).moved)
            assert count <= most, (seed, most)
            assert one.objective is not None
            assert kept.objective is not None
            assert one.objective <= kept.objective + 1e-9
            moved += count
        judged += 1
    assert judged > 20
    assert moved > 0


def test_where_nothing_is_to_be_gained_the_plan_stays() -> None:
    shop = plant(job("A", operation(60, 1), due=600), job("B", operation(60, 1), due=600), machines=(machine(1),))
    old = schedule(at("A", 1, 1, 0, 60), at("B", 1, 1, 60, 120))
    for engine in (calm, best):
        found = engine.schedule(shop, EngineConfig(warm_start=old, time_limit=0.1, workers=1))
        assert report(found).stays
        assert found.schedule is not None
        assert {a.key: a for a in found.schedule.assignments} == {a.key: a for a in old.assignments}


def test_less_than_a_percent_is_no_reason_to_change_a_plan_that_holds() -> None:
    """10 minutes of 20 days: B before A. With one day instead of 20, it is worth it."""
    late, soon = 20 * 1440, 5
    for due, stays in ((-late, True), (soon, False)):
        shop = plant(
            job("A", operation(60, 1), due=due + 65), job("B", operation(50, 1), due=due), machines=(machine(1),)
        )  # fmt: skip
        old = schedule(at("A", 1, 1, 0, 60), at("B", 1, 1, 60, 110))
        found = calm.schedule(shop, EngineConfig(warm_start=old, time_limit=0.2, workers=1, most_moves=9))
        assert report(found).stays is stays, due


def test_a_plan_with_news_is_never_said_to_stay() -> None:
    old = planned(replace(SHOP, jobs=SHOP.jobs[1:]))
    found = calm.schedule(SHOP, EngineConfig(warm_start=old, time_limit=0.05, workers=1))
    assert not report(found).stays
    assert plan(found).by_operation.keys() == {(j.id, o.sequence) for j in SHOP.jobs for o in j.operations}


def test_a_plan_goes_over_to_a_later_snapshot() -> None:
    """A is done, B waits, C is new, and machine 1 is gone for B."""
    old = schedule(at("A", 1, 1, 0, 60), at("B", 1, 1, 60, 120), at("D", 1, 2, 0, 30))
    later = plant(
        job("B", operation(60, 2)), job("C", operation(20, 2)), job("D", operation(30, 2)), machines=(machine(1), machine(2))
    )
    carried = carry_over(later, pack(later), EngineConfig(warm_start=old))
    assert {a.key: (a.machines, a.start) for a in carried.schedule.assignments} == {
        ("B", 1): ((2,), 60), ("C", 1): ((2,), 30), ("D", 1): ((2,), 0),
    }  # fmt: skip
    assert carried.due == {("B", 1), ("D", 1)}
    assert not carried.unchanged


def test_a_poor_plan_in_force_is_made_from_nothing() -> None:
    """The worst plan that keeps the rules: jobs one after the other. Best must come near a plan from nothing."""
    at_end, rows = 0, []
    arrays = pack(SHOP)
    for a in planned(SHOP).assignments:
        rows.append(replace(a, start=a.start + at_end, end=a.end + at_end))
        at_end += 30
    poor = right_shift.shifted(SHOP, arrays, Schedule(tuple(rows)))
    found = best.schedule(SHOP, EngineConfig(warm_start=poor, time_limit=0.6, workers=1))
    fresh = greedy.schedule(SHOP, EngineConfig())
    assert found.objective is not None
    assert fresh.objective is not None
    assert found.objective < fresh.objective


LACKING = plant(
    job("A", operation(30, 1), operation(30, 2), due=40), job("B", operation(60, 2), due=2000),
    job("C", operation(60, 2), due=70), machines=(machine(1), machine(2)),
)  # fmt: skip


def test_what_stands_behind_a_step_that_the_plan_lacks_lends_its_move_to_nobody() -> None:
    """A's second step is in the plan, its first one is not: it is new, counts as no move, and no other may move for it."""
    old = schedule(at("A", 2, 2, 300, 330), at("B", 1, 2, 0, 60), at("C", 1, 2, 60, 120))
    carried = carry_over(LACKING, pack(LACKING), EngineConfig(warm_start=old))
    assert carried.due == {("B", 1), ("C", 1)}
    found = plan(calm.schedule(LACKING, EngineConfig(warm_start=old, time_limit=0.1, workers=1, most_moves=0)))
    assert violations(LACKING, found) == ()
    assert moves(LACKING, old, found).moved == ()


def test_a_plan_that_has_a_step_before_the_one_that_it_follows_is_carried_over() -> None:
    old = schedule(at("A", 1, 1, 500, 530), at("A", 2, 2, 300, 330), at("B", 1, 2, 0, 60), at("C", 1, 2, 60, 120))
    for engine in (right_shift, calm, best):
        found = plan(engine.schedule(LACKING, EngineConfig(warm_start=old, time_limit=0.05, workers=1)))
        assert violations(LACKING, found) == ()


def test_what_is_inserted_twice_before_an_operation_pushes_it_no_further_than_once() -> None:
    """Two new orders make its setup 12 and then 24 minutes shorter: it may begin 15 minutes later, not 24."""
    minutes = {"XZ": 24, "YZ": 12, "WZ": 0, "XY": 0, "YW": 0, "XW": 0}
    entries = tuple(SetupEntry(1, before, after, setup) for (before, after), setup in minutes.items())
    bare = plant(
        job("O", operation(60, 1, setup_minutes=24), family="Z", due=1), job("N", operation(20, 1), family="Y", due=1),
        job("M", operation(20, 1), family="W", due=1), machines=(machine(1, initial_family="X"),),
    )  # fmt: skip
    shop = replace(bare, setup_matrix=entries)
    old = schedule(at("O", 1, 1, 100, 184, setup=24))
    kept = plan(right_shift.schedule(shop, EngineConfig(warm_start=old)))
    assert violations(shop, kept) == ()
    assert kept.by_operation["O", 1].start - 100 <= 15
    assert moves(shop, old, kept).moved == ()


RUSH = replace(
    SHOP, jobs=tuple(replace(j, due=j.release + 1500, important=True) if i % 3 == 0 else j for i, j in enumerate(SHOP.jobs))
)
"""A third of the shop's orders is urgent."""


@pytest.mark.parametrize(("hours", "most"), [(None, 0), (8.0, 0), (8.0, 3)])
def test_calm_brings_new_urgent_orders_to_the_front_in_no_time_and_moves_no_more_than_it_may(
    hours: float | None, most: int
) -> None:
    """Carried over, they stand in gaps, behind everything else."""
    old = planned(replace(RUSH, jobs=tuple(j for i, j in enumerate(RUSH.jobs) if i % 3)))
    config = EngineConfig(warm_start=old, time_limit=0.0, workers=1, most_moves=most, calm_hours=hours)
    found = calm.schedule(RUSH, config)
    carried = carry_over(RUSH, pack(RUSH), config)
    near = {key for key in carried.pushed if old.by_operation[key].start < 60 * (72 if hours is None else hours)}
    assert violations(RUSH, plan(found)) == ()
    assert len(near.intersection(moves(RUSH, old, plan(found)).moved)) <= most
    assert found.objective is not None
    assert found.objective < 0.9 * report(found).start_cost
    assert report(found).prices == ()


def test_calm_ends_with_the_best_so_far_while_it_looks_for_a_start() -> None:
    old = planned(replace(RUSH, jobs=tuple(j for i, j in enumerate(RUSH.jobs) if i % 3)))
    began = time.monotonic()

    def at_once(share: float, message: str) -> None:
        if "prices" in message:
            raise KeepBest

    found = calm.schedule(RUSH, EngineConfig(warm_start=old, time_limit=60.0, workers=1), at_once)
    assert time.monotonic() - began < 30
    assert violations(RUSH, plan(found)) == ()
    assert report(found).moves == 0
