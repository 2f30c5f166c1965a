"""``shopwright audit``: is the audit trail whole, and what does it say?"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from scheduler_core.cli.engine_runs import at_least_one
from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.terminal import Terminal, print_json, print_table

if TYPE_CHECKING:
    from scheduler_core.data.store import Store


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument(
        "what",
        choices=("verify", "show"),
        help="verify: recompute every hash and compare with the tables; show: print lines",
    )
    parser.add_argument(
        "--last", type=at_least_one, default=50, metavar="N", help="show: the N newest lines (default: %(default)s)"
    )
    parser.add_argument("--act", metavar="NAME", help="show: only lines of this act, such as approve")
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Verifies or shows. Exit status 1 if the trail is broken."""
    store = _opened()
    try:
        if args.what == "verify":
            return _verify(store, args.json)
        found = [e for e in store.audit.newest(args.last if args.act is None else 10**9) if args.act in (None, e.action)]
        lines = found[: args.last]
    finally:
        store.close()
    if args.json:
        print_json([{**asdict(e), "at": e.at.isoformat()} for e in lines])
        return Exit.DONE
    rows = [["line", "when (UTC)", "who", "act", "of", "detail"]]
    for e in lines:
        detail = json.dumps(e.detail, ensure_ascii=False)
        rows.append([str(e.sequence), f"{e.at:%Y-%m-%d %H:%M:%S}", e.actor, e.action, e.subject, detail[:100]])
    print_table(rows)
    return Exit.DONE


def _opened() -> Store:
    """The store, whose tables a look at the trail does not change: whoever looks before a backup gets no upgrade."""
    from contextlib import closing

    from scheduler_core.data import migrations
    from scheduler_core.data.database import DatabaseUnavailable, open_store
    from scheduler_core.data.store import Store
    from scheduler_core.settings import locations

    with closing(open_store(locations.database_url())) as database:
        found = migrations.status(database)
    if 0 < found.version < found.newest:
        older = f"its tables are of version {found.version}, this program wants {found.newest}"
        raise DatabaseUnavailable(f"the audit trail cannot be read, {older}: {migrations.UPGRADE_FIRST}")
    return Store.open()


def _verify(store: Store, as_json: bool) -> int:
    found = store.audit.examine()
    broken = found.broken
    count = next((e.sequence for e in store.audit.newest(1)), 0)
    if as_json:
        told = {"lines": count, "broken": None if broken is None else asdict(broken), "not_covered": dict(found.uncovered)}
        print_json(told)
    elif broken is None:
        print(f"The audit trail is whole: {count} lines, each following from the one before, and the tables agree.")
    else:
        where = "The tables" if broken.sequence is None else f"Line {broken.sequence}"
        print(f"The audit trail is broken. {where}: {broken.reason}.")
    if found.uncovered and not as_json:
        acts = ", ".join(f"{number} {act}" for act, number in found.uncovered.items())
        print(f"Not covered: {acts}. Older versions wrote these lines with less content; the existing content was compared.")
    return Exit.DONE if broken is None else Exit.VIOLATIONS
