"""The dispatcher: its compiled form does what the readable one does, the judge agrees, and nothing real is looked at."""

from __future__ import annotations

import numpy as np
import pytest

from scheduler_core.errors import InvalidValue
from scheduler_core.floor.dispatcher import COUNT, Weights, learned_for
from scheduler_core.floor.events import Stream
from scheduler_core.floor.executions import ByLearned, Guide, by_prices, priced
from scheduler_core.floor.floor_arrays import FloorArrays
from scheduler_core.floor.floor_kernel import Begun, Truth
from scheduler_core.floor.learned_kernel import FEATURES
from scheduler_core.floor.learned_reference import LearnedFloor
from scheduler_core.floor.noise import NoisyDurations
from scheduler_core.floor.real_plant import real_plant
from scheduler_core.judge.validator import violations
from scheduler_core.simulator.arrays import NEVER
from tests.support.noisy_floors import NOISE, STREAMS

GUIDE = Guide(noise=NOISE)


def _weights(seed: int, to_come: float = 0.5) -> Weights:
    """Arbitrary weights, with which a machine waits now and then."""
    numbers = np.random.default_rng(seed).normal(0.0, 0.4, COUNT)
    numbers[FEATURES.index("to come")] = to_come
    return Weights.of(numbers)


def _floor(stream: Stream, seed: int) -> tuple[FloorArrays, Truth, Begun]:
    floor = FloorArrays(stream)
    truth = NoisyDurations(floor.plant, floor.known, NOISE).truth(seed, floor.job_ready, floor.job_gone)
    return floor, truth, floor.nothing_begun()


def test_decisions_and_waits_are_the_reference_s_and_obey_the_judge() -> None:
    waits = 0
    for seed, stream in STREAMS:
        floor, truth, _ = _floor(stream, seed)
        operations = priced(floor, ())
        for weights in (_weights(seed), _weights(seed + 100, 2.0)):
            begun = floor.nothing_begun()
            ByLearned(weights)(floor, truth, GUIDE, begun, 0, NEVER)
            executed = floor.schedule(begun)
            learned = learned_for(floor.known, operations, weights, NOISE.variations(floor.plant))
            reference = LearnedFloor(stream, NOISE, seed, floor.known, operations, learned)
            assert {a.key: a for a in executed.assignments} == {a.key: a for a in reference.run().assignments}, seed
            assert violations(real_plant(stream, NOISE, seed, executed), executed) == ()
            waits += reference.waits
    assert waits > 10


def test_without_weights_it_is_the_way_prices() -> None:
    for seed, stream in STREAMS[:8]:
        floor, truth, begun = _floor(stream, seed)
        ByLearned(Weights.prices_alone())(floor, truth, GUIDE, begun, 0, NEVER)
        _, _, usual = _floor(stream, seed)
        by_prices(floor, truth, GUIDE, usual, 0, NEVER)
        assert floor.schedule(begun) == floor.schedule(usual)


def test_no_decision_looks_at_the_real_duration_of_what_runs() -> None:
    compared = 0
    for seed, stream in STREAMS:
        way, (floor, truth, usual) = ByLearned(_weights(seed)), _floor(stream, seed)
        way(floor, truth, GUIDE, usual, 0, NEVER)
        for o in np.flatnonzero(usual.pair >= 0)[:3]:
            log = truth.pair_log + np.where(floor.known.pair_op == o, 1.5, 0.0)
            longer = floor.nothing_begun()
            way(floor, truth._replace(pair_log=log), GUIDE, longer, 0, NEVER)
            before = (usual.pair >= 0) & (usual.start < usual.end[o])
            assert np.array_equal(before, (longer.pair >= 0) & (longer.start < usual.end[o])), (seed, o)
            assert np.array_equal(usual.pair[before], longer.pair[before]), (seed, o)
            assert np.array_equal(usual.start[before], longer.start[before]), (seed, o)
            compared += int(before.sum())
    assert compared > 100


def test_weights_of_another_size_or_not_finite_are_refused() -> None:
    with pytest.raises(InvalidValue, match=f"must be {COUNT} numbers"):
        Weights.of(np.zeros(COUNT + 1))
    with pytest.raises(InvalidValue, match="finite"):
        Weights.of(np.full(COUNT, np.nan))
