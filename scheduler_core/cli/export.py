"""``shopwright export``: deliver releases to the ERP's side, once or until it is stopped."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler_core.cli.board import port_number
from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.signals import stopped_by_signals, until_stopped
from scheduler_core.cli.terminal import Terminal, print_table
from scheduler_core.errors import InvalidValue

if TYPE_CHECKING:
    from scheduler_core.data.export.config import ExportConfig
    from scheduler_core.data.store import Store

STOP_SECONDS = 5.0
"""How long ``--watch`` waits for what is under way once it is asked to stop."""


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument(
        "--watch",
        action="store_true",
        help="continue until stopped, also while a database is unreachable; Ctrl-C or SIGTERM stops it within seconds",
    )
    parser.add_argument(
        "--port",
        type=port_number,
        metavar="N",
        help="with --watch: answer on http://127.0.0.1:N/livez, with 200 while deliveries are possible, otherwise with 503",
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file (default: configs/export.yaml)")
    parser.add_argument("--list", action="store_true", help="only show the delivery state of every release")
    parser.add_argument(
        "--retry", metavar="RELEASE_ID", help="first reset a delivery that was given up, so that it is retried"
    )
    parser.add_argument(
        "--actor", default="command line", metavar="NAME", help="name of the person who requests the retry (recorded)"
    )
    parser.add_argument("--receiving-sql", choices=("sqlite", "mariadb"), help="only print the SQL of the receiving tables")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Delivers what is due. Exit status 1 if a release is left undelivered; 0 for ``--watch`` that was stopped."""
    from scheduler_core.data.export.config import load_export_config
    from scheduler_core.data.export.table_receiver import receiving_sql
    from scheduler_core.data.store import Store

    if args.receiving_sql:
        print(receiving_sql("sqlite" if args.receiving_sql == "sqlite" else "mysql"), end="")
        return Exit.DONE
    if args.port is not None and not args.watch:
        raise InvalidValue("--port", args.port, "needs --watch")
    config = load_export_config(args.config)
    if args.watch and not args.list and not args.retry:
        return _watch(config, args.port, terminal)
    store = Store.open()
    try:
        if args.list:
            return _list(store)
        if args.retry:
            store.deliveries.retry(args.retry, args.actor)
        if not args.watch:
            return _once(store, config, terminal)
    finally:
        store.close()
    return _watch(config, args.port, terminal)


def _once(store: Store, config: ExportConfig, terminal: Terminal) -> int:
    from scheduler_core.data.export.delivery_service import note_life, told, unseen
    from scheduler_core.data.export.exporter import Exporter, receiver_of
    from scheduler_core.data.store.records import DELIVERY_OVERDUE

    with stopped_by_signals() as stopped, receiver_of(config, stopped.is_set) as receiver:
        exporter = Exporter(store, receiver, config)
        store.runs.end_lost()  # it may be the only process that ever comes by
        # Where a timer starts it again and again, it is heard of again before a release is overdue.
        if reason := note_life(exporter, DELIVERY_OVERDUE.total_seconds()):
            terminal.say(unseen(reason))
        for attempt in exporter.deliver_due(stopped.is_set):
            terminal.say(told(attempt))
    return _status(store, terminal)


def _watch(config: ExportConfig, answers_on: int | None, terminal: Terminal) -> int:
    from contextlib import nullcontext

    from scheduler_core import logs
    from scheduler_core.data.export.delivery_service import DeliveryService
    from scheduler_core.monitoring.liveness import answering
    from scheduler_core.settings import locations

    logs.set_up("export", locations.var() / "log")
    service = DeliveryService(config, terminal.say)
    answer = nullcontext() if answers_on is None else answering(answers_on, lambda: service.failure)
    with stopped_by_signals() as stopped, answer:
        if not until_stopped(service.serve, stopped, STOP_SECONDS):
            terminal.say("shopwright: a database does not answer; an interrupted delivery is repeated after its lease")
    return Exit.DONE


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
