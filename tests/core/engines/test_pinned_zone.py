"""The frozen zone: every engine keeps it, what cannot stay is released, and the judge's own count agrees."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler_core.engines import time_limit_clock
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.isolation.safe_runner import SafeRunner
from scheduler_core.engines.pinned_zone import pin_zone
from scheduler_core.engines.registry import ALL_ENGINES
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.errors import Unschedulable
from scheduler_core.judge.frozen_zone import frozen_zone
from scheduler_core.judge.kpis import measure
from scheduler_core.judge.moves import moves
from scheduler_core.judge.validator import violations
from scheduler_core.objectives import NAMED, Objective, objective_value
from scheduler_core.plant import Downtime, Plant
from scheduler_core.reports import Fallback, RepairReport
from scheduler_core.schedule import Result, Schedule, Status
from tests.support.failing_engines import raises
from tests.support.plants import at, job, machine, operation, plant, schedule
from tests.support.random_plants import small_plant

SHOP = random_plant(5, PlantShape(60, 20, tightness=0.6, load=8.0))
ROW = plant(
    job("A", operation(60, 1), operation(30, 2), due=2000), job("B", operation(60, 1), due=70),
    job("C", operation(40, 2), due=50), machines=(machine(1), machine(2, type=2)),
)  # fmt: skip
IN_FORCE = schedule(at("A", 1, 1, 0, 60), at("A", 2, 2, 60, 90), at("B", 1, 1, 60, 120), at("C", 1, 2, 90, 130))
"""A before B and C although they are due sooner: every engine would turn it round."""


def planned(shop: Plant) -> Schedule:
    found = ALL_ENGINES["greedy"](shop, EngineConfig(rule="EDD")).schedule
    assert found is not None
    return found


def plan(found: Result) -> Schedule:
    assert found.schedule is not None
    return found.schedule


def hours(shop: Plant, config: EngineConfig) -> dict[int, float]:
    return {kind.id: config.frozen_hours_of(kind.id) for kind in shop.machine_types}


@pytest.mark.parametrize("engine", ALL_ENGINES)
def test_every_engine_keeps_what_starts_within_the_zone(engine: str) -> None:
    # Exact ends at its proof, whatever its limit; the searches' clock counts CPU time, of which a crowd takes nothing.
    config = EngineConfig(warm_start=IN_FORCE, time_limit=60.0 if engine == "exact" else 0.3, workers=1, frozen_hours=1.0)
    if engine != "exact":
        ALL_ENGINES[engine](ROW, replace(config, time_limit=0.0))  # what is loaded at the first call takes none of it
    with time_limit_clock.of_workers(1):
        found = plan(ALL_ENGINES[engine](ROW, config))
        free = plan(ALL_ENGINES[engine](ROW, replace(config, frozen_hours=0.0)))
    assert violations(ROW, found) == ()
    stands = {a.key: (a.machines, a.start) for a in found.assignments}
    assert stands["A", 1] == ((1,), 0)
    if engine != "right_shift":
        assert stands["C", 1] == ((2,), 0)  # beyond the hour, and before A's second step: free to go first
    assert (free.by_operation["A", 1].start == 0) is (engine == "right_shift")


@pytest.mark.parametrize("engine", [name for name in ALL_ENGINES if name != "exact"])
def test_in_a_factory_what_is_frozen_stays_to_the_minute(engine: str) -> None:
    old = planned(SHOP)
    kind = SHOP.machine_by_id[old.assignments[0].machines[0]].type
    config = EngineConfig(
        warm_start=old, time_limit=0.4, workers=1, most_moves=10**6, frozen_hours=48.0, frozen_by_type=((kind, 72.0),)
    )
    with time_limit_clock.of_workers(1):
        result = ALL_ENGINES[engine](SHOP, config)
    found = plan(result)
    assert violations(SHOP, found) == ()
    assert result.objective == pytest.approx(objective_value(config.objective, measure(SHOP, found)))
    seen = {48.0: 0, 72.0: 0}
    for a in old.assignments:
        own = max(config.frozen_hours_of(SHOP.machine_by_id[m].type) for m in a.machines)
        if a.start < own * 60:
            assert (found.by_operation[a.key].machines, found.by_operation[a.key].start) == (a.machines, a.start)
            seen[own] += 1
    assert min(seen.values()) > 0
    if engine != "right_shift":
        assert moves(SHOP, old, found).moved


@pytest.mark.parametrize("engine", ["greedy", "learned", "right_shift", "repair", "best"])
def test_a_zone_of_no_hours_changes_nothing(engine: str) -> None:
    old = planned(SHOP)
    config = EngineConfig(warm_start=old, time_limit=0.0 if engine == "learned" else None, workers=1)
    if engine in ("repair", "best"):
        config = replace(config, time_limit=0.0)
    asked = replace(config, frozen_by_type=((SHOP.machine_types[0].id, 0.0),))
    assert plan(ALL_ENGINES[engine](SHOP, asked)) == plan(ALL_ENGINES[engine](SHOP, config))


def test_a_centre_of_its_own_hours_and_what_comes_before_its_operations() -> None:
    """Only type 2 is frozen, for two hours: A's second step there takes A's first one on machine 1 along, B stays free."""
    config = EngineConfig(warm_start=IN_FORCE, workers=1, frozen_by_type=((2, 2.0),))
    assert sorted(pin_zone(ROW, config).places) == [("A", 1), ("A", 2), ("C", 1)]
    only_first = pin_zone(ROW, replace(config, frozen_by_type=((1, 2.0),)))
    assert sorted(only_first.places) == [("A", 1), ("B", 1)]


def test_what_cannot_stay_is_released_and_pushes_nobody() -> None:
    """Machine 1 is down until minute 50: A cannot begin at 0, nor its second step follow, and B still begins at 60."""
    first, second = ROW.machines
    hit = replace(ROW, machines=(replace(first, downtime=(Downtime(0, 50),)), second))
    config = EngineConfig(warm_start=IN_FORCE, time_limit=0.2, workers=1, frozen_hours=3.0)
    pinned = pin_zone(hit, config)
    assert pinned.released == (("A", 1), ("A", 2))
    assert sorted(pinned.places) == [("B", 1), ("C", 1)]
    for name in ("greedy", "learned", "repair", "right_shift"):
        found = plan(ALL_ENGINES[name](hit, config))
        assert violations(hit, found) == ()
        assert (found.by_operation["B", 1].start, found.by_operation["C", 1].start) == (60, 90)
        assert found.by_operation["A", 1].start == 120


def test_a_few_minutes_late_an_operation_stays_and_pushes_its_followers_as_little() -> None:
    """Machine 1 works from minute 10 on: A begins then, and so does what follows it by ten minutes; from 16 on it
    is too late."""
    first, second = ROW.machines
    config = EngineConfig(warm_start=IN_FORCE, workers=1, frozen_hours=3.0)
    for begin, stays in ((10, True), (16, False)):
        late = replace(ROW, machines=(replace(first, downtime=(Downtime(0, begin),)), second))
        pinned = pin_zone(late, config)
        assert (pinned.released == ()) is stays
        if stays:
            assert {key: at.start for key, at in pinned.places.items()} == {
                ("A", 1): 10, ("A", 2): 70, ("B", 1): 70, ("C", 1): 100,
            }  # fmt: skip


def test_a_machine_that_is_gone_and_an_order_that_is_gone() -> None:
    config = EngineConfig(warm_start=IN_FORCE, workers=1, frozen_hours=3.0)
    elsewhere = replace(
        ROW.jobs[0], operations=(replace(ROW.jobs[0].operations[0], machines=(2,)), ROW.jobs[0].operations[1])
    )
    moved = replace(ROW, jobs=(elsewhere, ROW.jobs[1], ROW.jobs[2]))
    assert pin_zone(moved, config).released == (("A", 1), ("A", 2))
    without = replace(ROW, jobs=ROW.jobs[1:])
    pinned = pin_zone(without, config)
    assert (sorted(pinned.places), pinned.released) == ([("B", 1), ("C", 1)], ())


def test_what_was_to_begin_before_now_begins_now_or_is_released() -> None:
    """Ten minutes into the plan nothing has begun: A begins at once, and its follower ten minutes later than it was to."""
    config = EngineConfig(warm_start=IN_FORCE.counted_from(10), workers=1, frozen_hours=3.0)
    pinned = pin_zone(ROW, config)
    assert pinned.released == ()
    assert (pinned.places["A", 1].start, pinned.places["B", 1].start) == (0, 60)
    late = pin_zone(ROW, replace(config, warm_start=IN_FORCE.counted_from(50)))
    assert late.released == (("A", 2), ("B", 1))
    assert (late.places["A", 1].start, late.places["C", 1].start) == (0, 40)


def test_a_setup_in_the_zone_is_part_of_the_objective() -> None:
    """With a price for setups, the search does not take the zone's setups for saved."""
    old = planned(SHOP)
    config = EngineConfig(
        objective=NAMED["few-setups"], warm_start=old, time_limit=0.2, workers=1, most_moves=0, frozen_hours=24.0
    )
    for name in ("repair", "best", "greedy"):
        result = ALL_ENGINES[name](SHOP, config)
        assert violations(SHOP, plan(result)) == ()
        assert result.objective == pytest.approx(objective_value(config.objective, measure(SHOP, plan(result))))
        if name != "greedy":
            assert result.objective is not None
            assert result.objective <= objective_value(config.objective, measure(SHOP, old)) + 1e-9


def test_an_exact_proof_within_the_zone_is_no_proof_for_the_plant() -> None:
    config = EngineConfig(warm_start=IN_FORCE, time_limit=120.0, workers=1, frozen_hours=3.0)
    found = ALL_ENGINES["exact"](ROW, config)
    assert (found.status, found.lower_bound) == (Status.FEASIBLE, None)
    assert {a.key: a.start for a in plan(found).assignments} == {a.key: a.start for a in IN_FORCE.assignments}


def test_the_fallback_keeps_the_zone_as_well() -> None:
    config = EngineConfig(warm_start=IN_FORCE, workers=1, frozen_hours=3.0)
    with SafeRunner() as safe:
        found = safe.run("learned", raises, ROW, config, 120.0)
    assert isinstance(found.report, Fallback)
    assert {a.key: a.start for a in plan(found).assignments} == {a.key: a.start for a in IN_FORCE.assignments}


@pytest.mark.slow
def test_the_judge_agrees_on_random_plants_after_a_breakdown_late_material_and_lost_time() -> None:
    kept = released = moved = 0
    for seed in range(60):
        shop = small_plant(seed)
        first = shop.machines[0]
        hit = replace(
            shop,
            machines=(replace(first, downtime=(*first.downtime, Downtime(30, 300))), *shop.machines[1:]),
            jobs=tuple(replace(j, release=j.release + seed % 3 * 20) if i % 3 == 0 else j for i, j in enumerate(shop.jobs)),
        )
        try:
            old = planned(replace(shop, jobs=shop.jobs[:-1] or shop.jobs)).counted_from((0, 25, 100)[seed % 3])
            config = EngineConfig(
                warm_start=old, time_limit=0.02, workers=1, most_moves=2, frozen_hours=4.0,
                frozen_by_type=((first.type, 12.0),),
            )  # fmt: skip
            pinned = pin_zone(hit, config)
        except Unschedulable:
            continue
        for name in ("greedy", "right_shift", "repair", "best"):
            with time_limit_clock.of_workers(1):
                found = plan(ALL_ENGINES[name](hit, config))
            assert violations(hit, found) == (), (seed, name)
            zone = frozen_zone(hit, old, found, hours(hit, config))
            assert zone.moved == (), (seed, name)
            assert zone.released == pinned.released, (seed, name)
            assert set(zone.could_stay) <= pinned.places.keys(), (seed, name)
            if name == "repair":
                count = len(moves(zone.fixed_in(hit), old, found).moved)
                assert count <= 2, seed
                moved += count
        kept += len(pinned.places)
        released += len(pinned.released)
    assert min(kept, released, moved) > 20


@pytest.mark.parametrize("aim", [NAMED["even-load"], Objective(overtime=1.0)], ids=["even-load", "overtime"])
def test_what_a_replan_gains_beside_the_zone_is_measured_in_the_plant_itself(aim: Objective) -> None:
    """Machines closed for the zone count as not working in the plant that is searched, where the gain is another."""
    judged = 0
    for seed in range(40):
        shop = small_plant(seed)
        try:
            old = planned(shop)
        except Unschedulable:
            continue
        config = EngineConfig(objective=aim, warm_start=old, time_limit=0.02, workers=1, frozen_hours=24.0)
        kept = ALL_ENGINES["right_shift"](shop, config)
        assert isinstance(kept.report, RepairReport)
        assert kept.objective is not None
        assert kept.report.start_cost == kept.objective
        for name in ("repair", "best"):
            with time_limit_clock.of_workers(1):
                found = ALL_ENGINES[name](shop, config)
            assert isinstance(found.report, RepairReport)
            assert found.objective is not None
            assert found.report.start_cost == pytest.approx(kept.objective), seed
            assert found.objective <= kept.objective + 1e-9, (seed, name)
            stands = {a.key: (a.machines, a.start) for a in old.assignments}
            same = {a.key: (a.machines, a.start) for a in plan(found).assignments} == stands
            assert found.report.stays is same, (seed, name)
            assert same or not kept.report.stays or found.objective <= 0.99 * kept.objective, (seed, name)
            judged += 1
    assert judged > 40
