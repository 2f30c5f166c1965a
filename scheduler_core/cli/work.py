"""``shopwright work``: execute waiting runs without any dashboard, until none is left or until stopped."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.signals import stopped_by_signals
from scheduler_core.cli.terminal import Terminal

if TYPE_CHECKING:
    from threading import Event

    from scheduler_core.data.store.records import Run
    from scheduler_core.runs.supervisor import Supervisor

POLL_SECONDS = 0.5


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument(
        "--watch", action="store_true",
        help="go on until stopped (default: end when no run waits or runs); the first Ctrl-C or SIGTERM begins no run any "
        "more and ends when the runs at work have ended, the second one ends at once and leaves them running",
    )  # fmt: skip


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Begins waiting runs as slots get free (configs/runs.yaml), shared with every dashboard on the same store.

    Exit status 0; 1 if a run that it began failed or timed out.
    """
    from functools import partial

    from scheduler_core import logs
    from scheduler_core.data.store import Store
    from scheduler_core.runs.supervisor import Supervisor
    from scheduler_core.runs.worker import start_worker
    from scheduler_core.settings import locations

    logs.set_up("work", locations.var() / "log")
    store = Store.open()
    try:
        # A session of their own: a Ctrl-C for this command must not end the runs at work.
        supervisor = Supervisor(store, start=partial(start_worker, own_session=True))
        with stopped_by_signals() as stopped:
            unfinished = _work(supervisor, terminal, stopped, args.watch)
        return Exit.VIOLATIONS if unfinished else Exit.DONE
    finally:
        store.close()


def _work(supervisor: Supervisor, terminal: Terminal, stopped: Event, watch: bool) -> int:
    """Works until told to end; returns how many of the runs that it began failed or timed out."""
    from scheduler_core.data.store.records import RunState

    begun: dict[str, Run] = {}
    unfinished = 0
    while True:
        now = datetime.now(UTC)
        active = supervisor.reap(now) if stopped.is_set() else supervisor.look_after(now)
        for run_id in supervisor.at_work:
            if run_id not in begun:
                begun[run_id] = supervisor.store.runs.get(run_id)
                terminal.say(f"{begun[run_id].engine} run {run_id}: begun")
        running = {run.id for run in active}
        for run_id in [r for r in begun if r not in running]:
            ended = supervisor.store.runs.get(run_id)
            if ended.state.finished:
                del begun[run_id]
                unfinished += ended.state in (RunState.FAILED, RunState.TIMEOUT)
                reason = f" ({ended.fail_reason})" if ended.fail_reason else ""
                terminal.say(f"{ended.engine} run {run_id}: {ended.state.value}{reason}")
        if not begun and (stopped.is_set() or not (watch or active)):
            return unfinished
        _show(terminal, active)
        stopped.wait(POLL_SECONDS)


def _show(terminal: Terminal, active: tuple[Run, ...]) -> None:
    from scheduler_core.data.store.records import RunState

    waiting = sum(run.state is RunState.QUEUED for run in active)
    terminal.status(f"{len(active) - waiting} runs at work, {waiting} waiting")
