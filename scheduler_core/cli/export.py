"""``shopwright export``: deliver releases to the ERP's side, once or until it is stopped."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.signals import stopped_by_signals
from scheduler_core.cli.terminal import Terminal, print_table

if TYPE_CHECKING:
    from scheduler_core.data.export.exporter import Attempt
    from scheduler_core.data.store import Store


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("--watch", action="store_true", help="go on until stopped; the first Ctrl-C ends after the attempt")
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings (default: configs/export.yaml)")
    parser.add_argument("--list", action="store_true", help="only show how far every release has come")
    parser.add_argument("--retry", metavar="RELEASE_ID", help="first let a delivery that was given up be tried again")
    parser.add_argument("--actor", default="command line", metavar="NAME", help="who asks for the retry (is recorded)")
    parser.add_argument("--receiving-sql", choices=("sqlite", "mariadb"), help="only print the SQL of the receiving tables")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Delivers what is due. Exit status 1 if a release is left undelivered."""
    from scheduler_core.data.export.config import load_export_config
    from scheduler_core.data.export.exporter import Exporter, receiver_of
    from scheduler_core.data.export.table_receiver import receiving_sql
    from scheduler_core.data.store import Store

    if args.receiving_sql:
        print(receiving_sql("sqlite" if args.receiving_sql == "sqlite" else "mysql"), end="")
        return Exit.DONE
    config = load_export_config(args.config)
    store = Store.open()
    try:
        if args.list:
            return _list(store)
        if args.retry:
            store.deliveries.retry(args.retry, args.actor)
        with receiver_of(config) as receiver, stopped_by_signals() as stopped:
            exporter = Exporter(store, receiver, config)
            while True:
                # It may be the only process that is always there, or that ever comes by.
                store.runs.fail_expired() if args.watch else store.runs.end_lost()
                for attempt in exporter.deliver_due(stopped.is_set):
                    _say(terminal, attempt)
                if not args.watch or stopped.wait(config.poll_seconds):
                    break
        return _status(store, terminal)
    finally:
        store.close()


def _say(terminal: Terminal, attempt: Attempt) -> None:
    terminal.say(f"{attempt.plant} version {attempt.number}: {attempt.state.value} ({attempt.said})")


def _list(store: Store) -> int:
    rows = [["release", "plant", "version", "state", "attempts", "last failure"]]
    rows += [
        [d.release_id, d.plant, str(d.number), d.state.value, str(d.attempts), d.last_error or ""]
        for d in store.deliveries.newest(limit=1000)
    ]  # fmt: skip
    print_table(rows)
    return Exit.DONE


def _status(store: Store, terminal: Terminal) -> int:
    left = [d for d in store.deliveries.newest(limit=100_000) if d.state.value != "confirmed"]
    if not left:
        return Exit.DONE
    terminal.say(f"shopwright: {len(left)} releases are not delivered: see shopwright export --list")
    return Exit.VIOLATIONS
