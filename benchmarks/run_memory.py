"""How much memory do runs at work take? With the demo's jobs: one run of each kind, a what-if, and every place taken.

    python benchmarks/run_memory.py [--seconds 10]

Memory is the proportional share of a worker and of all that it has started (/proc, Linux), looked at five times a second;
the most that was seen counts. ``--seconds`` is how long RL searches.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from page_runs import seed
from processes import megabytes_under
from report import ROOT, heading, markdown_table

sys.path.insert(0, str(ROOT))

from scheduler_core.data import demo
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunRequest, RunState
from scheduler_core.engines.config import EngineConfig
from scheduler_core.runs.request import submit
from scheduler_core.runs.supervisor import Supervisor
from scheduler_core.runs.worker import start_worker
from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.services import what_if
from scheduler_core.settings.run_slots import load_run_slots

EVERY = 0.2
ACTIVE = (RunState.QUEUED, RunState.RUNNING)


def most(store: Store, requests: tuple[RunRequest, ...]) -> tuple[float, int, int]:
    """Lets the runs come to their end; the most memory of all that was at work together, in how many processes; how many
    runs gave a plan."""
    ids = [submit(store, request) for request in requests]
    workers: list[subprocess.Popen[bytes]] = []
    peak, processes = 0.0, 0

    def start(store: Store, run_id: str, owner: str) -> subprocess.Popen[bytes]:
        workers.append(start_worker(store, run_id, owner))
        return workers[-1]

    supervisor = Supervisor(store, start=start)
    while any(store.runs.get(one).state in ACTIVE for one in ids):
        supervisor.begin_waiting()
        held = [megabytes for worker in workers for megabytes in megabytes_under(worker.pid)]
        if sum(held) > peak:
            peak, processes = sum(held), len(held)
        time.sleep(EVERY)
    for worker in workers:
        worker.wait()
    return peak, processes, sum(store.runs.get(one).state is RunState.OK for one in ids)


def studies(store: Store, seconds: float) -> Iterator[tuple[str, tuple[RunRequest, ...]]]:
    """What is done, and the runs."""
    snapshot = store.snapshots.latest()
    assert snapshot is not None
    plan = store.schedules.newest(snapshot_id=snapshot.id)[0].id

    def search(name: str, workers: int) -> RunRequest:
        return RunRequest(name, snapshot.id, "learned", EngineConfig(time_limit=seconds, workers=workers))

    yield "greedy", (RunRequest("greedy", snapshot.id, "greedy"),)
    yield f"RL, a search of {seconds:g} s on two cores", (search("RL", 2),)
    broken = Breakdown(store.snapshots.plant(snapshot.id).machines[0].id, 0, 480)
    scenario = what_if.keep(store, what_if.Question("broken", plan, (broken,)))
    yield "a what-if's three repairs", what_if.repair_requests(store, scenario)
    slots = load_run_slots()
    other = what_if.keep(store, what_if.Question("broken-again", plan, (broken,)))
    searches = tuple(search(f"RL-{k}", 2) for k in range(slots.runs))
    together = f"every slot taken: {slots.runs} searches, {slots.what_if} of a what-if's repairs at a time"
    yield together, (*searches, *what_if.repair_requests(store, other))


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0)
    args = parser.parse_args()
    print(heading("Memory of runs at work", sys.argv[1:]))
    rows = []
    with tempfile.TemporaryDirectory() as made:
        demo.ensure_demo(f"sqlite:///{Path(made) / 'erp.sqlite3'}")
        seed(Path(made))
        store = Store.open(f"sqlite:///{Path(made) / 'store.sqlite3'}")
        for what, requests in studies(store, args.seconds):
            peak, processes, plans = most(store, requests)
            rows.append([what, f"{plans} of {len(requests)}", str(processes), f"{peak:,.0f}"])
        store.close()
    print(markdown_table(("what", "runs with a plan", "processes at the peak", "memory, MB"), rows))


if __name__ == "__main__":
    main()
