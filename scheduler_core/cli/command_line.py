"""The command line's frame: subcommands, and errors as messages and exit statuses."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from contextlib import nullcontext, redirect_stdout
from importlib import metadata
from types import ModuleType

from scheduler_core.cli import (
    ab,
    actuals,
    alerts,
    audit,
    automation,
    availability,
    board,
    bound,
    check,
    compare,
    db,
    demo,
    erp,
    evaluate,
    exit_status,
    expedite,
    explain,
    export,
    facts,
    health,
    imitate,
    import_jobs,
    metrics,
    models,
    next_machine,
    odds,
    replay,
    roles,
    rollout,
    schedule,
    serve,
    settings,
    snapshot,
    tokens,
    train,
    tune,
    warm,
    whatif,
    work,
    workbook,
)
from scheduler_core.cli.exit_status import CannotWrite, Exit, Failed
from scheduler_core.cli.terminal import ReadableOutput, Terminal
from scheduler_core.errors import Cancelled, InvalidValue, ShopwrightError, Unschedulable

COMMANDS: tuple[tuple[str, ModuleType, str], ...] = (
    ("schedule", schedule, "make a plan"),
    ("check", check, "check a schedule against every constraint"),
    ("explain", explain, "explain why a job is late, whether its lateness can be avoided, and which changes would fix it"),
    ("compare", compare, "plan with several engines and compare the results"),
    ("whatif", whatif, "repair a plan after a change, with three methods"),
    ("expedite", expedite, "complete one order sooner, and show the cost for the other orders"),
    ("bound", bound, "compute lower bounds of the objectives and the constraints that determine them"),
    ("next", next_machine, "recommend the next operation of a machine, with the reasons"),
    ("odds", odds, "estimate each order's probability of being on time when durations vary"),
    ("actuals", actuals, "show actual starts and ends of operations, adherence to plans, and actual durations"),
    ("snapshot", snapshot, "write the ERP's open jobs as a snapshot"),
    ("erp", erp, "check the mapping of the ERP's tables and columns, and name missing ones"),
    ("import", import_jobs, "add jobs from a spreadsheet to a snapshot"),
    ("facts", facts, "list, add and undo facts: planners' knowledge that the ERP does not have"),
    ("workbook", workbook, "load a plant and its jobs from one workbook, without an ERP"),
    ("demo", demo, "write the demo ERP"),
    ("db", db, "maintain the store's database: upgrade, backup, restore, verify"),
    ("board", board, "open the planning board in the browser"),
    ("settings", settings, "show the settings files in use, and copy them for editing"),
    ("train", train, "train a policy"),
    ("tune", tune, "search for better training settings"),
    ("imitate", imitate, "train a policy on its own best schedules"),
    ("evaluate", evaluate, "measure a policy against the dispatching rules"),
    ("models", models, "list, show, activate and compare checkpoints"),
    ("roles", roles, "list, grant and revoke roles on the board"),
    ("tokens", tokens, "list, make and revoke the service tokens of programs that use the HTTP API"),
    ("ab", ab, "compare two engines with their settings on many plants"),
    ("replay", replay, "plan past snapshots again and compare with their historical plans"),
    ("rollout", rollout, "show what paired plans prove about a new way to plan, and simulate its rollout"),
    ("serve", serve, "serve the HTTP API for programs, and execute their runs"),
    ("work", work, "execute waiting runs without a dashboard"),
    ("automation", automation, "show what is pulled and planned automatically: the last action and the next"),
    ("export", export, "deliver releases to the ERP"),
    ("alerts", alerts, "list and acknowledge alerts, and test their receivers"),
    ("audit", audit, "verify or show the audit trail"),
    ("health", health, "check whether everything works, and name the action for each fault"),
    ("availability", availability, "measure the service's availability with probes from outside"),
    ("metrics", metrics, "print figures for Prometheus"),
    ("warm", warm, "compile the engines before the first plan"),
)


def run(arguments: Sequence[str] | None, began: float) -> int:
    """Runs the subcommand and returns the exit status. ``began``: the ``time.perf_counter`` from which time limits count."""
    terminal = Terminal()
    try:
        args = _parser().parse_args(arguments, argparse.Namespace(began=began))
        # A pipe or a file gets every sign as it is; a terminal would obey some of them.
        with redirect_stdout(ReadableOutput(sys.stdout)) if sys.stdout.isatty() else nullcontext():
            status = int(args.run(args, terminal))
        # What is still buffered may meet a closed pipe, which must not end in a trace at exit.
        sys.stdout.flush()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else Exit.DONE
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.BROKEN_PIPE
    except (KeyboardInterrupt, Cancelled):
        terminal.say("shopwright: interrupted")
        return Exit.INTERRUPTED
    except ShopwrightError as error:
        terminal.say(f"shopwright: {error}")
        return _status(error)
    except Exception as failure:
        said = _database_failure(failure)
        if said is None:
            raise
        terminal.say(f"shopwright: {said}")
        return Exit.UNREACHABLE
    return status


def _database_failure(failure: Exception) -> ShopwrightError | None:
    """What a person is told of a database that refused or ended a statement; None for any other failure, whose trace is
    wanted. The database's code is not loaded to find out: where it was not, no database has failed."""
    if "sqlalchemy" not in sys.modules:
        return None
    from scheduler_core.data.database import refusal

    return refusal(failure)


def _status(error: ShopwrightError) -> Exit:
    match error:
        case Failed():
            return error.status
        case InvalidValue():
            return Exit.USAGE
        case Unschedulable():
            return Exit.NO_SCHEDULE
        case CannotWrite():
            return Exit.UNREACHABLE
        case _:
            # What is left is a database out of reach; naming its class here would load the database code.
            return Exit.UNREACHABLE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="shopwright",
        description="Plans a factory's shop floor with learned and rule-based scheduling. A validator checks every plan.",
        epilog=exit_status.HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"shopwright {_version()}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, module, summary in COMMANDS:
        command = commands.add_parser(
            name,
            help=summary,
            description=f"{summary[0].upper()}{summary[1:]}.",
            epilog=exit_status.HELP,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.add(command)
        command.set_defaults(run=module.run, parser=command)
    return parser


def _version() -> str:
    try:
        return metadata.version("shopwright")
    except metadata.PackageNotFoundError:
        return "(not installed)"
