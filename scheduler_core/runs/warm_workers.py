"""Worker processes that wait for runs with all code loaded, so that a run begins at once (``waiting.py``).

Each is used for one run and replaced a moment later. One that has died, that was started with other code, settings or
another store than now, or that is old, is not used; a run for which none is ready gets a worker of its own.
"""

from __future__ import annotations

import hashlib
import logging
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from scheduler_core.data.store import Store
from scheduler_core.errors import InvalidValue
from scheduler_core.runs.waiting import BEGUN, Order
from scheduler_core.runs.worker import MODULE, start_worker, worker_environment
from scheduler_core.settings import locations
from scheduler_core.settings.run_slots import load_warm_workers

LOG = logging.getLogger(__name__)
OLDEST_SECONDS = 3600.0
"""A worker that has waited for longer is replaced."""
REST_SECONDS = 1.0
"""So long after a run was begun, or a worker was started, no further one is started: the run has the cores first."""
LOOK_SECONDS = 5.0
"""How often it is looked at whether the workers that wait are still as good as new ones."""
LONGEST_REST_SECONDS = 600.0
"""The rest grows up to it while workers die before they are used."""
PACKAGE = Path(__file__).parents[1]


@dataclass(frozen=True)
class _Waiting:
    process: subprocess.Popen[bytes]
    line: socket.socket
    stamp: str
    since: float

    def end(self) -> None:
        """End it at once, and reap it; it holds nothing that could be left half done."""
        self.line.close()
        self.process.kill()
        self.process.wait()


class HandedWorker:
    """A worker that was told its run: the handle of a process, which is another one if the first died before it began."""

    def __init__(self, waiting: _Waiting, again: Callable[[], subprocess.Popen[bytes]]) -> None:
        self._process, self._line, self._again = waiting.process, waiting.line, again
        self._begun = False

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._process.pid

    def poll(self) -> int | None:
        """The exit status, None while it runs. Raises OSError where no other process can be started in its place."""
        status = self._process.poll()
        if self._begun or self._has_begun() or status is None:
            return status
        LOG.warning("a worker ended before it began its run, another one is started", extra={"worker": self.pid})
        self._begun = True
        self._process = self._again()
        return None

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, and return the exit status. Raises subprocess.TimeoutExpired."""
        until = None if timeout is None else time.monotonic() + timeout
        while True:
            left = None if until is None else max(0.0, until - time.monotonic())
            status = self._process.wait(left)
            if self.poll() is not None:
                return status

    def kill(self) -> None:
        """Stop it at once."""
        self._process.kill()

    def _has_begun(self) -> bool:
        try:
            self._begun = self._line.recv(1) == BEGUN
        except BlockingIOError:
            return False
        except OSError:  # it was killed
            self._begun = False
        if self._begun:
            self._line.close()
        return self._begun


class WarmWorkers:
    """The waiting workers of one supervisor; locked, so that threads may share it. ``close`` ends them.

    ``wanted`` is asked at every look. ``own_session``: a Ctrl-C in this terminal does not reach the workers.
    """

    def __init__(self, wanted: Callable[[], int] = load_warm_workers, *, own_session: bool = False) -> None:
        self._wanted, self._own_session = wanted, own_session
        self._lock = Lock()
        self._waiting: list[_Waiting] = []
        self._not_before = 0.0
        self._failures = 0
        self._good_until = 0.0
        self._closed = False

    @property
    def pids(self) -> tuple[int, ...]:
        """The processes that wait, the oldest first."""
        with self._lock:
            return tuple(one.process.pid for one in self._waiting)

    def start(self, store: Store, run_id: str, owner: str) -> HandedWorker | subprocess.Popen[bytes]:
        """Give a run that is leased to ``owner`` to a waiting worker, or start one. Raises OSError where there is no memory
        or process left."""

        def anew() -> subprocess.Popen[bytes]:
            return start_worker(store, run_id, owner, own_session=self._own_session)

        with self._lock:
            self._not_before, self._good_until = time.monotonic() + REST_SECONDS, 0.0
            stamp = stamp_of(worker_environment(store))
            while self._waiting:
                one = self._waiting.pop(0)
                if not self._usable(one, stamp, time.monotonic()):
                    one.end()
                    continue
                with suppress(OSError):  # it has just died
                    one.line.sendall(Order(run_id, owner).packed())
                    one.line.setblocking(False)
                    LOG.info("worker handed over", extra={"run": run_id, "worker": one.process.pid})
                    self._failures = 0
                    return HandedWorker(one, anew)
                one.end()
        return anew()

    def prepare(self, store: Store, now: float | None = None) -> bool:
        """Replace workers that can't be used, and start one if there are too few and no run has just begun; True if as many
        wait as are wanted. ``now``: seconds of ``time.monotonic`` (None: now)."""
        moment = time.monotonic() if now is None else now
        with self._lock:
            if self._closed or sys.platform == "win32":  # there a socket is no standard input
                return True
            if moment < self._good_until and all(one.process.poll() is None for one in self._waiting):
                return True
            try:
                wanted = self._wanted()
            except InvalidValue:  # told where runs are begun, which read the same file
                return True
            environment = worker_environment(store)
            stamp = stamp_of(environment) if wanted or self._waiting else ""
            for one in [w for w in self._waiting if not self._usable(w, stamp, moment)] + self._waiting[wanted:]:
                if one in self._waiting:
                    self._waiting.remove(one)
                    one.end()
            if len(self._waiting) < wanted and moment >= self._not_before:
                self._begin(environment, stamp, moment)
            enough = len(self._waiting) >= wanted
            self._good_until = moment + LOOK_SECONDS if enough else 0.0
            return enough

    def close(self) -> None:
        """End the waiting workers; runs that were begun go on."""
        with self._lock:
            self._closed = True
            waiting, self._waiting = self._waiting, []
        for one in waiting:
            one.end()

    def _begin(self, environment: Mapping[str, str], stamp: str, moment: float) -> None:
        self._not_before = moment + min(LONGEST_REST_SECONDS, REST_SECONDS * 2.0**self._failures)
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = subprocess.Popen(
                    [sys.executable, "-m", MODULE, "--wait"],
                    env=environment,
                    cwd=locations.home(),
                    stdin=theirs.fileno(),
                    start_new_session=self._own_session,
                )
            except OSError as error:  # no memory or no process left: a run that comes says so itself
                ours.close()
                self._failures += 1
                LOG.warning("no worker could be started to wait for runs", extra={"reason": str(error)})
                return
        self._waiting.append(_Waiting(process, ours, stamp, moment))

    def _usable(self, one: _Waiting, stamp: str, moment: float) -> bool:
        status = one.process.poll()
        if status is not None:
            self._failures += 1
            LOG.warning("a waiting worker died", extra={"worker": one.process.pid, "status": status})
            return False
        return one.stamp == stamp and moment - one.since < OLDEST_SECONDS


def stamp_of(environment: Mapping[str, str]) -> str:
    """A digest of what a waiting worker has taken in: its environment, and when each of the package's files was changed."""
    told = hashlib.sha256(repr((sorted(environment.items()), str(locations.home()))).encode())
    folders = [os.fspath(PACKAGE)]
    while folders:
        with os.scandir(folders.pop()) as found:
            for entry in sorted(found, key=lambda e: e.name):
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                elif entry.name.endswith(".py"):
                    told.update(f"{entry.path} {entry.stat().st_mtime_ns}\n".encode())
    return told.hexdigest()
