"""What every job does best when machine time has a price: the compiled half of the tardiness bound.

All functions take the packed plant ``x`` (Relaxation). ``paid`` [P, N + 1]: price of all own working minutes of a pair
before a common minute. Room for one job, by step and place on a grid of every ``stride`` common minutes: ``value`` is the
least cost from there on, ``start`` the place at which the step then starts, ``mode`` the mode (-1: not before the horizon).
"""

from __future__ import annotations

from scheduler_core.bounds.relaxation import NO_REWARD
from scheduler_core.simulator.compiling import compiled


@compiled
def add_up_prices(x, price, paid):
    """Fills ``paid`` from ``price`` [G, B] per machine minute."""
    last = x.wall_end.shape[0] - 1
    for p in range(x.pair_table.shape[0]):
        table = x.pair_table[p]
        bucket = 0
        edge = 0
        rate = 0.0
        total = 0.0
        paid[p, 0] = 0.0
        for c in range(last):
            if c == edge:
                rate = 0.0
                for i in range(x.pair_first[p], x.pair_first[p + 1]):
                    rate += price[x.pair_group[i], bucket]
                bucket += 1
                edge += x.bucket
            total += rate * (x.table_before[table, c + 1] - x.table_before[table, c])
            paid[p, c + 1] = total


@compiled
def lateness_cost(x, j, c):
    """Cost of job j if it is complete at common minute c."""
    late = x.wall_end[c] - x.job_due[j]
    return x.job_late[j] + x.job_slope[j] * late if late > 0 else 0.0


@compiled
def between(value, i, c, stride):
    """The value of step i at a common minute that may lie between two places of the grid (never at stride 1)."""
    k = c // stride
    rest = c - k * stride
    if rest == 0:
        return value[i, k]
    grid = value.shape[1] - 1
    if k >= grid:
        return value[i, grid]
    return value[i, k] + (value[i, k + 1] - value[i, k]) * rest / stride


@compiled
def cheapest(x, paid, reward, j, stride, value, start, mode):
    """The least that job j can cost: lateness, plus the price of the machine time that it uses, less rewards.

    Exact at stride 1: no plan lets the job cost less. At other strides, starts between the grid's places are left out.
    """
    last = x.wall_end.shape[0] - 1
    first = x.job_first[j]
    steps = x.job_first[j + 1] - first
    grid = value.shape[1] - 1
    # Beyond the horizon machine time is free, but the job is at least as late as if it were complete there.
    beyond = lateness_cost(x, j, last)
    for i in range(steps - 1, -1, -1):
        o = first + i
        earned = 0.0
        for q in range(x.step_first[o], x.step_first[o + 1]):
            if x.mode_reward[q] != NO_REWARD:
                earned = max(earned, reward[x.mode_reward[q]])
        after = beyond
        beyond -= earned
        for k in range(grid + 1):
            value[i, k] = beyond
            mode[i, k] = -1
        for q in range(x.step_first[o], x.step_first[o + 1]):
            p = x.mode_pair[q]
            table = x.pair_table[p]
            minutes = x.mode_minutes[q]
            total = x.table_before[table, last]
            gain = reward[x.mode_reward[q]] if x.mode_reward[q] != NO_REWARD else 0.0
            for k in range(grid - 1, -1, -1):
                c = k * stride
                final = x.table_before[table, c] + minutes - 1
                if final >= total:
                    cost = paid[p, last] - paid[p, c] + after - gain
                else:
                    end = x.table_at[table, final] + 1
                    cost = paid[p, end] - paid[p, c] - gain
                    cost += lateness_cost(x, j, end) if i == steps - 1 else between(value, i + 1, end, stride)
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
    return between(value, 0, x.job_ready[j], stride)


@compiled
def add_usage(x, j, stride, start, mode, usage, set_up):
    """Adds the machine minutes [G, B] and the families set up [R] of job j's cheapest way to the totals."""
    last = x.wall_end.shape[0] - 1
    grid = start.shape[1] - 1
    first = x.job_first[j]
    c = x.job_ready[j]
    for i in range(x.job_first[j + 1] - first):
        k = min(grid, (c + stride - 1) // stride)
        q = mode[i, k]
        if q < 0:
            return
        if x.mode_reward[q] != NO_REWARD:
            set_up[x.mode_reward[q]] += 1.0
        begin = start[i, k] * stride
        p = x.mode_pair[q]
        table = x.pair_table[p]
        at = x.table_before[table, begin]
        total = x.table_before[table, last]
        done = min(total, at + x.mode_minutes[q])
        c = last if at + x.mode_minutes[q] > total else x.table_at[table, done - 1] + 1
        bucket = begin // x.bucket
        while at < done:
            until = min(done, x.table_before[table, min(last, (bucket + 1) * x.bucket)])
            for g in range(x.pair_first[p], x.pair_first[p + 1]):
                usage[x.pair_group[g], bucket] += until - at
            at = until
            bucket += 1


@compiled
def all_jobs(x, paid, reward, stride, value, start, mode, usage, set_up):
    """The sum of ``cheapest`` over all jobs with a step left; ``usage`` and ``set_up`` are filled."""
    usage[:] = 0.0
    set_up[:] = 0.0
    total = 0.0
    for j in range(x.job_ready.shape[0]):
        if x.job_first[j + 1] > x.job_first[j]:
            total += cheapest(x, paid, reward, j, stride, value, start, mode)
            add_usage(x, j, stride, start, mode, usage, set_up)
    return total
