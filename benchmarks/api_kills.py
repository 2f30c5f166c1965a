"""What becomes of requests and runs when the API is killed under load, and when its store is held or killed?

    python benchmarks/api_kills.py [--kills 20] [--seed 1] [--only api held store]

Five clients ask all the time: greedy plans of a small plant, each with a key of its own, and the list of runs. Where the
connection breaks or the answer is a 503, a client sends the same request again until it has another answer. Meanwhile, on
MariaDB unless said otherwise:

- **API killed**: SIGKILL, and started again a second later, as a service manager does; its workers are left to themselves.
- **Store held for 8 s**: a transaction holds SQLite's lock for writing; another one holds MariaDB's row that all writers of
  the audit trail wait for.
- **Store killed**: mariadbd, killed and started again four seconds later.

Wanted: every key has one run, every run ends once, with one plan if it is ok; no answer but 200, 202 and 503 with a problem
document; the API answers within 5 s after it was started, or after its store is back. Exit status 1 otherwise.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pymysql
from report import ROOT, heading, markdown_table
from served_api import RESTART_SECONDS, ServedApi, planners_token, serving

sys.path.insert(0, str(ROOT))

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunState
from tests.support.mariadb_server import MariaDb, Running, killable_server
from tests.support.sample_plans import fresh, snapshot

CLIENTS, PAUSE = 5, 0.5
HELD_SECONDS, AWAY_SECONDS, BACK_SECONDS = 8.0, 4.0, 5.0
GENEROUS = "token_per_minute: 100000\naddress_per_minute: 100000\n"
PROBLEM = "application/problem+json"
FAULTS = ("other answers", "runs lost", "runs doubled", "without an end", "ended twice", "wrong plans", "trail broken")


@dataclass
class Load:
    """Clients that ask all the time. ``led_to``: the run of each key that was answered."""

    api: ServedApi
    token: str
    snapshot: str
    done: threading.Event = field(default_factory=threading.Event)
    counts: Counter[str] = field(default_factory=Counter)
    led_to: dict[str, set[str]] = field(default_factory=dict)
    answered_at: list[float] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def play(self) -> None:
        """The requests of one client."""
        with self.api.client(self.token) as client:
            while not self.done.is_set():
                key, body = fresh(), {"snapshot": self.snapshot, "engine": "greedy"}
                headers = {"Idempotency-Key": key}
                answer = self._until_answered(lambda: client.post("/v1/runs", json=body, headers=headers))  # noqa: B023
                if answer is not None:
                    again = self._until_answered(lambda: client.post("/v1/runs", json=body, headers=headers))  # noqa: B023
                    with self.lock:
                        self.led_to[key] = {one.json()["id"] for one in (answer, again) if one is not None}
                self._until_answered(lambda: client.get("/v1/runs?limit=5"))
                self.done.wait(PAUSE)

    def _until_answered(self, ask: Callable[[], httpx.Response]) -> httpx.Response | None:
        """The answer to a request that is sent again while there is none; None for one that is refused for good."""
        until = time.monotonic() + 90.0
        while time.monotonic() < until:
            try:
                answer = ask()
            except httpx.TransportError:
                self._count("broken connections")
                time.sleep(0.2)
                continue
            if answer.status_code in (200, 202):
                with self.lock:
                    self.answered_at.append(time.monotonic())
                self._count("answers")
                return answer
            if answer.status_code == 503 and answer.headers["content-type"] == PROBLEM and "retry-after" in answer.headers:
                self._count("503")
            elif answer.status_code == 409 and answer.json()["type"].endswith("request-in-flight"):
                self._count("409, in flight")
            else:
                self._count("other answers")
                self.strange.append(f"{answer.status_code} {answer.text[:200]}")
                return None
            time.sleep(0.2)
        self._count("other answers")
        self.strange.append("no answer for 90 s")
        return None

    def _count(self, what: str) -> None:
        with self.lock:
            self.counts[what] += 1

    def first_answer_after(self, moment: float) -> float:
        """Seconds from the moment until the next answer."""
        while True:
            with self.lock:
                later = [at for at in self.answered_at if at > moment]
            if later:
                return min(later) - moment
            if time.monotonic() - moment > 90.0:
                return 90.0
            time.sleep(0.02)


@contextmanager
def under_load(url: str) -> Iterator[tuple[Load, Store]]:
    """Clients that ask an API over the store; afterwards all has ended that they asked for."""
    store = Store.open(url)
    with tempfile.TemporaryDirectory() as home:
        token, of = planners_token(store, "client"), snapshot(store)
        with serving(url, Path(home), {"api.yaml": GENEROUS}) as api:
            load = Load(api, token, of)
            threads = [threading.Thread(target=load.play, daemon=True) for _ in range(CLIENTS)]
            for thread in threads:
                thread.start()
            time.sleep(3.0)
            yield load, store
            load.done.set()
            for thread in threads:
                thread.join(100)
            until = time.monotonic() + 180
            while time.monotonic() < until and store.runs.newest(states=(RunState.QUEUED, RunState.RUNNING)):
                time.sleep(0.5)
            _judge(store, load)
    store.close()


def _judge(store: Store, load: Load) -> None:
    """What is wrong with the runs."""
    stored = store.runs.newest(limit=1_000_000)
    ends = Counter(
        e.subject for e in store.audit.newest(limit=1_000_000) if e.action in {f"run-{state.value}" for state in RunState}
    )
    plans = Counter(plan.run_id for plan in store.schedules.newest(limit=1_000_000))
    known = {run.id for run in stored}
    counts = load.counts
    counts["keys"] = len(load.led_to)
    counts["runs"] = len(stored)
    counts["runs ok"] = sum(run.state is RunState.OK for run in stored)
    counts["runs failed"] = sum(run.state is RunState.FAILED for run in stored)
    counts["runs lost"] = sum(not runs <= known for runs in load.led_to.values())
    counts["runs doubled"] = sum(len(runs) > 1 for runs in load.led_to.values())
    counts["without an end"] = sum(not run.state.finished or not ends[run.id] for run in stored)
    counts["ended twice"] = sum(count > 1 for count in ends.values())
    counts["wrong plans"] = sum(plans[run.id] != (run.state is RunState.OK) for run in stored)
    counts["trail broken"] = int(store.audit.first_broken() is not None)


def api_killed(url: str, kills: int, seed: int) -> tuple[Load, float]:
    """Kill the API again and again; the longest time from its start to its first answer."""
    chance, longest = random.Random(seed), 0.0
    with under_load(url) as (load, _):
        for kill in range(kills):
            time.sleep(chance.uniform(0.5, 2.5))
            load.api.kill()
            time.sleep(RESTART_SECONDS)
            began = time.monotonic()
            load.api.start()
            longest = max(longest, load.first_answer_after(began))
            print(f"API killed {kill + 1} of {kills}: {longest:.1f} s", file=sys.stderr, flush=True)
    return load, longest


def sqlite_held(file: Path) -> tuple[Load, float]:
    """Hold SQLite's lock for writing; the time until the next answer to anybody afterwards."""
    with under_load(f"sqlite:///{file}") as (load, _):
        with sqlite3.connect(file, isolation_level=None, timeout=30) as other:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(HELD_SECONDS)
            other.execute("ROLLBACK")
        back = load.first_answer_after(time.monotonic())
    return load, back


def mariadb_held(server: MariaDb, database: str) -> tuple[Load, float]:
    """Hold the row that all writers of the trail wait for."""
    with under_load(server.url(database)) as (load, _):
        other = pymysql.connect(unix_socket=server.socket, user="root", database=database)
        try:
            with other.cursor() as cursor:
                cursor.execute("SELECT * FROM queue_lock FOR UPDATE")
                time.sleep(HELD_SECONDS)
            other.rollback()
        finally:
            other.close()
        back = load.first_answer_after(time.monotonic())
    return load, back


def mariadb_killed(running: Running, database: str) -> tuple[Load, float]:
    """Kill the server and start it again; the time until the next answer after it is back."""
    with under_load(running.server.url(database)) as (load, _):
        running.kill()
        time.sleep(AWAY_SECONDS)
        running.start()
        back = load.first_answer_after(time.monotonic())
    return load, back


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="+", choices=("api", "held", "store"), default=("api", "held", "store"))
    args = parser.parse_args()
    found: dict[str, tuple[Load, float]] = {}
    with killable_server(durable=True) as running, tempfile.TemporaryDirectory() as folder:
        running.server.execute(*(f"CREATE DATABASE {name}" for name in ("api_killed", "held", "store_killed")))
        if "api" in args.only:
            found[f"API killed {args.kills} times"] = api_killed(running.server.url("api_killed"), args.kills, args.seed)
        if "held" in args.only:
            found[f"SQLite held for {HELD_SECONDS:g} s"] = sqlite_held(Path(folder) / "store.sqlite3")
            found[f"MariaDB held for {HELD_SECONDS:g} s"] = mariadb_held(running.server, "held")
        if "store" in args.only:
            found["MariaDB killed"] = mariadb_killed(running, "store_killed")
    print(heading("The API killed under load, its store held and killed", sys.argv[1:]))
    names = ("answers", "503", "409, in flight", "broken connections", "keys", "runs", "runs ok", "runs failed", *FAULTS)
    rows = [[name, *(str(load.counts[name]) for load, _ in found.values())] for name in names]
    rows.append(["answers again after, s", *(f"{back:.1f}" for _, back in found.values())])
    print(markdown_table(("what", *found), rows))
    for name, (load, _) in found.items():
        print(*(f"\n{name}: {text}" for text in load.strange[:3]), sep="")
    faults = sum(load.counts[fault] for load, _ in found.values() for fault in FAULTS)
    return int(faults > 0 or any(back > BACK_SECONDS for _, back in found.values()))


if __name__ == "__main__":
    sys.exit(main())
