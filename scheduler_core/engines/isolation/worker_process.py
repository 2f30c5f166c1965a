"""A process of its own for one piece of work: it can be killed at any moment, and it dies with the process that made it."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import logging
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing import Pipe, get_all_start_methods, get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from scheduler_core import logs
from scheduler_core.engines.config import Progress
from scheduler_core.engines.isolation.compile_ahead import COMPILING
from scheduler_core.engines.isolation.nonblocking_pipe import Closed, NonblockingPipe
from scheduler_core.engines.isolation.process_evidence import Evidence
from scheduler_core.errors import InvalidValue, KeepBest, Unschedulable, UnusableModel

LOG = logging.getLogger(__name__)
START_METHOD = "fork" if "fork" in get_all_start_methods() else "spawn"
"""A fork of a process without threads costs milliseconds; a fresh Python that imports the package anew costs a second."""
REPORT_SECONDS = 0.05
"""Progress is passed on no more often."""
OUT_OF_MEMORY = "out of memory"
_PR_SET_PDEATHSIG = 1

Work = Callable[..., object]


@dataclass(frozen=True)
class Task:
    """``work(*arguments, progress)`` is what the process does; it must be importable by name, as it travels pickled.

    ``memory``: bytes of address space the process may have (RLIMIT_AS, where the system knows it), None for no limit.
    ``run``: the run that its log lines carry. ``log``: the folder that they go to, None for nowhere.
    """

    work: Work
    arguments: tuple[object, ...]
    memory: int | None = None
    run: str | None = None
    log: Path | None = None


@dataclass(frozen=True)
class ProgressMessage:
    """Progress of the work."""

    fraction: float
    message: str


@dataclass(frozen=True)
class Returned:
    """The work has come to its end."""

    value: object


@dataclass(frozen=True)
class Failed:
    """The work raised; ``reason`` in words. ``request``: the request is at fault and not the work: raise it again.

    ``trace``: for whoever looks for the cause, what the process was doing, in lines.
    """

    reason: str
    request: tuple[type[Exception], tuple[object, ...]] | None = None
    trace: str = ""


Message = ProgressMessage | Returned | Failed


class WorkerProcess:
    """A process that waits for one task. Make it before threads start: it is forked. ``close`` always."""

    def __init__(self, name: str, others: Sequence[WorkerProcess] = ()) -> None:
        context: Any = get_context(START_METHOD)
        self._ours, theirs = Pipe()
        # A fork inherits our ends of all pipes; a host that kept them open would hide our death from the others.
        ours = [self._ours, *(o._ours for o in others)] if START_METHOD == "fork" else []
        self._evidence = Evidence() if START_METHOD == "fork" else None
        self._process = context.Process(target=_serve, args=(theirs, ours, os.getpid(), self._evidence), name=name)
        self._process.start()
        theirs.close()
        if self._evidence is not None:
            self._evidence.listen()
        self._line = NonblockingPipe(self._ours)
        self.pid: int = self._process.pid

    def begin(self, task: Task) -> None:
        """Hand it its task; a process that is dead already is noticed by ``poll``."""
        self._line.send(task)

    def keep(self) -> None:
        """The work's next progress report raises KeepBest."""
        self._line.send(KeepBest)

    def poll(self, seconds: float = 0.0) -> Message | None:
        """The next message, None if there is none within so many seconds, whatever the process does or leaves undone
        meanwhile; a process that died without an answer has failed."""
        try:
            packed = self._line.receive(seconds)
            if packed is None:
                return None
            message: Message = pickle.loads(packed)
            return message
        except Closed:
            return self._dead("closed its line without an answer")
        except Exception as error:  # a dying process may leave anything in the pipe
            return self._dead(f"sent nothing readable: {type(error).__name__}")

    def trace(self) -> str:
        """What the process is doing, in lines: its threads' state and Python stacks. Takes a third of a second at most."""
        return "" if self._evidence is None else self._evidence.ask(self.pid)

    def kill(self) -> None:
        """End the process with everything that it has started."""
        _kill_group(self.pid)
        self._process.kill()

    def close(self) -> None:
        """End the process with everything that it has started, and reap it."""
        self.kill()
        self._process.join()
        self._line.close()
        if self._evidence is not None:
            self._evidence.close()

    def _dead(self, otherwise: str) -> Failed:
        reason = self._death() or otherwise
        return Failed(reason, trace="" if self._evidence is None else self._evidence.left_behind())

    def _death(self) -> str | None:
        self._process.join(0.2)
        code = self._process.exitcode
        if code is None:
            return None
        if code < 0:
            return f"its process was ended by {signal.Signals(-code).name}"
        return f"its process ended by itself with exit code {code}"


def _serve(connection: Connection, inherited: Sequence[Connection], parent: int, evidence: Evidence | None) -> None:
    """The life of a host's process: one task, one answer."""
    if evidence is not None:
        evidence.tell_when_asked()
    _die_with(parent)
    gc.freeze()  # what was the parent's is not this process's to finalise
    for theirs in inherited:
        theirs.close()
    try:
        task: Task = connection.recv()
    except EOFError:
        os._exit(0)
    enough = threading.Event()
    threading.Thread(target=_listen, args=(connection, enough), daemon=True).start()
    lock = threading.Lock()
    if task.log is not None:
        logs.set_up(multiprocessing.current_process().name, task.log)
    about = logs.about_run(task.run) if task.run is not None else contextlib.nullcontext()
    began = time.monotonic()
    with about:
        try:
            LOG.info("begins")
            _limit_memory(task.memory)
            answer: Message = Returned(task.work(*task.arguments, _reporter(connection, enough, lock)))
            packed = pickle.dumps(answer)
            LOG.info("has an answer", extra={"wall_s": round(time.monotonic() - began, 3), "bytes": len(packed)})
        except MemoryError:
            packed = pickle.dumps(Failed(OUT_OF_MEMORY))
        except UnusableModel as error:  # an InvalidValue, but what is wrong is not the request
            packed = pickle.dumps(Failed(str(error)))
            LOG.warning("cannot use its model", extra={"reason": str(error)})
        except (KeepBest, InvalidValue, Unschedulable) as error:
            packed = pickle.dumps(_request_error(error))
            LOG.warning("refuses the request", extra={"reason": str(error)})
        except BaseException as error:
            packed = pickle.dumps(Failed(f"{type(error).__name__}: {error}"))
            LOG.exception("failed")
    with lock:
        connection.send_bytes(packed)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _reporter(connection: Connection, enough: threading.Event, lock: threading.Lock) -> Progress:
    last, compiling = 0.0, False

    def progress(fraction: float, message: str) -> None:
        nonlocal last, compiling
        if enough.is_set():
            raise KeepBest("asked to keep the best so far before there was any plan")
        now, turns = time.monotonic(), compiling != (message == COMPILING)
        if turns or now - last >= REPORT_SECONDS:  # by the turns a clock stops and goes on: none is left out
            last, compiling = 0.0 if turns else now, message == COMPILING
            with lock:
                connection.send(ProgressMessage(fraction, message))

    return progress


def _request_error(error: Exception) -> Failed:
    if isinstance(error, InvalidValue):
        value = error.value if isinstance(error.value, str | int | float | None) else repr(error.value)
        return Failed(str(error), (InvalidValue, (error.where, value, error.reason)))
    return Failed(str(error), (type(error), (str(error),)))


def _listen(connection: Connection, enough: threading.Event) -> None:
    """Hears the wish to keep, and the parent's death on every system (a hang that holds the GIL needs the signal)."""
    try:
        while True:
            connection.recv()
            enough.set()
    except (EOFError, OSError):
        _kill_group(os.getpid())
        os._exit(1)


def _die_with(parent: int) -> None:
    if hasattr(os, "setsid"):
        os.setsid()  # a group of its own, so that whatever it starts is killed with it
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)  # it died before the signal was asked for


def _limit_memory(limit: int | None) -> None:
    if limit is not None and sys.platform != "win32":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (limit if hard < 0 else min(limit, hard), hard))


def _kill_group(pid: int) -> None:
    if hasattr(os, "killpg"):
        try:
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # nobody of the group is left, or it has not been founded yet
