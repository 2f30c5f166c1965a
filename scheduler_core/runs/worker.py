"""A worker: the process that executes one run and can be killed at any time.

``python -m scheduler_core.runs.worker RUN_ID`` is its command line; ``start_worker`` starts one. With ``--wait`` it is told
its run later (``warm_workers.py``).
"""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import sys
from collections.abc import Sequence

from scheduler_core import logs
from scheduler_core.data.database import DatabaseFailure
from scheduler_core.data.outage import outlasting
from scheduler_core.data.store import Store
from scheduler_core.engines.isolation.safe_runner import SILENCE_SECONDS, SafeRunner, silence_seconds
from scheduler_core.errors import InvalidValue, ShopwrightError
from scheduler_core.runs.execute import execute
from scheduler_core.runs.lower_bounds import find_bound
from scheduler_core.runs.waiting import Order, wait_for_order
from scheduler_core.settings import locations
from scheduler_core.settings.environment import DATABASE_URL

MODULE = "scheduler_core.runs.worker"
AFTERWARDS_NICENESS = 10
"""What a worker is nicer by than other processes once its run has ended."""
OPEN_SECONDS = 20.0
"""How long a worker tries to open a store that is out of reach."""
LOG = logging.getLogger(MODULE)  # also where the module is a worker's __main__
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
"""A worker's environment: numpy would start threads when it is imported, before the worker forks its processes."""


def start_worker(
    store: Store, run_id: str, owner: str | None = None, *, own_session: bool = False
) -> subprocess.Popen[bytes]:
    """Start a worker process for a queued run, or for one that is leased to ``owner`` already. The run's state is read from
    the store; reap the handle with ``poll()``. ``own_session``: a Ctrl-C in this terminal does not reach the worker."""
    command = [sys.executable, "-m", MODULE, run_id, *(["--owner", owner] if owner else [])]
    worker = subprocess.Popen(
        command,
        env=worker_environment(store),
        cwd=locations.home(),
        stdin=subprocess.DEVNULL,
        start_new_session=own_session,
    )
    LOG.info("worker started", extra={"run": run_id, "worker": worker.pid})
    return worker


def worker_environment(store: Store) -> dict[str, str]:
    """The environment of a worker on this store. The URL may hold a password, so it is there and not on the command line."""
    return {**os.environ, **locations.variables_at_home(), **ONE_THREAD, DATABASE_URL: store.url}


def main(arguments: Sequence[str] | None = None) -> int:
    """The worker's command line. Exit code 0 if the run's outcome is stored, whatever it is."""
    parser = argparse.ArgumentParser(prog=f"python -m {MODULE}", description="Execute one queued run.")
    parser.add_argument("run_id", metavar="RUN_ID", nargs="?")
    parser.add_argument("--wait", action="store_true", help="wait until standard input, a socket, tells which run")
    parser.add_argument("--owner", metavar="NAME", help="who holds the run already (default: it is waiting)")
    parser.add_argument("--database", metavar="URL", help="SQLAlchemy URL (default: SHOPWRIGHT_DATABASE_URL or embedded)")
    options = parser.parse_args(arguments)
    if options.wait == (options.run_id is not None):
        parser.error("either RUN_ID or --wait must be given")
    order = wait_for_order() if options.wait else Order(options.run_id, options.owner or "")
    return 0 if order is None else _execute(order.run_id, order.owner or None, options.database)


def _execute(run_id: str, owner: str | None, database: str | None) -> int:
    try:
        silence = silence_seconds()
    except InvalidValue as error:  # the run, which waits for this worker, must not fail for it
        print(f"{error}; {SILENCE_SECONDS:g} is taken", file=sys.stderr)
        silence = SILENCE_SECONDS
    # First of all: its processes are forked, so there must be no thread and no database connection yet.
    with SafeRunner(silence=silence) as safe:

        def end_process() -> None:
            safe.kill()
            os._exit(0)

        logs.set_up("worker", locations.var() / "log")
        store = outlasting(OPEN_SECONDS, lambda: Store.open(database))
        try:
            wanted = execute(store, run_id, end_process, safe, owner)
            if wanted is not None:  # the run has ended: nobody waits for this any more
                safe.kill()
                if hasattr(os, "nice"):
                    os.nice(AFTERWARDS_NICENESS)
                with logs.about_run(run_id):
                    LOG.info("bound found", extra={"bound": find_bound(store, wanted)})
        except (ShopwrightError, DatabaseFailure) as error:
            LOG.error("worker gave up", extra={"run": run_id, "reason": str(error)})
            print(f"run {run_id}: {error}", file=sys.stderr)
            return 1
        finally:
            store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
