"""Releases through receivers that fail: does each take effect exactly once?

    python benchmarks/exporting.py [--releases 300] [--kills 5]

The webhook answers at random with success, with 500 before or after it has taken effect, by closing the connection before or
after, and by silence beyond the time-out after it has taken effect. The table loses the connection before or after its
commit. Two exporters work at once, and some messages are taken over from an exporter that died after the effect. Then
``shopwright export`` itself, as a process that is killed ``--kills`` times on its way.
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
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from report import heading, markdown_table

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from scheduler_core.data.database import Database, open_store  # noqa: E402
from scheduler_core.data.export.config import ExportConfig  # noqa: E402
from scheduler_core.data.export.exporter import Exporter  # noqa: E402
from scheduler_core.data.export.message import Message, NotDelivered, Receiver, message_of  # noqa: E402
from scheduler_core.data.export.table_receiver import ReceivingTable, receiving_sql  # noqa: E402
from scheduler_core.data.export.webhook_receiver import Webhook  # noqa: E402
from scheduler_core.data.store import Store  # noqa: E402
from scheduler_core.settings import environment  # noqa: E402
from tests.support.receivers import http_receiver  # noqa: E402
from tests.support.sample_plans import approval, good_schedule, planned  # noqa: E402

CONFIG = ExportConfig(
    attempts=200, first_wait_seconds=1e-6, longest_wait_seconds=1e-6, timeout_seconds=0.05, lease_seconds=60.0
)

DEATHS = 30


@dataclass
class Flaky:
    """A table whose connection is lost before or after the commit, each a third of the time."""

    inner: Receiver
    draw: random.Random
    calls: int = 0
    lock: Lock = field(default_factory=Lock)

    def deliver(self, message: Message) -> str:
        """See ``Receiver``."""
        with self.lock:
            self.calls += 1
            method = self.draw.randrange(3)
        if method == 0:
            raise NotDelivered("the connection was lost before the commit")
        said = self.inner.deliver(message)
        if method == 1:
            raise NotDelivered("the connection was lost after the commit")
        return said


@dataclass(frozen=True)
class Outcome:
    """``calls``: messages that the receiver got; ``effects``: distinct ones; ``wrong``: missing, doubled or changed ones."""

    receiver: str
    releases: int
    calls: int
    effects: int
    wrong: int


def make_releases(url: str, count: int) -> Store:
    """A store with so many releases, each on top of the one before."""
    store = Store.open(url)
    plans = [planned(store), planned(store, good_schedule(5))]
    for number in range(count):
        store.releases.approve(approval(plans[number % 2], on_top_of=number or None), None)
    return store


def export_all(store: Store, receiver: Receiver) -> int:
    """Two exporters at once until nothing is left; returns how many died after the effect and before they noted it."""
    died = 0
    while died < DEATHS and (claimed := store.deliveries.claim("dies", 0.0, CONFIG.attempts)) is not None:
        with suppress(NotDelivered):
            receiver.deliver(message_of(store, claimed[0]))
        died += 1
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: list(Exporter(store, receiver, CONFIG).deliver_due()), range(2)))
    left = [d for d in store.deliveries.newest(limit=10**6) if d.state.value != "confirmed"]
    while left:
        list(Exporter(store, receiver, CONFIG).deliver_due())
        left = [d for d in store.deliveries.newest(limit=10**6) if d.state.value != "confirmed"]
    return died


def through_webhook(folder: Path, count: int, seed: int) -> Outcome:
    """The webhook that fails in six ways."""
    with closing(make_releases(f"sqlite:///{folder / 'webhook.sqlite3'}", count)) as store:
        wanted = {d.release_id: message_of(store, d.release_id).body for d in store.deliveries.newest(limit=10**6)}
        with http_receiver(random.Random(seed), silence=0.1) as (url, seen):
            export_all(store, Webhook(url, CONFIG.timeout_seconds))
            doubled = len(seen.numbers) - len(set(seen.numbers))
        wrong = sum(seen.effects.get(key) != body for key, body in wanted.items()) + doubled + seen.conflicts
        wrong += len(seen.effects.keys() - wanted.keys())
        return Outcome("webhook", count, sum(seen.calls.values()), len(seen.effects), wrong)


def through_table(folder: Path, count: int, seed: int) -> Outcome:
    """The table whose connection is lost."""
    erp = receiving_database(folder / "erp.sqlite3")
    with closing(make_releases(f"sqlite:///{folder / 'table.sqlite3'}", count)) as store, closing(erp) as database:
        receiver = Flaky(ReceivingTable(database), random.Random(seed))
        export_all(store, receiver)
        return counted("table", store, database, receiver.calls)


def killed_process(folder: Path, count: int, kills: int) -> Outcome:
    """``shopwright export`` on a table, killed on its way and started again."""
    url = f"sqlite:///{folder / 'killed.sqlite3'}"
    with closing(make_releases(url, count)) as store, closing(receiving_database(folder / "erp2.sqlite3")) as database:
        settings = folder / "export.yaml"
        settings.write_text("receiver: table\nlease_seconds: 0.02\ntimeout_seconds: 0.01\nattempts: 100\n")
        variables = {
            **os.environ, environment.DATABASE_URL: url, "SHOPWRIGHT_EXPORT_URL": f"sqlite:///{folder / 'erp2.sqlite3'}",
        }  # fmt: skip
        command = [sys.executable, "-m", "scheduler_core.cli", "export", "--config", str(settings)]
        starts = 0
        for number in range(kills):
            before = confirmed(store)
            process = subprocess.Popen(command, cwd=ROOT, env=variables, stderr=subprocess.DEVNULL)
            starts += 1
            while process.poll() is None and confirmed(store) < min(before + 3 + number, count):
                time.sleep(0.002)
            process.send_signal(signal.SIGKILL)
            process.wait()
            time.sleep(0.05)
        while confirmed(store) < count:
            subprocess.run(command, cwd=ROOT, env=variables, stderr=subprocess.DEVNULL, check=False)
            starts += 1
        attempts = sum(d.attempts for d in store.deliveries.newest(limit=10**6))
        return counted(f"table, killed {kills} times", store, database, attempts)


def confirmed(store: Store) -> int:
    """Deliveries that are done."""
    return sum(d.state.value == "confirmed" for d in store.deliveries.newest(limit=10**6))


def receiving_database(file: Path) -> Database:
    """A SQLite file with the receiving tables."""
    database = open_store(f"sqlite:///{file}")
    with database.engine.begin() as connection:
        for statement in receiving_sql("sqlite").split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
    return database


def counted(name: str, store: Store, database: Database, calls: int) -> Outcome:
    """What the receiving tables hold, compared with the store."""
    with database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT approval_id, message_sha256 FROM shopwright_release").all()
        lines = dict(tuple(r) for r in connection.exec_driver_sql(
            "SELECT approval_id, COUNT(*) FROM shopwright_dispatch GROUP BY approval_id"
        ))  # fmt: skip
    found = {str(key): str(digest) for key, digest in rows}
    deliveries = store.deliveries.newest(limit=10**6)
    wanted = {d.release_id: message_of(store, d.release_id).sha256 for d in deliveries}
    wrong = sum(found.get(key) != digest for key, digest in wanted.items()) + len(found.keys() - wanted.keys())
    wrong += sum(lines.get(key) != len(store.releases.dispatch_rows(key)) for key in wanted)
    return Outcome(name, len(wanted), calls, len(found), wrong)


def study(count: int, kills: int) -> list[Outcome]:
    """All three."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = [through_webhook(folder, count, 1), through_table(folder, count, 2)]
        return [*found, killed_process(folder, count, kills)] if kills else found


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the table; exit code 1 if any release took effect other than once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--releases", type=int, default=300)
    parser.add_argument("--kills", type=int, default=5)
    args = parser.parse_args(arguments)
    outcomes = study(args.releases, args.kills)
    print(heading("Releases through receivers that fail", sys.argv[1:]))
    columns = ("receiver", "releases", "messages", "distinct effects", "missing, doubled or changed")
    print(
        markdown_table(
            columns, [[o.receiver, *(str(n) for n in (o.releases, o.calls, o.effects, o.wrong))] for o in outcomes]
        )
    )
    return 1 if any(o.wrong or o.effects != o.releases for o in outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
