"""One job before the others: every operation of it goes where it is in time and costs the others least, and what stands in
the way is pushed to the right.

How soon each operation has to end is not known beforehand, so several splits of the job's slack are tried, from "as early as
possible" to "just in time". Then a short search with the job's end held lets the others lose less.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from scheduler_core.causes import order_search
from scheduler_core.causes.order_search import HELD, NOTHING, Cooling
from scheduler_core.causes.trial_plan import TrialPlan
from scheduler_core.plant import Job
from scheduler_core.simulator import kernel
from scheduler_core.simulator.arrays import NEVER
from scheduler_core.simulator.costs import WEIGHTED_TARDINESS
from scheduler_core.simulator.sequences import machine_sequences
from scheduler_core.simulator.sequences.machine_sequences import JOBS, Sequences

SHARES = (1.0, 0.75, 0.5, 0.25)
"""Shares of the time between the earliest and the latest end of an operation that are tried as its deadline."""
MOST_PLACES = 40
"""Places that one operation is tried at on one machine, the earliest first."""
COOLING = Cooling(30_000, 0.3, 0.003)
"""The search that lets others lose less."""


@dataclass(frozen=True)
class Placed:
    """The job put before others: ``end`` of it (minute), ``others``: weighted days late of all other jobs, and the whole
    plan, for ``TrialPlan.take``."""

    end: int
    others: float
    sequences: Sequences


class Priority:
    """Where the operations of ``job`` can go in the plan of ``trial``, which is back as it was after every call.

    Operations that are fixed, or come before a fixed one, stay.
    """

    def __init__(self, trial: TrialPlan, job: Job) -> None:
        self._trial, self._a, self._q = trial, trial.arrays, trial.sequences
        keys = [(job.id, op.sequence) for op in job.operations]
        self._number = int(self._a.op_job[trial.index[keys[0]]])
        self._steps = [trial.index[key] for key in keys if trial.can_move(key)]
        self._last = trial.index[keys[-1]]
        trial.reset()
        self._without = self._others()

    def earliest(self) -> Placed:
        """Every operation as early as its machines allow, whatever it costs."""
        return self._placed({})

    def in_time(self, due: int) -> Placed | None:
        """The job complete by minute ``due``, with what this costs the others held low; None if even the earliest end is
        later, or nothing of the job can move."""
        if not self._steps:
            return None
        soonest = self.earliest()
        if soonest.end > due:
            return None
        latest = self._latest(due)
        ends = {o: int(soonest.sequences.end[o]) for o in self._steps}
        deadlines = [{o: round(end + share * max(0, latest[o] - end)) for o, end in ends.items()} for share in SHARES]
        found = [soonest, *(self._placed(chosen) for chosen in deadlines)]
        best = min((p for p in found if p.end <= due), key=lambda p: (p.others, p.end))
        return (
            best if best.others <= self._without + NOTHING else min(best, self._relieved(best, due), key=lambda p: p.others)
        )

    # ---------------------------------------------------------------- the others
    def _relieved(self, placed: Placed, due: int) -> Placed:
        """The job on time as before, the others searched for what costs them less."""
        dues, weights = self._a.job_due.copy(), self._a.job_weight.copy()
        dues[self._number], weights[self._number] = due, HELD
        arrays = self._a._replace(job_due=dues, job_weight=weights)
        found = order_search.annealed(arrays, placed.sequences, WEIGHTED_TARDINESS, self._number, COOLING)
        q = machine_sequences.new_sequences(self._a)
        machine_sequences.load(self._a, q, *found, WEIGHTED_TARDINESS)
        return Placed(int(q.end[self._last]), float(q.total[JOBS] - q.share[self._number]), q)

    # ---------------------------------------------------------------- one way through
    def _placed(self, deadlines: dict[int, int]) -> Placed:
        """Each operation, in the job's order, where it ends by its deadline at the least price, else where it ends first."""
        self._trial.reset()
        for o in self._steps:
            best = self._best(o, deadlines.get(o, 0))
            if best is not None:
                moved = order_search.put(self._a, self._q, o, *best, WEIGHTED_TARDINESS)
                assert moved  # it was tried on the same sequences
        made = machine_sequences.new_sequences(self._a)
        machine_sequences.copy(self._q, made)
        placed = Placed(int(self._q.end[self._last]), self._others(), made)
        self._trial.reset()
        return placed

    def _best(self, o: int, deadline: int) -> tuple[int, int] | None:
        """(pair, minute) of the best place, None where none gives a plan."""
        best: tuple[tuple[float, float, float], tuple[int, int]] | None = None
        a, q = self._a, self._q
        for pair in order_search.pairs_of(a, o):
            found = order_search.tried(
                a, q, o, self._places(o, pair), WEIGHTED_TARDINESS, lambda: (int(q.end[o]), self._others())
            )
            for _, at, (end, others) in found:
                late = max(0, end - deadline)
                rank = (float(late), others, float(end))
                if best is None or rank < best[0]:
                    best = rank, (pair, at)
                if late:
                    break  # further back it only ends later
        return None if best is None else best[1]

    def _places(self, o: int, pair: int) -> Iterator[tuple[int, int]]:
        """The earliest places of the operation on the pair, and one behind all others."""
        return ((pair, at) for at in [*order_search.moments(self._a, self._q, o, pair)[:MOST_PLACES], NEVER])

    # ---------------------------------------------------------------- what is read
    def _others(self) -> float:
        return float(self._q.total[JOBS] - self._q.share[self._number])

    def _latest(self, due: int) -> dict[int, int]:
        """Latest end of each operation with which the rest, without setups or waiting, is done by ``due``."""
        latest, end = dict[int, int](), due
        for o in reversed(range(self._steps[0], self._last + 1)):
            latest[o] = end
            end = max(self._start_for(o, pair, end) for pair in order_search.pairs_of(self._a, o))
        return latest

    def _start_for(self, o: int, pair: int, end: int) -> int:
        a = self._a
        table = int(a.op_table[o] if a.op_all[o] else a.machine_table[a.pair_machine[pair]])
        first = int(kernel.worked_before(a, table, end)) - int(a.pair_minutes[pair])
        return int(kernel.minute_of_work(a, table, first)) if first >= 0 else 0
