"""``shopwright db``: the store's tables: their version and upgrade, backup and restore, and whether all holds together."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.terminal import Terminal, print_json, print_table
from scheduler_core.errors import InvalidValue

if TYPE_CHECKING:
    from scheduler_core.data.database import Database
    from scheduler_core.data.maintenance.backup import Heading
    from scheduler_core.data.store.records import ReleaseEpoch

LARGEST_NUMBER = 10**12
ACCOUNTS = ("erp_reader", "store_app", "store_migrator")


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    asked = parser.add_subparsers(metavar="WHAT", required=True)
    status = asked.add_parser("status", help="show the version of the tables and the pending upgrade")
    status.set_defaults(answer=_status)
    upgrade = asked.add_parser("upgrade", help="bring the tables up to date; an interrupted upgrade continues")
    upgrade.set_defaults(answer=_upgrade)
    verify = asked.add_parser("verify", help="check the file, references, audit trail, and content of released plans")
    verify.set_defaults(answer=_verify)
    back_up = asked.add_parser("backup", help="write all rows into one file; work may continue meanwhile")
    back_up.set_defaults(answer=_back_up)
    restore = asked.add_parser("restore", help="fill an empty store (SQLite or MariaDB) from a backup of either kind")
    restore.add_argument("--replace", action="store_true", help="discard the rows that the store holds")
    restore.add_argument(
        "--keep-version",
        action="store_true",
        help="leave the tables in the backup's version, for an older program, whose 'db verify' checks them afterwards",
    )
    restore.set_defaults(answer=_restore)
    epoch = asked.add_parser(
        "epoch", help="make release numbers continue above the receiver's, after a restore with other tools"
    )
    epoch.set_defaults(answer=_epoch)
    for part in (restore, epoch):
        part.add_argument(
            "--next-release", type=release_number, metavar="N",
            help="the lowest number for the next release, above every number that the receiver has; 0: the receiver has no "
            "release that the backup lacks (default: read from the receiving tables)",
        )  # fmt: skip
    for part in (back_up, restore):
        part.add_argument("file", metavar="FILE", type=Path, help="the backup file")
    accounts = asked.add_parser("accounts", help="print the SQL that creates an account on a MariaDB server")
    accounts.add_argument("account", choices=ACCOUNTS, help="the account: ERP reader, daily store account, or migrator")
    accounts.set_defaults(answer=None)
    for part in (status, upgrade, verify, back_up, restore, epoch):
        part.add_argument("--url", help="SQLAlchemy URL of the store (default: the configured store)")
        part.add_argument("--json", action="store_true", help="print the answer as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Answers what was asked."""
    if args.answer is None:
        from scheduler_core.data import accounts

        print(accounts.sql(args.account), end="")
        return Exit.DONE
    from scheduler_core.data.database import open_store
    from scheduler_core.data.database_url import sqlite_file
    from scheduler_core.settings import locations

    url = args.url or locations.database_url()
    file = sqlite_file(url)
    if args.answer in (_status, _verify, _back_up, _epoch) and file is not None and not file.is_file():
        # Opening it would make an empty one.
        raise InvalidValue("database", str(file), "does not exist: the first start or 'shopwright db upgrade' makes it")
    database = open_store(url)
    try:
        return int(args.answer(args, terminal, database))
    finally:
        database.close()
        terminal.clear()


def _status(args: argparse.Namespace, terminal: Terminal, database: Database) -> int:
    from scheduler_core.data import migrations

    found = migrations.status(database)
    if args.json:
        print_json({"database": database.name, **asdict(found)})
        return Exit.DONE
    print(f"{database.name}: tables of version {found.version}, this program's is {found.newest}")
    if found.missing:
        cut = " (an earlier one was cut short; it goes on from there)" if found.begun else ""
        print(f"an upgrade would run {found.missing} statements{cut}: shopwright db upgrade")
    else:
        print("up to date")
    return Exit.DONE


def _upgrade(args: argparse.Namespace, terminal: Terminal, database: Database) -> int:
    from scheduler_core.data import migrations

    before = migrations.status(database)
    version = migrations.upgrade(database, progress=terminal.progress)
    if args.json:
        print_json({"database": database.name, "from": before.version, "to": version, "statements": before.missing})
    else:
        terminal.clear()
        print(f"{database.name}: version {before.version} -> {version}, {before.missing} statements")
    return Exit.DONE


def _verify(args: argparse.Namespace, terminal: Terminal, database: Database) -> int:
    from scheduler_core.data import migrations
    from scheduler_core.data.maintenance import backup, verification

    state = migrations.status(database)
    if state.missing:
        raise backup.BackupFailed("the store cannot be verified: run 'shopwright db upgrade' first")
    with backup.unchanging(database) as connection:
        found = verification.problems(connection, terminal.progress)
    terminal.clear()
    if args.json:
        print_json({"database": database.name, "problems": list(found)})
    else:
        print("\n".join(found) if found else f"{database.name}: references, audit trail and released plans are whole")
    return Exit.VIOLATIONS if found else Exit.DONE


def _back_up(args: argparse.Namespace, terminal: Terminal, database: Database) -> int:
    from scheduler_core.data.maintenance import backup

    written = backup.back_up(database, args.file, terminal.progress)
    terminal.clear()
    _tell(args, "written", written.heading, written.sha256)
    return Exit.DONE


def _restore(args: argparse.Namespace, terminal: Terminal, database: Database) -> int:
    from scheduler_core.data import migrations
    from scheduler_core.data.export.received import received
    from scheduler_core.data.maintenance import continuation
    from scheduler_core.data.maintenance.restore import restore

    # A store that is given up holds all that was ever delivered from it, so the receiver need not be asked.
    with database.reading() as connection:
        knows = args.replace and bool(continuation.given_up(connection, told=args.next_release is not None))
    known = received(may_ask=args.next_release is None, must_know=not knows)
    found = restore(
        database, args.file, terminal.progress, replace=args.replace, received=known, next_release=args.next_release,
        keep_version=args.keep_version,
    )  # fmt: skip
    terminal.clear()
    older = args.keep_version and found.backup.heading.version < len(migrations.MIGRATIONS)
    _tell(
        args,
        "restored in that version" if older else "restored and verified",
        found.backup.heading,
        found.backup.sha256,
        found.epoch,
    )
    return Exit.DONE


def _epoch(args: argparse.Namespace, terminal: Terminal, database: Database) -> int:
    from scheduler_core.data import migrations
    from scheduler_core.data.export.received import received
    from scheduler_core.data.maintenance.continuation import ACTOR
    from scheduler_core.data.store import Store

    known = received(may_ask=args.next_release is None, must_know=True)
    if migrations.status(database).missing:
        raise InvalidValue("database", database.name, "is not up to date: run 'shopwright db upgrade' first")
    first = max([args.next_release or 0, *(one.number + 1 for one in known)])
    made = Store(database).releases.begin_epoch(first, max((one.epoch for one in known), default=0), ACTOR)
    terminal.clear()
    if args.json:
        print_json(_numbers(made))
    else:
        print(_went_on(made))
    return Exit.DONE


def release_number(text: str) -> int:
    """An option's whole number from 0 on. Raises ValueError."""
    number = int(text)
    if not 0 <= number <= LARGEST_NUMBER:
        raise ValueError
    return number


def _numbers(epoch: ReleaseEpoch) -> dict[str, int]:
    return {"epoch": epoch.number, "next_release": epoch.first_number}


def _went_on(epoch: ReleaseEpoch) -> str:
    return f"the next release gets at least number {epoch.first_number}, in epoch {epoch.number}"


def _tell(args: argparse.Namespace, done: str, heading: Heading, sha256: str, epoch: ReleaseEpoch | None = None) -> None:
    tables = {name: part.rows for name, part in heading.tables.items()}
    if args.json:
        print_json(
            {
                "file": str(args.file),
                "version": heading.version,
                "rows": tables,
                "sha256": sha256,
                **(_numbers(epoch) if epoch else {}),
            }
        )
        return
    print_table([["table", "rows"], *([name, f"{rows:,}"] for name, rows in tables.items())])
    print(f"\n{heading.rows:,} rows of version {heading.version} {done}: {args.file}, SHA-256 of its content {sha256}")
    if epoch is not None:
        print(f"releases were made after this backup: {_went_on(epoch)}")
