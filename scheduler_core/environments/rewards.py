"""What an agent is rewarded with.

*potential*: the fall of the optimistic weighted tardiness in days of all jobs (every job from now on without waiting). An
episode's rewards sum to minus the schedule's weighted tardiness plus a constant of the plant: potential-based shaping (Ng,
Harada & Russell 1999, Policy invariance under reward transformations), so the best schedules are the best policy's.

*original*: the reward of the scheduler that this one replaces, kept to be compared with. For every operation dispatched,
those without a choice included:

- +5 if its job is important;
- +2 x urgency, which is 1 / (1 + slack): slack in working days at the operation's start (working minutes until the due date
  less the estimate of the job's remaining work), at least 0; urgency is 0 without a due date;
- -3 x |u - mean u|: a machine's u is its booked minutes (setup and processing) over the plant's working minutes until the
  latest end booked so far, at most 1. The distance is that of the operation's machine after the booking (of an operation
  on several machines, the mean of theirs) from the mean over all machines;
- +3 if it runs on its preferred machine;
- -0.5 for each hour of its setup;

and at the schedule's end +100 / makespan in hours from plan_start. What it asks for is not what a schedule is judged by: all
but balance, preference, setup and makespan are paid whatever the order, only sooner or later.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import numpy as np

from scheduler_core.policy.features import DAY, View
from scheduler_core.simulator import kernel
from scheduler_core.simulator.array_types import Float64, Int64
from scheduler_core.simulator.arrays import DONE, NEVER, PlantArrays, State
from scheduler_core.simulator.kernel import compiled

IMPORTANT, URGENCY, BALANCE, PREFERRED, SETUP_HOUR, FINISH = 5.0, 2.0, -3.0, 3.0, -0.5, 100.0


class Reward(StrEnum):
    """Which reward."""

    POTENTIAL = "potential"
    ORIGINAL = "original"


class Ledger(NamedTuple):
    """What the rewards given so far in an episode depend on."""

    before: Float64  # [1] potential at the last decision
    done: Int64  # [2] dispatched operations that were rewarded, latest end among them
    booked: Float64  # [M] minutes booked on each machine


def new_ledger(arrays: PlantArrays) -> Ledger:
    """Room for one environment's rewards."""
    return Ledger(np.zeros(1), np.zeros(2, np.int64), np.zeros(len(arrays.machine_table)))


@compiled
def open_ledger(arrays: PlantArrays, state: State, view: View, ledger: Ledger) -> None:
    """Starts an episode, after its first decision was reached: what came before had no choice and earns nothing."""
    ledger.before[0] = view.potential[0]
    ledger.done[:] = 0
    ledger.booked[:] = 0.0
    for o in range(len(arrays.op_job)):
        if state.pair[o] >= 0:
            _book(arrays, state, o, ledger)
    ledger.done[0] = state.clock[DONE]


@compiled
def potential_reward(arrays: PlantArrays, state: State, view: View, ledger: Ledger, finished: bool) -> float:
    """The fall of the optimistic weighted tardiness since the last decision, in days."""
    potential = kernel.weighted_tardiness(arrays, state) if finished else view.potential[0]
    fall: float = ledger.before[0] - potential
    ledger.before[0] = potential
    return fall


@compiled
def original_reward(arrays: PlantArrays, state: State, ledger: Ledger, finished: bool) -> float:
    """The sum of the terms above over the operations dispatched since the last decision."""
    total = 0.0
    for place in range(ledger.done[0], state.clock[DONE]):
        # An action leads to few dispatches, so seeking each by its place costs less than keeping a list.
        for o in range(len(arrays.op_job)):
            if state.order[o] == place:
                _book(arrays, state, o, ledger)
                total += _term(arrays, state, o, ledger)
                break
    ledger.done[0] = state.clock[DONE]
    if finished:
        total += FINISH / (kernel.last_end(arrays, state) / 60)
    return total


@compiled
def _book(arrays: PlantArrays, state: State, operation: int, ledger: Ledger) -> None:
    minutes = state.setup[operation] + arrays.pair_minutes[state.pair[operation]]
    for pair in range(arrays.op_first[operation], arrays.op_first[operation + 1]):
        if arrays.op_all[operation] or pair == state.pair[operation]:
            ledger.booked[arrays.pair_machine[pair]] += minutes
    ledger.done[1] = max(ledger.done[1], state.end[operation])


@compiled
def _term(arrays: PlantArrays, state: State, operation: int, ledger: Ledger) -> float:
    j = arrays.op_job[operation]
    total: float = IMPORTANT if arrays.job_important[j] else 0.0
    if arrays.job_due[j] != NEVER:
        worked = kernel.worked_before(arrays, arrays.plant_table, state.start[operation])
        slack = (
            kernel.worked_before(arrays, arrays.plant_table, arrays.job_due[j]) - worked - arrays.op_tail[operation]
        ) / DAY
        total += URGENCY / (1.0 + max(0.0, slack))
    machines = len(arrays.machine_table)
    span = max(1, kernel.worked_before(arrays, arrays.plant_table, ledger.done[1]))
    mean = 0.0
    for m in range(machines):
        mean += min(1.0, ledger.booked[m] / span)
    mean /= machines
    apart, held = 0.0, 0
    for pair in range(arrays.op_first[operation], arrays.op_first[operation + 1]):
        if arrays.op_all[operation] or pair == state.pair[operation]:
            apart += abs(min(1.0, ledger.booked[arrays.pair_machine[pair]] / span) - mean)
            held += 1
    total += BALANCE * apart / held
    if not arrays.op_all[operation] and arrays.op_preferred[operation] == arrays.pair_machine[state.pair[operation]]:
        total += PREFERRED
    total += SETUP_HOUR * state.setup[operation] / 60
    return total
