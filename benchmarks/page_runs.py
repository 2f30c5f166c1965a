"""Does the dashboard's server grow? Thousands of page runs on a real server, its memory and open files in between.

    python benchmarks/page_runs.py [--runs 5000] [--session 50] [--samples 20] [--kept 5]

The dashboard is served with the demo's jobs, two plans and a release. A client speaks Streamlit's own protocol without a
browser: it asks for one page after the other (all ten in turn) and waits until the server has run each to its end; a session
ends after ``--session`` runs and the next one begins, as with planners who come and go. In between, the server's resident
memory and the number of its open files are read from /proc (Linux). The first fifth of the samples is warming up: every
cache is bounded, and fills. The slopes are those of straight lines through the others by least squares.

Streamlit keeps a session for a while after its tab is closed, with three open files, so that how many files are open at a
moment says how many planners have just left. Here it keeps them for ``--kept`` seconds instead of the delivered 120, and
each sample is taken when they have passed, with one session open that has just drawn Today.

Exit code 1 if memory or open files grow with the page runs.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from report import ROOT, heading, markdown_table
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

sys.path.insert(0, str(ROOT))

from scheduler_core.data import erp
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ApprovalRequest
from scheduler_core.services import pulling, releasing
from tests.support.browsing import served
from tests.support.seeding import seed_plan

PAGES = ("", "jobs", "compare", "gantt", "what-if", "approve", "dispatch", "kpis", "monitor", "models")
"""Addresses; the first is Today."""
TARGET_MEGABYTES = 1.0
TARGET_FILES = 0.5
"""Both per 1,000 page runs. Those are 20 sessions, so a file forgotten in each would be 20."""
WARMING = 0.2
PAGE_SECONDS = 60
REST_SECONDS = 2.0
"""Longer than sessions are kept, before a sample."""


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


def slope(samples: list[Sample], of: Callable[[Sample], float]) -> float:
    """How much of it comes with 1,000 page runs after warming up."""
    later = samples[int(len(samples) * WARMING) :]
    return float(np.polyfit([s.runs / 1000 for s in later], [of(s) for s in later], 1)[0])


def growth(samples: list[Sample]) -> tuple[float, float]:
    """MB and open files that come with 1,000 page runs."""
    return slope(samples, lambda s: s.megabytes), slope(samples, lambda s: s.files)


def is_flat(samples: list[Sample]) -> bool:
    """Whether neither grows by more than is wanted."""
    megabytes, files = growth(samples)
    return megabytes < TARGET_MEGABYTES and files < TARGET_FILES


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


def at_rest(address: str, pid: int, runs: int, kept: int) -> Sample:
    """The server once no session is left that a closed tab has left behind."""
    time.sleep(kept + REST_SECONDS)
    with session(address) as line:  # which also makes Streamlit look for those whose time is over
        open_page(line, PAGES[0])
        return sample(pid, runs)


def measured(address: str, pid: int, runs: int, per_session: int, samples: int, kept: int) -> list[Sample]:
    """Samples, evenly over the runs as far as sessions let them, the first before any."""
    found, done, every = [at_rest(address, pid, 0, kept)], 0, max(1, runs // samples)
    while done < runs:
        with session(address) as line:
            for _ in range(min(per_session, runs - done)):
                path = PAGES[done % len(PAGES)]
                if open_page(line, path) < 5:
                    raise RuntimeError(f"{path}: drew hardly anything")
                done += 1
        if done - found[-1].runs >= every:
            found.append(at_rest(address, pid, done, kept))
            print(found[-1], file=sys.stderr, flush=True)
    return found


def seed(folder: Path) -> None:
    """The demo's jobs, a plan by each engine, one of them released."""
    store = Store.open(f"sqlite:///{folder / 'store.sqlite3'}")
    settings = erp.load_config(ROOT / "configs" / "demo_erp.yaml")
    url = f"sqlite:///{folder / 'erp.sqlite3'}"
    snapshot = pulling.pull(store, url, request_id="pull", config=settings)
    plans = [seed_plan(store, snapshot, engine, rule) for engine, rule in (("greedy", "EDD"), ("learned", "WATC"))]
    content = store.schedules.get(plans[1]).content_sha256
    releasing.approve(store, ApprovalRequest("release", plans[1], content, "Ann"), url, settings)
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


def study(runs: int, per_session: int, samples: int, kept: int) -> list[Sample]:
    """Serves a seeded dashboard and measures it."""
    option = ("--server.disconnectedSessionTTL", str(kept))
    with tempfile.TemporaryDirectory() as made, served(Path(made), *option) as address:
        seed(Path(made))
        return measured(address, child(address.rpartition(":")[2]), runs, per_session, samples, kept)


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5000)
    parser.add_argument("--session", type=int, default=50)
    parser.add_argument("--samples", type=int, default=20)
    parser.add_argument("--kept", type=int, default=5)
    args = parser.parse_args()
    began = time.monotonic()
    found = study(args.runs, args.session, args.samples, args.kept)
    (megabytes, files), later = growth(found), [s.files for s in found[int(len(found) * WARMING) :]]
    print(heading(f"The dashboard's server over {args.runs:,} page runs", sys.argv[1:]))
    print(
        f"All pages in turn, {args.session} runs a session; sessions are kept for {args.kept} s after their tab is closed, "
        f"and each row was read when they were gone. Slopes after the first fifth, per 1,000 page runs: {megabytes:+.2f} MB "
        f"(at most {TARGET_MEGABYTES:g} is wanted), {files:+.2f} open files (at most {TARGET_FILES:g}). Open files then: "
        f"{min(later)} to {max(later)}. {(time.monotonic() - began) / 60:.0f} minutes.\n"
    )
    rows = [[f"{s.runs:,}", f"{s.megabytes:.1f}", str(s.files), str(s.threads), f"{s.cpu:.0f}"] for s in found]
    print(markdown_table(("page runs", "memory, MB", "open files", "threads", "CPU, s"), rows))
    return 0 if is_flat(found) else 1


if __name__ == "__main__":
    sys.exit(main())
