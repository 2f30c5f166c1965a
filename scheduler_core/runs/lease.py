"""What a worker does beside its engine: it renews its lease, passes progress on, and hears cancel, keep and deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from scheduler_core.data.database import DatabaseFailure
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Run, RunState, StopRequest
from scheduler_core.data.store.run_repository import STARTING_SECONDS
from scheduler_core.data.store_errors import LeaseLost
from scheduler_core.engines.isolation.compile_ahead import COMPILING
from scheduler_core.errors import Cancelled, KeepBest
from scheduler_core.runs.ending import finish


@dataclass(frozen=True)
class Pace:
    """Seconds between two reports of a worker, how long an engine may take to notice that it shall stop, and how long the
    database may be away before the run is given up."""

    beat_seconds: float = 0.5
    grace_seconds: float = 3.0
    away_seconds: float = 60.0


class LeaseKeeper:
    """A thread for one run; a context manager around the engine's call.

    ``end_process`` is called if the engine does not notice within ``pace.grace_seconds`` that it shall stop; without it such
    an engine goes on until its next progress report, but its result is no longer wanted.
    """

    def __init__(
        self, store: Store, run: Run, owner: str, end_process: Callable[[], None] | None = None, pace: Pace | None = None
    ) -> None:
        self.verdict: tuple[RunState, str] | None = None
        """How the run has to end, and why, once somebody cancelled it or its deadline passed."""
        self._store, self._run, self._owner, self._end_process = store, run, owner, end_process
        self._pace = pace or Pace()
        self.away_seconds = self._pace.away_seconds
        """How long the database may be away before the run is given up."""
        # By a clock that nobody can set: a run may be at work for so long, not until a time of day. What the start of its
        # worker took of that is known by the server's clock alone, and is believed only where it can be true.
        already = run.seconds(datetime.now(UTC))
        already = already if already <= STARTING_SECONDS else 0.0
        self._until = time.monotonic() + run.allowed_seconds - already
        self._keep = False
        self._uncounted = 0.0
        self._compiling_since: float | None = None
        self._latest: tuple[float, str] | None = None
        self._lost: Exception | None = None
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"lease-{run.id[:8]}", daemon=True)

    def __enter__(self) -> LeaseKeeper:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def engine_progress(self, fraction: float, message: str) -> None:
        """An engine's Progress: as ``progress``, and raises KeepBest if somebody wants the best so far."""
        self.progress(fraction, message)
        if self._keep:
            raise KeepBest("asked to keep the best so far before there was any plan")

    def progress(self, fraction: float, message: str) -> None:
        """Raises Cancelled on cancel or deadline, and what the store raised if it is out of reach.

        Seconds in which code is compiled do not count for the deadline.
        """
        now = time.monotonic()
        if self._compiling_since is not None:
            self._uncounted += now - self._compiling_since
        self._compiling_since = now if message == COMPILING else None
        self._latest = (fraction, message)
        if self._lost is not None:
            raise self._lost
        if self.verdict is not None:
            raise Cancelled(self.verdict[1])

    def seconds_left(self) -> float:
        """How long the run may still be at work, at least 0; compiling counts."""
        return max(0.0, self._until - time.monotonic())

    def _beat(self) -> None:
        told_at: float | None = None
        heard_at = time.monotonic()
        while not self._done.wait(self._pace.beat_seconds):
            latest, self._latest = self._latest, None
            try:
                asked = self._store.runs.report(self._run.id, self._owner, latest)
                heard_at = time.monotonic()
            except LeaseLost as error:
                self._lost = error
                return
            except DatabaseFailure as error:
                if time.monotonic() - heard_at > self._pace.away_seconds:
                    self._lost = error
                    return
                asked = None
            self._keep = self._keep if asked is None else asked is StopRequest.KEEP
            if self.verdict is None and asked is StopRequest.STOP:
                self.verdict = (RunState.CANCELLED, "cancelled")
            if self.verdict is None and time.monotonic() > self._until + self._uncounted:
                limit = round(self._run.allowed_seconds)
                self.verdict = (RunState.TIMEOUT, f"not finished {limit} s after it began")
            if self.verdict is not None:
                told_at = told_at or time.monotonic()
                if time.monotonic() - told_at > self._pace.grace_seconds:
                    finish(self._store, self._run.id, self._owner, *self.verdict)
                    if self._end_process is not None:
                        self._end_process()
                    return
