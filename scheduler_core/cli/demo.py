"""``shopwright demo``: a generated ERP to try the product with."""

from __future__ import annotations

import argparse

from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.terminal import Terminal
from scheduler_core.errors import InvalidValue


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("--url", help="SQLAlchemy URL of an empty database (default: the ERP that is configured)")
    parser.add_argument("--seed", type=int, metavar="N", help="another factory than the usual one")
    parser.add_argument("--if-missing", action="store_true", help="be content if the embedded demo exists already")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Writes the demo. What exists already is never changed, and a server that is configured as the ERP is never written
    to unless --url names it."""
    from scheduler_core.data import demo
    from scheduler_core.settings import environment, locations

    url = args.url or locations.erp_url()
    if not args.url and not url.startswith("sqlite:"):
        if args.if_missing:
            terminal.say(f"{environment.ERP_URL} names an ERP: no demo is needed")
            return Exit.DONE
        raise InvalidValue(environment.ERP_URL, "(set)", "names an ERP, which is not written to; use --url to mean it")
    seed = demo.DEMO_SEED if args.seed is None else args.seed
    if args.if_missing and url.startswith("sqlite:"):
        written = demo.ensure_demo(url, seed)
    else:
        demo.write_demo(url, seed)
        written = True
    terminal.say("wrote the demo ERP" if written else "the demo ERP exists already")
    return Exit.DONE
