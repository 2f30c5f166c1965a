"""A floor carried out, compiled: the same steps as ``reference.py``, on flat arrays.

What happens is drawn beforehand (``Truth``); what is decided depends on expected durations alone. Three views of one packed
plant keep them apart: ``clock`` tells when machines open (outages included), ``known`` what a decision may look at (expected
durations, no outage to come), ``real`` what a begun operation takes. ``seen`` is the state as a decision sees it, with
expected ends in ``free_at`` and ``end``; all else it shares with ``state``. The names are those of simulator/glossary.md.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from scheduler_core.engines.pricing import bottleneck_dynamics
from scheduler_core.engines.pricing.bottleneck_dynamics import PricedOperations
from scheduler_core.engines.rules import choose as choose_by_rule
from scheduler_core.plant import MINUTES_PER_DAY
from scheduler_core.simulator import kernel
from scheduler_core.simulator.array_types import Bool, Float64, Int32, Int64
from scheduler_core.simulator.arrays import CANDIDATES, DONE, NEVER, NOW, RESERVED, PlantArrays, State
from scheduler_core.simulator.calendar_lookup import end_of_work, first_working
from scheduler_core.simulator.compiling import compiled
from scheduler_core.simulator.kernel import _arrive as arrive
from scheduler_core.simulator.kernel import _left_candidates as left_candidates
from scheduler_core.simulator.kernel import _new_candidates as new_candidates
from scheduler_core.simulator.kernel import _next_minute as next_minute
from scheduler_core.simulator.legal_moves import held_pairs, placement, setup_after
from scheduler_core.simulator.waiting_jobs import add_waiting


class Truth(NamedTuple):
    """What really happens. Nothing in it depends on the order in which operations begin."""

    pair_log: Float64  # [E] logarithm of real over expected minutes, without the part of machine and day
    op_spread: Float64  # [O] factor of the part of machine and day
    day_log: Float64  # [M, D] part of machine and day, by the day in which an operation starts; after D days it repeats
    job_ready: Int64  # [J] minute before which the job cannot begin: its arrival, its release, its material
    job_gone: Int64  # [J] minute from which none of its operations begins any more: cancelled; NEVER


class Begun(NamedTuple):
    """What has begun on the floor: where and when, with real ends."""

    pair: Int32  # [O] -1: not begun
    start: Int64  # [O]
    end: Int64  # [O]
    setup: Int32  # [O]
    expected: Int64  # [O] the end that was expected when it began


class Lines(NamedTuple):
    """Where machines and jobs stand, for ``follow``."""

    free: Int64  # [M] minute from which the machine is free
    family: Int32  # [M] family that it is set up for
    latest: Int64  # [M] start of the last operation on it
    ready: Int64  # [J] minute from which the job's next operation may start, NEVER once it is cancelled


@compiled
def real_minutes(clock: PlantArrays, truth: Truth, operation: int, pair: int, start: int) -> int:
    """Working minutes, at least 1, that the operation's processing really takes if it starts there then."""
    first, last = held_pairs(clock, operation, pair)
    day = (start // MINUTES_PER_DAY) % truth.day_log.shape[1]
    part = 0.0
    for slot in range(first, last):
        part += truth.day_log[clock.pair_machine[slot], day]
    logarithm = truth.pair_log[pair] + truth.op_spread[operation] * part / math.sqrt(last - first)
    minutes: int = math.floor(clock.pair_minutes[pair] * math.exp(logarithm) + 0.5)
    return max(1, minutes)


# ---------------------------------------------------------------- a plan followed in its order
@compiled
def stand(clock: PlantArrays, truth: Truth, begun: Begun, lines: Lines, now: int) -> None:
    """Fills ``lines`` with where the floor stands at ``now``."""
    for m in range(len(lines.free)):
        lines.free[m], lines.family[m], lines.latest[m] = now, clock.machine_family[m], -NEVER
    for j in range(len(lines.ready)):
        lines.ready[j] = max(now, truth.job_ready[j])
    for o in range(len(begun.pair)):
        if begun.pair[o] >= 0:
            j = clock.op_job[o]
            lines.ready[j] = max(lines.ready[j], begun.end[o])
            first, last = held_pairs(clock, o, begun.pair[o])
            for slot in range(first, last):
                m = clock.pair_machine[slot]
                lines.free[m] = max(lines.free[m], begun.end[o])
                if begun.start[o] >= lines.latest[m]:
                    lines.latest[m] = begun.start[o]
                    lines.family[m] = clock.job_family[j]


@compiled
def follow(
    clock: PlantArrays,
    truth: Truth,
    begun: Begun,
    lines: Lines,
    order: Int32,
    pair: Int32,
    earliest: Int64,
    now: int,
    until: int,
) -> None:
    """Carries out operations in ``order`` [n], each on its ``pair`` [O] and no earlier than ``earliest`` [O], and writes
    those that begin before ``until`` to ``begun``. An operation of a cancelled job holds up its machines' order until the
    job is cancelled."""
    stand(clock, truth, begun, lines, now)
    for i in range(len(order)):
        o = order[i]
        j = clock.op_job[o]
        if lines.ready[j] == NEVER:
            continue
        first, last = held_pairs(clock, o, pair[o])
        begin, setup = max(lines.ready[j], earliest[o]), 0
        for slot in range(first, last):
            m = clock.pair_machine[slot]
            begin = max(begin, lines.free[m])
            setup = max(setup, setup_after(clock, o, m, lines.family[m]))
        table = clock.op_table[o] if clock.op_all[o] else clock.machine_table[clock.pair_machine[first]]
        start = first_working(clock, table, begin)
        if start >= truth.job_gone[j]:
            lines.ready[j] = NEVER
            for slot in range(first, last):
                m = clock.pair_machine[slot]
                lines.free[m] = max(lines.free[m], truth.job_gone[j])
            continue
        end = end_of_work(clock, table, start, setup + real_minutes(clock, truth, o, pair[o], start))
        expected = end_of_work(clock, table, start, setup + clock.pair_minutes[pair[o]])
        lines.ready[j] = end
        for slot in range(first, last):
            m = clock.pair_machine[slot]
            lines.free[m], lines.family[m] = end, clock.job_family[j]
        if start < until:
            begun.pair[o], begun.start[o], begun.end[o], begun.setup[o] = pair[o], start, end, setup
            begun.expected[o] = expected


# ---------------------------------------------------------------- decisions at every free machine
@compiled
def resume(clock: PlantArrays, truth: Truth, state: State, seen: State, begun: Begun, gone: Bool, now: int) -> None:
    """The simulator's state at ``now``, just before its first decision. Of the jobs that are ``gone`` [J] nothing begins."""
    state.clock[:] = 0
    state.clock[NOW] = now - 1
    state.clock[RESERVED] = len(clock.block_order)
    for m in range(len(clock.machine_table)):
        state.free_at[m], state.family[m], state.open_at[m] = now, clock.machine_family[m], -NEVER
        seen.free_at[m] = now
        state.block_next[m] = clock.block_first[m + 1]
        state.is_open[m] = False
        state.ready_load[m], state.total_load[m] = 0.0, 0.0
    for o in range(len(begun.pair)):
        state.order[o], state.pair[o] = -1, begun.pair[o]
        state.start[o], state.end[o], state.setup[o] = begun.start[o], begun.end[o], begun.setup[o]
        seen.end[o] = begun.expected[o]
        if begun.pair[o] >= 0:
            state.clock[DONE] += 1
            first, last = held_pairs(clock, o, begun.pair[o])
            for slot in range(first, last):
                m = clock.pair_machine[slot]
                state.free_at[m] = max(state.free_at[m], begun.end[o])
                if begun.end[o] > now:
                    seen.free_at[m] = max(seen.free_at[m], begun.expected[o])
                if begun.start[o] >= state.open_at[m]:
                    state.open_at[m] = begun.start[o]
                    state.family[m] = clock.job_family[clock.op_job[o]]
    for m in range(len(clock.machine_table)):
        state.open_at[m] = first_working(clock, clock.machine_table[m], state.free_at[m])
    state.table_until[:] = now - 1
    state.opened[:] = -1
    for j in range(len(clock.job_open)):
        state.ready_place[j], state.move_minute[j] = -1, -1
        ready, o = max(now, truth.job_ready[j]), clock.job_first[j]
        while o < clock.job_first[j + 1] and begun.pair[o] >= 0:
            ready = max(ready, begun.end[o])
            o += 1
        if gone[j]:
            state.clock[DONE] += clock.job_first[j + 1] - o
            o = clock.job_first[j + 1]
        state.next_op[j], state.ready_at[j] = o, ready
        if o < clock.job_first[j + 1]:
            add_waiting(state, j)


@compiled
def _decides(clock: PlantArrays, state: State, seen: State, until: int) -> bool:
    """Moves the clock to the next decision, as ``kernel.advance`` does; False where there is none before ``until``. That a
    machine has become free earlier than expected is known from then on."""
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
        for m in range(len(state.free_at)):
            if state.free_at[m] <= minute:
                seen.free_at[m] = min(seen.free_at[m], minute)


@compiled
def _begin(
    clock: PlantArrays,
    known: PlantArrays,
    real: PlantArrays,
    truth: Truth,
    state: State,
    seen: State,
    job: int,
    pair: int,
) -> None:
    """Begins the candidate's operation: the machines are busy until its real end, and expected to be until its expected."""
    now, o = state.clock[NOW], state.next_op[job]
    _, expected, _ = placement(known, seen, o, pair, now)
    start, _, _ = placement(real, state, o, pair, now)
    minutes = real_minutes(clock, truth, o, pair, start)
    first, last = held_pairs(clock, o, pair)
    for slot in range(first, last):
        real.pair_minutes[slot] = minutes
    kernel.dispatch(real, state, job, pair)
    seen.end[o] = expected
    for slot in range(first, last):
        seen.free_at[clock.pair_machine[slot]] = expected


@compiled
def run_by_rule(
    clock: PlantArrays,
    known: PlantArrays,
    real: PlantArrays,
    truth: Truth,
    state: State,
    seen: State,
    code: int,
    k1: float,
    k2: float,
    until: int,
) -> None:
    """Goes on from a resumed state by a dispatching rule, up to the last decision before ``until``."""
    while _decides(clock, state, seen, until):
        job, pair = choose_by_rule(known, seen, code, k1, k2, 0.0)
        _begin(clock, known, real, truth, state, seen, job, pair)


@compiled
def run_by_prices(
    clock: PlantArrays,
    known: PlantArrays,
    real: PlantArrays,
    truth: Truth,
    state: State,
    seen: State,
    operations: PricedOperations,
    until: int,
) -> None:
    """Goes on from a resumed state by prices of machine time, up to the last decision before ``until``."""
    while _decides(clock, state, seen, until):
        job, pair = bottleneck_dynamics.choose(known, seen, operations)
        _begin(clock, known, real, truth, state, seen, job, pair)


@compiled
def run_by_plan(
    clock: PlantArrays,
    known: PlantArrays,
    real: PlantArrays,
    truth: Truth,
    state: State,
    seen: State,
    planned: Int64,
    until: int,
) -> None:
    """Goes on from a resumed state with the candidate of the earliest ``planned`` [O] start (ties: the earlier expected end,
    then the plant's order), up to the last decision before ``until``."""
    while _decides(clock, state, seen, until):
        best = -1
        for i in range(seen.clock[CANDIDATES]):
            j = seen.candidates[i]
            kernel.earliest_end(known, seen, j)
            if best < 0:
                best = j
                continue
            mine, other = planned[seen.next_op[j]], planned[seen.next_op[best]]
            if mine == other:
                mine, other = seen.move_end[j], seen.move_end[best]
            if mine < other or (mine == other and j < best):
                best = j
        _begin(clock, known, real, truth, state, seen, best, seen.move_pair[best])
