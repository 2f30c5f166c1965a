"""The estimate of a dispatch is what it really costs where only the group's machines are in play, and changes nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest

from scheduler_core.engines.annealing.acceptance import PATIENCE
from scheduler_core.engines.annealing.annealing_loop import anneal
from scheduler_core.engines.annealing.group_redispatch import OWN, dispatch
from scheduler_core.engines.annealing.machine_group import new_draft
from scheduler_core.engines.annealing.proposals import costly_job, trace
from scheduler_core.engines.annealing.redispatch_estimates import dispatch_estimate
from scheduler_core.engines.rules import seed_random
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.objectives import Objective
from scheduler_core.simulator.arrays import PlantArrays
from scheduler_core.simulator.sequences import machine_sequences
from scheduler_core.simulator.sequences.machine_sequences import Sequences
from tests.support.plants import job, machine, operation, plant
from tests.support.sequences import chain_on, contents, loaded, movable_shops, single_operations, two_before_one_on_both


def draw_dispatch(rng: np.random.Generator, arrays: PlantArrays, q: Sequences) -> tuple[int, int] | None:
    """A movable operation and a minute before its start when its job is ready for it; None if there is none."""
    o = int(rng.choice(np.flatnonzero(q.place >= 0)))
    at = draw_minute(rng, arrays, q, o)
    return None if at is None else (o, at)


def draw_minute(rng: np.random.Generator, arrays: PlantArrays, q: Sequences, o: int) -> int | None:
    ready = max(int(machine_sequences.job_ready(arrays, q, o)), int(q.floor[o]))
    return int(rng.integers(ready, q.start[o])) if ready < q.start[o] else None


def test_where_each_job_is_one_operation_it_is_exact() -> None:
    finite, useless = 0, 0
    for seed in range(8):
        arrays, _, q, prices = loaded(single_operations(seed), "EDD", Objective.TARDINESS)
        draft, rng = new_draft(arrays), np.random.default_rng(seed)
        for _ in range(200):
            drawn = draw_dispatch(rng, arrays, q)
            if drawn is None:
                continue
            estimate = dispatch_estimate(arrays, q, draft, prices, *drawn)
            # Of those that start together the estimate takes the first machine's first.
            draft.order[:] = np.lexsort((arrays.pair_machine[q.pair], q.start))
            more = dispatch(arrays, q, draft, prices, *drawn)
            assert math.isinf(estimate) == (draft.end[drawn[0]] >= q.end[drawn[0]])
            if math.isinf(estimate):
                useless += 1
            else:
                assert estimate == pytest.approx(more, abs=1e-9)
                finite += 1
    assert finite > 500
    assert useless > 50


def test_an_operation_on_several_machines_pushes_aside_what_stands_on_all_of_them() -> None:
    arrays, _, q, prices = loaded(two_before_one_on_both(due=60), "first-fit", Objective.TARDINESS)
    draft = new_draft(arrays)
    # W is an hour less late, A and B half an hour each.
    assert dispatch_estimate(arrays, q, draft, prices, 2, 0) == pytest.approx(0.0, abs=1e-9)
    assert dispatch(arrays, q, draft, prices, 2, 0) == pytest.approx(0.0, abs=1e-9)


def test_what_is_far_away_is_left_out() -> None:
    # D goes before A, which ends ten minutes later and pushes E aside on machine 2: that is beyond the group.
    given = plant(
        job("A", operation(60, 1), operation(60, 2), due=120),
        job("E", operation(60, 2), release=120, due=180),
        job("D", operation(10, 1), due=10),
        machines=[machine(1), machine(2)],
    )
    arrays, _, q, prices = loaded(given, "first-fit", Objective.TARDINESS)
    assert list(q.end) == [60, 120, 180, 70]
    draft = new_draft(arrays)
    per_minute = float(machine_sequences.total_cost(arrays, q, prices)) / 60
    assert dispatch(arrays, q, draft, prices, 3, 0) == pytest.approx((-60 + 10 + 10) * per_minute, rel=1e-4)
    assert dispatch_estimate(arrays, q, draft, prices, 3, 0) == pytest.approx((-60 + 10) * per_minute, rel=1e-4)


def test_it_changes_no_schedule() -> None:
    drawn = 0
    for _, arrays, q, prices, rng in movable_shops():
        draft = new_draft(arrays)
        before = [x.copy() for x in contents(q)]
        for _ in range(60):
            if (dispatch := draw_dispatch(rng, arrays, q)) is not None:
                dispatch_estimate(arrays, q, draft, prices, *dispatch)
                drawn += 1
        assert all((x == y).all() for x, y in zip(before, contents(q), strict=True))
    assert drawn > 200


@pytest.mark.slow
def test_in_a_search_it_refuses_most_of_what_costs_more_and_passes_most_of_what_gains() -> None:
    arrays, _, q, prices = loaded(random_plant(5, PlantShape(200, 40)), "WATC", Objective.TARDINESS)
    chain, draft, rng = chain_on(arrays, q, prices), new_draft(arrays), np.random.default_rng(5)
    temperature = 0.4 * float(q.total[machine_sequences.JOBS]) / len(q.share)
    seed_random(5)
    anneal(arrays, q, draft, prices, chain, 10_000, temperature)
    losses, refused, gains, passed = 0, 0, 0, 0
    for _ in range(6000):
        o = trace(arrays, q, costly_job(arrays, q, prices), chain, bool(rng.random() < OWN))
        at = None if o < 0 else draw_minute(rng, arrays, q, o)
        if at is None:
            continue
        more = dispatch(arrays, q, draft, prices, o, at)
        refuses = dispatch_estimate(arrays, q, draft, prices, o, at) > PATIENCE * temperature
        if more > PATIENCE * temperature:
            losses += 1
            refused += refuses
        elif more < -1e-9:
            gains += 1
            passed += not refuses
    assert losses > 300
    assert refused > 0.8 * losses
    assert gains > 50
    assert passed > 0.7 * gains
