"""One run end to end: engine, validator, KPIs, store. Only here are these steps strung together.

``python -m scheduler_core.runs.planning RUN_ID`` is a worker process: it executes one queued run and can be killed at any
time.
"""

from __future__ import annotations

import argparse
import logging
import os
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from scheduler_core import logs
from scheduler_core.data.database import DatabaseFailure
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import MANUAL as MANUAL
from scheduler_core.data.store.records import Run, RunRequest, RunState, StopRequest, StoredSchedule
from scheduler_core.data.store_errors import LeaseLost, Refused
from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.engines.isolation.safe_runner import SILENCE_SECONDS, SafeRunner, silence_seconds
from scheduler_core.engines.registry import ENGINES, REPAIRS, Engine
from scheduler_core.errors import Cancelled, Enough, InvalidValue, ShopwrightError
from scheduler_core.judge.kpis import Kpis, measure
from scheduler_core.judge.validator import Violation, violations
from scheduler_core.objectives import Objective, objective_value
from scheduler_core.plant import Plant
from scheduler_core.schedule import FALLBACK, Result, Status
from scheduler_core.settings import locations
from scheduler_core.settings.run_slots import load_run_slots

if TYPE_CHECKING:
    from scheduler_core.scenarios.manual_moves import Move

LOG = logging.getLogger("scheduler_core.runs.planning")  # also where the module is a worker's __main__
BEAT_SECONDS = 0.5
"""How often a worker renews its lease, reports progress and looks whether it shall stop."""
BOUND_SECONDS = 5.0
"""How long a run may look for what no plan can beat, after its own plan is made."""
MANY = 200
"""Plans of one snapshot that are looked through for a bound."""
GRACE_SECONDS = 3.0
"""How long an engine may take to notice that it shall stop before its process is ended."""

MARGIN_SECONDS = 5.0
"""Kept of a run's deadline (a quarter of it at most) for the fallback's plan: it is judged, measured and stored in it."""

BY_HAND_SECONDS = 60
"""How long storing one may take before its run counts as dead."""


def submit(store: Store, request: RunRequest) -> str:
    """Queue a run and return its id; the same request id again returns the first run's.

    Raises InvalidValue for an unknown engine, NotFound for an unknown snapshot.
    """
    if request.engine not in ENGINES and request.engine not in REPAIRS:
        raise InvalidValue("engine", request.engine, f"is none of {', '.join(sorted({*ENGINES, *REPAIRS}))}")
    run_id = store.runs.submit(request)
    more = {"request": request.request_id, "snapshot": request.snapshot_id, "engine": request.engine, "actor": request.actor}
    LOG.info("run asked for", extra={"run": run_id, **more})
    return run_id


def begin_next(store: Store) -> tuple[str, subprocess.Popen[bytes]] | None:
    """Give the run that has waited longest a place and a worker, and return both; None while there is no such run or no
    place is free (``configs/runs.yaml``). Raises InvalidValue for settings that are wrong."""
    owner = _new_owner()
    run = store.runs.take(owner, load_run_slots())
    if run is None:
        return None
    try:
        return run.id, start_worker(store, run.id, owner)
    except OSError as error:  # no memory or no process left: the run's failure, told on every page
        _finish(store, run.id, owner, RunState.FAILED, f"its worker could not be started: {error}")
        return None


def end_of_worker(store: Store, run: Run) -> None:
    """Note that the worker of a running run is gone, so that its place is free at once and not when its lease ends."""
    state = RunState.CANCELLED if run.cancel_requested else RunState.FAILED
    if run.lease_owner is not None:
        _finish(store, run.id, run.lease_owner, state, "cancelled" if run.cancel_requested else "its worker process died")


def start_worker(store: Store, run_id: str, owner: str | None = None) -> subprocess.Popen[bytes]:
    """Start a worker process for a queued run, or for one that is leased to ``owner`` already. The run's state is read from
    the store; reap the handle with ``poll()``."""
    # The URL may hold a password, so it travels in the environment and not on the command line.
    environment = {**os.environ, locations.DATABASE_URL: store.url}
    command = [sys.executable, "-m", "scheduler_core.runs.planning", run_id, *(["--owner", owner] if owner else [])]
    worker = subprocess.Popen(command, env=environment, cwd=locations.root(), stdin=subprocess.DEVNULL)
    LOG.info("worker started", extra={"run": run_id, "worker": worker.pid})
    return worker


def execute(
    store: Store,
    run_id: str,
    end_process: Callable[[], None] | None = None,
    safe: SafeRunner | None = None,
    owner: str | None = None,
) -> None:
    """Run a queued run to its end in this process: engine, validator, KPIs, store. Every outcome is stored.

    ``safe``: where the engine runs, in a process of its own with the greedy fallback beside it; without one it runs here,
    and whatever goes wrong with it is the run's failure. ``owner``: who holds the run already (see ``begin_next``).

    ``end_process`` is called if the engine does not notice in time that it shall stop; without it such an engine goes on
    until its next progress report, but its result is no longer wanted. Raises LeaseLost if the run is not waiting, and,
    after storing the failure, whatever an engine raises that is not meant for a user.
    """
    with logs.about_run(run_id):
        _execute(store, run_id, owner or _new_owner(), end_process, safe)


def _new_owner() -> str:
    return f"{socket.gethostname()[:20]}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


def _execute(store: Store, run_id: str, owner: str, end_process: Callable[[], None] | None, safe: SafeRunner | None) -> None:
    run = store.runs.claim(run_id, owner)
    LOG.info("run begun", extra={"engine": run.engine, "owner": owner, "waited_s": run.waited()})
    watch = _Watch(store, run, owner, end_process)
    try:
        with watch:
            _plan(store, run, owner, watch, safe)
    except LeaseLost:
        # Somebody has ended the run already; what this worker found is not wanted any more.
        LOG.warning("run taken away: it was ended from outside")
        return
    except Enough as enough:
        _finish(store, run_id, owner, RunState.CANCELLED, str(enough))
    except Cancelled:
        state, reason = watch.verdict or (RunState.CANCELLED, "cancelled")
        _finish(store, run_id, owner, state, reason)
    except ShopwrightError as error:
        _finish(store, run_id, owner, RunState.FAILED, str(error))
    except BaseException as error:
        LOG.exception("run failed of an error that is no user's")
        _finish(store, run_id, owner, RunState.FAILED, f"{type(error).__name__}: {error}")
        raise


def keep_by_hand(store: Store, based_on: str, moves: Sequence[Move], request_id: str, actor: str = "planner") -> str:
    """Stores what moves by hand make of a stored plan as a plan of its own, judged like any other; returns its id.

    The same request id again returns the first plan. Raises IllegalChange for a move that is not legal, NotFound for an
    unknown plan, and Refused if the validator finds a fault (the schedule is then kept as rejected).
    """
    from scheduler_core.scenarios.manual_moves import (
        change,  # compiled code, which a page that only reads the store does without
    )

    base = store.schedules.get(based_on)
    plant = store.snapshots.plant(base.snapshot_id)
    began = time.perf_counter()
    changed = change(plant, store.schedules.load(based_on), moves)
    faults = violations(plant, changed.schedule)
    kept: list[object] = [[m.job, m.sequence, m.machine, m.start] for m in moves]
    result = Result(
        MANUAL, Status.FEASIBLE, changed.schedule, objective_value(Objective.TARDINESS, changed.after),
        seconds=time.perf_counter() - began, detail={"based_on": based_on, "moved_by_hand": kept},
    )  # fmt: skip
    run = store.runs.get(
        store.runs.submit(RunRequest(request_id, base.snapshot_id, MANUAL, EngineConfig(), actor, BY_HAND_SECONDS))
    )
    if run.schedule_id is not None:
        return run.schedule_id
    owner = f"by-hand-{uuid.uuid4().hex[:8]}"
    store.runs.claim(run.id, owner)
    schedule_id = store.schedules.save(run.id, owner, result, faults, changed.after)
    if faults:
        raise Refused(f"the changed plan breaks a rule: {faults[0].message}")
    return schedule_id


def _plan(store: Store, run: Run, owner: str, watch: _Watch, safe: SafeRunner | None) -> None:
    plant = store.snapshots.plant(run.snapshot_id)
    engine = ENGINES[run.engine] if run.engine in ENGINES else REPAIRS[run.engine]
    if safe is None:
        result = engine(plant, run.config, watch.engine_progress)
    else:
        result = _safely(safe, run, engine, plant, watch.engine_progress)
    watch.progress(0.99, "checking the schedule")
    if result.schedule is None:
        reason = result.detail.get("reason") or f"the engine found no schedule ({result.status.value})"
        _finish(store, run.id, owner, RunState.FAILED, str(reason))
        return
    faults = violations(plant, result.schedule)
    kpis = None if faults else measure(plant, result.schedule)
    if not faults and run.config.warm_start is None and FALLBACK not in result.detail:
        # A repair must be there within seconds, as must a fallback; what no plan can beat is found with plans from nothing.
        known = best_bounds(
            store.schedules.newest(snapshot_id=run.snapshot_id, limit=MANY),
            store.runs.newest(snapshot_id=run.snapshot_id, limit=MANY),
            run.snapshot_id,
        )
        result = bounded(plant, run.config.objective, result, watch.engine_progress, known.get(run.config.objective))
    watch.progress(1.0, "storing the schedule")
    _save(store, run, owner, result, faults, kpis)


def _save(store: Store, run: Run, owner: str, result: Result, faults: Sequence[Violation], kpis: Kpis | None) -> None:
    schedule_id = store.schedules.save(run.id, owner, result, faults, kpis)
    told = result.detail.get(FALLBACK)
    level = logging.WARNING if faults or told else logging.INFO
    more = {"schedule": schedule_id, "violations": len(faults), "objective": result.objective, "fallback": told}
    LOG.log(level, "run ended", extra={"state": "failed" if faults else "ok", "engine_s": round(result.seconds, 3), **more})


def _safely(safe: SafeRunner, run: Run, engine: Engine, plant: Plant, progress: Progress) -> Result:
    """The engine's result or the fallback's, early enough before the run's deadline to be stored."""
    left = run.deadline.timestamp() - time.time() - min(MARGIN_SECONDS, run.allowed_seconds / 4)
    return safe.run(run.engine, engine, plant, run.config, max(0.0, left), progress)


def bounded(
    plant: Plant, objective: Objective, result: Result, progress: Progress = no_progress, known: float | None = None
) -> Result:
    """The result with the better of two lower bounds, what its engine proved and what holds for any plan of the plant.

    ``known``: what an earlier run has found out about every plan of the plant, which is not looked for again. Raises
    whatever ``progress`` raises, Enough apart: then the result stays as it is.
    """
    if result.objective is None or result.status is Status.OPTIMAL:
        return result
    if known is None:
        from scheduler_core.bounds import lower_value  # compiled code, which a page that only reads the store does without

        try:
            known = lower_value(
                plant, objective, BOUND_SECONDS, lambda _: progress(0.99, "finding out what no plan can beat")
            )
        except Enough:
            return result  # the plan is what the planner wants, not what is known of it
    better = known if result.lower_bound is None else max(known, result.lower_bound)
    return replace(result, lower_bound=min(better, result.objective))


def best_bounds(stored: Iterable[StoredSchedule], runs: Iterable[Run], snapshot_id: str) -> dict[Objective, float]:
    """The best lower bound known for each objective of a snapshot, whichever plan it came with."""
    objectives = {run.id: run.config.objective for run in runs}
    best: dict[Objective, float] = {}
    for one in stored:
        objective = objectives.get(one.run_id)
        if one.snapshot_id == snapshot_id and one.lower_bound is not None and objective is not None:
            best[objective] = max(one.lower_bound, best.get(objective, one.lower_bound))
    return best


def _finish(store: Store, run_id: str, owner: str, state: RunState, reason: str) -> None:
    try:
        store.runs.finish(run_id, owner, state, reason)
    except LeaseLost:
        # Ended from outside in the same moment: that ending stands.
        return
    level = logging.INFO if state is RunState.CANCELLED else logging.ERROR
    LOG.log(level, "run ended", extra={"run": run_id, "state": state.value, "reason": reason})


class _Watch:
    """A thread beside the engine: it renews the lease, passes progress on, and notices cancel, keep and deadline."""

    def __init__(self, store: Store, run: Run, owner: str, end_process: Callable[[], None] | None) -> None:
        self.verdict: tuple[RunState, str] | None = None
        self._store, self._run, self._owner, self._end_process = store, run, owner, end_process
        self._keep = False
        self._latest: tuple[float, str] | None = None
        self._lost: Exception | None = None
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"watch-{run.id[:8]}", daemon=True)

    def __enter__(self) -> _Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def engine_progress(self, fraction: float, message: str) -> None:
        """An engine's Progress: as ``progress``, and raises Enough if somebody wants the best so far."""
        self.progress(fraction, message)
        if self._keep:
            raise Enough("asked to keep the best so far before there was any plan")

    def progress(self, fraction: float, message: str) -> None:
        """Raises Cancelled on cancel or deadline, and what the store raised if it is out of reach."""
        self._latest = (fraction, message)
        if self._lost is not None:
            raise self._lost
        if self.verdict is not None:
            raise Cancelled(self.verdict[1])

    def _beat(self) -> None:
        told_at: float | None = None
        while not self._done.wait(BEAT_SECONDS):
            latest, self._latest = self._latest, None
            try:
                wish = self._store.runs.report(self._run.id, self._owner, latest)
            except (LeaseLost, DatabaseFailure) as error:
                self._lost = error
                return
            self._keep = wish is StopRequest.KEEP
            if self.verdict is None and wish is StopRequest.STOP:
                self.verdict = (RunState.CANCELLED, "cancelled")
            if self.verdict is None and time.time() > self._run.deadline.timestamp():
                limit = round(self._run.allowed_seconds)
                self.verdict = (RunState.TIMEOUT, f"not finished {limit} s after it began")
            if self.verdict is not None:
                told_at = told_at or time.monotonic()
                if time.monotonic() - told_at > GRACE_SECONDS:
                    _finish(self._store, self._run.id, self._owner, *self.verdict)
                    if self._end_process is not None:
                        self._end_process()
                    return


def main(arguments: Sequence[str] | None = None) -> int:
    """The worker's command line. Exit code 0 if the run's outcome is stored, whatever it is."""
    parser = argparse.ArgumentParser(prog="python -m scheduler_core.runs.planning", description="Execute one queued run.")
    parser.add_argument("run_id", metavar="RUN_ID")
    parser.add_argument("--owner", metavar="NAME", help="who holds the run already (default: it is waiting)")
    parser.add_argument("--database", metavar="URL", help="SQLAlchemy URL (default: SHOPWRIGHT_DATABASE_URL or embedded)")
    options = parser.parse_args(arguments)
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
        store = Store.open(options.database)
        try:
            execute(store, options.run_id, end_process, safe, options.owner)
        except (ShopwrightError, DatabaseFailure) as error:
            LOG.error("worker gave up", extra={"run": options.run_id, "reason": str(error)})
            print(f"run {options.run_id}: {error}", file=sys.stderr)
            return 1
        finally:
            store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
