"""``shopwright metrics``: figures in Prometheus' text format, printed or in a file for node_exporter's collector."""

from __future__ import annotations

import argparse
from pathlib import Path

from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.terminal import STDOUT, Terminal, write


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument(
        "--out", type=Path, default=STDOUT, metavar="FILE",
        help="a file to replace in one step, such as /var/lib/node_exporter/textfile/shopwright.prom (default: print)",
    )  # fmt: skip


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Ends runs whose worker is gone, then writes the figures; a database out of reach is a figure too (shopwright_up 0)."""
    from scheduler_core.alerts.settings_check import settings_check
    from scheduler_core.monitoring.expired_runs import end_expired_runs
    from scheduler_core.monitoring.metrics import text
    from scheduler_core.settings import locations

    terminal.status("checking")
    end_expired_runs(locations.database_url())
    written = text((settings_check,))
    terminal.clear()
    write(args.out, written)
    return Exit.DONE
