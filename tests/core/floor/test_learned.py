"""The dispatcher: its compiled form does what the readable one does, the judge agrees, and nothing real is looked at."""

from __future__ import annotations

import numpy as np
import pytest

from scheduler_core.errors import InvalidValue
from scheduler_core.floor.dispatcher import COUNT, Weights, learned_for
from scheduler_core.floor.executions import ByLearned, Guide, by_prices, priced
from scheduler_core.floor.floor_arrays import FloorArrays
from scheduler_core.floor.floor_kernel import Begun, Truth
from scheduler_core.floor.learned_kernel import FEATURES
from scheduler_core.floor.learned_reference import LearnedFloor
from scheduler_core.floor.noise import NoisyDurations
from scheduler_core.floor.real_plant import real_plant
from scheduler_core.judge.validator import violations
from scheduler_core.simulator.arrays import NEVER
from tests.core.floor.test_floor_kernel import NOISE, STREAMS

GUIDE = Guide(noise=NOISE)


def _weights(seed: int, to_come: float = 0.5) -> Weights:
    """Arbitrary weights, with which a machine waits now and then."""
    numbers = np.random.default_rng(seed).normal(0.0, 0.4, COUNT)
    numbers[FEATURES.index("to come")] = to_come
    return Weights.of(numbers)


def _floor(stream: object, seed: int) -> tuple[FloorArrays, Truth, Begun]:
    floor = FloorArrays(stream)  # type: ignore[arg-type]
    truth = NoisyDurations(floor.plant, floor.known, NOISE).truth(seed, floor.job_ready, floor.job_gone)
    return floor, truth, floor.nothing_begun()


def test_decisions_and_waits_are_the_reference_s_and_obey_the_judge() -> None:
    waits = 0
    for seed, stream in STREAMS:
        weights = _weights(seed)
        floor, truth, begun = _floor(stream, seed)
        ByLearned(weights)(floor, truth, GUIDE, begun, 0, NEVER)
        executed = floor.schedule(begun)
        operations = priced(floor, ())
        learned = learned_for(floor.known, operations, weights, NOISE.variations(floor.plant))
        reference = LearnedFloor(stream, NOISE, seed, floor.known, operations, learned)
        by_key = {a.key: a for a in reference.run().assignments}
        assert {a.key: a for a in executed.assignments} == by_key, seed
        assert violations(real_plant(stream, NOISE, seed, executed), executed) == ()
        waits += reference.waits
    assert waits > 20
