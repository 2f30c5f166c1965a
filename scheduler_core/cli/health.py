"""``shopwright health``: is everything working, and what is to be done if not?"""

from __future__ import annotations

import argparse
from dataclasses import asdict

from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.terminal import Terminal, print_json

UNHEALTHY = 1
MARKS = {"ok": "ok     ", "warning": "warning", "fault": "FAULT  "}


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Ends runs whose worker is gone, then prints every check; exit status 0 unless one is a fault."""
    from scheduler_core.alerts.settings_check import whole_health
    from scheduler_core.monitoring.expired_runs import end_expired_runs
    from scheduler_core.monitoring.health import healthy
    from scheduler_core.settings import locations

    terminal.status("checking")
    ended = end_expired_runs(locations.database_url())
    found = whole_health()
    terminal.clear()
    if ended:
        terminal.say(f"marked as ended, because their workers are gone: {', '.join(ended)}")
    if args.json:
        print_json({"healthy": healthy(found), "checks": [asdict(check) for check in found]})
    else:
        for check in found:
            print(f"{MARKS[check.level]}  {check.name}: {check.said}")
            if check.do:
                print(f"         {check.do}")
    return Exit.DONE if healthy(found) else UNHEALTHY
