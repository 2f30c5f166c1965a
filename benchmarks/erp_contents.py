"""Generated ERP contents of every kind of wrongness, pulled: does anything crash, vanish or lack its reason?

    python benchmarks/erp_contents.py [--sqlite 10000] [--mariadb 300]

The contents come from tests/core/data/erp_contents.py (hypothesis, seed 1). After each pull: accepted + quarantined = read
for jobs and for rows, the open jobs are those that the table counts, every reason names table, row, field and value, and the
plant survives its snapshot's JSON. A failure of any of these is broken; an exception that is not the product's own refusal
of an ERP without anything to plan is uncaught.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings
from report import ROOT, heading, markdown_table

sys.path.insert(0, str(ROOT))

from tests.core.data.erp_contents import Bench, contents
from tests.core.data.erp_rows import Erp
from tests.core.data.mariadb_server import running_server


@dataclass
class Seen:
    """What became of the contents pulled from one database."""

    contents: int = 0
    nothing_to_plan: int = 0
    jobs_read: int = 0
    jobs_quarantined: int = 0
    rows_read: int = 0
    rows_quarantined: int = 0
    seconds: float = 0.0
    reasons: Counter[str] = field(default_factory=Counter)
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
        self.reasons.update(f"{q.table}.{q.field}" for q in pull.quarantine)


def studied(url: str, count: int) -> Seen:
    """So many contents through one database."""
    seen, bench, began = Seen(), Bench(url), time.process_time()

    @seed(1)
    @settings(
        max_examples=count, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(contents())
    def run(content: Erp) -> None:
        seen.take(bench, content)

    run()
    bench.close()
    seen.seconds = time.process_time() - began
    return seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sqlite", type=int, default=10_000, help="contents on SQLite (default: %(default)s)")
    parser.add_argument("--mariadb", type=int, default=300, help="contents on MariaDB (default: %(default)s)")
    options = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as made:
        found["SQLite"] = studied(f"sqlite:///{Path(made) / 'erp.sqlite3'}", options.sqlite)
    if options.mariadb:
        with running_server() as server:
            server.execute("CREATE DATABASE erp CHARACTER SET utf8mb4")
            found["MariaDB"] = studied(server.url("erp"), options.mariadb)
    print(heading("Generated ERP contents", ["--sqlite", str(options.sqlite), "--mariadb", str(options.mariadb)]))
    header = (
        "database", "contents", "nothing to plan", "jobs read", "jobs in quarantine", "rows read", "rows in quarantine",
        "cells named", "uncaught", "broken", "CPU s",
    )  # fmt: skip
    table = [
        [name, str(s.contents), str(s.nothing_to_plan), str(s.jobs_read), str(s.jobs_quarantined), str(s.rows_read),
         str(s.rows_quarantined), str(s.reasons.total()), str(len(s.uncaught)), str(len(s.broken)), f"{s.seconds:.0f}"]
        for name, s in found.items()
    ]  # fmt: skip
    print(markdown_table(header, table))
    for name, s in found.items():
        for what, failures in (("uncaught", s.uncaught), ("broken", s.broken)):
            for message, times in Counter(failures).most_common(20):
                print(f"- {name}, {what}, {times} times: {message}")
    print("\nCells that put a row into quarantine, by table and column:\n")
    sums: Counter[str] = Counter()
    for s in found.values():
        sums += s.reasons
    print(markdown_table(("cell", "times"), [[cell, str(times)] for cell, times in sums.most_common()]))


if __name__ == "__main__":
    main()
