"""How long from asking for a run until its judged plan is stored? With a worker started for it, and with one that waited.

    python benchmarks/run_start.py [--repeats 10] [--seconds 5] [--machines 152] [--jobs 500]

Greedy tries all rules; a search has ``--seconds`` on one core, and what is shown is how much later than that its plan is
stored. Both on a random plant, on an idle machine and with two searches at work beside (each on one core); half of the
repeats with workers that are started for their runs, half with workers that waited, in turns. The first run of a snapshot
(``first``) is the one after which its lower bound is found. Then what the workers that wait cost: CPU seconds until one has
loaded everything, CPU seconds in ten seconds of waiting, and memory (the proportional share, and what no other process has).
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from report import ROOT, heading, markdown_table

sys.path.insert(0, str(ROOT))

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunRequest, RunState
from scheduler_core.engines.config import EngineConfig
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.runs.supervisor import Supervisor
from scheduler_core.runs.warm_workers import WarmWorkers
from scheduler_core.settings.run_slots import RunSlots
from tests.support.sample_plans import fresh
from tests.support.seeding import seed_snapshot

PLACES = RunSlots(3, 0, 1)
"""Two searches beside and the one that is measured; a greedy run has its own place."""
REST_SECONDS = 1.5
WAITING_SECONDS = 10.0
BESIDE = EngineConfig(time_limit=280.0, workers=1)


def ended_after(supervisor: Supervisor, snapshot: str, engine: str, config: EngineConfig) -> float:
    """Seconds from asking for a run, as a page does, until its plan is stored. Raises RuntimeError if there is none."""
    store, began = supervisor.store, time.perf_counter()
    run_id = store.runs.submit(RunRequest(fresh(), snapshot, engine, config))
    supervisor.begin_waiting()
    while not (run := store.runs.get(run_id)).state.finished:
        time.sleep(0.01)
    if run.state is not RunState.OK:
        raise RuntimeError(f"{engine}: {run.state.value} {run.fail_reason}")
    return time.perf_counter() - began


def made_ready(supervisor: Supervisor, warm: WarmWorkers) -> None:
    """Reap what has ended, and wait until a worker waits that has loaded everything."""
    while True:
        supervisor.reap()
        if supervisor.prepare() and not any(_is_busy(pid) for pid in warm.pids):
            return
        time.sleep(0.1)


def _is_busy(pid: int) -> bool:
    before = _cpu_seconds(pid)
    time.sleep(0.3)
    return _cpu_seconds(pid) > before


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _megabytes(pid: int) -> tuple[float, float]:
    """A process's proportional share of memory, and what it alone holds."""
    lines = [line.split() for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()]
    held = {line[0]: int(line[1]) / 1024 for line in lines if line[0].endswith(":") and line[1].isdigit()}
    return held["Pss:"], held["Private_Clean:"] + held["Private_Dirty:"]


@contextmanager
def searches_beside(supervisor: Supervisor, snapshot: str, number: int) -> Iterator[None]:
    """Within the context this number of searches is at work."""
    store = supervisor.store
    ids = [store.runs.submit(RunRequest(fresh(), snapshot, "learned", BESIDE)) for _ in range(number)]
    supervisor.begin_waiting()
    while any(store.runs.get(run_id).fraction == 0 for run_id in ids):
        time.sleep(0.1)
    try:
        yield
    finally:
        for run_id in ids:
            store.runs.request_cancel(run_id)
        while any(not store.runs.get(run_id).state.finished for run_id in ids):
            time.sleep(0.1)
        supervisor.reap()


def measured(store: Store, repeats: int, seconds: float, plant: PlantShape, beside: int) -> list[list[str]]:
    """Rows of the table: median and longest time of each kind of run, in seconds."""
    snapshot = seed_snapshot(store, random_plant(1, plant), fresh())
    rows = []
    waiting = WarmWorkers(lambda: 1)
    cold = Supervisor(store, slots=lambda: PLACES)
    warm = Supervisor(store, slots=lambda: PLACES, warm=waiting)
    ways: dict[str, tuple[Supervisor, list[float], list[float]]] = {"started": (cold, [], []), "waiting": (warm, [], [])}
    first: dict[str, float] = {}
    with searches_beside(cold, snapshot, beside):
        for repeat in range(-1, repeats):
            for name, (supervisor, greedy, search) in ways.items():
                if name == "waiting":
                    made_ready(warm, waiting)
                time.sleep(REST_SECONDS)
                supervisor.reap()
                if repeat < 0:
                    new = seed_snapshot(store, random_plant(2, plant), fresh())
                    first[name] = ended_after(supervisor, new, "greedy", EngineConfig())
                    time.sleep(REST_SECONDS * 3)
                    continue
                greedy.append(ended_after(supervisor, snapshot, "greedy", EngineConfig()))
                if repeat % 2 == 0:
                    if name == "waiting":
                        made_ready(warm, waiting)
                    limited = EngineConfig(time_limit=seconds, workers=1)
                    search.append(ended_after(supervisor, snapshot, "learned", limited) - seconds)
                print(f"beside {beside}, {name}: {greedy[-1]:.2f}, {search[-1]:.2f}", file=sys.stderr, flush=True)
    what = "idle" if beside == 0 else f"{beside} searches at work"
    for name, (_, greedy, search) in ways.items():
        kind = "started for the run" if name == "started" else "had waited"
        rows.append([what, kind, _told(greedy), f"{first[name]:.2f}", _told(search)])
    warm.close()
    cold.close()
    return rows


def _told(found: list[float]) -> str:
    return f"{statistics.median(found):.2f} ({max(found):.2f})"


def costs(store: Store) -> list[list[str]]:
    """What a worker that waits costs."""
    waiting = WarmWorkers(lambda: 2)
    supervisor = Supervisor(store, slots=lambda: PLACES, warm=waiting)
    made_ready(supervisor, waiting)
    rows = []
    for number, pid in enumerate(waiting.pids, start=1):
        loaded = _cpu_seconds(pid)
        time.sleep(WAITING_SECONDS)
        share, alone = _megabytes(pid)
        told = (f"{loaded:.1f}", f"{_cpu_seconds(pid) - loaded:.2f}", f"{share:.0f}", f"{alone:.0f}")
        rows.append([f"worker {number} of 2", *told])
    supervisor.close()
    return rows


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--machines", type=int, default=152)
    parser.add_argument("--jobs", type=int, default=500)
    args = parser.parse_args()
    plant = PlantShape(jobs=args.jobs, machines=args.machines, tightness=0.8)
    load = os.getloadavg()[0]
    rows: list[list[str]] = []
    with tempfile.TemporaryDirectory() as made:
        store = Store.open(f"sqlite:///{Path(made) / 'store.sqlite3'}")
        for beside in (0, 2):
            rows += measured(store, args.repeats, args.seconds, plant, beside)
        cost = costs(store)
        store.close()
    print(heading("From asking for a run to its stored plan", sys.argv[1:]))
    print(
        f"Plant: {args.machines} machines, {args.jobs} jobs. Load of the machine by other programs at the start: {load:.1f}."
    )
    print(f"Seconds: the median of {args.repeats} runs ({(args.repeats + 1) // 2} searches), in brackets the longest.\n")
    header = (
        "machine",
        "worker",
        "greedy, s",
        "greedy, first of a snapshot, s",
        f"a search of {args.seconds:g} s: later by, s",
    )
    print(markdown_table(header, rows))
    print("\nA worker that waits:\n")
    print(markdown_table(("", "CPU until ready, s", "CPU in 10 s, s", "memory, MB", "its own alone, MB"), cost))


if __name__ == "__main__":
    main()
