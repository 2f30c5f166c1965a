"""Machines' spans in time order, into which operations are put one by one where nothing else has to move.

Readable Python over the packed plant, for the few thousand placements of a repair; the search has its own compiled form.
Indices are those of ``PlantArrays``; minutes count from plan_start.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace

from scheduler_core.schedule import NOTICEABLE_MINUTES
from scheduler_core.simulator import kernel
from scheduler_core.simulator.arrays import NO_FAMILY, PlantArrays
from scheduler_core.simulator.legal_moves import setup_after


@dataclass(frozen=True)
class Span:
    """Operation ``op`` on ``pair`` (the first one where it needs all machines) in [start, end), setup inside.

    ``hold``: the minute from which its machines are taken; before ``start`` only for the predecessor of a fixed operation.
    ``movable``: not reserved, so that its setup depends on what comes before it.
    """

    op: int
    pair: int
    start: int
    end: int
    setup: int
    hold: int
    movable: bool


class Timeline:
    """The spans of all machines; it begins with the plant's reservations (fixed operations and what must precede them).

    spans: of each operation; first_starts: where it started when it was put there, before others were inserted."""

    def __init__(self, arrays: PlantArrays) -> None:
        self.arrays = arrays
        self.spans: dict[int, Span] = {}
        self.first_starts: dict[int, int] = {}
        self._rows: list[list[Span]] = [[] for _ in range(len(arrays.machine_table))]
        blocks = {
            (int(m), int(end)): int(hold)
            for m, end, hold in zip(arrays.block_machine, arrays.block_end, arrays.block_hold, strict=True)
        }
        for o in range(len(arrays.op_job)):
            pair = int(arrays.op_reserved_pair[o])
            if pair < 0:
                continue
            start, end = int(arrays.op_reserved_start[o]), int(arrays.op_reserved_end[o])
            hold = min(blocks[m, end] for m in self.machines(o, pair))
            self._put(Span(o, pair, start, end, int(arrays.op_reserved_setup[o]), hold, movable=False))

    def machines(self, op: int, pair: int) -> list[int]:
        """Machine indices that the operation holds on the pair."""
        a = self.arrays
        if a.op_all[op]:
            return [int(m) for m in a.pair_machine[a.op_first[op] : a.op_first[op + 1]]]
        return [int(a.pair_machine[pair])]

    def pairs(self, op: int) -> list[int]:
        """The choices of machines: one for an operation that needs all of them, else each eligible one."""
        first, last = int(self.arrays.op_first[op]), int(self.arrays.op_first[op + 1])
        return [first] if self.arrays.op_all[op] else list(range(first, last))

    def ready(self, op: int) -> int:
        """Minute from which the job allows the operation (rules 7 and 8); the one before it must have its span."""
        j = int(self.arrays.op_job[op])
        return int(self.arrays.job_ready[j]) if op == self.arrays.job_open[j] else self.spans[op - 1].end

    # ---------------------------------------------------------------- behind what is there
    def append(self, op: int, pair: int, floor: int, cursor: list[int]) -> Span:
        """The earliest span from ``floor`` on that follows, on each of its machines, all spans before place ``cursor[m]``;
        reservations that are in the way are passed by. Nothing is booked."""
        machines = self.machines(op, pair)
        passed = {m: cursor[m] for m in machines}
        begin = max(floor, self.ready(op))
        while True:
            for m in machines:
                if passed[m]:
                    begin = max(begin, self._rows[m][passed[m] - 1].end)
            setup = max(self._setup(op, m, self._before(m, passed[m])) for m in machines)
            start, end = self.span_from(op, pair, begin, setup)
            blocked = [m for m in machines if passed[m] < len(self._rows[m]) and self._rows[m][passed[m]].hold < end]
            if not blocked:
                return Span(op, pair, start, end, setup, start, movable=True)
            for m in blocked:
                passed[m] += 1

    def book(self, span: Span) -> dict[int, int]:
        """Adds the span; returns its place on each of its machines."""
        self._put(span)
        return {m: self._rows[m].index(span) for m in self.machines(span.op, span.pair)}

    # ---------------------------------------------------------------- between what is there
    def insert(self, op: int, floor: int) -> Span:
        """Books the operation where it ends first without anything else ending later, and returns its span.

        The span behind it keeps its end and only begins earlier or later, by at most NOTICEABLE_MINUTES from where it was
        put first, where the setup before it changes.
        """
        best = min((self._gap(op, pair, floor) for pair in self.pairs(op)), key=lambda s: (s.end, s.setup, s.pair))
        self._put(best)
        for m in self.machines(op, best.pair):
            self._refit_behind(m, best)
        return best

    def _gap(self, op: int, pair: int, floor: int) -> Span:
        machines = self.machines(op, pair)
        earliest = max(floor, self.ready(op))
        begins = sorted({earliest, *(s.end for m in machines for s in self._rows[m] if s.end > earliest)})
        for begin in begins:
            places = {m: bisect_right(self._rows[m], begin, key=lambda s: s.end) for m in machines}
            setup = max(self._setup(op, m, self._before(m, places[m])) for m in machines)
            start, end = self.span_from(op, pair, begin, setup)
            if all(self._leaves_room(op, end, m, places[m]) for m in machines):
                return Span(op, pair, start, end, setup, start, movable=True)
        raise AssertionError("behind the last span of every machine there is always room")

    def _leaves_room(self, op: int, end: int, m: int, place: int) -> bool:
        """Whether the span at ``place`` of machine m can still end when it does if ``op`` runs before it until ``end``."""
        if place == len(self._rows[m]):
            return True
        following = self._rows[m][place]
        if not following.movable:
            return end <= following.hold
        start = self._latest_start(following, m, self._family(op))
        rows = {k: self._rows[k] for k in self.machines(following.op, following.pair) if k != m}
        before = [row[i - 1].end for row in rows.values() if (i := row.index(following))]
        if abs(start - self.first_starts[following.op]) > NOTICEABLE_MINUTES:
            return False
        return end <= following.start and start >= max([end, self.ready(following.op), *before])

    def _refit_behind(self, m: int, span: Span) -> None:
        place = self._rows[m].index(span) + 1
        if place == len(self._rows[m]) or not self._rows[m][place].movable:
            return
        old = self._rows[m][place]
        start, setup = self._latest_start(old, m, self._family(span.op)), self._setup_of(old, m, self._family(span.op))
        # A smaller setup makes the operation shorter: it starts later then, and ends when it did.
        self._take(old)
        self._put(replace(old, start=start, setup=setup, hold=start))

    def _latest_start(self, span: Span, m: int, family: int) -> int:
        """The latest start with which the span still ends when it does, if an operation of ``family`` precedes it on m."""
        table = self._table(span.op, span.pair)
        work = self._setup_of(span, m, family) + int(self.arrays.pair_minutes[span.pair])
        first = int(kernel.worked_before(self.arrays, table, span.end)) - work
        return int(kernel.minute_of_work(self.arrays, table, first)) if first >= 0 else -1

    def _setup_of(self, span: Span, m: int, family: int) -> int:
        """Setup of the span behind ``family`` on m, and behind what precedes it on its other machines."""
        others = [k for k in self.machines(span.op, span.pair) if k != m]
        behind = [self._setup(span.op, k, self._before(k, self._rows[k].index(span))) for k in others]
        return max([int(setup_after(self.arrays, span.op, m, family)), *behind])

    # ---------------------------------------------------------------- shared
    def span_from(self, op: int, pair: int, begin: int, setup: int) -> tuple[int, int]:
        """(start, end) of the operation if it starts in the first working minute from ``begin`` on."""
        table = self._table(op, pair)
        first = kernel.worked_before(self.arrays, table, begin)
        last = first + setup + self.arrays.pair_minutes[pair] - 1
        start = int(kernel.minute_of_work(self.arrays, table, first))
        return start, int(kernel.minute_of_work(self.arrays, table, last)) + 1

    def _table(self, op: int, pair: int) -> int:
        a = self.arrays
        return int(a.op_table[op] if a.op_all[op] else a.machine_table[a.pair_machine[pair]])

    def _before(self, m: int, place: int) -> int:
        """Family that machine m is set up for before its span at ``place``."""
        return self._family(self._rows[m][place - 1].op) if place else int(self.arrays.machine_family[m])

    def _family(self, op: int) -> int:
        return int(self.arrays.job_family[self.arrays.op_job[op]])

    def _setup(self, op: int, m: int, family: int) -> int:
        assert family >= NO_FAMILY
        return int(setup_after(self.arrays, op, m, family))

    def _put(self, span: Span) -> None:
        self.spans[span.op] = span
        self.first_starts.setdefault(span.op, span.start)
        for m in self.machines(span.op, span.pair):
            row = self._rows[m]
            row.insert(bisect_right(row, (span.start, span.end), key=lambda s: (s.start, s.end)), span)

    def _take(self, span: Span) -> None:
        for m in self.machines(span.op, span.pair):
            self._rows[m].remove(span)
