"""The compiled floor does what the readable one does, and the judge finds nothing wrong with it, on many small floors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.floor.events import Stream
from scheduler_core.floor.executions import EXECUTIONS, ByRule, Guide
from scheduler_core.floor.floor_arrays import FloorArrays
from scheduler_core.floor.noise import NoisyDurations
from scheduler_core.floor.real_plant import real_plant
from scheduler_core.floor.reference import Candidate, ReferenceFloor
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.schedule import Assignment, Schedule
from scheduler_core.simulator.arrays import NEVER
from tests.support.noisy_floors import NOISE, STREAMS


def _plan(stream: Stream) -> Schedule:
    """A plan of all orders that ever come, made without knowing what happens."""
    everything = replace(stream.plant, jobs=stream.world.jobs)
    made = greedy.schedule(everything, EngineConfig(rule="EDD")).schedule
    assert made is not None
    return made


def _executed(stream: Stream, name: str, plan: Schedule, seed: int) -> Schedule:
    floor = FloorArrays(stream)
    truth = NoisyDurations(floor.plant, floor.known, NOISE).truth(seed, floor.job_ready, floor.job_gone)
    begun = floor.nothing_begun()
    EXECUTIONS[name](floor, truth, Guide(plan), begun, 0, NEVER)
    return floor.schedule(begun)


def _sorted(schedule: Schedule) -> list[Assignment]:
    return sorted(schedule.assignments, key=lambda a: a.key)


def _judged(stream: Stream, seed: int, executed: Schedule) -> None:
    assert violations(real_plant(stream, NOISE, seed, executed), executed) == ()


def test_the_drawn_floors_are_not_trivial() -> None:
    assert len(STREAMS) > 15
    assert sum(op.requires_all for _, s in STREAMS for j in s.plant.jobs for op in j.operations) > 8
    assert sum(bool(s.plant.setup_matrix) for _, s in STREAMS) > 4


@pytest.mark.parametrize(("name", "keep_starts"), [("order", False), ("starts", True)])
def test_a_followed_plan_is_the_reference_s_and_obeys_the_judge(name: str, keep_starts: bool) -> None:
    for seed, stream in STREAMS:
        plan = _plan(stream)
        executed = _executed(stream, name, plan, seed)
        assert _sorted(executed) == _sorted(ReferenceFloor(stream, NOISE, seed).follow(plan, keep_starts)), seed
        _judged(stream, seed, executed)


def _by_plan(stream: Stream, plan: Schedule) -> Callable[[Sequence[Candidate]], Candidate]:
    planned = plan.by_operation
    place = {job.id: i for i, job in enumerate(stream.world.jobs)}

    def choose(candidates: Sequence[Candidate]) -> Candidate:
        return min(
            candidates,
            key=lambda c: (planned[c.job.id, c.operation.sequence].start, c.expected_end, place[c.job.id]),
        )

    return choose


def _by_due(plant: Plant) -> Callable[[Sequence[Candidate]], Candidate]:
    place = {job.id: i for i, job in enumerate(plant.jobs)}

    def choose(candidates: Sequence[Candidate]) -> Candidate:
        def value(c: Candidate) -> tuple[int, int, int]:
            return NEVER if c.job.due is None else c.job.due, c.expected_end, place[c.job.id]

        return min(candidates, key=value)

    return choose


@pytest.mark.parametrize("name", ["any", "rule EDD"])
def test_live_decisions_are_the_reference_s_and_obey_the_judge(name: str) -> None:
    for seed, stream in STREAMS:
        plan = _plan(stream)
        choose = _by_plan(stream, plan) if name == "any" else _by_due(stream.world)
        executed = _executed(stream, name, plan, seed)
        assert _sorted(executed) == _sorted(ReferenceFloor(stream, NOISE, seed).decide(choose)), seed
        _judged(stream, seed, executed)


@pytest.mark.parametrize("name", ["next", "prices", "rule WATCS"])
def test_other_live_decisions_obey_the_judge(name: str) -> None:
    for seed, stream in STREAMS:
        plan = _plan(stream)
        executed = _executed(stream, name, plan, seed)
        _judged(stream, seed, executed)
        if name == "next":
            machines = plan.by_operation
            assert all(machines[a.key].machines == a.machines for a in executed.assignments)


@pytest.mark.parametrize("name", ["order", "any", "prices"])
def test_a_floor_that_stops_on_the_way_goes_on_as_if_it_had_not(name: str) -> None:
    """Except where an operation on several machines was booked ahead of the stop."""
    for seed, stream in STREAMS:
        if any(op.requires_all for job in stream.world.jobs for op in job.operations):
            continue
        plan, floor = _plan(stream), FloorArrays(stream)
        truth = NoisyDurations(floor.plant, floor.known, NOISE).truth(seed, floor.job_ready, floor.job_gone)
        begun = floor.nothing_begun()
        for now, until in ((0, 311), (311, 1500), (1500, NEVER)):
            EXECUTIONS[name](floor, truth, Guide(plan), begun, now, until)
            assert all(begun.start[begun.pair >= 0] < until)
        assert _sorted(floor.schedule(begun)) == _sorted(_executed(stream, name, plan, seed)), seed


def test_a_decision_that_knows_real_durations_differs_from_one_that_expects_them() -> None:
    differs = 0
    for seed, stream in STREAMS[:20]:
        floor = FloorArrays(stream)
        truth = NoisyDurations(floor.plant, floor.known, NOISE).truth(seed, floor.job_ready, floor.job_gone)
        found = []
        for knowing in (False, True):
            begun = floor.nothing_begun()
            ByRule("SPT", 0.0, 0.0, knowing)(floor, truth, Guide(), begun, 0, NEVER)
            found.append(_sorted(floor.schedule(begun)))
            _judged(stream, seed, floor.schedule(begun))
        differs += found[0] != found[1]
    assert differs > 3


@pytest.mark.parametrize("name", ["any", "next", "prices", "rule WATCS", "rule SPT"])
def test_what_begins_before_an_operation_ends_does_not_depend_on_how_long_it_takes(name: str) -> None:
    """No decision looks at the real duration of an operation that has not ended."""
    compared = 0
    for seed, stream in STREAMS:
        plan, floor = _plan(stream), FloorArrays(stream)
        truth = NoisyDurations(floor.plant, floor.known, NOISE).truth(seed, floor.job_ready, floor.job_gone)
        usual = floor.nothing_begun()
        EXECUTIONS[name](floor, truth, Guide(plan), usual, 0, NEVER)
        for o in np.flatnonzero(usual.pair >= 0)[:3]:
            log = truth.pair_log + np.where(floor.known.pair_op == o, 1.5, 0.0)
            longer = floor.nothing_begun()
            EXECUTIONS[name](floor, truth._replace(pair_log=log), Guide(plan), longer, 0, NEVER)
            before = (usual.pair >= 0) & (usual.start < usual.end[o])
            assert np.array_equal(before, (longer.pair >= 0) & (longer.start < usual.end[o])), (seed, o)
            assert np.array_equal(usual.pair[before], longer.pair[before]), (seed, o)
            assert np.array_equal(usual.start[before], longer.start[before]), (seed, o)
            compared += int(before.sum())
    assert compared > 100
