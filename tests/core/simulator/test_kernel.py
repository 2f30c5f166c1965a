"""The compiled kernel and its readable twin build the same schedules step by step, and the judge finds them valid."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler_core.errors import Unschedulable
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Calendar, Downtime, Fixed, Plant, SetupEntry
from scheduler_core.simulator import kernel, reference
from scheduler_core.simulator.reference import ReferenceSimulator
from scheduler_core.simulator.simulator import IllegalMove, Simulator
from tests.support.lockstep import run_in_lockstep
from tests.support.plants import ALWAYS, DAY, at, job, machine, operation, plant, schedule
from tests.support.random_plants import small_plant
from tests.support.strategies import plants

SEEDS, GROUPS = 1500, 15


def assert_twins_agree(plant: Plant, seed: int) -> bool:
    """Same steps and a valid schedule, or the same refusal. Returns whether there is a schedule."""
    rng = np.random.default_rng(seed)
    try:
        Simulator(plant)
    except Unschedulable:
        with pytest.raises(Unschedulable):
            ReferenceSimulator(plant)
        return False
    built = run_in_lockstep(plant, lambda n: int(rng.integers(n)))
    assert violations(plant, built) == ()
    return True


@pytest.mark.slow
@pytest.mark.parametrize("group", range(GROUPS))
def test_kernel_and_reference_agree(group: int) -> None:
    seeds = range(group, SEEDS, GROUPS)
    scheduled = 0
    for seed in seeds:
        try:
            scheduled += assert_twins_agree(small_plant(seed), seed)
        except AssertionError as wrong:
            raise AssertionError(f"plant {seed}: {wrong}") from wrong
    assert scheduled > 0.75 * len(seeds)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(plants(), st.integers(0, 2**32))
def test_kernel_and_reference_agree_on_shrinkable_plants(shop: Plant, seed: int) -> None:
    assert_twins_agree(shop, seed)


def test_the_random_plants_hold_what_matters() -> None:
    """Guards the tests above against agreeing about nothing in particular."""
    shops = [small_plant(seed) for seed in range(200)]
    operations = [op for p in shops for j in p.jobs for op in j.operations]
    mid_job = [j for p in shops for j in p.jobs if any(o.fixed and not before.fixed for before, o in pairwise(j.operations))]
    assert len(mid_job) > 20
    assert sum(op.fixed is not None and op.fixed.start < 0 for op in operations) > 20
    assert sum(op.requires_all for op in operations) > 100
    assert sum(len(p.calendars) > 1 for p in shops) > 50
    assert sum(len(p.setup_matrix) > 0 for p in shops) > 50
    assert sum(bool(m.downtime) for p in shops for m in p.machines) > 100
    assert sum(any(w.kind == "overtime" for w in c.week) for p in shops for c in p.calendars) > 50


def test_the_booking_horizon_is_stated_twice_alike() -> None:
    assert kernel.BOOKING_HORIZON == reference.BOOKING_HORIZON


# ---------------------------------------------------------------- single rules, by hand
def first_choices(shop: Plant) -> ReferenceSimulator:
    """The schedule of always the first candidate and machine, made by both."""
    run_in_lockstep(shop, lambda n: 0)
    simulator = ReferenceSimulator(shop)
    while not simulator.done:
        job = simulator.candidates()[0]
        simulator.dispatch(job, simulator.machines(job)[0])
    return simulator


def test_a_setup_comes_first_and_the_next_of_the_family_needs_none() -> None:
    shop = plant(
        job("J1", operation(60, setup_minutes=30), family="A"),
        job("J2", operation(50, setup_minutes=20), family="A"),
        job("J3", operation(40, setup_minutes=10), family="B"),
        setups=[SetupEntry(1, "A", "B", 25)],
    )
    built = first_choices(shop).schedule()
    assert built == schedule(at("J1", 1, 1, 0, 90, 30), at("J2", 1, 1, 90, 140), at("J3", 1, 1, 140, 205, 25))


def test_an_operation_that_would_run_into_a_fixed_one_waits_until_after_it() -> None:
    shop = plant(
        job("fixed", operation(30, fixed=Fixed((1,), 100, 130))),
        job("long", operation(101)),
        job("short", operation(100)),
    )
    built = first_choices(shop).schedule()
    assert built.by_operation["short", 1] == at("short", 1, 1, 0, 100)
    assert built.by_operation["long", 1] == at("long", 1, 1, 130, 231)


def test_several_machines_are_booked_once_one_is_free_and_the_rest_soon_will_be() -> None:
    def shop(busy: int) -> Plant:
        return plant(
            job("busy", operation(busy, 2, fixed=Fixed((2,), -10, busy))),
            job("other", operation(500, 1), release=1),
            job("both", operation(10, 1, 2, requires_all=True)),
            machines=[machine(1), machine(2)],
        )

    assert first_choices(shop(240)).schedule().by_operation["both", 1] == at("both", 1, (1, 2), 240, 250)
    held_too_long = first_choices(shop(241)).schedule()
    assert held_too_long.by_operation["other", 1] == at("other", 1, 1, 1, 501)
    assert held_too_long.by_operation["both", 1] == at("both", 1, (1, 2), 501, 511)


def test_a_dispatch_makes_nobody_a_candidate_in_the_same_minute() -> None:
    """With its setup, "both" would run into the fixed operation; once "quick" has set machine 1 up, it would not."""
    shop = plant(
        job("quick", operation(1, 1)),
        job("both", operation(40, 1, 2, requires_all=True, setup_minutes=30)),
        job("fixed", operation(10, 2, fixed=Fixed((2,), 60, 70))),
        machines=[machine(1, initial_family="B"), machine(2, initial_family="A")],
    )
    simulator = ReferenceSimulator(shop)
    assert (simulator.now, simulator.candidates()) == (0, [0])
    simulator.dispatch(0, (1,))
    assert (simulator.now, simulator.candidates()) == (1, [1])
    assert run_in_lockstep(shop, lambda n: 0).by_operation["both", 1] == at("both", 1, (1, 2), 1, 41)


def test_a_plan_goes_on_after_the_last_listed_minute() -> None:
    weeks = 40
    shop = plant(
        job("J1", operation(60, 1), operation(60, 1), release=weeks * 7 * DAY),
        job("J2", operation(weeks * 5 * 480, 2)),
        machines=[machine(1, calendar="office"), machine(2, calendar="office")],
    )
    built = first_choices(shop).schedule()
    assert built.by_operation["J1", 2] == at("J1", 2, 1, weeks * 7 * DAY + 60, weeks * 7 * DAY + 120)
    assert violations(shop, built) == ()


def test_a_plant_without_jobs_is_done_at_once() -> None:
    simulator = Simulator(plant())
    assert simulator.done
    assert simulator.candidates() == []
    assert simulator.schedule() == schedule()
    assert run_in_lockstep(plant(), lambda n: 0) == schedule()


def test_a_plant_in_which_everything_is_fixed_is_done_at_once() -> None:
    shop = plant(job("J", operation(30, fixed=Fixed((1,), -10, 20)), operation(5, fixed=Fixed((1,), 40, 45))))
    assert run_in_lockstep(shop, lambda n: 0) == schedule(at("J", 1, 1, -10, 20), at("J", 2, 1, 40, 45))


# ---------------------------------------------------------------- refusals
NEVER = Calendar("never", ())
MONDAYS = Calendar("mondays", tuple(w for w in ALWAYS.week if w.day == 1))
TUESDAYS = Calendar("tuesdays", tuple(w for w in ALWAYS.week if w.day == 2))


def test_operations_that_can_never_run_are_refused_by_name() -> None:
    shop = plant(
        job("possible", operation(5, 1)),
        job("dead", operation(5, 1), operation(5, 2, process="drill")),
        job("never together", operation(5, 3, 4, requires_all=True, process="press")),
        machines=[machine(1), machine(2, calendar="never"), machine(3, calendar="mondays"), machine(4, calendar="tuesdays")],
        calendars=[ALWAYS, NEVER, MONDAYS, TUESDAYS],
    )
    with pytest.raises(Unschedulable) as refused:
        Simulator(shop)
    message = str(refused.value)
    assert "job dead operation 2 (drill)" in message
    assert "job never together operation 1 (press)" in message
    assert "possible" not in message
    with pytest.raises(Unschedulable, match="job dead operation 2"):
        ReferenceSimulator(shop)


def test_a_long_list_of_refused_operations_is_cut() -> None:
    shop = plant(
        *(job(f"J{i}", operation(5)) for i in range(25)), machines=[machine(1, calendar="never")], calendars=[NEVER]
    )
    with pytest.raises(Unschedulable, match=r"J9 operation 1 .* and 15 more"):
        Simulator(shop)


def test_an_operation_fixed_on_a_machine_that_never_works_is_no_obstacle() -> None:
    shop = plant(
        job("J", operation(30, 2, fixed=Fixed((2,), 10, 20)), operation(5, 1)),
        machines=[machine(1), machine(2, calendar="never")],
        calendars=[ALWAYS, NEVER],
    )
    assert run_in_lockstep(shop, lambda n: 0) == schedule(at("J", 1, 2, 10, 20), at("J", 2, 1, 20, 25))


def test_illegal_moves_are_refused() -> None:
    simulator = Simulator(
        plant(
            job("J1", operation(60, 1, 2)),
            job("J2", operation(10, 1), release=600),
            machines=[machine(1), machine(2, downtime=(Downtime(0, 30),))],
        )
    )
    assert simulator.candidates() == [0]
    assert simulator.machines(0) == [0]
    with pytest.raises(IllegalMove, match="job index 1 is not a candidate at minute 0"):
        simulator.dispatch(1, 2)
    with pytest.raises(IllegalMove, match="pair 1 is not legal for job index 0 at minute 0"):
        simulator.dispatch(0, 1)
    simulator.dispatch(0, 0)
    assert simulator.now == 600


def test_starting_again_gives_the_same_schedule() -> None:
    simulator = Simulator(small_plant(3))
    schedules = []
    for _ in range(2):
        while not simulator.done:
            job = simulator.candidates()[-1]
            simulator.dispatch(job, simulator.machines(job)[-1])
        schedules.append(simulator.schedule())
        simulator.start()
    assert schedules[0] == schedules[1]
    assert simulator.now == Simulator(small_plant(3)).now
