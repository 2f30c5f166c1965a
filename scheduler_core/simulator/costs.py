"""What a schedule in the simulator's state costs, by the prices of an objective.

``prices`` [6] belong to: a weighted day late, a late job, an hour of makespan, a setup hour, a machine hour of overtime, a
percentage point of the standard deviation of utilisation.
"""

from __future__ import annotations

import math
from dataclasses import astuple

import numpy as np

from scheduler_core.objectives import Objective
from scheduler_core.plant import MINUTES_PER_DAY
from scheduler_core.simulator import kernel
from scheduler_core.simulator.array_types import Float64 as Float64
from scheduler_core.simulator.arrays import NEVER, PlantArrays, State
from scheduler_core.simulator.compiling import compiled as compiled
from scheduler_core.simulator.legal_moves import held_pairs

TARDINESS, LATE, MAKESPAN, SETUPS, OVERTIME, BALANCE = range(6)
"""Places in ``prices``."""
TIE = 1e-5
"""Share of the other prices that tardiness and makespan get at least, so that they decide between equal schedules."""


WEIGHTED_TARDINESS: Float64 = np.array([1.0, 0.0, TIE / 24.0, 0.0, 0.0, 0.0])
"""The prices of Objective.TARDINESS, which are the same for every plant."""


def prices_of(objective: Objective, arrays: PlantArrays) -> Float64:
    """float64 [6]: the objective's prices for this plant, late jobs counted one by one."""
    prices = np.array(astuple(objective), np.float64)
    prices[LATE] *= 100.0 / max(1, int((arrays.job_due < NEVER).sum()))
    smallest = TIE * float(prices[prices > 0].min())
    prices[TARDINESS] = max(prices[TARDINESS], smallest)
    prices[MAKESPAN] = max(prices[MAKESPAN], smallest / 24.0)
    return prices


@compiled
def job_cost(arrays: PlantArrays, prices: Float64, job: int, end: int) -> float:
    """What the job costs if it ends at ``end``: its tardiness, and that it is late."""
    late = end - arrays.job_due[job]
    if late <= 0:
        return 0.0
    found: float = prices[TARDINESS] * arrays.job_weight[job] * late / MINUTES_PER_DAY + prices[LATE]
    return found


@compiled
def fill_job_costs(arrays: PlantArrays, state: State, prices: Float64, found: Float64) -> None:
    """Writes what each job costs in a complete schedule into ``found`` [J]."""
    for j in range(len(found)):
        found[j] = job_cost(arrays, prices, j, state.end[arrays.job_first[j + 1] - 1])


@compiled
def overtime_minutes(arrays: PlantArrays, operation: int, pair: int, start: int, end: int) -> int:
    """Minutes of the operation's span in overtime windows, summed over the machines that it holds."""
    total = 0
    first, last = held_pairs(arrays, operation, pair)
    for slot in range(first, last):
        table = arrays.pair_overtime[slot]
        if table >= 0:
            total += kernel.worked_before(arrays.overtime, table, end) - kernel.worked_before(arrays.overtime, table, start)
    return total


@compiled
def overtime_over(arrays: PlantArrays, table: int, minute: int) -> int:
    """The end of the overtime that runs at ``minute`` or begins next after it; ``minute`` where none is known."""
    tables = arrays.overtime
    if minute < 0 or minute >= tables.horizon:
        return minute
    i = tables.table_day_first[table, minute // MINUTES_PER_DAY]
    while i < tables.table_count[table] and tables.table_end[table, i] <= minute:
        i += 1
    return tables.table_end[table, i] if i < tables.table_count[table] else minute


@compiled
def spread(arrays: PlantArrays, busy: Float64, end: int) -> float:
    """Standard deviation, in percentage points, of the machines' utilisation until ``end``; ``busy`` [M] minutes."""
    count, total, squares = 0, 0.0, 0.0
    for m in range(len(arrays.machine_table)):
        if arrays.machine_used[m]:
            count += 1
            available = kernel.worked_before(arrays, arrays.machine_table[m], end)
            if available > 0:
                share = busy[m] / available
                total += share
                squares += share * share
    if count == 0:
        return 0.0
    mean = total / count
    return 100.0 * math.sqrt(max(0.0, squares / count - mean * mean))


@compiled
def add_busy(arrays: PlantArrays, operation: int, pair: int, minutes: int, busy: Float64) -> None:
    """Adds the operation's worked minutes to every machine that it holds."""
    first, last = held_pairs(arrays, operation, pair)
    for slot in range(first, last):
        busy[arrays.pair_machine[slot]] += minutes


@compiled
def cost(arrays: PlantArrays, state: State, prices: Float64) -> float:
    """What an engine minimises, for a complete schedule. Overwrites ``state.ready_load``, which is not needed any more."""
    total: float = 0.0
    last = 0
    for j in range(len(arrays.job_open)):
        end = state.end[arrays.job_first[j + 1] - 1]
        last = max(last, end)
        total += job_cost(arrays, prices, j, end)
    total += prices[MAKESPAN] * last / 60.0
    if prices[SETUPS] > 0.0:
        for o in range(len(arrays.op_job)):
            total += prices[SETUPS] * state.setup[o] / 60.0
    if prices[OVERTIME] > 0.0:
        for o in range(len(arrays.op_job)):
            total += prices[OVERTIME] * overtime_minutes(arrays, o, state.pair[o], state.start[o], state.end[o]) / 60.0
    if prices[BALANCE] > 0.0:
        busy = state.ready_load
        for m in range(len(arrays.machine_table)):
            busy[m] = arrays.machine_reserved[m]
        for o in range(len(arrays.op_job)):
            if arrays.op_reserved_pair[o] < 0:
                add_busy(arrays, o, state.pair[o], state.setup[o] + arrays.pair_minutes[state.pair[o]], busy)
        total += prices[BALANCE] * spread(arrays, busy, last)
    return total


@compiled
def spent_after(arrays: PlantArrays, state: State, job: int, end: int, prices: Float64, spent: float) -> float:
    """A lower bound on what all operations dispatched so far cost, without the makespan, once the job's operation that ends
    at ``end`` is one of them. ``spent`` is the bound before it. It never falls."""
    spent += prices[SETUPS] * state.setup[state.next_op[job] - 1] / 60.0
    if state.next_op[job] == arrays.job_first[job + 1]:
        spent += job_cost(arrays, prices, job, end)
    return spent


@compiled
def is_beyond(prices: Float64, spent: float, end: int, bound: float) -> bool:
    """Whether a schedule with an operation that ends at ``end`` and bound ``spent`` is sure to cost more than ``bound``."""
    least: float = spent + prices[MAKESPAN] * end / 60.0
    return least > bound + 1e-9 * abs(bound)
