"""Replay: the same sequences, each operation as early as they allow, and never later than in a valid schedule."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from scheduler_core.errors import Unschedulable
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Downtime, Fixed, Plant, SetupEntry
from scheduler_core.schedule import Schedule
from scheduler_core.simulator.simulator import IllegalMove, Simulator, replay
from tests.support.plants import at, job, machine, operation, plant, schedule
from tests.support.random_plants import small_plant
from tests.support.strategies import plants


def random_schedule(shop: Plant, seed: int) -> Schedule:
    """A schedule of random choices. Raises Unschedulable."""
    simulator, rng = Simulator(shop), np.random.default_rng(seed)
    while not simulator.done:
        job = int(rng.choice(simulator.candidates()))
        simulator.dispatch(job, int(rng.choice(simulator.machines(job))))
    return simulator.schedule()


def scheduled(seeds: range) -> Iterator[tuple[Plant, Schedule]]:
    for seed in seeds:
        shop = small_plant(seed)
        try:
            yield shop, random_schedule(shop, seed)
        except Unschedulable:
            continue


def delayed(shop: Plant, minutes: int) -> Plant:
    """The plant with every release later, so that its schedules are late ones of the original."""
    jobs = (replace(j, release=max(j.release, minutes)) for j in shop.jobs)
    return replace(shop, jobs=tuple(jobs))


def assert_nothing_ends_later(replayed: Schedule, original: Schedule) -> None:
    assert replayed.by_operation.keys() == original.by_operation.keys()
    for key, place in replayed.by_operation.items():
        before = original.by_operation[key]
        assert place.machines == before.machines
        assert place.start <= before.start
        assert place.end <= before.end


def sequences(plan: Schedule) -> dict[int, list[tuple[str, int]]]:
    return {m: [a.key for a in line] for m, line in plan.by_machine.items()}


@pytest.mark.slow
@pytest.mark.parametrize("group", range(4))
def test_replaying_a_schedule_ends_nothing_later(group: int) -> None:
    for shop, original in scheduled(range(group * 100, group * 100 + 100)):
        replayed = replay(shop, original)
        assert violations(shop, replayed) == ()
        assert_nothing_ends_later(replayed, original)
        assert sequences(replayed) == sequences(original)
        assert replay(shop, replayed) == replayed


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(plants(), st.integers(0, 2**32))
def test_replaying_a_shrinkable_schedule_ends_nothing_later(shop: Plant, seed: int) -> None:
    try:
        original = random_schedule(shop, seed)
    except Unschedulable:
        assume(False)
        raise
    replayed = replay(shop, original)
    assert violations(shop, replayed) == ()
    assert_nothing_ends_later(replayed, original)


def test_late_schedules_are_pulled_forward() -> None:
    earlier = 0
    for shop, _ in scheduled(range(1000, 1150)):
        if any(op.fixed for j in shop.jobs for op in j.operations):
            continue  # what is reserved would lie elsewhere in the delayed plant
        late = random_schedule(delayed(shop, 2000), 7)
        assert violations(shop, late) == ()
        replayed = replay(shop, late)
        assert violations(shop, replayed) == ()
        assert_nothing_ends_later(replayed, late)
        earlier += sum(a.start for a in replayed.assignments) < sum(a.start for a in late.assignments)
    assert earlier > 30


SHOP = plant(
    job("J1", operation(60, 1, setup_minutes=10), operation(30, 2)),
    job("J2", operation(20, 1), family="B"),
    machines=[machine(1), machine(2)],
    setups=[SetupEntry(1, "A", "B", 15), SetupEntry(1, "B", "A", 5)],
)


def test_gaps_close_and_setups_stay_those_of_the_sequence() -> None:
    late = schedule(at("J1", 1, 1, 100, 170, 10), at("J2", 1, 1, 300, 335, 15), at("J1", 2, 2, 400, 430))
    assert replay(SHOP, late) == schedule(at("J1", 1, 1, 0, 70, 10), at("J1", 2, 2, 70, 100), at("J2", 1, 1, 70, 105, 15))


def test_fixed_operations_stay_and_the_rest_keeps_its_side_of_them() -> None:
    shop = plant(
        job("fixed", operation(20, fixed=Fixed((1,), 100, 120))),
        job("before", operation(30)),
        job("after", operation(30)),
    )
    late = schedule(at("fixed", 1, 1, 100, 120), at("before", 1, 1, 65, 95), at("after", 1, 1, 400, 430))
    assert replay(shop, late) == schedule(
        at("fixed", 1, 1, 100, 120), at("before", 1, 1, 0, 30), at("after", 1, 1, 120, 150)
    )


@pytest.mark.parametrize(
    "late",
    [
        schedule(at("J", 1, 1, 70, 100), at("J", 2, 1, 200, 210), at("K", 1, 1, 20, 50)),
        schedule(at("J", 1, 2, 150, 180), at("J", 2, 1, 200, 210), at("K", 1, 1, 5, 35)),
    ],
    ids=["another sequence", "another machine"],
)
def test_what_comes_before_a_fixed_operation_may_lie_where_the_simulator_would_not_reserve_it(late: Schedule) -> None:
    shop = plant(
        job("J", operation(30, 1, 2), operation(10, 1, fixed=Fixed((1,), 200, 210))),
        job("K", operation(30, 1)),
        machines=[machine(1), machine(2)],
    )
    assert violations(shop, late) == ()
    replayed = replay(shop, late)
    assert violations(shop, replayed) == ()
    assert_nothing_ends_later(replayed, late)
    assert sequences(replayed) == sequences(late)
    assert sum(a.start for a in replayed.assignments) < sum(a.start for a in late.assignments)


def test_a_valid_schedule_is_replayed_even_where_the_simulator_finds_no_room() -> None:
    """Placing J's first operation as early as possible takes the room that K's needs."""
    shop = plant(
        job("J", operation(40), operation(10, fixed=Fixed((1,), 100, 110))),
        job("K", operation(10), operation(10, 2), operation(10, fixed=Fixed((1,), 110, 120))),
        machines=[machine(1), machine(2, downtime=(Downtime(20, 108),))],
    )
    found = schedule(
        at("K", 1, 1, 0, 10), at("K", 2, 2, 10, 20), at("J", 1, 1, 15, 55), at("J", 2, 1, 100, 110), at("K", 3, 1, 110, 120)
    )
    with pytest.raises(Unschedulable):
        Simulator(shop)
    assert violations(shop, found) == ()
    assert replay(shop, found).by_operation["J", 1] == at("J", 1, 1, 10, 50)


def test_a_machine_that_is_not_eligible_is_refused() -> None:
    wrong = schedule(at("J1", 1, 2, 0, 60), at("J1", 2, 2, 60, 90), at("J2", 1, 1, 0, 20))
    with pytest.raises(IllegalMove, match="job J1 operation 1 cannot run on machine 2"):
        replay(SHOP, wrong)
