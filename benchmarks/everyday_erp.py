"""Generated ERP contents as plants have them, pulled, planned and judged: does each order have the fate that it must have?

    python benchmarks/everyday_erp.py [--contents 10000] [--first 1] [--log FILE] [--print]

A content has one seed and comes from tests/support/everyday_erp.py: three to six orders with up to two oddities of everyday
each (dates, flags, numbers, quantities, times, texts, machines, routings, reports of output), and up to three of the plant
(night shifts, half days, breaks, overlaps, machines). Each oddity says what must become of its order. After each pull:
accepted + noted + quarantined = read for orders and for rows, every order has its fate and no other is there, greedy plans
what was accepted, and the judge finds nothing wrong. A failure of any of these is broken; every other exception is uncaught.

Results go to a JSON-lines file as they come. A run that was stopped goes on there; --print only prints what it holds.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import records
from report import ROOT, commit, heading, markdown_table

sys.path.insert(0, str(ROOT))

from tests.support.everyday_erp import Content, EverydayBench, Fate, content

CHUNK = 500
"""Contents of one line of the file."""


@dataclass
class Seen:
    """What became of the contents of the seeds from ``first`` on, ``size`` of them."""

    first: int
    size: int
    commit: str
    nothing_to_plan: int = 0
    no_plan: int = 0
    planned: int = 0
    not_open: int = 0
    jobs_read: int = 0
    jobs_noted: int = 0
    jobs_quarantined: int = 0
    rows_read: int = 0
    rows_noted: int = 0
    rows_quarantined: int = 0
    seconds: float = 0.0
    oddities: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    uncaught: list[str] = field(default_factory=list)

    def take(self, seed: int, bench: EverydayBench, wanted: Content) -> None:
        """Look at one content and note what became of it."""
        for name in wanted.odd:
            kind = name.rpartition(": ")[2]
            self.oddities[kind] = self.oddities.get(kind, 0) + 1
        try:
            seen = bench.look(wanted)
        except AssertionError as failure:
            self.broken.append(f"seed {seed}: {str(failure)[:200]}")
            return
        except Exception as failure:  # the study counts whatever comes
            self.uncaught.append(f"seed {seed}: {type(failure).__name__}: {str(failure)[:200]}")
            return
        self.planned += seen.planned is True
        self.no_plan += seen.planned is False
        self.nothing_to_plan += seen.planned is None
        self.not_open += sum(order.fate in (Fate.LATER, Fate.CLOSED) for order in wanted.orders)
        self.jobs_read += seen.counts.jobs_read
        self.jobs_noted += sum(fate is Fate.NOTED for fate in seen.fates.values())
        self.jobs_quarantined += seen.counts.jobs_quarantined
        self.rows_read += seen.counts.rows_read
        self.rows_noted += seen.rows_noted
        self.rows_quarantined += seen.counts.rows_quarantined


def run(path: Path, first: int, count: int) -> None:
    """Does what the file lacks."""
    done, at = {(s.first, s.size) for s in records.read_as(Seen, path)}, commit()
    for key in chunks(first, count):
        if key in done:
            continue
        seen, began = Seen(*key, at), time.process_time()
        with tempfile.TemporaryDirectory() as folder:
            bench = EverydayBench(Path(folder))
            for seed in range(seen.first, seen.first + seen.size):
                seen.take(seed, bench, content(seed))
            bench.close()
        seen.seconds = time.process_time() - began
        records.append(path, seen)
        print(f"seeds {seen.first} to {seen.first + seen.size - 1}", file=sys.stderr, flush=True)


def chunks(first: int, count: int) -> list[tuple[int, int]]:
    """The first seed and the size of each part of the contents."""
    return [(first + begun, min(CHUNK, count - begun)) for begun in range(0, count, CHUNK)]


def show(found: Sequence[Seen]) -> None:
    """Prints the tables."""

    def total(name: str) -> int:
        return sum(getattr(s, name) for s in found)

    def row(what: str) -> list[str]:
        read, noted, refused = (total(f"{what}_{part}") for part in ("read", "noted", "quarantined"))
        return [what, str(read), str(read - noted - refused), str(noted), str(refused)]

    print(f"Results were made at {', '.join(sorted({s.commit for s in found})) or 'no commit yet'}.\n")
    print(markdown_table(("", "read", "accepted", "noted", "quarantined"), [row("jobs"), row("rows")]))
    print(f"\n- Contents: {total('size')}, {total('planned')} planned, {total('nothing_to_plan')} with nothing to plan, "
          f"{total('no_plan')} without any plan; orders not open or due later: {total('not_open')}")  # fmt: skip
    print(f"- Uncaught: {sum(len(s.uncaught) for s in found)}; broken: {sum(len(s.broken) for s in found)}; "
          f"{sum(s.seconds for s in found):.0f} s of CPU")  # fmt: skip
    for what in ("uncaught", "broken"):
        for message in [m for s in found for m in getattr(s, what)][:20]:
            print(f"- {what}: {message}")
    sums: Counter[str] = Counter()
    for s in found:
        sums.update(s.oddities)
    print("\nOddities, by how often they were drawn:\n")
    print(markdown_table(("oddity", "times"), [[name, str(times)] for name, times in sums.most_common()]))


def main() -> int:
    """Runs what is missing and prints the tables; 1 if anything was uncaught or broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--contents", type=int, default=10_000, help="how many contents (default: %(default)s)")
    parser.add_argument("--first", type=int, default=1, help="the seed of the first (default: %(default)s)")
    parser.add_argument(
        "--log", type=Path, metavar="FILE", default=Path("runs/everyday_erp.jsonl"), help="(default: %(default)s)"
    )
    parser.add_argument("--print", action="store_true", help="run nothing, print what the file holds")
    options = parser.parse_args()
    if not options.print:
        try:
            run(options.log, options.first, options.contents)
        except KeyboardInterrupt:
            print("stopped; the same command goes on from here", file=sys.stderr)
    wanted = set(chunks(options.first, options.contents))
    found = [s for s in records.read_as(Seen, options.log) if (s.first, s.size) in wanted]
    print(heading("ERP contents of everyday", ["--contents", str(options.contents), "--first", str(options.first)]))
    show(found)
    return int(any(s.uncaught or s.broken for s in found))


if __name__ == "__main__":
    sys.exit(main())
