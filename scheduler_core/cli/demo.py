"""``shopwright demo``: a generated ERP to try the product with."""

from __future__ import annotations

import argparse

from scheduler_core.cli.exits import Exit
from scheduler_core.cli.terminal import Terminal


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("--url", help="SQLAlchemy URL of an empty database (default: the ERP that is configured)")
    parser.add_argument("--seed", type=int, metavar="N", help="another factory than the usual one")
    parser.add_argument("--if-missing", action="store_true", help="be content if the embedded demo exists already")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Writes the demo. What exists already is never changed."""
    from scheduler_core.data import demo, locations

    url = args.url or locations.erp_url()
    seed = demo.DEMO_SEED if args.seed is None else args.seed
    if args.if_missing and url.startswith("sqlite:"):
        written = demo.ensure_demo(url, seed)
    else:
        demo.write_demo(url, seed)
        written = True
    terminal.say("wrote the demo ERP" if written else "the demo ERP exists already")
    return Exit.DONE
