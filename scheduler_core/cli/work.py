"""``shopwright work``: execute waiting runs without any dashboard, until none is left or until stopped."""

from __future__ import annotations

import argparse

from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.signals import stopped_by_signals
from scheduler_core.cli.terminal import Terminal


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument(
        "--watch", action="store_true",
        help="continue until stopped, also while the database is unreachable; pull and plan as configs/automation.yaml "
        "says, and send alerts as configs/alerts.yaml says (default: end when no run is waiting or active); after the first "
        "Ctrl-C or SIGTERM the command starts no further run and ends with the last active run, after the second it ends at "
        "once and leaves the runs active",
    )  # fmt: skip


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Begins waiting runs as slots get free (configs/runs.yaml), shared with every dashboard on the same store.

    Exit status 0; 1 if a run that it began failed or timed out.
    """
    from contextlib import nullcontext

    from scheduler_core import logs
    from scheduler_core.alerts.service import beside
    from scheduler_core.automation.config import load_automation
    from scheduler_core.automation.host import AutomationService
    from scheduler_core.data.database import DatabaseFailure, DatabaseUnavailable, said_by
    from scheduler_core.data.store import Store
    from scheduler_core.data.store.store_stats import is_there
    from scheduler_core.runs.service import RunService
    from scheduler_core.runs.supervisor import Supervisor
    from scheduler_core.runs.warm_workers import WarmWorkers
    from scheduler_core.settings import locations
    from scheduler_core.settings.run_slots import load_run_slots, load_warm_workers

    logs.set_up("work", locations.var() / "log")
    load_run_slots()  # settings that are wrong are refused now, not when the first run waits
    load_automation()
    if not is_there(locations.database_url()):
        terminal.say("shopwright: the store did not exist; an empty store was created")
    store = Store.open()
    try:
        # A session of their own: a Ctrl-C for this command must not end the runs at work.
        # Only a service has workers wait for runs to come; a command that drains the queue begins all of its runs at once.
        warm = WarmWorkers(load_warm_workers if args.watch else lambda: 0, own_session=True)
        supervisor = Supervisor(store, warm=warm)
        service = RunService(supervisor, terminal.say, terminal.status)
        automation = AutomationService(store, terminal.say)
        try:
            with stopped_by_signals() as stopped, beside(store, "work", terminal.say) if args.watch else nullcontext():
                if args.watch:
                    automation.start(stopped)
                service.serve(stopped, until_idle=not args.watch)
        finally:
            automation.close()
            supervisor.close()
        return Exit.VIOLATIONS if service.failed else Exit.DONE
    except DatabaseFailure as failure:
        raise DatabaseUnavailable(f"the store: {said_by(failure)}") from failure
    finally:
        store.close()
