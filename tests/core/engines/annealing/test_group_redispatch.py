"""A group that is dispatched anew gives a valid schedule of the cost that was kept, and shares what it pushes aside."""

from __future__ import annotations

import pytest

from scheduler_core.engines.annealing import chain as chains
from scheduler_core.engines.annealing.group_redispatch import dispatch, try_dispatch
from scheduler_core.engines.annealing.machine_group import new_draft
from scheduler_core.engines.rules import seed_random
from scheduler_core.judge.validator import violations
from scheduler_core.objectives import Objective
from scheduler_core.plant import Plant
from scheduler_core.simulator.arrays import new_state
from scheduler_core.simulator.sequences import machine_sequences
from scheduler_core.simulator.sequences.machine_sequences import Sequences
from scheduler_core.simulator.simulator import to_schedule
from tests.support.plants import job, machine, operation, plant
from tests.support.sequences import chain_on, contents, loaded, movable_shops, two_before_one_on_both


def put_forward(given: Plant, o: int, at: int) -> Sequences:
    """The schedule of first fit once operation o is put forward to minute ``at``."""
    arrays, _, q, prices = loaded(given, "first-fit", Objective.TARDINESS)
    draft = new_draft(arrays)
    before = float(q.total[machine_sequences.JOBS])
    more = dispatch(arrays, q, draft, prices, o, at)
    machine_sequences.load(arrays, q, draft.pair, draft.end, None, prices)
    assert list(q.end) == list(draft.end)
    assert more == pytest.approx(float(q.total[machine_sequences.JOBS]) - before)
    return q


def test_what_is_pushed_aside_is_shared_by_the_machines() -> None:
    # Two by two on two machines. On its own machine D would push one job to the third place; two would end at 180 and 60.
    given = plant(*(job(name, operation(60, 1, 2), due=60) for name in "ABCD"), machines=[machine(1), machine(2)])
    q = put_forward(given, 3, 0)
    assert q.end[3] == 60
    assert sorted(q.end) == [60, 60, 120, 120]


def test_the_sequences_behind_are_taken_over_in_the_order_in_which_the_machines_get_free() -> None:
    minutes = {"A": 10, "B": 50, "C": 30, "D": 60, "E": 60, "F": 10}
    given = plant(*(job(name, operation(m, 1, 2), due=0) for name, m in minutes.items()), machines=[machine(1), machine(2)])
    before = loaded(given, "first-fit", Objective.TARDINESS)[2]
    # A, C, D and F on machine 1; B and E on machine 2, which is free for E ten minutes later than machine 1 for D.
    assert list(before.end) == [10, 50, 40, 100, 110, 110]
    # D and C on machine 1, A and B on machine 2, which is now free first: it takes over what follows D, and machine 1 has E.
    assert list(put_forward(given, 3, 0).end) == [10, 60, 90, 60, 150, 70]


def test_room_is_made_on_all_machines_of_an_operation_that_needs_several() -> None:
    assert list(put_forward(two_before_one_on_both(due=0), 2, 0).end) == [90, 90, 30]


def test_schedules_with_every_constraint_stay_valid_and_cost_what_the_chain_says() -> None:
    kept = 0
    for given, arrays, q, prices, rng in movable_shops():
        chain, draft = chain_on(arrays, q, prices), new_draft(arrays)
        seed_random(int(rng.integers(1000)))
        for _ in range(60):
            try_dispatch(arrays, q, draft, prices, chain, 1e6)
        kept += int(chain.number[chains.ACCEPTED])
        state = new_state(arrays)
        machine_sequences.store(arrays, q, state)
        assert violations(given, to_schedule(given, arrays, state)) == ()
        cost = float(machine_sequences.total_cost(arrays, q, prices))
        assert chain.cost[chains.HERE] == pytest.approx(cost)
        machine_sequences.load(arrays, q, q.pair.copy(), q.start.copy(), q.floor.copy(), prices)
        assert machine_sequences.total_cost(arrays, q, prices) == pytest.approx(cost)
    assert kept > 200


def test_what_is_not_kept_leaves_no_trace() -> None:
    refused = 0
    for _, arrays, q, prices, rng in movable_shops():
        chain, draft = chain_on(arrays, q, prices), new_draft(arrays)
        seed_random(int(rng.integers(1000)))
        for _ in range(60):
            accepted, cost = int(chain.number[chains.ACCEPTED]), float(chain.cost[chains.HERE])
            before = [x.copy() for x in contents(q)]
            try_dispatch(arrays, q, draft, prices, chain, 1e-9)
            if chain.number[chains.ACCEPTED] == accepted:
                refused += 1
                assert all((x == y).all() for x, y in zip(before, contents(q), strict=True))
            else:
                assert chain.cost[chains.HERE] <= cost + 1e-6
    assert refused > 200
