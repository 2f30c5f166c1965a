"""Two hosts' workers on one MariaDB, one of them killed (SIGKILL) in mid-run, again and again: what becomes of the runs?

    python benchmarks/two_hosts.py [--kills 50] [--runs 3] [--seed 1]

A host is a process as ``shopwright work --watch`` is: a supervisor with workers that wait and workers at work. Greedy runs
and searches of two seconds are asked for; as soon as a host has a run, it is killed at a random moment with all of
its processes at once. The other host goes on. When every run has ended, a new host takes the dead one's place.

Counted are the runs that were asked for, those that were at work on a host when it was killed, how they ended, and the
faults: a run without an end, one that ended twice, one with two plans or an end that does not fit its plan, a process that
outlived its host, a broken audit trail. Exit status 1 if there is any.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from processes import under
from report import ROOT, heading, markdown_table

sys.path.insert(0, str(ROOT))

from scheduler_core.data.store import Store, run_repository
from scheduler_core.data.store.records import RunRequest, RunState
from scheduler_core.engines.config import EngineConfig
from scheduler_core.environments.random_plants import SIZES, random_plant
from scheduler_core.runs.service import RunService
from scheduler_core.runs.supervisor import Supervisor
from scheduler_core.runs.warm_workers import WarmWorkers
from scheduler_core.settings.environment import DATABASE_URL, HOME
from scheduler_core.settings.run_slots import RunSlots
from tests.support.mariadb_server import running_server
from tests.support.sample_plans import fresh
from tests.support.seeding import seed_snapshot

DIED = "its worker process died"
PLACES = RunSlots(4, 0, 1)
SEARCH_SECONDS = 2.0
START_SECONDS = 120.0
FAULTS = ("without an end", "ended twice", "wrong plans", "left behind", "trail broken")


@dataclass
class Seen:
    """What the kills came to."""

    counts: Counter[str] = field(default_factory=Counter)
    longest: float = 0.0
    """Seconds from a kill until the last run had ended that was at work on the host."""

    @property
    def faults(self) -> int:
        """How many there were of all kinds."""
        return sum(self.counts[fault] for fault in FAULTS)


def serve(lease: float, warm: int) -> None:
    """A host until it is killed: the seconds of its leases and its number of waiting workers are given."""
    run_repository.LEASE_SECONDS, run_repository.STARTING_SECONDS = round(lease), round(3 * lease)
    store = Store.open()
    supervisor = Supervisor(store, slots=lambda: PLACES, warm=WarmWorkers(lambda: warm, own_session=True))
    RunService(supervisor, lambda line: None, lambda line: None).serve(Event(), until_idle=False)


def study(url: str, kills: int, runs: int, lease: float, seed: int, search: bool = True) -> Seen:
    """Kill a host ``kills`` times while it has a run, and see what becomes of ``runs`` runs each time. ``search``: half of
    the runs are searches, and a worker waits on each host; otherwise all are greedy, and none does."""
    warm = 1 if search else 0
    chance, seen = random.Random(seed), Seen()
    store = Store.open(url)
    snapshot = seed_snapshot(store, random_plant(1, SIZES["Medium"]), fresh())
    asked: list[str] = []
    with tempfile.TemporaryDirectory() as home:
        hosts = [_started(url, home, lease, warm) for _ in range(2)]
        try:
            for kill in range(kills):
                asked += (now := _asked(store, snapshot, runs, search))
                at = _with_a_run(store, hosts, now, chance)
                if at is None:
                    seen.counts["no run to kill"] += 1
                else:
                    time.sleep(chance.uniform(0.0, SEARCH_SECONDS if search else 0.1))
                    _kill(store, hosts[at], now, seen)
                    if kill + 1 < kills:
                        hosts[at] = _started(url, home, lease, warm)
                _await(store, now, 4 * lease + START_SECONDS)
                print(f"{kill + 1} of {kills}: {dict(seen.counts)}", file=sys.stderr, flush=True)
        finally:
            for host in hosts:
                _end(host)
    _judge(store, asked, seen)
    store.close()
    return seen


def _started(url: str, home: str, lease: float, warm: int) -> subprocess.Popen[bytes]:
    variables = {**os.environ, DATABASE_URL: url, HOME: home, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, __file__, "--serve", "--lease", str(lease), "--warm", str(warm)]
    return subprocess.Popen(command, env=variables)


def _asked(store: Store, snapshot: str, runs: int, search: bool) -> list[str]:
    limited = EngineConfig(time_limit=SEARCH_SECONDS, workers=1)
    kinds = (("greedy", EngineConfig()), ("learned", limited)) if search else (("greedy", EngineConfig()),)
    return [store.runs.submit(RunRequest(fresh(), snapshot, *kinds[k % len(kinds)])) for k in range(runs)]


def _at_work_on(store: Store, host: subprocess.Popen[bytes], runs: list[str]) -> list[str]:
    found = [store.runs.get(run_id) for run_id in runs]
    return [r.id for r in found if r.state is RunState.RUNNING and f"-{host.pid}-" in str(r.lease_owner)]


def _with_a_run(
    store: Store, hosts: list[subprocess.Popen[bytes]], runs: list[str], chance: random.Random
) -> int | None:  # fmt: skip
    """Which host has one of these runs, by chance where both do; None if all have ended before anybody looked."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and any(not store.runs.get(run_id).state.finished for run_id in runs):
        found = [at for at, host in enumerate(hosts) if _at_work_on(store, host, runs)]
        if found:
            return chance.choice(found)
        time.sleep(0.01)
    return None


def _kill(store: Store, host: subprocess.Popen[bytes], runs: list[str], seen: Seen) -> None:
    held = _at_work_on(store, host, runs)
    family = _end(host)
    seen.counts["kills"] += 1
    seen.counts["at work on it"] += len(held)
    began = time.monotonic()
    _await(store, held, 300.0)
    if held:
        seen.longest = max(seen.longest, time.monotonic() - began)
    seen.counts["left behind"] += sum(Path(f"/proc/{pid}").exists() for pid in family)
    for run_id in held:
        run = store.runs.get(run_id)
        how = "plan stored just before" if run.state is RunState.OK else "told as failed" if run.fail_reason == DIED else "?"
        seen.counts[how] += 1


def _end(host: subprocess.Popen[bytes]) -> list[int]:
    """Kill a host with all of its processes; returns them."""
    if host.poll() is not None:  # killed before
        return []
    host.send_signal(signal.SIGSTOP)  # it starts no further process meanwhile
    family = [host.pid, *under(host.pid)]
    for pid in family:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    host.wait()
    return family[1:]


def _await(store: Store, runs: list[str], seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until and any(not store.runs.get(run_id).state.finished for run_id in runs):
        time.sleep(0.1)


def _judge(store: Store, asked: list[str], seen: Seen) -> None:
    """What is wrong with the ends of the runs."""
    ends = Counter(
        entry.subject
        for entry in store.audit.newest(limit=1_000_000)
        if entry.action in {f"run-{s.value}" for s in RunState}
    )
    plans = Counter(plan.run_id for plan in store.schedules.newest(limit=1_000_000))
    for run_id in asked:
        run = store.runs.get(run_id)
        seen.counts["runs"] += 1
        seen.counts[f"runs {run.state.value}"] += 1
        seen.counts["without an end"] += not run.state.finished or not ends[run_id]
        seen.counts["ended twice"] += ends[run_id] > 1
        seen.counts["wrong plans"] += plans[run_id] != (run.state is RunState.OK)
    seen.counts["trail broken"] += store.audit.first_broken() is not None


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--runs", type=int, default=3, help="asked for before each kill")
    parser.add_argument("--lease", type=float, default=run_repository.LEASE_SECONDS, help="seconds (default: as delivered)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--warm", type=int, default=0, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        serve(args.lease, args.warm)
        return 0
    with running_server() as server:
        server.execute("CREATE DATABASE hosts")
        seen = study(server.url("hosts"), args.kills, args.runs, args.lease, args.seed)
    print(heading("Two hosts on one MariaDB, one killed in mid-run", sys.argv[1:]))
    names = ("kills", "no run to kill", "runs", "runs ok", "runs failed", "at work on it", "told as failed",
             "plan stored just before", *FAULTS)  # fmt: skip
    rows = [[name, str(seen.counts[name])] for name in names]
    print(
        markdown_table(
            ("what", "count"), [*rows, ["longest until a killed host's runs had ended, s", f"{seen.longest:.0f}"]]
        )
    )
    return int(seen.faults > 0)


if __name__ == "__main__":
    sys.exit(main())
