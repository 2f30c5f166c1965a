"""What every job does best when machine time has a price: the compiled half of the tardiness bound.

All functions take the packed plant (``relaxation``). ``paid`` [P, N + 1]: price of all own working minutes of a pair
before a common minute. Room for one job, by step and place on a grid of every ``stride`` common minutes: ``value`` is the
least cost from there on, ``start`` the place at which the step then starts, ``mode`` the mode (-1: not before the horizon).
Loop indices: i step of the job, k place on the grid, q mode, p pair, c common minute (see relaxation.py).
"""

from __future__ import annotations

from scheduler_core.bounds.relaxation import NO_REWARD, Relaxation
from scheduler_core.simulator.array_types import Float64, Int32
from scheduler_core.simulator.compiling import compiled


@compiled
def add_up_prices(relaxation: Relaxation, price: Float64, paid: Float64) -> None:
    """Fills ``paid`` from ``price`` [G, B] per machine minute."""
    last = relaxation.wall_end.shape[0] - 1
    for p in range(relaxation.pair_table.shape[0]):
        table = relaxation.pair_table[p]
        bucket = 0
        edge = 0
        rate = 0.0
        total = 0.0
        paid[p, 0] = 0.0
        for c in range(last):
            if c == edge:
                rate = 0.0
                for i in range(relaxation.pair_first[p], relaxation.pair_first[p + 1]):
                    rate += price[relaxation.pair_group[i], bucket]
                bucket += 1
                edge += relaxation.bucket
            total += rate * (relaxation.table_before[table, c + 1] - relaxation.table_before[table, c])
            paid[p, c + 1] = total


@compiled
def lateness_cost(relaxation: Relaxation, job: int, common: int) -> float:
    """Cost of the job if it is complete at the common minute ``common``."""
    late = relaxation.wall_end[common] - relaxation.job_due[job]
    return relaxation.job_late[job] + relaxation.job_slope[job] * late if late > 0 else 0.0


@compiled
def between(value: Float64, step: int, common: int, stride: int) -> float:
    """The value of a step at a common minute that may lie between two places of the grid (never at stride 1)."""
    k = common // stride
    rest = common - k * stride
    grid = value.shape[1] - 1
    here: float = value[step, min(k, grid)]
    if rest == 0 or k >= grid:
        return here
    following: float = value[step, k + 1]
    return here + (following - here) * rest / stride


@compiled
def cheapest(
    relaxation: Relaxation, paid: Float64, reward: Float64, job: int, stride: int, value: Float64, start: Int32, mode: Int32
) -> float:
    """The least that the job can cost: lateness, plus the price of the machine time that it uses, less rewards.

    Exact at stride 1: no plan lets the job cost less. At other strides, starts between the grid's places are left out.
    """
    last = relaxation.wall_end.shape[0] - 1
    first = relaxation.job_first[job]
    steps = relaxation.job_first[job + 1] - first
    grid = value.shape[1] - 1
    # Beyond the horizon machine time is free, but the job is at least as late as if it were complete there.
    beyond = lateness_cost(relaxation, job, last)
    for i in range(steps - 1, -1, -1):
        o = first + i
        earned = 0.0
        for q in range(relaxation.step_first[o], relaxation.step_first[o + 1]):
            if relaxation.mode_reward[q] != NO_REWARD:
                earned = max(earned, reward[relaxation.mode_reward[q]])
        after = beyond
        beyond -= earned
        for k in range(grid + 1):
            value[i, k] = beyond
            mode[i, k] = -1
        for q in range(relaxation.step_first[o], relaxation.step_first[o + 1]):
            p = relaxation.mode_pair[q]
            table = relaxation.pair_table[p]
            minutes = relaxation.mode_minutes[q]
            total = relaxation.table_before[table, last]
            gain = reward[relaxation.mode_reward[q]] if relaxation.mode_reward[q] != NO_REWARD else 0.0
            for k in range(grid - 1, -1, -1):
                c = k * stride
                final = relaxation.table_before[table, c] + minutes - 1
                if final >= total:
                    cost = paid[p, last] - paid[p, c] + after - gain
                else:
                    end = relaxation.table_at[table, final] + 1
                    cost = paid[p, end] - paid[p, c] - gain
                    cost += lateness_cost(relaxation, job, end) if i == steps - 1 else between(value, i + 1, end, stride)
                if cost < value[i, k]:
                    value[i, k] = cost
                    mode[i, k] = q
        later = grid
        for k in range(grid, -1, -1):
            if value[i, k] <= value[i, later]:
                later = k
            value[i, k] = value[i, later]
            mode[i, k] = mode[i, later]
            start[i, k] = later
    return between(value, 0, relaxation.job_ready[job], stride)


@compiled
def add_usage(
    relaxation: Relaxation, job: int, stride: int, start: Int32, mode: Int32, usage: Float64, set_up: Float64
) -> None:
    """Adds the machine minutes [G, B] and the families set up [R] of the job's cheapest way to the totals."""
    last = relaxation.wall_end.shape[0] - 1
    grid = start.shape[1] - 1
    first = relaxation.job_first[job]
    c = relaxation.job_ready[job]
    for i in range(relaxation.job_first[job + 1] - first):
        k = min(grid, (c + stride - 1) // stride)
        q = mode[i, k]
        if q < 0:
            return
        if relaxation.mode_reward[q] != NO_REWARD:
            set_up[relaxation.mode_reward[q]] += 1.0
        begin = start[i, k] * stride
        p = relaxation.mode_pair[q]
        table = relaxation.pair_table[p]
        at = relaxation.table_before[table, begin]
        total = relaxation.table_before[table, last]
        done = min(total, at + relaxation.mode_minutes[q])
        c = last if at + relaxation.mode_minutes[q] > total else relaxation.table_at[table, done - 1] + 1
        bucket = begin // relaxation.bucket
        while at < done:
            until = min(done, relaxation.table_before[table, min(last, (bucket + 1) * relaxation.bucket)])
            for g in range(relaxation.pair_first[p], relaxation.pair_first[p + 1]):
                usage[relaxation.pair_group[g], bucket] += until - at
            at = until
            bucket += 1


@compiled
def all_jobs(
    relaxation: Relaxation,
    paid: Float64,
    reward: Float64,
    stride: int,
    value: Float64,
    start: Int32,
    mode: Int32,
    usage: Float64,
    set_up: Float64,
) -> float:
    """The sum of ``cheapest`` over all jobs with a step left; ``usage`` and ``set_up`` are filled."""
    usage[:] = 0.0
    set_up[:] = 0.0
    total = 0.0
    for j in range(relaxation.job_ready.shape[0]):
        if relaxation.job_first[j + 1] > relaxation.job_first[j]:
            total += cheapest(relaxation, paid, reward, j, stride, value, start, mode)
            add_usage(relaxation, j, stride, start, mode, usage, set_up)
    return total
