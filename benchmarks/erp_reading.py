"""How long reading the ERP takes and how much memory it needs, by size and database; and what follows up to the Jobs page.

    python benchmarks/erp_reading.py [--jobs 1000 10000] [--no-mariadb]

The ERP (tests/support/erp_volume.py) has five operations a job, as many closed jobs as open ones, and is read on SQLite
and on a real MariaDB server, there also without indexes. Every line is measured in a process of its own: CPU seconds of the
reader, seconds of the wall clock (which include the server's work), the memory that the process gained at its peak, and the
memory that the finished plant takes by itself. Then, on SQLite: storing the snapshot, loading its plant, and the first table
of the page Jobs.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TypeVar

from report import ROOT, heading, markdown_table

sys.path.insert(0, str(ROOT))

from scheduler_core.data import erp
from scheduler_core.data.database import open_erp
from scheduler_core.data.demo import DEMO_CLOCK
from scheduler_core.data.demo.erp_tables import INDEXES
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Source
from tests.support.erp_volume import erp_rows, write_rows
from tests.support.mariadb_server import running_server

CONFIG = erp.ErpConfig(plant="plant", timezone="Asia/Kuala_Lumpur")
TARGET = 5.0
"""Seconds in which the larger size is to be read."""
T = TypeVar("T")
Line = tuple[str, float, float, str]


def pulled(url: str) -> erp.Pull:
    """One pull on a connection of its own."""
    with closing(open_erp(url)) as database:
        return erp.read(database, CONFIG, DEMO_CLOCK)


def lap(work: Callable[[], T]) -> tuple[T, float, float]:
    """What ``work`` returns, its CPU seconds and its wall seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    made = work()
    return made, time.process_time() - cpu, time.perf_counter() - wall


def peak_of_process() -> float:
    """MiB of memory that this program has held at most; ``getrusage`` would count what its parent held before it."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def measure_reading(url: str) -> dict[str, float]:
    """Figures of one pull in this process. The second pull is the one whose memory is traced, which takes its time."""
    before = peak_of_process()
    pull, cpu, wall = lap(lambda: pulled(url))
    gained = peak_of_process() - before
    counts, operations = pull.counts, pull.plant.operation_count
    if counts.rows_accepted + counts.rows_quarantined != counts.rows_read:
        raise RuntimeError("rows have vanished")
    del pull
    gc.collect()
    tracemalloc.start()
    again = pulled(url)
    gc.collect()
    kept, peak = (size / 2**20 for size in tracemalloc.get_traced_memory())
    tracemalloc.stop()
    del again
    return {
        "cpu": cpu, "wall": wall, "gained": gained, "kept": kept, "peak": peak, "rows": counts.rows_read,
        "operations": operations,
    }  # fmt: skip


def measure_path(url: str) -> list[Line]:
    """Steps after the reading, up to the first table of the page Jobs."""
    from dashboard.presentation import tables

    pull = pulled(url)
    with tempfile.TemporaryDirectory() as folder, closing(Store.open(f"sqlite:///{folder}/store.sqlite3")) as store:
        snapshot, *save = lap(lambda: store.snapshots.save(
            pull.plant, request_id="pull", source=Source.ERP, counts=pull.counts, quarantine=pull.quarantine,
            notes=pull.notes, fingerprint=pull.fingerprint, banner=None, actor="benchmark",
        ))  # fmt: skip
        plant, *load = lap(lambda: store.snapshots.plant(snapshot))
        frame, *table = lap(lambda: tables.jobs_frame(plant, None))
    return [
        ("store the snapshot", save[0], save[1], f"{len(pull.quarantine)} quarantined, {len(pull.notes)} notes"),
        ("load its plant", load[0], load[1], f"{plant.operation_count} operations"),
        ("table of the page Jobs", table[0], table[1], f"{len(frame)} rows"),
    ]


def in_own_process(what: str, url: str) -> object:
    """The figures of a fresh process, whose memory nobody else has filled."""
    command = [sys.executable, __file__, "--measure", what]
    environment = {**os.environ, "BENCHMARK_URL": url, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def reading_row(where: str, jobs: int, url: str) -> list[str]:
    found = in_own_process("reading", url)
    assert isinstance(found, dict)
    return [
        where, f"{jobs:,}", f"{found['operations']:,.0f}", f"{found['rows']:,.0f}", f"{found['cpu']:.2f}",
        f"{found['wall']:.2f}", f"{found['gained']:.0f}", f"{found['peak']:.0f}", f"{found['kept']:.0f}",
        "yes" if found["wall"] < TARGET else "no",
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--jobs", type=int, nargs="+", default=[1_000, 10_000], help="open jobs (default: 1000 10000)")
    parser.add_argument("--no-mariadb", action="store_true", help="SQLite only")
    parser.add_argument("--measure", choices=("reading", "path"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        url = os.environ["BENCHMARK_URL"]
        print(json.dumps(measure_reading(url) if options.measure == "reading" else measure_path(url)))
        return
    arguments = ["--jobs", *(str(n) for n in options.jobs), *(["--no-mariadb"] if options.no_mariadb else [])]
    print(heading("Reading the ERP", arguments))
    print(f"Load average at the beginning: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores. Memory in MiB.\n")
    readings, path = [], []
    with tempfile.TemporaryDirectory() as made, ExitStack() as stack:
        server = None if options.no_mariadb else stack.enter_context(running_server())
        for jobs in options.jobs:
            rows = erp_rows(jobs, closed=jobs)
            file = f"sqlite:///{Path(made) / f'erp{jobs}.sqlite3'}"
            write_rows(file, rows)
            readings.append(reading_row("SQLite", jobs, file))
            for name, indexes in (("MariaDB", INDEXES), ("MariaDB without indexes", ())) if server else ():
                database = f"erp{jobs}{len(indexes)}"
                server.execute(f"CREATE DATABASE {database}")
                write_rows(server.url(database), rows, indexes)
                readings.append(reading_row(name, jobs, server.url(database)))
            found = in_own_process("path", file)
            assert isinstance(found, list)
            path += [[what, f"{jobs:,}", f"{cpu:.2f}", f"{wall:.2f}", amount] for what, cpu, wall, amount in found]
    header = (
        "database", "open jobs", "operations", "rows read", "CPU s", "wall s", "peak of the process", "peak traced",
        "plant alone", f"within {TARGET:g} s",
    )  # fmt: skip
    print(markdown_table(header, readings))
    print()
    print(markdown_table(("what follows (SQLite)", "open jobs", "CPU s", "wall s", "amount"), path))


if __name__ == "__main__":
    main()
