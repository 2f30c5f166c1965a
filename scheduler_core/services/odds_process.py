"""A process that computes the odds of plans beside the server: no page waits, and no search loses to it. It ends with it.

``python -m scheduler_core.services.odds_process PLANT SCHEDULE_ID...`` is its command line; ``start`` starts one. The plans'
odds go to the store, and so do those of the plant's releases that have none yet. What it compiles after an update is logged.
"""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

from scheduler_core import logs
from scheduler_core.data.database import DatabaseFailure
from scheduler_core.data.store import Store
from scheduler_core.engines.config import no_progress
from scheduler_core.engines.isolation.compile_ahead import reported
from scheduler_core.errors import ShopwrightError
from scheduler_core.services.odds import assumed_noise, compute_odds, keep_release_odds
from scheduler_core.settings import locations
from scheduler_core.settings.environment import DATABASE_URL

MODULE = "scheduler_core.services.odds_process"
LOG = logging.getLogger(MODULE)
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
NICE = 10
"""How far it stands back behind searches and pages."""
PARENT_SECONDS = 1.0
"""How often it looks whether who started it is still there."""


def start(store: Store, plant: str, schedule_ids: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start one for these plans of a plant (none: for its releases only). Raises OSError where no process can be started."""
    # The URL may hold a password, so it travels in the environment and not on the command line.
    environment = {**os.environ, **ONE_THREAD, DATABASE_URL: store.url}
    command = [sys.executable, "-m", MODULE, f"--parent={os.getpid()}", "--", plant, *schedule_ids]
    return subprocess.Popen(command, env=environment, cwd=locations.root(), stdin=subprocess.DEVNULL, start_new_session=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """The process's command line. Exit code 0 if all odds are in the store."""
    parser = argparse.ArgumentParser(prog=f"python -m {MODULE}", description="Compute the odds of stored plans.")
    parser.add_argument("plant", metavar="PLANT", help="whose releases are given the odds that they went out with")
    parser.add_argument("schedule_ids", metavar="SCHEDULE_ID", nargs="*")
    parser.add_argument("--parent", type=int, metavar="PID", help="end when this process, which started it, has ended")
    options = parser.parse_args(arguments)
    if options.parent is not None:
        threading.Thread(target=_end_with, args=(options.parent,), daemon=True).start()
    logs.set_up("odds", locations.var() / "log")
    failed = 0
    try:
        store = Store.open()
    except (ShopwrightError, DatabaseFailure) as error:
        LOG.error("odds not computed", extra={"reason": str(error)})
        return 1
    try:
        with reported(no_progress):
            assumed = assumed_noise(store, options.plant)
            for schedule_id in options.schedule_ids:
                failed += not _computed(partial(compute_odds, store, schedule_id, assumed))
            failed += not _computed(partial(keep_release_odds, store, options.plant))
    finally:
        store.close()
    return 1 if failed else 0


def _computed(work: Callable[[], object]) -> bool:
    """Whether it worked; what went wrong is logged, and the other plans have their turn."""
    try:
        work()
    except (ShopwrightError, DatabaseFailure) as error:
        LOG.error("odds not computed", extra={"reason": str(error)})
        return False
    return True


def _end_with(parent: int) -> None:
    """End once the process that started this one has: nobody waits for odds then. Each set of odds is one transaction."""
    while os.getppid() == parent:
        time.sleep(PARENT_SECONDS)
    os._exit(1)


if __name__ == "__main__":
    os.nice(NICE)
    sys.exit(main())
