"""Kernel and reference driven side by side through the same choices, compared at every step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule
from scheduler_core.simulator import kernel
from scheduler_core.simulator.arrays import NO_FAMILY, READY
from scheduler_core.simulator.reference import JobState, ReferenceSimulator
from scheduler_core.simulator.simulator import Simulator

Choice = Callable[[int], int]
"""Takes a number of choices and returns one of them, from 0."""


def run_in_lockstep(plant: Plant, choose: Choice) -> Schedule:
    """A whole schedule by ``choose`` among candidates, then among machines. Raises Unschedulable if both refuse."""
    compiled, reference = Simulator(plant), ReferenceSimulator(plant)
    while True:
        assert_same_state(compiled, reference)
        if reference.done:
            break
        jobs = reference.candidates()
        job = jobs[choose(len(jobs))]
        pairs, choices = compiled.machines(job), reference.machines(job)
        k = choose(len(choices))
        compiled.dispatch(job, pairs[k])
        reference.dispatch(job, choices[k])
    assert compiled.done
    assert compiled.schedule() == reference.schedule()
    return reference.schedule()


def assert_same_state(compiled: Simulator, reference: ReferenceSimulator) -> None:
    """Clock, candidates, legal machines, best moves, machines, jobs, loads and everything that is placed."""
    arrays, state, plant = compiled.arrays, compiled.state, compiled.plant
    assert compiled.now == reference.now
    assert compiled.done == reference.done
    assert compiled.candidates() == reference.candidates()
    for job in reference.candidates():
        choices = [machine_ids(compiled, job, pair) for pair in compiled.machines(job)]
        assert choices == reference.machines(job)
        assert_same_best_move(compiled, reference, job)
    assert compiled.schedule() == reference.schedule()
    for i, m in enumerate(plant.machines):
        twin = reference.machine[m.id]
        family = None if state.family[i] == NO_FAMILY else (family_name(compiled, int(state.family[i])),)
        assert family == (None if twin.bare else (twin.family,))
        assert state.free_at[i] == twin.free_at
        assert state.is_open[i] == reference.is_open(m.id)
        assert kernel.room_on(arrays, state, i) == min((b.hold for b in twin.blocks), default=2**40)
    for j, job_state in enumerate(reference.jobs):
        assert state.next_op[j] - arrays.job_first[j] == job_state.next
        assert state.ready_at[j] == job_state.ready_at
    ready_jobs = state.ready_list[: state.clock[READY]].tolist()
    assert sorted(ready_jobs) == [j for j, other in enumerate(reference.jobs) if is_ready(reference, j, other)]
    ready, total = loads(reference)
    assert state.ready_load == pytest.approx(ready, abs=1e-6)
    assert state.total_load == pytest.approx(total, abs=1e-6)


def is_ready(reference: ReferenceSimulator, job: int, state: JobState) -> bool:
    """Whether the job has a next operation that may start."""
    return reference.next_operation(job) is not None and state.ready_at <= reference.now


def assert_same_best_move(compiled: Simulator, reference: ReferenceSimulator, job: int) -> None:
    """The kernel's move for the job: first end, then less setup, then the preferred machine, then the machines' order."""
    op = reference.next_operation(job)
    assert op is not None

    def badness(machines: tuple[int, ...]) -> tuple[int, int, bool]:
        return reference.span(job, machines)[1], reference.setup(job, machines), op.preferred_machine not in machines

    best = min(reference.machines(job), key=badness)
    kernel.earliest_end(compiled.arrays, compiled.state, job)
    state = compiled.state
    assert machine_ids(compiled, job, int(state.move_pair[job])) == best
    assert (state.move_start[job], state.move_end[job]) == reference.span(job, best)
    assert state.move_setup[job] == reference.setup(job, best)


def machine_ids(compiled: Simulator, job: int, pair: int) -> tuple[int, ...]:
    """Ids of the machines that a pair of the job's next operation stands for."""
    arrays, o = compiled.arrays, int(compiled.state.next_op[job])
    pairs: Sequence[int] = range(arrays.op_first[o], arrays.op_first[o + 1]) if arrays.op_all[o] else [pair]
    return tuple(sorted(compiled.plant.machines[arrays.pair_machine[p]].id for p in pairs))


def family_name(compiled: Simulator, number: int) -> str | None:
    """The family that the arrays know by ``number``, found through a job or a machine that has it."""
    for j, job in enumerate(compiled.plant.jobs):
        if compiled.arrays.job_family[j] == number:
            return job.family
    i = list(compiled.arrays.machine_family).index(number)
    return compiled.plant.machines[i].initial_family


def loads(reference: ReferenceSimulator) -> tuple[list[float], list[float]]:
    """Minutes of the ready operations and of all that are not dispatched, per machine, shared evenly by the eligible."""
    plant, index = reference.plant, {m.id: i for i, m in enumerate(reference.plant.machines)}
    ready, total = np.zeros(len(index)), np.zeros(len(index))
    for j, job in enumerate(plant.jobs):
        state = reference.jobs[j]
        for place, op in enumerate(job.operations):
            if place < state.next:
                continue
            eligible = plant.eligible_machines(op)
            for m in eligible:
                minutes = op.processing_minutes(eligible if op.requires_all else (m,))
                share = minutes if op.requires_all else minutes / len(eligible)
                total[index[m]] += share
                if place == state.next and state.ready_at <= reference.now:
                    ready[index[m]] += share
    return ready.tolist(), total.tolist()
