"""Does the learned engine ever fall silent? Many short runs on a machine with more work than cores, and what became of each.

    python benchmarks/silent_engines.py RECORD [--runs 500] [--lanes 4] [--hogs CORES] [--deadline 60]

Each run is made as a worker makes it (scheduler_core/runs/worker.py): two processes are forked from one without heavy
libraries, one for the engine and one for the fallback. Every tenth goes through a store and a worker process of its own.
Plants and time limits (0.5 s, 1 s, 2 s, none) take turns; without a limit there are samples enough for every part of the
search. RECORD is appended to after each run: the same command goes on where it was stopped. The table has answers,
fallbacks with their reasons, processes left over, and the seconds from a run's start to its first report and to its answer.
What an engine was doing when it was given up goes to standard error and stays in RECORD.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from processes import group_members
from report import ROOT, heading, markdown_table

sys.path.insert(0, str(ROOT))

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunRequest, Source
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.isolation.safe_runner import SafeRunner
from scheduler_core.engines.registry import ENGINES
from scheduler_core.errors import ShopwrightError
from scheduler_core.plant import Plant
from scheduler_core.reports import Fallback, Report
from scheduler_core.runs.worker import start_worker
from tests.support.random_plants import schedulable
from tests.support.sample_plans import fresh

ENGINE = "learned"
LIMITS: tuple[float | None, ...] = (0.5, 1.0, 2.0, None)
SAMPLES = 20
"""Enough of them without a time limit that every part of the search has its turn."""
PLANTS = 40
THROUGH_A_WORKER = 10
LOOK_SECONDS = 0.05
STARTING = ("", "starting", "waiting for a place")
"""What a run says before its engine has said anything."""
PLAN, FALLBACK, FAILED = "plan", "fallback", "failed"
HOG = "import os; parent = os.getppid()\nwhile os.getppid() == parent: pass"
T = TypeVar("T")


@dataclass(frozen=True)
class Seen:
    """One run: what came of it and why, the seconds to the first report, an engine's or a fallback's (None: there was none),
    to its answer and of the longest wait for a new report, processes left over, and what a given-up engine was doing."""

    number: int
    outcome: str
    reason: str
    first: float | None
    seconds: float
    longest: float
    orphans: int
    trace: str = ""


class Reports:
    """When an engine reported something new."""

    def __init__(self) -> None:
        self.began = self._last = time.monotonic()
        self.first: float | None = None
        self.longest = 0.0
        self._latest: tuple[float, str] | None = None

    def __call__(self, fraction: float, message: str) -> None:
        """Takes a report, which may be the latest once more."""
        if message in STARTING or (fraction, message) == self._latest:
            return
        now = time.monotonic()
        if self.first is None:
            self.first = now - self.began
        self.longest = max(self.longest, now - self._last)
        self._last, self._latest = now, (fraction, message)

    def seen(self, number: int, outcome: tuple[str, str, str], orphans: int) -> Seen:
        """The run, which has just ended."""
        now = time.monotonic()
        what, reason, trace = outcome
        longest = max(self.longest, now - self._last)
        return Seen(number, what, reason, self.first, now - self.began, longest, orphans, trace)


def config_of(number: int) -> EngineConfig:
    """The settings of the run of that number."""
    limit = LIMITS[number % len(LIMITS)]
    return EngineConfig(time_limit=limit, samples=SAMPLES, seed=number)


def outcome_of(report: Report) -> tuple[str, str, str]:
    """Whose plan it is, and why."""
    return (FALLBACK, report.reason, report.trace) if isinstance(report, Fallback) else (PLAN, "", "")


def run_here(number: int, plant: Plant, deadline: float) -> Seen:
    """A run in processes that are forked from this one."""
    reports = Reports()
    with SafeRunner() as runner:
        pids = runner.pids
        try:
            result = runner.run(ENGINE, ENGINES[ENGINE], plant, config_of(number), deadline, reports)
            outcome = outcome_of(result.report)
        except ShopwrightError as error:
            outcome = FAILED, str(error), ""
    return reports.seen(number, outcome, len(group_members(pids)))


def run_through_worker(number: int, plant: Plant, deadline: float, folder: Path) -> Seen:
    """A run through a store and a worker process."""
    store = Store.open(f"sqlite:///{folder / f'{number}.sqlite3'}")
    try:
        snapshot = store.snapshots.save(plant, request_id=fresh(), source=Source.FILE)
        request = RunRequest(fresh(), snapshot, ENGINE, config_of(number), deadline_seconds=max(1, round(deadline)))
        run_id = store.runs.submit(request)
        reports = Reports()
        worker = start_worker(store, run_id, own_session=True)
        under: set[int] = set()
        while worker.poll() is None:
            under |= _children(worker.pid)
            run = store.runs.get(run_id)
            reports(run.fraction, run.message)
            time.sleep(LOOK_SECONDS)
        run = store.runs.get(run_id)
        if run.schedule_id is None:
            outcome = FAILED, run.fail_reason or f"ended as {run.state.value}", ""
        else:
            outcome = outcome_of(store.schedules.get(run.schedule_id).report)
        return reports.seen(number, outcome, len(group_members({worker.pid, *under})))
    finally:
        store.close()


def _children(pid: int) -> set[int]:
    try:
        return set(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    except OSError:  # it has ended
        return set()


def run_lane(record: Path, numbers: Sequence[int], deadline: float) -> None:
    """Makes these runs one after another and appends each to the record."""
    with get_context("spawn").Pool(1) as another:  # what plants are made with must not be loaded where runs are forked
        plants = another.apply(schedulable, (PLANTS,))
        another.close()
        another.join()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SHOPWRIGHT_LOG_FOLDER"] = folder
        for number in numbers:
            plant = plants[number % PLANTS]
            if number % THROUGH_A_WORKER:
                seen = run_here(number, plant, deadline)
            else:
                seen = run_through_worker(number, plant, deadline, Path(folder))
            with record.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(asdict(seen)) + "\n")
            if seen.outcome != PLAN:
                print(f"run {number}: {seen.outcome}: {seen.reason}\n{seen.trace}", file=sys.stderr, flush=True)


def recorded(record: Path) -> list[Seen]:
    """The runs that were made so far; a line that a stop cut off is left out."""
    found = []
    for line in record.read_text(encoding="utf-8").splitlines() if record.exists() else []:
        try:
            found.append(Seen(**json.loads(line)))
        except ValueError:
            continue
    return found


@contextmanager
def hogs(count: int) -> Iterator[None]:
    """Within the block, this number of processes use one core each."""
    started = [subprocess.Popen([sys.executable, "-c", HOG]) for _ in range(count)]
    try:
        yield
    finally:
        for hog in started:
            hog.kill()
            hog.wait()


def quantile(values: Sequence[float], share: float) -> str:
    """The value that so large a share of them does not exceed."""
    if not values:
        return "-"
    return f"{sorted(values)[min(len(values) - 1, int(share * len(values)))]:.2f}"


def table(runs: Sequence[Seen]) -> str:
    """The printed tables."""
    rows = []
    ways: tuple[tuple[str, Callable[[Seen], bool]], ...] = (
        ("runner", lambda s: s.number % THROUGH_A_WORKER != 0),
        ("worker and store", lambda s: s.number % THROUGH_A_WORKER == 0),
    )
    for way, of_way in ways:
        some = [s for s in runs if of_way(s)]
        counted = Counter(s.outcome for s in some)
        for what, values in (
            ("first report", [s.first for s in some if s.first is not None]),
            ("answer", [s.seconds for s in some]),
            ("longest silence", [s.longest for s in some]),
        ):
            cells = [quantile(values, share) for share in (0.5, 0.9, 0.99, 1.0)]
            rows.append([way, what, *(str(counted[o]) for o in (PLAN, FALLBACK, FAILED)), *cells])
    head = ("runs by", "seconds to", "plans", "fallbacks", "failed", "median", "90 %", "99 %", "longest")
    reasons = Counter(s.reason for s in runs if s.outcome != PLAN)
    told = "\n".join(f"- {count} x {reason}" for reason, count in reasons.most_common()) or "- none"
    never = sum(s.first is None for s in runs)
    counts = f"{len(runs)} runs; {sum(s.orphans for s in runs)} processes left over; {never} runs without any report."
    return f"{markdown_table(head, rows)}\n\n{counts} Fallbacks and failures:\n\n{told}"


def main() -> int:
    """Makes the runs that the record lacks and prints the table; exit code 1 if one fell back, failed or left a process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("record", type=Path)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--lanes", type=int, default=4, help="runs at once")
    parser.add_argument("--hogs", type=int, default=os.cpu_count() or 1, help="processes that only use a core")
    parser.add_argument("--deadline", type=float, default=60.0)
    parser.add_argument("--lane", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    done = {s.number for s in recorded(args.record)}
    if args.lane is not None:
        numbers = [n for n in range(args.runs) if n % args.lanes == args.lane and n not in done]
        run_lane(args.record, numbers, args.deadline)
        return 0
    began, load = time.monotonic(), []
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with hogs(args.hogs):
        lanes = [subprocess.Popen([sys.executable, *sys.argv, "--lane", str(n)]) for n in range(args.lanes)]
        try:
            while any(lane.poll() is None for lane in lanes):
                load.append(os.getloadavg()[0])
                time.sleep(1.0)
        finally:
            for lane in lanes:
                lane.terminate()
                lane.wait()
    runs = recorded(args.record)
    between = f"load {min(load):.1f} to {max(load):.1f}, {(time.monotonic() - began) / 60:.0f} minutes"
    title = f"Learned runs beside {args.hogs} busy processes, {args.lanes} at once, deadline {args.deadline:g} s; {between}"
    print(heading(title, sys.argv[1:]))
    print(table(runs))
    good = all(s.outcome == PLAN and not s.orphans for s in runs) and len(runs) >= args.runs
    return 0 if good and not any(lane.returncode for lane in lanes) else 1


if __name__ == "__main__":
    sys.exit(main())
