"""Scores of a machine's candidates, from a plant as pulled: what they are made of, and that the floor goes by them."""

from __future__ import annotations

import numpy as np
import pytest

from scheduler_core.errors import InvalidValue
from scheduler_core.floor.dispatch_scores import scores
from scheduler_core.floor.dispatcher import COUNT, Weights, shipped
from scheduler_core.floor.events import Stream
from scheduler_core.floor.executions import ByLearned, Guide
from scheduler_core.floor.learned_kernel import FEATURES
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.floor.ways import NoisyFloor, Way
from scheduler_core.plant import Fixed, Plant
from tests.support.plants import job, machine, operation, plant


def _weights(to_come: float) -> Weights:
    numbers = np.zeros(COUNT)
    numbers[FEATURES.index("to come")] = to_come
    return Weights.of(numbers)


def _plant(*, important: bool = False) -> Plant:
    """On machine 2, LONG and SHORT are ready, and LATE comes from machine 1 at minute 40."""
    return plant(
        job("LATE", operation(40, 1, fixed=Fixed((1,), 0, 40)), operation(60, 2), due=100, important=important),
        job("LONG", operation(300, 2), due=2000),
        job("SHORT", operation(30, 2), due=2000),
        machines=[machine(1), machine(2)],
    )


def test_a_score_is_the_sum_of_its_parts() -> None:
    found = scores(_plant(), 2, Guide(), shipped())
    assert {s.job for s in found} >= {"LONG", "SHORT"}
    for s in found:
        assert s.score == pytest.approx(sum(s.parts.values()))
        assert s.parts["learned"] == pytest.approx(sum(s.learned.values()))
        assert set(s.learned) == {*FEATURES, "together"}
    assert [s.score for s in found] == sorted((s.score for s in found), reverse=True)


def test_an_urgent_operation_to_come_makes_the_machine_wait_and_one_that_is_not_is_no_candidate() -> None:
    p = _plant(important=True)
    without_short = plant(*(j for j in p.jobs if j.id != "SHORT"), machines=p.machines)
    waits = scores(without_short, 2, Guide(), _weights(5.0))
    assert [(s.job, s.to_come, s.start, s.end) for s in waits] == [("LATE", True, 40, 100), ("LONG", False, 0, 300)]
    never = scores(p, 2, Guide())
    assert [(s.job, s.to_come, s.start, s.end) for s in never] == [("SHORT", False, 0, 30), ("LONG", False, 0, 300)]


def test_an_operation_that_would_end_before_the_arrival_is_no_reason_to_wait() -> None:
    """SHORT ends at 30, ten minutes before LATE comes: only if LONG came first would the machine wait."""
    p = _plant(important=True)
    without_long = plant(*(j for j in p.jobs if j.id != "LONG"), machines=p.machines)
    assert [s.job for s in scores(without_long, 2, Guide(), _weights(0.0))] == ["SHORT"]


def test_the_floor_begins_what_has_the_highest_score() -> None:
    for important in (False, True):
        p = _plant(important=important)
        for weights in (_weights(-50.0), _weights(5.0), shipped()):
            first = scores(p, 2, Guide(noise=DurationNoise(0.0)), weights)[0]
            floor = NoisyFloor(Stream(p), DurationNoise(0.0))
            executed = floor.play(0, Way(ByLearned(weights)), Guide()).executed
            on_2 = min((a for a in executed.assignments if a.machines == (2,)), key=lambda a: a.start)
            assert (first.job, first.start) == (on_2.job, on_2.start)


def test_a_busy_machine_is_asked_for_the_minute_at_which_it_becomes_free() -> None:
    p = plant(
        job("RUNS", operation(50, 1, fixed=Fixed((1,), -10, 40))),
        job("READY", operation(20, 1), due=90),
        job("LATER", operation(20, 1), due=90, release=45),
    )
    assert [(s.job, s.start) for s in scores(p, 1, Guide(), _weights(-50.0))] == [("READY", 40)]


def test_an_operation_that_reaches_into_a_pinned_one_is_no_candidate() -> None:
    p = plant(
        job("PINNED", operation(50, 1, fixed=Fixed((1,), 40, 90))),
        job("LONG", operation(60, 1)),
        job("SHORT", operation(30, 1)),
    )
    assert [s.job for s in scores(p, 1, Guide(), _weights(-50.0))] == ["SHORT"]


def test_an_unknown_machine_is_refused() -> None:
    with pytest.raises(InvalidValue, match="is not a machine of the plant"):
        scores(_plant(), 9, Guide(), _weights(0.0))
