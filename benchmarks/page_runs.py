"""Does the dashboard's server grow? Thousands of page runs on a real server, its memory and open files in between.

    python benchmarks/page_runs.py [--runs 5000] [--session 50] [--samples 20]

The dashboard is served with the demo's jobs, two plans and a release. A client speaks Streamlit's own protocol without a
browser: it asks for one page after the other (all ten in turn) and waits until the server has run each to its end; a session
ends after ``--session`` runs and the next one begins, as with planners who come and go. In between, the server's resident
memory and the number of its open files are read from /proc (Linux). The first fifth of the samples is warming up: every
cache is bounded, and fills. The slope is that of a straight line through the others by least squares.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from report import ROOT, heading, markdown_table
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

sys.path.insert(0, str(ROOT))

from scheduler_core import planning
from scheduler_core.data import erp
from scheduler_core.data.store import ApprovalRequest, Store
from tests.dashboard.browsing import served
from tests.dashboard.seeding import seed_plan

PAGES = ("", "jobs", "compare", "gantt", "what-if", "approve", "dispatch", "kpis", "monitor", "models")
"""Addresses; the first is Today."""
TARGET = 1.0
"""MB per 1,000 page runs."""
WARMING = 0.2
PAGE_SECONDS = 60


@dataclass(frozen=True)
class Sample:
    """The server after so many page runs: resident memory in MB, open files, threads, CPU seconds so far."""

    runs: int
    megabytes: float
    files: int
    threads: int
    cpu: float


def sample(pid: int, runs: int) -> Sample:
    """What /proc says of the process."""
    folder = Path(f"/proc/{pid}")
    status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines())
    times = (folder / "stat").read_text().rpartition(")")[2].split()
    cpu = (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK")
    megabytes = int(status["VmRSS"].split()[0]) / 1024
    return Sample(runs, megabytes, len(list((folder / "fd").iterdir())), int(status["Threads"]), cpu)


def slope(samples: list[Sample]) -> float:
    """MB per 1,000 page runs after warming up."""
    later = samples[int(len(samples) * WARMING) :]
    return float(np.polyfit([s.runs / 1000 for s in later], [s.megabytes for s in later], 1)[0])


def open_page(line: ClientConnection, path: str) -> int:
    """Runs a page to its end; returns how many parts it drew. Raises RuntimeError for one that fails."""
    wish = BackMsg()
    wish.rerun_script.page_name = path
    line.send(wish.SerializeToString())
    drawn = 0
    while True:
        message = ForwardMsg()
        message.ParseFromString(bytes(line.recv(timeout=PAGE_SECONDS)))
        kind = message.WhichOneof("type")
        drawn += kind in ("delta", "ref_hash")
        if kind == "page_not_found":
            raise RuntimeError(f"{path}: no such page")
        if kind == "delta" and message.delta.new_element.WhichOneof("type") == "exception":
            raise RuntimeError(f"{path}: {message.delta.new_element.exception.message}")
        if kind == "script_finished":
            if message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                continue  # a run ended meanwhile: the page runs once more by itself
            if message.script_finished != ForwardMsg.FINISHED_SUCCESSFULLY:
                raise RuntimeError(f"{path}: {ForwardMsg.ScriptFinishedStatus.Name(message.script_finished)}")
            return drawn


@contextmanager
def session(address: str) -> Iterator[ClientConnection]:
    """A planner's tab."""
    with connect(f"{address.replace('http', 'ws')}/_stcore/stream", max_size=None, compression=None) as line:
        yield line


def measured(address: str, pid: int, runs: int, per_session: int, samples: int) -> list[Sample]:
    """Samples, evenly over the runs, the first before any."""
    found, done, every = [sample(pid, 0)], 0, max(1, runs // samples)
    while done < runs:
        with session(address) as line:
            for _ in range(min(per_session, runs - done)):
                path = PAGES[done % len(PAGES)]
                if open_page(line, path) < 5:
                    raise RuntimeError(f"{path}: drew hardly anything")
                done += 1
                if done % every == 0:
                    found.append(sample(pid, done))
                    print(found[-1], file=sys.stderr, flush=True)
    return found


def seed(folder: Path) -> None:
    """The demo's jobs, a plan by each engine, one of them released."""
    store = Store.open(f"sqlite:///{folder / 'store.sqlite3'}")
    settings = erp.load_config(ROOT / "configs" / "demo_erp.yaml")
    url = f"sqlite:///{folder / 'erp.sqlite3'}"
    snapshot = planning.pull(store, url, request_id="pull", config=settings)
    plans = [seed_plan(store, snapshot, engine, rule) for engine, rule in (("greedy", "EDD"), ("learned", "WATC"))]
    content = store.stored_schedule(plans[1]).content_sha256
    planning.approve(store, ApprovalRequest("release", plans[1], content, "Ann"), url, settings)
    store.close()


def child(port: str) -> int:
    """The process id of our server on that port."""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                command = (folder / "cmdline").read_bytes().split(b"\0")
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended meanwhile
            if b"streamlit" in command and port.encode() in command:
                return int(folder.name)
    raise RuntimeError(f"no server on port {port}")


def study(runs: int, per_session: int, samples: int) -> list[Sample]:
    """Serves a seeded dashboard and measures it."""
    with tempfile.TemporaryDirectory() as made, served(Path(made)) as address:
        seed(Path(made))
        return measured(address, child(address.rpartition(":")[2]), runs, per_session, samples)


def main() -> int:
    """Prints the table; exit code 1 if memory or files grow."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5000)
    parser.add_argument("--session", type=int, default=50)
    parser.add_argument("--samples", type=int, default=20)
    args = parser.parse_args()
    began = time.monotonic()
    found = study(args.runs, args.session, args.samples)
    later = found[int(len(found) * WARMING) :]
    grown, files = slope(found), [s.files for s in later]
    print(heading(f"The dashboard's server over {args.runs:,} page runs", sys.argv[1:]))
    print(
        f"All pages in turn, {args.session} runs a session. Slope after the first fifth: {grown:+.2f} MB per 1,000 page "
        f"runs (at most {TARGET:g} is wanted). Open files then: {min(files)} to {max(files)}. "
        f"{(time.monotonic() - began) / 60:.0f} minutes.\n"
    )
    rows = [[f"{s.runs:,}", f"{s.megabytes:.1f}", str(s.files), str(s.threads), f"{s.cpu:.0f}"] for s in found]
    print(markdown_table(("page runs", "memory, MB", "open files", "threads", "CPU, s"), rows))
    return 0 if grown < TARGET and max(files) - min(files) <= 5 else 1


if __name__ == "__main__":
    sys.exit(main())
