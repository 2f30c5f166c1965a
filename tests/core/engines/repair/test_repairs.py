"""Right-shift and repair: hand-computed small cases, and random plants before the judge."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from scheduler_core.engines import greedy, time_limit_clock
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.repair import best, calm, right_shift
from scheduler_core.errors import InvalidValue, KeepBest, Unschedulable
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Downtime, Fixed, Plant, SetupEntry
from scheduler_core.schedule import Assignment, Schedule
from scheduler_core.simulator.arrays import pack
from tests.support.plants import job, machine, operation, plant
from tests.support.random_plants import small_plant


def push(changed: Plant, current: Schedule) -> dict[tuple[str, int], tuple[tuple[int, ...], int, int]]:
    found = right_shift.schedule(changed, EngineConfig(warm_start=current)).schedule
    assert found is not None
    assert violations(changed, found) == ()
    return {a.key: (a.machines, a.start, a.end) for a in found.assignments}


def down(of: Plant, number: int, start: int, end: int) -> Plant:
    return replace(
        of, machines=tuple(replace(m, downtime=(Downtime(start, end),)) if m.id == number else m for m in of.machines)
    )


TWO = plant(
    job("A", operation(60, 1), operation(30, 2)),
    job("B", operation(60, 1, 2)),
    job("C", operation(40, 2)),
    machines=(machine(1), machine(2)),
)
PLAN = Schedule((
    Assignment("A", 1, (1,), 0, 60), Assignment("A", 2, (2,), 60, 90), Assignment("B", 1, (1,), 60, 120),
    Assignment("C", 1, (2,), 200, 240),
))  # fmt: skip


def test_nothing_happened_and_nothing_moves() -> None:
    assert push(TWO, PLAN) == {a.key: (a.machines, a.start, a.end) for a in PLAN.assignments}


def test_a_breakdown_pauses_what_runs_and_pushes_what_follows_and_no_more() -> None:
    # A runs 0-20, pauses 20-50, ends at 90; its second step follows at 90, B behind it on machine 1; C is not reached.
    assert push(down(TWO, 1, 20, 50), PLAN) == {
        ("A", 1): ((1,), 0, 90), ("A", 2): ((2,), 90, 120), ("B", 1): ((1,), 90, 150), ("C", 1): ((2,), 200, 240),
    }  # fmt: skip


def test_what_is_pushed_passes_by_a_fixed_operation() -> None:
    stays = replace(TWO.jobs[2], operations=(replace(TWO.jobs[2].operations[0], fixed=Fixed((2,), 200, 240)),))
    changed = down(replace(TWO, jobs=(*TWO.jobs[:2], stays)), 1, 20, 150)
    # A1 ends at 190; A2 (30 min) does not fit before 200 and goes behind C.
    assert push(changed, PLAN)["A", 2] == ((2,), 240, 270)


def test_an_operation_that_lost_its_machine_goes_where_it_ends_first() -> None:
    moved = replace(TWO.jobs[1], operations=(replace(TWO.jobs[1].operations[0], machines=(2,)),))
    assert push(replace(TWO, jobs=(TWO.jobs[0], moved, TWO.jobs[2])), PLAN)["B", 1] == ((2,), 90, 150)


def test_a_new_job_goes_into_the_first_gap_that_hurts_nobody() -> None:
    changed = replace(TWO, jobs=(*TWO.jobs, job("R", operation(100, 2))))
    found = push(changed, PLAN)
    assert found["R", 1] == ((2,), 90, 190)  # between A's second step (to 90) and C (from 200)
    assert {k: v for k, v in found.items() if k[0] != "R"} == push(TWO, PLAN)
    longer = replace(TWO, jobs=(*TWO.jobs, job("R", operation(111, 2))))
    assert push(longer, PLAN)["R", 1] == ((2,), 240, 351)


def test_the_setup_behind_a_new_job_must_fit_as_well() -> None:
    """C follows A without setup; behind R, of another family, it needs 15 minutes, and still ends at 240."""
    setups = (SetupEntry(1, "A", "B", 0), SetupEntry(1, "B", "A", 15))
    with_setups = replace(TWO, setup_matrix=setups)
    room = replace(with_setups, jobs=(*TWO.jobs, job("R", operation(95, 2), family="B")))
    assert push(room, PLAN)["R", 1] == ((2,), 90, 185)
    assert push(room, PLAN)["C", 1] == ((2,), 185, 240)
    tight = replace(with_setups, jobs=(*TWO.jobs, job("R", operation(96, 2), family="B")))
    assert push(tight, PLAN)["R", 1] == ((2,), 240, 336)


def test_a_new_job_makes_nothing_start_noticeably_earlier() -> None:
    """With 16 minutes of setup C would start at 184 instead of 200: a move that nobody asked for."""
    setups = (SetupEntry(1, "A", "B", 0), SetupEntry(1, "B", "A", 16))
    shop = replace(TWO, setup_matrix=setups, jobs=(*TWO.jobs, job("R", operation(50, 2), family="B")))
    assert push(shop, PLAN)["R", 1] == ((2,), 240, 290)
    assert push(shop, PLAN)["C", 1] == ((2,), 200, 240)


def test_repair_finds_the_other_machine() -> None:
    shop = plant(
        job("A", operation(60, 1, 2), due=60), job("B", operation(60, 1, 2), due=120), machines=(machine(1), machine(2))
    )
    now = Schedule((Assignment("A", 1, (1,), 0, 60), Assignment("B", 1, (1,), 60, 120)))
    found = calm.schedule(down(shop, 1, 0, 600), EngineConfig(warm_start=now, time_limit=0.2, workers=1))
    assert found.schedule is not None
    assert found.objective is not None
    assert {a.machines for a in found.schedule.assignments} == {(2,)}
    assert found.objective < 1e-3
    assert violations(down(shop, 1, 0, 600), found.schedule) == ()


def test_the_limit_counts_seconds_on_the_clock_of_time_limits() -> None:
    """On the clock of two workers, one worker's search of 0.3 s takes 0.6 CPU seconds, whatever the wall clock says."""
    shop = small_plant(3)
    now = greedy.schedule(shop, EngineConfig(rule="EDD")).schedule
    hit = down(shop, shop.machines[0].id, 30, 300)
    config = EngineConfig(warm_start=now, time_limit=0.3, workers=1)
    # Loads the compiled search, which is not part of what is measured.
    calm.schedule(hit, replace(config, time_limit=0.01))
    began = time.process_time()

    def not_for_ever(share: float, message: str) -> None:
        if time.process_time() - began > 5:
            raise KeepBest

    with time_limit_clock.of_workers(2):
        found = calm.schedule(hit, config, not_for_ever)
    assert 0.6 <= time.process_time() - began < 3
    assert 0.3 <= found.seconds < 1.5


@pytest.mark.parametrize("engine", [right_shift, calm, best])
def test_a_repair_needs_a_plan(engine: object) -> None:
    with pytest.raises(InvalidValue, match="warm_start: None is missing"):
        engine.schedule(TWO, EngineConfig())  # type: ignore[attr-defined]


@pytest.mark.slow
def test_random_plants_pass_the_judge() -> None:
    judged = 0
    for seed in range(60):
        shop = small_plant(seed)
        try:
            now = greedy.schedule(replace(shop, jobs=shop.jobs[:-1] or shop.jobs), EngineConfig(rule="EDD")).schedule
            hit = down(shop, shop.machines[0].id, 30, 300)
            config = EngineConfig(warm_start=now, time_limit=0.02, workers=1)
            results = [right_shift.schedule(hit, config), calm.schedule(hit, config)]
        except Unschedulable:
            continue
        pushed, repaired = results
        assert pushed.schedule is not None
        assert repaired.schedule is not None
        assert violations(hit, pushed.schedule) == violations(hit, repaired.schedule) == (), seed
        assert pushed.objective is not None
        assert repaired.objective is not None
        assert repaired.objective <= pushed.objective + 1e-9
        judged += 1
    assert judged > 30


def test_reservations_before_a_fixed_operation_keep_their_hold() -> None:
    """The predecessor of a fixed operation holds its machine from the end of the reservation before it."""
    shop = plant(
        job("A", operation(30, 1), operation(30, 2, fixed=Fixed((2,), 100, 130))), job("B", operation(20, 1)),
        machines=(machine(1), machine(2)),
    )  # fmt: skip
    assert (pack(shop).op_reserved_pair >= 0).sum() == 2
    assert push(shop, Schedule((Assignment("B", 1, (1,), 0, 20),)))["B", 1] == ((1,), 30, 50)
