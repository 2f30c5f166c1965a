"""What a schedule in the simulator's state costs, by the prices of an objective.

``prices`` [6] belong to: a weighted day late, a late job, an hour of makespan, a setup hour, a machine hour of overtime, a
percentage point of the standard deviation of utilisation.
"""

from __future__ import annotations

import math
from dataclasses import astuple

import numpy as np
import numpy.typing as npt

from scheduler_core.objectives import Objective
from scheduler_core.plant import MINUTES_PER_DAY
from scheduler_core.simulator import kernel
from scheduler_core.simulator.arrays import NEVER, PlantArrays
from scheduler_core.simulator.compiling import compiled as compiled
from scheduler_core.simulator.legal_moves import held_pairs

Float64 = npt.NDArray[np.float64]
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
def job_cost(a, prices, j, end):
    """What job j costs if it ends at ``end``: its tardiness, and that it is late."""
    late = end - a.job_due[j]
    if late <= 0:
        return 0.0
    return prices[TARDINESS] * a.job_weight[j] * late / MINUTES_PER_DAY + prices[LATE]


@compiled
def fill_job_costs(a, s, prices, found):
    """Writes what each job costs in a complete schedule into ``found`` [J]."""
    for j in range(len(found)):
        found[j] = job_cost(a, prices, j, s.end[a.job_first[j + 1] - 1])


@compiled
def overtime_minutes(a, o, pair, start, end):
    """Minutes of operation o's span in overtime windows, summed over the machines that it holds."""
    total = 0
    first, last = held_pairs(a, o, pair)
    for q in range(first, last):
        table = a.pair_overtime[q]
        if table >= 0:
            total += kernel.worked_before(a.overtime, table, end) - kernel.worked_before(a.overtime, table, start)
    return total


@compiled
def overtime_over(a, table, t):
    """The end of the overtime that runs at minute t or begins next after it; t where none is known."""
    v = a.overtime
    if t < 0 or t >= v.horizon:
        return t
    i = v.table_day_first[table, t // MINUTES_PER_DAY]
    while i < v.table_count[table] and v.table_end[table, i] <= t:
        i += 1
    return v.table_end[table, i] if i < v.table_count[table] else t


@compiled
def spread(a, busy, end):
    """Standard deviation, in percentage points, of the machines' utilisation until ``end``; ``busy`` [M] minutes."""
    count, total, squares = 0, 0.0, 0.0
    for m in range(len(a.machine_table)):
        if a.machine_used[m]:
            count += 1
            available = kernel.worked_before(a, a.machine_table[m], end)
            if available > 0:
                share = busy[m] / available
                total += share
                squares += share * share
    if count == 0:
        return 0.0
    mean = total / count
    return 100.0 * math.sqrt(max(0.0, squares / count - mean * mean))


@compiled
def add_busy(a, o, pair, minutes, busy):
    """Adds the operation's worked minutes to every machine that it holds."""
    first, last = held_pairs(a, o, pair)
    for q in range(first, last):
        busy[a.pair_machine[q]] += minutes


@compiled
def cost(a, s, prices):
    """What an engine minimises, for a complete schedule. Overwrites ``s.ready_load``, which it does not need any more."""
    total, last = 0.0, 0
    for j in range(len(a.job_open)):
        end = s.end[a.job_first[j + 1] - 1]
        last = max(last, end)
        total += job_cost(a, prices, j, end)
    total += prices[MAKESPAN] * last / 60.0
    if prices[SETUPS] > 0.0:
        for o in range(len(a.op_job)):
            total += prices[SETUPS] * s.setup[o] / 60.0
    if prices[OVERTIME] > 0.0:
        for o in range(len(a.op_job)):
            total += prices[OVERTIME] * overtime_minutes(a, o, s.pair[o], s.start[o], s.end[o]) / 60.0
    if prices[BALANCE] > 0.0:
        busy = s.ready_load
        for m in range(len(a.machine_table)):
            busy[m] = a.machine_reserved[m]
        for o in range(len(a.op_job)):
            if a.op_reserved_pair[o] < 0:
                add_busy(a, o, s.pair[o], s.setup[o] + a.pair_minutes[s.pair[o]], busy)
        total += prices[BALANCE] * spread(a, busy, last)
    return total


@compiled
def spent_after(a, s, j, end, prices, spent):
    """A lower bound on what all operations dispatched so far cost, without the makespan, once job j's operation that ends at
    ``end`` is one of them; ``spent`` is the bound before it. It never falls."""
    spent += prices[SETUPS] * s.setup[s.next_op[j] - 1] / 60.0
    if s.next_op[j] == a.job_first[j + 1]:
        spent += job_cost(a, prices, j, end)
    return spent


@compiled
def is_beyond(prices, spent, end, bound):
    """Whether a schedule with an operation that ends at ``end`` and bound ``spent`` is sure to cost more than ``bound``."""
    return spent + prices[MAKESPAN] * end / 60.0 > bound + 1e-9 * abs(bound)
