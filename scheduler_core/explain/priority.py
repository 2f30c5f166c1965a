"""One job before the others: every operation of it goes where it is in time and costs the others least, and what stands in
the way is pushed to the right.

How soon each operation has to end is not known beforehand, so several splits of the job's slack are tried, from "as early as
possible" to "just in time". Then a short search with the job's end held lets the others lose less.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from scheduler_core.engines.annealing.annealing_loop import anneal
from scheduler_core.engines.annealing.chain import HERE, keep, new_chain
from scheduler_core.engines.annealing.machine_group import new_draft
from scheduler_core.engines.rules import seed_random
from scheduler_core.explain.trial_plan import TrialPlan
from scheduler_core.plant import Job
from scheduler_core.simulator import kernel
from scheduler_core.simulator.arrays import NEVER
from scheduler_core.simulator.costs import WEIGHTED_TARDINESS
from scheduler_core.simulator.legal_moves import held_pairs
from scheduler_core.simulator.sequences import machine_sequences, relocation
from scheduler_core.simulator.sequences.machine_sequences import JOBS, Sequences

SHARES = (1.0, 0.75, 0.5, 0.25)
"""Shares of the time between the earliest and the latest end of an operation that are tried as its deadline."""
MOST_PLACES = 40
"""Places that one operation is tried at on one machine, the earliest first."""

MOVES, STEPS, HOT, COLD = 30_000, 30, 0.3, 0.003
"""The search that lets others lose less: moves, temperatures, and the first and last of these in weighted days."""
HELD = 1000.0
"""Weight of the job meanwhile: a minute later than it is due never pays."""
NOTHING = 1e-9
"""Weighted days that count as none."""


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
        q, chain, draft = machine_sequences.new_sequences(arrays), new_chain(arrays), new_draft(arrays)
        was = placed.sequences
        machine_sequences.load(arrays, q, was.pair.copy(), was.start.copy(), was.floor.copy(), WEIGHTED_TARDINESS)
        chain.cost[HERE] = machine_sequences.total_cost(arrays, q, WEIGHTED_TARDINESS)
        keep(q, chain)
        draft.order[:] = np.argsort(q.start, kind="stable")
        seed_random(self._number)
        for step in range(STEPS):
            anneal(arrays, q, draft, WEIGHTED_TARDINESS, chain, MOVES // STEPS, HOT * (COLD / HOT) ** (step / (STEPS - 1)))
        machine_sequences.load(self._a, q, chain.pair.copy(), chain.start.copy(), chain.floor.copy(), WEIGHTED_TARDINESS)
        return Placed(int(q.end[self._last]), float(q.total[JOBS] - q.share[self._number]), q)

    # ---------------------------------------------------------------- one way through
    def _placed(self, deadlines: dict[int, int]) -> Placed:
        """Each operation, in the job's order, where it ends by its deadline at the least price, else where it ends first."""
        self._trial.reset()
        for o in self._steps:
            best = self._best(o, deadlines.get(o, 0))
            if best is not None:
                moved = self._moved(o, *best)
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
        here, floor = int(q.pair[o]), int(q.floor[o])
        pairs = [int(a.op_first[o])] if a.op_all[o] else range(int(a.op_first[o]), int(a.op_first[o + 1]))
        for pair in pairs:
            for at in self._moments(o, pair):
                fits = self._moved(o, pair, at)
                end, others = int(q.end[o]), self._others()
                relocation.undo(a, q, o, here, floor, WEIGHTED_TARDINESS)
                if not fits:
                    continue
                late = max(0, end - deadline)
                rank = (float(late), others, float(end))
                if best is None or rank < best[0]:
                    best = rank, (pair, at)
                if late:
                    break  # further back it only ends later
        return None if best is None else best[1]

    def _moments(self, o: int, pair: int) -> Iterator[int]:
        """Starts of what ends after the job allows the operation on the machines of the pair, and a moment behind them."""
        a, q, found = self._a, self._q, set[int]()
        ready = int(machine_sequences.job_ready(a, q, o))
        for slot in range(*held_pairs(a, o, pair)):
            b = int(q.last[a.pair_machine[slot]])
            while b >= 0 and q.end[a.pair_op[b]] > ready:
                if a.pair_op[b] != o:
                    found.add(int(q.start[a.pair_op[b]]))
                b = int(q.before[b])
        yield from sorted(found)[:MOST_PLACES]
        yield NEVER

    def _moved(self, o: int, pair: int, at: int) -> bool:
        relocation.spots(self._a, self._q, o, pair, at)
        return bool(relocation.move(self._a, self._q, o, pair, 0, WEIGHTED_TARDINESS, math.inf))

    # ---------------------------------------------------------------- what is read
    def _others(self) -> float:
        return float(self._q.total[JOBS] - self._q.share[self._number])

    def _latest(self, due: int) -> dict[int, int]:
        """Latest end of each operation with which the rest, without setups or waiting, is done by ``due``."""
        a, latest, end = self._a, dict[int, int](), due
        for o in reversed(range(self._steps[0], self._last + 1)):
            latest[o] = end
            pairs = [int(a.op_first[o])] if a.op_all[o] else range(int(a.op_first[o]), int(a.op_first[o + 1]))
            end = max(self._start_for(o, pair, end) for pair in pairs)
        return latest

    def _start_for(self, o: int, pair: int, end: int) -> int:
        a = self._a
        table = int(a.op_table[o] if a.op_all[o] else a.machine_table[a.pair_machine[pair]])
        first = int(kernel.worked_before(a, table, end)) - int(a.pair_minutes[pair])
        return int(kernel.minute_of_work(a, table, first)) if first >= 0 else 0
