"""Can the store be brought into a state that must not be: by SQL, by haste, by killing a client, by killing the server?

    python benchmarks/approvals.py [--only forbidden race client server] [--rounds 25] [--kills 200] [--server-kills 20]

forbidden: every state of tests/core/data/store/test_forbidden_states.py is written with plain SQL behind the product's back.
race: 16 approvers release the same plan at once, each round on top of the one before; one may win.
client: a client is killed (SIGKILL) at a random moment around its approval; then the same request is sent again.
server: mariadbd is killed (SIGKILL) while four writers approve, and started again; each unanswered request is sent again.

A SIGKILL is no power loss: what the operating system has taken for writing is still written (see approval_kills.py).
Needs mariadb-server; the server is a throw-away one; the last study uses production settings.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

import approval_kills
from report import heading, markdown_table

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Release
from scheduler_core.data.store_errors import Refused
from tests.support.forbidden_states import FORBIDDEN, build_world
from tests.support.mariadb_server import MariaDb, killable_server
from tests.support.sample_plans import good_schedule, planned

STUDIES = ("forbidden", "race", "client", "server")
FAULTS = ("half", "lost", "doubled", "unresolved", "trail broken")


def forbidden(url: str) -> dict[str, bool]:
    """For every state whether the tables refused it."""
    store = Store.open(url)
    world = build_world(store, url)
    refused = {name: world.refuses(statement) for name, statement in FORBIDDEN.items()}
    world.database.close()
    store.close()
    return refused


def race(url: str, approvers: int, rounds: int) -> list[int]:
    """Winners of each round. Every approver has connections of its own. Raises AssertionError if the store is not whole."""
    stores = [Store.open(url) for _ in range(approvers)]
    gate, winners = threading.Barrier(approvers), []

    def approve(store: Store, request: approval_kills.ApprovalRequest) -> Release | None:
        gate.wait()
        try:
            return store.releases.approve(request, None)
        except Refused:
            return None

    with ThreadPoolExecutor(approvers) as pool:
        for number in range(rounds):
            plan = planned(stores[0], good_schedule(number))
            requests = [approval_kills.request_of(plan, number or None) for _ in range(approvers)]
            made = [release for release in pool.map(approve, stores, requests) if release is not None]
            winners.append(len(made))
            print(f"race: {number + 1} of {rounds}", file=sys.stderr)
    releases = stores[0].releases.newest("tiny", rounds * approvers)
    if [r.number for r in releases] != list(range(rounds, 0, -1)) or stores[0].audit.first_broken() is not None:
        raise AssertionError(f"{len(releases)} releases in {rounds} rounds, or the audit trail is broken")
    for store in stores:
        store.close()
    return winners


@contextmanager
def databases(server: MariaDb) -> Iterator[dict[str, str]]:
    """URLs of a new database of either kind."""
    name = f"t_{uuid.uuid4().hex}"
    server.execute(f"CREATE DATABASE {name}")
    with tempfile.TemporaryDirectory() as folder:
        yield {"SQLite": f"sqlite:///{folder}/store.sqlite3", "MariaDB": server.url(name)}
    server.execute(f"DROP DATABASE {name}")


def main() -> int:
    """Runs the studies and prints their tables; exit code 1 if anything was accepted, lost, doubled or half."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=STUDIES, default=STUDIES)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--approvers", type=int, default=16)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--server-kills", type=int, default=20)
    args = parser.parse_args()
    print(heading(f"Approvals under attack, load {os.getloadavg()[0]:.1f}", sys.argv[1:]))
    good = True
    with killable_server(durable=True) as running:
        if "forbidden" in args.only:
            with databases(running.server) as urls:
                found = {kind: forbidden(url) for kind, url in urls.items()}
            rows = [[name, *("refused" if found[kind][name] else "ACCEPTED" for kind in found)] for name in FORBIDDEN]
            accepted = [str(sum(not refused for refused in of.values())) for of in found.values()]
            rows.append([f"**accepted of {len(FORBIDDEN)}**", *accepted])
            print(f"## Forbidden states, written in SQL\n\n{markdown_table(['state', *found], rows)}\n")
            good = good and accepted == ["0"] * len(found)
        if "race" in args.only:
            with databases(running.server) as urls:
                won = {kind: race(url, args.approvers, args.rounds) for kind, url in urls.items()}
            rows = [[kind, str(len(of)), str(of.count(1)), str(of.count(0)), str(sum(w > 1 for w in of))]
                    for kind, of in won.items()]  # fmt: skip
            columns = ["database", "rounds", "one winner", "none", "several"]
            print(f"## {args.approvers} approvers of one plan\n\n{markdown_table(columns, rows)}\n")
            good = good and all(set(of) == {1} for of in won.values())
        if "client" in args.only:
            with databases(running.server) as urls:
                seen = {kind: approval_kills.kill_clients(url, args.kills) for kind, url in urls.items()}
            good = (
                _counts("Client killed around its approval", seen, ("nothing yet", "whole, no answer", "answered")) and good
            )
        if "server" in args.only:
            with databases(running.server) as urls:
                name = urls["MariaDB"].rsplit("/", 1)[1]
                killed = {"MariaDB": approval_kills.kill_server(running, name, args.server_kills)}
            title = f"mariadbd killed {args.server_kills} times"
            good = _counts(title, killed, ("acknowledged", "ambiguous", "had taken effect")) and good
    return 0 if good else 1


def _counts(title: str, seen: dict[str, Counter[str]], facts: tuple[str, ...]) -> bool:
    """Print a table of what was counted; True if no fault is among it."""
    rows = [[kind, *(str(of[what]) for what in (*facts, *FAULTS))] for kind, of in seen.items()]
    print(f"## {title}\n\n{markdown_table(['database', *facts, *FAULTS], rows)}\n", flush=True)
    return not any(of[fault] for of in seen.values() for fault in FAULTS)


if __name__ == "__main__":
    sys.exit(main())
