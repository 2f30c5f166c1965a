"""How quickly does the API answer, with ten clients and two searches at work?

    python benchmarks/api_load.py [--seconds 300] [--clients 10] [--mariadb]

``shopwright serve`` over a store with a random plant of 152 machines and 500 jobs. Each client sends a request every five
seconds: nine in ten read (runs, plans, a plan, its operations), one asks greedy for a plan; every other one of these with
``Prefer: wait=2``, whose answer shall have the judged plan. Two searches on one core each are at work all the time.

Wanted: reads and submissions within 0.5 s (95 %) and 2 s (99 %); the judged plan in at least 95 % of the answers that were
waited for. Exit status 1 otherwise, or after an answer with a status other than 200 and 202.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import numpy as np
from report import ROOT, heading, markdown_table
from served_api import ServedApi, planners_token, serving

sys.path.insert(0, str(ROOT))

from scheduler_core.data.store import Store
from scheduler_core.environments.random_plants import SIZES, random_plant
from tests.support.mariadb_server import running_server
from tests.support.sample_plans import fresh
from tests.support.seeding import seed_plan, seed_snapshot

EVERY = 5.0
WAIT = 2
P95, P99, SHARE = 0.5, 2.0, 0.95
SEARCH_SECONDS = 240
GENEROUS = "token_per_minute: 100000\naddress_per_minute: 100000\n"
READ, SUBMIT, WAITED = "read", "submission", f"submission with wait={WAIT}"


@dataclass
class Seen:
    """Seconds of each kind of request; how many that waited had their judged plan; what else was answered."""

    seconds: dict[str, list[float]] = field(default_factory=lambda: {READ: [], SUBMIT: [], WAITED: []})
    judged: int = 0
    other: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, kind: str, seconds: float, answer: httpx.Response) -> None:
        """One request with its answer."""
        with self.lock:
            self.seconds[kind].append(seconds)
            if answer.status_code not in (200, 202):
                self.other.append(f"{answer.request.url.path}: {answer.status_code} {answer.text[:200]}")
            elif kind == WAITED:
                self.judged += answer.status_code == 200 and answer.json()["result"] is not None

    def quick(self, kind: str) -> bool:
        """Whether this kind of request is answered as quickly as is wanted."""
        found = self.seconds[kind]
        return bool(np.percentile(found, 95) < P95 and np.percentile(found, 99) < P99)

    @property
    def good(self) -> bool:
        """Whether all is as wanted."""
        enough = self.judged >= SHARE * len(self.seconds[WAITED])
        return enough and not self.other and self.quick(READ) and self.quick(SUBMIT)


def ask_for_plan(client: httpx.Client, snapshot: str, wait: bool) -> httpx.Response:
    """Ask greedy for a plan."""
    prefer = {"Prefer": f"wait={WAIT}"} if wait else {}
    body = {"snapshot": snapshot, "engine": "greedy"}
    return client.post("/v1/runs", json=body, headers={"Idempotency-Key": fresh(), **prefer})


def play(api: ServedApi, token: str, number: int, clients: int, snapshot: str, plan: str, until: float, seen: Seen) -> None:
    """The requests of one client."""
    paths = ("/v1/runs", "/v1/plans", f"/v1/plans/{plan}", f"/v1/plans/{plan}/schedule")
    due = time.monotonic() + EVERY * number / clients
    with api.client(token) as client:
        turn = number
        while due < until:
            time.sleep(max(0.0, due - time.monotonic()))
            began = time.perf_counter()
            if turn % 10 == 0:
                wait = (turn // 10 + number) % 2 == 0
                answer = ask_for_plan(client, snapshot, wait)
                kind = WAITED if wait else SUBMIT
            else:
                answer, kind = client.get(paths[turn % len(paths)]), READ
            seen.add(kind, time.perf_counter() - began, answer)
            turn += 1
            due += EVERY


@contextmanager
def two_searches(api: ServedApi, token: str, snapshot: str) -> Iterator[None]:
    """Two searches at work all the time."""
    done = threading.Event()
    first = threading.Event()

    def keep_up() -> None:
        with api.client(token) as client:
            at_work: list[str] = []
            while not done.is_set():
                at_work = [one for one in at_work if client.get(one).json()["ended_at"] is None]
                while len(at_work) < 2:
                    body = {"snapshot": snapshot, "engine": "learned", "seconds": SEARCH_SECONDS, "workers": 1}
                    answer = client.post("/v1/runs", json=body, headers={"Idempotency-Key": fresh()})
                    at_work.append(answer.headers["Location"])
                if all(client.get(one).json()["progress"] > 0 for one in at_work):
                    first.set()
                done.wait(2.0)
            for one in at_work:
                client.delete(one)

    thread = threading.Thread(target=keep_up, daemon=True)
    thread.start()
    if not first.wait(120):
        raise RuntimeError("the searches do not begin")
    try:
        yield
    finally:
        done.set()
        thread.join(30)


def study(url: str, seconds: float, clients: int) -> Seen:
    """Play the clients for this number of seconds."""
    store, seen = Store.open(url), Seen()
    snapshot = seed_snapshot(store, random_plant(1, SIZES["Full"]), fresh())
    plan = seed_plan(store, snapshot, "greedy", "EDD")
    tokens = [planners_token(store, f"client {k}") for k in range(clients + 1)]
    with (
        tempfile.TemporaryDirectory() as home,
        serving(url, Path(home), {"api.yaml": GENEROUS}) as api,
        two_searches(api, tokens[-1], snapshot),
    ):
        time.sleep(5.0)  # as in a service that has been up for a while: workers wait
        until = time.monotonic() + seconds
        threads = [
            threading.Thread(target=play, args=(api, tokens[k], k, clients, snapshot, plan, until, seen))
            for k in range(clients)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    store.close()
    return seen


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=300.0)
    parser.add_argument("--clients", type=int, default=10)
    parser.add_argument("--mariadb", action="store_true", help="the store on MariaDB (default: SQLite)")
    args = parser.parse_args()
    load = os.getloadavg()[0]
    if args.mariadb:
        with running_server() as server:
            server.execute("CREATE DATABASE load_study")
            seen = study(server.url("load_study"), args.seconds, args.clients)
    else:
        with tempfile.TemporaryDirectory() as folder:
            seen = study(f"sqlite:///{Path(folder) / 'store.sqlite3'}", args.seconds, args.clients)
    print(heading("The API under load: 152 machines, 500 jobs, two searches at work", sys.argv[1:]))
    print(f"Load of the machine by other programs at the start: {load:.1f}.\n")
    rows = [
        [kind, str(len(found)), *(f"{np.percentile(found, share):.2f}" for share in (50, 95, 99)), f"{max(found):.2f}"]
        for kind, found in seen.seconds.items()
        if found
    ]
    print(markdown_table(("request", "number", "median, s", "p95, s", "p99, s", "longest, s"), rows))
    print(
        f"\nWith the judged plan within {WAIT} s: {seen.judged} of {len(seen.seconds[WAITED])}. Other answers than 200 and"
    )
    print(f"202: {len(seen.other)}.", *seen.other[:5], sep="\n")
    return int(not seen.good)


if __name__ == "__main__":
    sys.exit(main())
