"""``shopwright demo``: a generated ERP to try the product with."""

from __future__ import annotations

import argparse

from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.terminal import Terminal
from scheduler_core.errors import InvalidValue


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("--url", help="SQLAlchemy URL of an empty database (default: the configured ERP)")
    parser.add_argument("--seed", type=int, metavar="N", help="random seed, for another factory than the usual one")
    parser.add_argument(
        "--days", type=int, metavar="N",
        help="write a smaller factory with N days of simulated history (pulls, releases); the store must have no jobs",
    )  # fmt: skip
    parser.add_argument("--if-missing", action="store_true", help="succeed without a change if the demo exists already")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Writes the demo. What exists already is never changed, and a server that is configured as the ERP is never written
    to unless --url names it."""
    from scheduler_core.data import demo
    from scheduler_core.data.database_url import parsed_url, shown
    from scheduler_core.settings import environment, locations

    url = args.url or locations.erp_url()
    if not args.url and not url.startswith("sqlite:"):
        if args.if_missing:
            terminal.say(f"{environment.ERP_URL} names an ERP: no demo is needed")
            return Exit.DONE
        raise InvalidValue(
            environment.ERP_URL, "(set)", "names an ERP, which is never written to; name the database with --url"
        )
    seed = demo.DEMO_SEED if args.seed is None else args.seed
    if args.days is not None:
        _with_history(url, args.days, seed, terminal, if_missing=args.if_missing)
        return Exit.DONE
    if args.if_missing and url.startswith("sqlite:"):
        written = demo.ensure_demo(url, seed)
    else:
        demo.write_demo(url, seed)
        written = True
    terminal.say(f"wrote the demo ERP: {shown(parsed_url(url))}" if written else "the demo ERP exists already")
    return Exit.DONE


def _with_history(url: str, days: int, seed: int, terminal: Terminal, *, if_missing: bool) -> None:
    from scheduler_core.data.database_url import parsed_url, shown, sqlite_file
    from scheduler_core.data.store import Store
    from scheduler_core.services.demo_history import write_history
    from scheduler_core.settings import locations

    file = sqlite_file(url)
    if file is None:
        raise InvalidValue("--days", days, "makes an embedded demo: --url must name an SQLite file")
    if if_missing and file.exists():
        terminal.say("the demo ERP exists already")
        return
    store = Store.open()
    try:
        made = write_history(store, file, days, seed)
    finally:
        store.close()
    terminal.say(
        f"wrote a demo ERP and {days} days of simulated history: {made.pulls} pulls, {made.releases} releases\n"
        f"ERP: {file}\nstore: {shown(parsed_url(locations.database_url()))}"
    )
