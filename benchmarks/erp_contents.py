"""Generated ERP contents of every kind of wrongness, pulled: does anything crash, vanish or lack its reason?

    python benchmarks/erp_contents.py [--sqlite 10000] [--mariadb 300] [--log FILE] [--print]

The contents come from tests/support/erp_contents.py (hypothesis), 500 at a time with a seed of their own (1, 2, ...).
After each pull: accepted + quarantined = read for jobs and for rows, the open jobs are those that the table counts, every
reason names table, row, field and value, and the plant survives its snapshot's JSON. A failure of any of these is broken;
an exception that is not the product's own refusal of an ERP without anything to plan is uncaught.

Results go to a JSON-lines file as they come. A run that was stopped goes on there; --print only prints what it holds.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path

import records
from hypothesis import HealthCheck, Phase, given, seed, settings
from report import ROOT, commit, heading, markdown_table

sys.path.insert(0, str(ROOT))

from tests.support.erp_contents import Bench, contents
from tests.support.erp_rows import Erp
from tests.support.mariadb_server import running_server

CHUNK = 500
"""Contents with one seed."""


@dataclass
class Seen:
    """What became of a chunk of contents, ``size`` of them wanted, pulled from one database."""

    database: str
    seed: int
    size: int
    commit: str
    contents: int = 0
    nothing_to_plan: int = 0
    jobs_read: int = 0
    jobs_quarantined: int = 0
    rows_read: int = 0
    rows_quarantined: int = 0
    seconds: float = 0.0
    reasons: dict[str, int] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    uncaught: list[str] = field(default_factory=list)

    def take(self, bench: Bench, content: Erp) -> None:
        """Pull one content and note what became of it."""
        self.contents += 1
        try:
            pull = bench.pull(content)
        except AssertionError as failure:
            self.broken.append(str(failure)[:200] or "a count does not add up")
            return
        except Exception as failure:  # the study counts whatever comes
            self.uncaught.append(f"{type(failure).__name__}: {str(failure)[:200]}")
            return
        if pull is None:
            self.nothing_to_plan += 1
            return
        self.jobs_read += pull.counts.jobs_read
        self.jobs_quarantined += pull.counts.jobs_quarantined
        self.rows_read += pull.counts.rows_read
        self.rows_quarantined += pull.counts.rows_quarantined
        for q in pull.quarantine:
            cell = f"{q.table}.{q.field}"
            self.reasons[cell] = self.reasons.get(cell, 0) + 1


def studied(bench: Bench, seen: Seen) -> None:
    """Pulls a chunk and notes what became of it."""
    began = time.process_time()

    @seed(seen.seed)
    @settings(
        max_examples=seen.size, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(contents())
    def run(content: Erp) -> None:
        seen.take(bench, content)

    run()
    seen.seconds = time.process_time() - began


@contextmanager
def sqlite() -> Iterator[Bench]:
    """A fresh file."""
    with tempfile.TemporaryDirectory() as made:
        bench = Bench(f"sqlite:///{Path(made) / 'erp.sqlite3'}")
        yield bench
        bench.close()


@contextmanager
def mariadb() -> Iterator[Bench]:
    """A fresh database on a server of its own."""
    with running_server() as server:
        server.execute("CREATE DATABASE erp CHARACTER SET utf8mb4")
        bench = Bench(server.url("erp"))
        yield bench
        bench.close()


DATABASES = {"SQLite": sqlite, "MariaDB": mariadb}
Key = tuple[str, int, int]
"""Database, seed, contents."""


def chunks(counts: Mapping[str, int]) -> list[Key]:
    """What makes up so many contents on each database."""
    return [
        (name, number, min(CHUNK, count - begun))
        for name, count in counts.items()
        for number, begun in enumerate(range(0, count, CHUNK), start=1)
    ]


def run(path: Path, wanted: Sequence[Key]) -> None:
    """Does what the file lacks."""
    done, at = kept(path, wanted), commit()
    for name, opened in DATABASES.items():
        missing = [key for key in wanted if key[0] == name and key not in done]
        if not missing:
            continue
        with opened() as bench:
            for key in missing:
                seen = Seen(*key, at)
                studied(bench, seen)
                records.append(path, seen)
                print(f"{name}, seed {seen.seed}: {seen.contents} contents", file=sys.stderr, flush=True)


def kept(path: Path, wanted: Sequence[Key]) -> dict[Key, Seen]:
    """The records of these chunks."""
    found = {(s.database, s.seed, s.size): s for s in records.read_as(Seen, path)}
    return {key: found[key] for key in wanted if key in found}


def total(name: str, seen: Sequence[Seen]) -> list[str]:
    """The row of a database."""
    sums = {f.name: sum(getattr(s, f.name) for s in seen) for f in fields(Seen) if f.type in ("int", "float")}
    cells = sum(n for s in seen for n in s.reasons.values())
    counts = ("contents", "nothing_to_plan", "jobs_read", "jobs_quarantined", "rows_read", "rows_quarantined")
    return [
        name, *(str(sums[n]) for n in counts), str(cells), str(sum(len(s.uncaught) for s in seen)),
        str(sum(len(s.broken) for s in seen)), f"{sums['seconds']:.0f}",
    ]  # fmt: skip


def show(found: Sequence[Seen]) -> None:
    """Prints the tables."""
    print(f"Results were made at {', '.join(sorted({s.commit for s in found})) or 'no commit yet'}.\n")
    header = (
        "database", "contents", "nothing to plan", "jobs read", "jobs in quarantine", "rows read", "rows in quarantine",
        "cells named", "uncaught", "broken", "CPU s",
    )  # fmt: skip
    by_database = {name: [s for s in found if s.database == name] for name in DATABASES}
    print(markdown_table(header, [total(name, seen) for name, seen in by_database.items() if seen]))
    for name, seen in by_database.items():
        for what in ("uncaught", "broken"):
            for message, times in Counter(m for s in seen for m in getattr(s, what)).most_common(20):
                print(f"- {name}, {what}, {times} times: {message}")
    print("\nCells that put a row into quarantine, by table and column:\n")
    sums: Counter[str] = Counter()
    for s in found:
        sums.update(s.reasons)
    print(markdown_table(("cell", "times"), [[cell, str(times)] for cell, times in sums.most_common()]))


def main() -> int:
    """Runs what is missing and prints the tables; 1 if anything was uncaught or broken."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sqlite", type=int, default=10_000, help="contents on SQLite (default: %(default)s)")
    parser.add_argument("--mariadb", type=int, default=300, help="contents on MariaDB (default: %(default)s)")
    parser.add_argument(
        "--log", type=Path, metavar="FILE", default=Path("runs/erp_contents.jsonl"), help="(default: %(default)s)"
    )
    parser.add_argument("--print", action="store_true", help="run nothing, print what the file holds")
    options = parser.parse_args()
    wanted = chunks({"SQLite": options.sqlite, "MariaDB": options.mariadb})
    if not options.print:
        try:
            run(options.log, wanted)
        except KeyboardInterrupt:
            print("stopped; the same command goes on from here", file=sys.stderr)
    found = list(kept(options.log, wanted).values())
    print(heading("Generated ERP contents", ["--sqlite", str(options.sqlite), "--mariadb", str(options.mariadb)]))
    show(found)
    return int(any(s.uncaught or s.broken for s in found))


if __name__ == "__main__":
    sys.exit(main())
