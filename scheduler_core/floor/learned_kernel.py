"""Dispatching by prices and a small learned part, which may also let a machine wait, compiled.

At a free machine each ready operation has the value of ``bottleneck_dynamics`` (prices of machine time) plus the output of a
small network over a few features. Before the best one begins, operations are looked at whose predecessor still runs and is
expected to end within ``HORIZON`` minutes: if one of them has a higher value on this machine, the machine waits for it until
its expected arrival, and decides again as soon as it has arrived. Everything that a decision looks at is expected, as in
``floor_kernel.py``; ``learned_reference.py`` states the same in plain Python.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from scheduler_core.engines.pricing.bottleneck_dynamics import PricedOperations
from scheduler_core.floor.floor_kernel import Truth
from scheduler_core.floor.floor_kernel import _begin as begin
from scheduler_core.simulator import kernel
from scheduler_core.simulator.array_types import Bool, Float64, Int32, Int64
from scheduler_core.simulator.arrays import CANDIDATES, DONE, NEVER, NOW, PlantArrays, State
from scheduler_core.simulator.calendar_lookup import first_working
from scheduler_core.simulator.compiling import compiled, compiled_inline
from scheduler_core.simulator.kernel import _arrive as arrive
from scheduler_core.simulator.kernel import _left_candidates as left_candidates
from scheduler_core.simulator.kernel import _new_candidates as new_candidates
from scheduler_core.simulator.kernel import _next_minute as next_minute
from scheduler_core.simulator.legal_moves import held_pairs, setup_on

HORIZON = 240
"""Longest time, in minutes that pass, for which a machine waits before it decides again."""
NOBODY = -1
"""In ``held_for``: the machine does not wait."""
FEATURES = (
    "slack",
    "chance of lateness",
    "length",
    "setup",
    "queue at the next machine",
    "next machine idle",
    "last operation",
    "work after it",
    "weight",
    "price of its machines",
    "queue here",
    "machines to choose from",
    "sooner elsewhere",
    "slack and queue",
    "to come",
    "wait",
    "spread of its arrival",
    "delayed otherwise",
    "spread of durations",
)
"""What the learned part looks at, in the order of the arrays; ``features`` says how each is scaled."""


class Learned(NamedTuple):
    """The learned part, what it knows of a plant beyond its arrays, and memory for a run."""

    direct: Float64  # [F] weights from the features to the value
    hidden: Float64  # [H, F] weights from the features to the hidden units
    bias: Float64  # [H]
    out: Float64  # [H] weights from the hidden units to the value
    spread: Float64  # [O] standard deviation of the operation's real over expected minutes
    tail_spread: Float64  # [O] standard deviation of the minutes from the operation's start to the end of its job
    price: Float64  # [O] logarithm of the operation's price over the mean of all operations
    held_for: Int32  # [M] job that the machine waits for, or NOBODY
    features: Float64  # [F] memory: the features of the last value
    coming: Int32  # [J] memory: jobs one of whose operations has begun; the first coming_count[0] places count
    is_listed: Bool  # [J] memory: whether the job is among them
    coming_count: Int64  # [1]


@compiled_inline
def wait_until(known: PlantArrays, seen: State, learned: Learned, job: int) -> int:
    """The minute after now at which the next operation of a job whose last one runs is expected to become ready. What has
    run longer than expected is expected to run for another half of its standard deviation."""
    o, now = seen.next_op[job], seen.clock[NOW]
    expected: int = seen.end[o - 1]
    if expected > now:
        return expected
    more: int = now + 1 + math.floor(0.5 * learned.spread[o - 1] * known.pair_minutes[seen.pair[o - 1]])
    return more


@compiled_inline
def features(
    known: PlantArrays,
    seen: State,
    operations: PricedOperations,
    learned: Learned,
    job: int,
    pair: int,
    start: int,
    setup: int,
    wait: int,
    other_end: int,
    worked_now: int,
) -> None:
    """Fills ``learned.features`` for the job's next operation on the pair, expected to start at ``start``, which is ``wait``
    working minutes away. ``other_end``: for an operation to come, the expected end of the one that would begin instead now;
    else -1."""
    f = learned.features
    o = seen.next_op[job]
    m, minutes, now = known.pair_machine[pair], known.pair_minutes[pair], seen.clock[NOW]
    mean, look_ahead = known.mean_minutes, operations.terms[0]
    slack = known.job_worked_due[job] - worked_now - operations.lead[o]
    last = o + 1 == known.job_first[job + 1]
    f[0] = min(6.0, max(-4.0, slack / look_ahead))
    f[1] = 1.0 / (1.0 + math.exp(min(30.0, max(-30.0, slack / (0.6 * learned.tail_spread[o] + 0.1 * look_ahead)))))
    f[2] = math.log(minutes / mean)
    f[3] = setup / (setup + minutes)
    f[4], f[5] = 0.0, 0.0
    if not last:
        load, first, behind = 0.0, known.op_first[o + 1], known.op_first[o + 2]
        for slot in range(first, behind):
            n = known.pair_machine[slot]
            load += max(0.0, seen.ready_load[n])
            if seen.is_open[n] and seen.ready_load[n] < 0.5:
                f[5] = 1.0
        f[4] = math.log1p(load / (behind - first) / mean)
    f[6] = 1.0 if last else 0.0
    f[7] = 0.0 if last else math.log1p(known.op_tail[o + 1] / mean)
    f[8] = math.log(known.job_weight[job])
    f[9] = learned.price[o]
    f[10] = math.log1p(max(0.0, seen.ready_load[m]) / mean)
    f[11], f[12] = 0.0, 0.0
    if not known.op_all[o]:
        f[11] = math.log(known.op_first[o + 1] - known.op_first[o])
        soonest = start + setup + minutes
        for slot in range(known.op_first[o], known.op_first[o + 1]):
            n = known.pair_machine[slot]
            soonest = min(soonest, max(start, seen.free_at[n]) + setup_on(known, seen, o, n) + known.pair_minutes[slot])
        f[12] = min(3.0, (start + setup + minutes - soonest) / mean)
    f[13] = 0.3 * f[0] * f[10]
    f[14], f[15], f[16], f[17] = 0.0, 0.0, 0.0, 0.0
    if other_end >= 0:
        f[14] = 1.0
        f[15] = wait / HORIZON
        f[16] = learned.spread[o - 1] * known.pair_minutes[seen.pair[o - 1]] / mean
        f[17] = (other_end - start) / (other_end - now)
    f[18] = 5.0 * learned.spread[o]


@compiled_inline
def priced_value(
    known: PlantArrays,
    operations: PricedOperations,
    job: int,
    operation: int,
    pair: int,
    setup: int,
    wait: int,
    worked_now: int,
) -> float:
    """The value by prices alone, as ``bottleneck_dynamics.value_of``."""
    slack = known.job_worked_due[job] - worked_now - operations.lead[operation]
    extra = known.pair_minutes[pair] - known.op_mean[operation] + wait
    priced = operations.priced[operation] + operations.price[operation] * extra
    urgency: float = operations.favour[job] - max(0.0, slack) / operations.terms[0] - setup / operations.terms[1]
    return math.log(known.job_weight[job] / (priced + 1e-9)) + urgency


@compiled_inline
def learned_value(learned: Learned) -> float:
    """What the learned part adds for the features in ``learned.features``."""
    value = 0.0
    for k in range(len(learned.direct)):
        value += learned.direct[k] * learned.features[k]
    for h in range(len(learned.out)):
        if learned.out[h] != 0.0:
            x = learned.bias[h]
            for k in range(len(learned.direct)):
                x += learned.hidden[h, k] * learned.features[k]
            value += learned.out[h] * math.tanh(x)
    return value


@compiled
def value_of(
    known: PlantArrays,
    seen: State,
    operations: PricedOperations,
    learned: Learned,
    job: int,
    pair: int,
    start: int,
    setup: int,
    other_end: int,
    worked_now: int,
) -> float:
    """The value of the job's next operation on the pair from ``start`` on; ``other_end`` as in ``features``."""
    wait = 0
    if start != seen.clock[NOW]:
        wait = kernel.worked_before(known, known.plant_table, start) - worked_now
    features(known, seen, operations, learned, job, pair, start, setup, wait, other_end, worked_now)
    priced = priced_value(known, operations, job, seen.next_op[job], pair, setup, wait, worked_now)
    return priced + learned_value(learned)


@compiled
def choose(known: PlantArrays, seen: State, operations: PricedOperations, learned: Learned, worked_now: int) -> int:
    """The candidate job with the highest value on the pair of its best move (ties: the earlier end, the plant's order)."""
    best_job, best_value = -1, -math.inf
    for i in range(seen.clock[CANDIDATES]):
        j = seen.candidates[i]
        if kernel.earliest_end(known, seen, j):
            seen.move_value[j] = value_of(
                known,
                seen,
                operations,
                learned,
                j,
                seen.move_pair[j],
                seen.move_start[j],
                seen.move_setup[j],
                -1,
                worked_now,
            )
        value = seen.move_value[j]
        better = value > best_value
        if value == best_value:
            better = seen.move_end[j] < seen.move_end[best_job] or (
                seen.move_end[j] == seen.move_end[best_job] and j < best_job
            )
        if better:
            best_job, best_value = j, value
    return best_job


@compiled
def awaited(
    known: PlantArrays, seen: State, operations: PricedOperations, learned: Learned, job: int, worked_now: int
) -> tuple[int, int]:
    """(job to come, its expected arrival) that the machine of the candidate's best move should rather wait for: the one of
    the highest value above the candidate's (ties: the plant's order); (NOBODY, NEVER) if there is none."""
    machine, now, end = known.pair_machine[seen.move_pair[job]], seen.clock[NOW], seen.move_end[job]
    best, best_arrival, best_value = NOBODY, NEVER, seen.move_value[job]
    i = 0
    while i < learned.coming_count[0]:
        j = learned.coming[i]
        o = seen.next_op[j]
        if o == known.job_first[j + 1] or seen.ready_place[j] >= 0:
            learned.coming_count[0] -= 1
            learned.coming[i], learned.is_listed[j] = learned.coming[learned.coming_count[0]], False
            continue
        i += 1
        arrival = wait_until(known, seen, learned, j)
        if arrival >= end or arrival > now + HORIZON or known.op_all[o]:
            continue
        for pair in range(known.op_first[o], known.op_first[o + 1]):
            if known.pair_machine[pair] == machine:
                setup = setup_on(known, seen, o, machine)
                value = value_of(known, seen, operations, learned, j, pair, arrival, setup, end, worked_now)
                if value > best_value or (best >= 0 and value == best_value and j < best):
                    best, best_arrival, best_value = j, arrival, value
    return best, best_arrival


@compiled
def _list(known: PlantArrays, seen: State, learned: Learned, job: int) -> None:
    """Puts the job among those to come if one of its operations has begun, and not the last."""
    o = seen.next_op[job]
    begun = known.job_first[job] < o < known.job_first[job + 1] and seen.pair[o - 1] >= 0
    if begun and not learned.is_listed[job]:
        learned.coming[learned.coming_count[0]], learned.is_listed[job] = job, True
        learned.coming_count[0] += 1


@compiled
def _let_go(clock: PlantArrays, state: State, learned: Learned) -> None:
    """Machines stop waiting once the time is over or the job has come."""
    now = state.clock[NOW]
    for m in range(len(learned.held_for)):
        job = learned.held_for[m]
        if job == NOBODY:
            continue
        if state.open_at[m] <= now:
            learned.held_for[m] = NOBODY
        elif state.ready_place[job] >= 0:
            learned.held_for[m] = NOBODY
            table = clock.machine_table[m]
            if state.table_open[table]:
                state.open_at[m], state.is_open[m] = now, True
                for i in range(clock.machine_group_first[m], clock.machine_group_first[m + 1]):
                    state.opened[clock.machine_group[i]] = now
            else:
                state.open_at[m] = state.table_until[table]


@compiled
def _decides(clock: PlantArrays, state: State, seen: State, learned: Learned, until: int) -> bool:
    """Moves the clock to the next decision, as ``floor_kernel``'s does, and ends waits that are over."""
    while True:
        n = left_candidates(clock, seen) if seen.clock[CANDIDATES] > 0 else new_candidates(clock, seen)
        seen.clock[CANDIDATES] = n
        if n > 0:
            now: int = seen.clock[NOW]
            return now < until
        minute = next_minute(clock, seen) if seen.clock[DONE] < len(clock.op_job) else NEVER
        if minute >= until:
            return False
        seen.clock[NOW] = minute
        arrive(clock, state)
        _let_go(clock, state, learned)
        for m in range(len(state.free_at)):
            if state.free_at[m] <= minute:
                seen.free_at[m] = min(seen.free_at[m], minute)


@compiled
def _take_expected_load(known: PlantArrays, real: PlantArrays, state: State, operation: int) -> None:
    """What an operation that has begun leaves in the queues' loads: its real minutes were taken away, its expected ones had
    been added."""
    first, last = known.op_first[operation], known.op_first[operation + 1]
    share = 1.0 if known.op_all[operation] else 1.0 / (last - first)
    for slot in range(first, last):
        state.ready_load[known.pair_machine[slot]] += share * (real.pair_minutes[slot] - known.pair_minutes[slot])


@compiled
def run_learned(
    clock: PlantArrays,
    known: PlantArrays,
    real: PlantArrays,
    truth: Truth,
    state: State,
    seen: State,
    operations: PricedOperations,
    learned: Learned,
    until: int,
) -> tuple[int, int]:
    """Goes on from a resumed state by prices and the learned part, up to the last decision before ``until``. No machine
    waits at the beginning. Returns (decisions, of which to wait)."""
    learned.held_for[:] = NOBODY
    learned.is_listed[:] = False
    learned.coming_count[0] = 0
    for j in range(len(known.job_open)):
        _list(known, seen, learned, j)
    decisions, waits = 0, 0
    while _decides(clock, state, seen, learned, until):
        decisions += 1
        worked_now = kernel.worked_before(known, known.plant_table, seen.clock[NOW])
        job = choose(known, seen, operations, learned, worked_now)
        o, pair = seen.next_op[job], seen.move_pair[job]
        if not known.op_all[o]:
            to_come, arrival = awaited(known, seen, operations, learned, job, worked_now)
            if to_come != NOBODY:
                m = known.pair_machine[pair]
                learned.held_for[m] = to_come
                state.is_open[m] = False
                state.open_at[m] = first_working(clock, clock.machine_table[m], arrival)
                waits += 1
                continue
        begin(clock, known, real, truth, state, seen, job, pair)
        _list(known, seen, learned, job)
        _take_expected_load(known, real, state, o)
        first, last = held_pairs(clock, o, pair)
        for slot in range(first, last):
            learned.held_for[clock.pair_machine[slot]] = NOBODY
    return decisions, waits
