"""What is left when a client or the server is killed (SIGKILL) around an approval; part of ``approvals.py``.

SIGKILL ends a process between any two instructions, but what the operating system has taken for writing is still written. It
does not show a power loss: for that the disk's own promise to keep what it has confirmed would have to be tested.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import pymysql
import sqlalchemy as sa

from scheduler_core.data.database import Database, DatabaseFailure, open_store
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ApprovalRequest, Source
from scheduler_core.data.store_errors import Refused
from tests.support.mariadb_server import Running
from tests.support.sample_plans import Planned, good_schedule, planned, small_plant

LINES = 4
"""Dispatch rows of the sample plan."""
TRIALS = 5
"""Approvals that are not killed early, to learn how long one takes."""


def request_of(of: Planned, on_top_of: int | None) -> ApprovalRequest:
    """An approval with a request id of its own."""
    return ApprovalRequest(uuid.uuid4().hex, of.schedule, of.content, "Ann", on_top_of=on_top_of)


def pieces(database: Database, request_id: str) -> tuple[int, int, int, int]:
    """(approvals, dispatch rows, outbox messages, audit lines) of a request: all there, or none."""
    of = "(SELECT approval_id FROM approval WHERE request_id = :id)"
    queries = (
        "SELECT COUNT(*) FROM approval WHERE request_id = :id",
        f"SELECT COUNT(*) FROM dispatch WHERE approval_id IN {of}",
        f"SELECT COUNT(*) FROM outbox WHERE approval_id IN {of}",
        f"SELECT COUNT(*) FROM audit WHERE act = 'approve' AND subject IN {of}",
    )
    with database.reading() as connection:
        a, d, o, u = (int(connection.execute(sa.text(q), {"id": request_id}).scalar_one()) for q in queries)
    return a, d, o, u


WHOLE, NOTHING = (1, LINES, 1, 1), (0, 0, 0, 0)


def kill_clients(url: str, kills: int, seed: int = 1) -> Counter[str]:
    """Kill a client at a random moment around its approval, look, and let another one send the same request again.

    Counted: "nothing yet", "whole, no answer" and "answered" (what the kill found), and the faults "half", "lost" (answered,
    but not there), "doubled" (a repeat that made a second one) and "trail broken".
    """
    chance, seen = random.Random(seed), Counter[str]()
    store = Store.open(url)
    plans = [planned(store), planned(store, good_schedule(5))]
    usual = []
    for number in range(TRIALS):
        request = request_of(plans[(number + 1) % 2], number or None)
        store.close()  # what is open here must not be shared with the child
        usual.append(_approve_in_a_child_and_kill_it(url, request, None)[1])
        store = Store.open(url)
    for number in range(TRIALS, TRIALS + kills):
        request = request_of(plans[(number + 1) % 2], number)
        store.close()
        answered, _ = _approve_in_a_child_and_kill_it(url, request, chance.uniform(0.0, 1.5 * sorted(usual)[TRIALS // 2]))
        database = open_store(url)
        found = pieces(database, request.request_id)
        store = Store(database)
        if found not in (WHOLE, NOTHING):
            seen["half"] += 1
        elif answered and found != WHOLE:
            seen["lost"] += 1
        seen["answered" if answered else "whole, no answer" if found == WHOLE else "nothing yet"] += 1
        release = store.releases.approve(request, None)
        if release.number != number + 1 or pieces(database, request.request_id) != WHOLE:
            seen["doubled"] += 1
        print(f"client killed: {number - TRIALS + 1} of {kills}", file=sys.stderr)
    seen["doubled"] += len(store.releases.newest("tiny", kills + 2 * TRIALS)) != kills + TRIALS
    seen["trail broken"] += store.audit.first_broken() is not None
    store.close()
    return seen


def _approve_in_a_child_and_kill_it(url: str, request: ApprovalRequest, after: float | None) -> tuple[bool, float]:
    """Whether the child had its answer before it was killed, and how many seconds it lived once it was ready to ask.

    ``after``: seconds that it is given; None: it is killed when it has its answer.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            store = Store.open(url)
            os.write(writing, b"r")
            store.releases.approve(request, None)
            os.write(writing, b"a")
            time.sleep(60)
        finally:
            os._exit(1)
    os.close(writing)
    try:
        if os.read(reading, 1) != b"r":
            raise RuntimeError("the client ended before it asked")
        began = time.monotonic()
        if after is None:
            answered = os.read(reading, 1) == b"a"
        else:
            time.sleep(after)
        lived = time.monotonic() - began
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return (answered if after is None else os.read(reading, 1) == b"a"), lived
    finally:
        os.close(reading)


@dataclass
class _Writer:
    """Approves one plant's two plans in turn until the server is gone."""

    plant: str
    plans: list[Planned]
    number: int | None = None
    acknowledged: list[str] = field(default_factory=list)
    open: ApprovalRequest | None = None

    def run(self, store: Store) -> None:
        """Returns when the server has been killed; then the open request is ambiguous."""
        try:
            while True:
                self.open = self.next()
                self.number = store.releases.approve(self.open, None).number
                self.acknowledged.append(self.open.request_id)
                self.open = None
        except (DatabaseFailure, pymysql.err.Error):
            return
        finally:
            store.close()

    def next(self) -> ApprovalRequest:
        return request_of(self.plans[(self.number or 0) % 2], self.number)


def kill_server(server: Running, database: str, kills: int, writers: int = 4, seed: int = 1) -> Counter[str]:
    """Kill mariadbd while writers approve, start it again, and resolve what each of them does not know.

    Counted: "acknowledged" approvals, "ambiguous" requests (no answer), of which "had taken effect", and the faults "lost",
    "half", "doubled", "unresolved" and "trail broken".
    """
    chance, seen = random.Random(seed), Counter[str]()
    url = server.server.url(database)
    store = Store.open(url)
    crew = [_Writer(f"plant {n}", _two_plans(store, f"plant {n}")) for n in range(writers)]
    store.close()
    for kill in range(1, kills + 1):
        stores = [Store(open_store(url)) for _ in crew]
        with ThreadPoolExecutor(writers) as pool:
            running = [pool.submit(writer.run, store) for writer, store in zip(crew, stores, strict=True)]
            time.sleep(chance.uniform(0.2, 1.0))
            server.kill()
        for future in running:
            future.result()  # raises what a writer did not expect
        server.start()
        opened = open_store(url)
        store = Store(opened)
        for writer in crew:
            _resolve(store, opened, writer, seen)
        store.close()
        print(f"server killed: {kill} of {kills}", file=sys.stderr)
    opened = open_store(url)
    for writer in crew:
        seen["acknowledged"] += len(writer.acknowledged)
        for request_id in writer.acknowledged:
            found = pieces(opened, request_id)
            seen["lost"] += found == NOTHING
            seen["half"] += found not in (WHOLE, NOTHING)
        seen["doubled"] += len(Store(opened).releases.newest(writer.plant, 1_000_000)) != len(writer.acknowledged)
    seen["trail broken"] += Store(opened).audit.first_broken() is not None
    opened.close()
    return seen


def _resolve(store: Store, opened: Database, writer: _Writer, seen: Counter[str]) -> None:
    """Ask with the same request id once more: the answer is the one approval, made now or then."""
    request = writer.open
    if request is None:
        return
    found = pieces(opened, request.request_id)
    seen["ambiguous"] += 1
    seen["had taken effect"] += found == WHOLE
    seen["half"] += found not in (WHOLE, NOTHING)
    try:
        writer.number = store.releases.approve(request, None).number
    except Refused:
        seen["unresolved"] += 1
        return
    seen["unresolved"] += pieces(opened, request.request_id) != WHOLE
    writer.acknowledged.append(request.request_id)
    writer.open = None


def _two_plans(store: Store, name: str) -> list[Planned]:
    """Two plans of a plant of its own."""
    plant = replace(small_plant(), name=name)
    snapshot = store.snapshots.save(plant, request_id=uuid.uuid4().hex, source=Source.FILE)
    return [planned(store, good_schedule(delay), snapshot) for delay in (0, 5)]
