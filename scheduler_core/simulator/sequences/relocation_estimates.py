"""What a move will cost the jobs, without making it, compiled.

Only what lies next to the move is followed: the sequences of the machines that it takes the operation from and to, and from
each operation that ends at another time the rest of its job. That these operations hold up others elsewhere is left out, and
closed time is taken as it is crossed now. It tells most moves that are not worth making, in a small part of their time
(Taillard 1994, Parallel taboo search techniques for the job shop scheduling problem, estimates a move's makespan likewise).
"""

from __future__ import annotations

from scheduler_core.simulator import costs
from scheduler_core.simulator.array_types import Float64
from scheduler_core.simulator.arrays import NEVER, PlantArrays
from scheduler_core.simulator.calendar_lookup import end_of_work
from scheduler_core.simulator.compiling import compiled as compiled
from scheduler_core.simulator.legal_moves import held_pairs, setup_after
from scheduler_core.simulator.sequences.machine_sequences import Sequences, job_ready

FOLLOWED = 30
"""Operations on a machine that an estimate follows at most."""


@compiled
def job_delay(arrays: PlantArrays, sequences: Sequences, prices: Float64, operation: int, delay: int) -> float:
    """By how much the operation's job costs more if it ends ``delay`` minutes later (negative: earlier), its later
    operations wait for no machine longer than they do, and none of those gets free earlier."""
    j = arrays.op_job[operation]
    if arrays.job_due[j] >= NEVER:
        return 0.0
    last = arrays.job_first[j + 1] - 1
    while operation < last and delay != 0:
        ready = sequences.end[operation] + delay
        operation += 1
        if delay < 0:
            ready = min(
                sequences.start[operation],
                max(ready, machines_free(arrays, sequences, operation, -1), sequences.floor[operation]),
            )
            delay = ready - sequences.start[operation]
        else:
            delay = max(0, ready - sequences.start[operation])
    if delay == 0:
        return 0.0
    share: float = sequences.share[j]
    return costs.job_cost(arrays, prices, j, sequences.end[last] + delay) - share


@compiled
def job_costs_of_move(
    arrays: PlantArrays, sequences: Sequences, prices: Float64, operation: int, pair: int, floor: int
) -> float:
    """By how much the jobs will cost more, about, once the operation, which needs one machine only, stands on ``pair``
    behind the pair that ``sequences.spot`` names, with that floor."""
    old, spot = sequences.pair[operation], sequences.spot[pair]
    m = arrays.pair_machine[pair]
    if old == pair and spot >= 0 and sequences.start[arrays.pair_op[spot]] >= sequences.start[operation]:
        # Behind its place: those between the two places close up first.
        end, family = _before(arrays, sequences, m, sequences.before[old])
        cost, end, family = _follow(arrays, sequences, prices, m, sequences.after[old], spot, end, family)
        own, end = _placed(arrays, sequences, prices, operation, pair, max(end, floor), family)
        return (
            cost
            + own
            + _follow(
                arrays, sequences, prices, m, sequences.after[spot], -1, end, arrays.job_family[arrays.op_job[operation]]
            )[0]
        )
    end, family = _before(arrays, sequences, m, spot)
    cost, end = _placed(arrays, sequences, prices, operation, pair, max(end, floor), family)
    family = arrays.job_family[arrays.op_job[operation]]
    n = sequences.after[spot] if spot >= 0 else sequences.first[m]
    if old != pair:
        cost += _follow(arrays, sequences, prices, m, n, -1, end, family)[0]
        m = arrays.pair_machine[old]
        end, family = _before(arrays, sequences, m, sequences.before[old])
    elif n != old:
        # Before its place: those between the two places make room.
        more, end, family = _follow(arrays, sequences, prices, m, n, sequences.before[old], end, family)
        cost += more
    return cost + _follow(arrays, sequences, prices, m, sequences.after[old], -1, end, family)[0]


@compiled
def _before(arrays: PlantArrays, sequences: Sequences, machine: int, slot: int) -> tuple[int, int]:
    """(end, family) of what stands on the machine up to pair ``slot`` (-1: nothing)."""
    if slot < 0:
        return 0, arrays.machine_family[machine]
    return sequences.end[arrays.pair_op[slot]], arrays.job_family[arrays.op_job[arrays.pair_op[slot]]]


@compiled
def _placed(
    arrays: PlantArrays, sequences: Sequences, prices: Float64, operation: int, pair: int, free: int, family: int
) -> tuple[float, int]:
    """(cost, end) of the operation on the pair's machine, which is free from ``free`` on, behind that family."""
    m = arrays.pair_machine[pair]
    minutes = setup_after(arrays, operation, m, family) + arrays.pair_minutes[pair]
    end = end_of_work(arrays, arrays.machine_table[m], max(job_ready(arrays, sequences, operation), free), minutes)
    return job_delay(arrays, sequences, prices, operation, end - sequences.end[operation]), end


@compiled
def _follow(
    arrays: PlantArrays, sequences: Sequences, prices: Float64, machine: int, slot: int, last: int, end: int, family: int
) -> tuple[float, int, int]:
    """(cost, end, family) over the pairs from ``slot`` to ``last`` on the machine, -1: as far as anything changes, if what
    stands before them ends at ``end`` and is of that family."""
    cost, changed = 0.0, True
    for _ in range(FOLLOWED):
        if slot < 0 or sequences.place[arrays.pair_op[slot]] < 0:
            break
        x = arrays.pair_op[slot]
        delay = (
            max(job_ready(arrays, sequences, x), sequences.floor[x], end, machines_free(arrays, sequences, x, slot))
            - sequences.start[x]
        )
        if changed:
            delay += setup_after(arrays, x, machine, family) - sequences.setup[x]
        if delay == 0 and last < 0:
            break
        cost += job_delay(arrays, sequences, prices, x, delay)
        end, family, changed = sequences.end[x] + delay, arrays.job_family[arrays.op_job[x]], False
        if slot == last:
            break
        slot = sequences.after[slot]
    return cost, end, family


@compiled
def machines_free(arrays: PlantArrays, sequences: Sequences, operation: int, but: int) -> int:
    """The minute from which the operation's machines are free for it, that of pair ``but`` left out."""
    free = 0
    for slot in range(*held_pairs(arrays, operation, sequences.pair[operation])):
        b = sequences.before[slot]
        if slot != but and b >= 0:
            free = max(free, sequences.end[arrays.pair_op[b]])
    return free
