"""The API's side of one computing process: started when it is needed, warm for the next question, killed at a deadline."""

from __future__ import annotations

import contextlib
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import IO, Final

from scheduler_core.api.computations.messages import Answered, Message, Progressed, Ready, Refused
from scheduler_core.api.computations.process import MODULE
from scheduler_core.api.computations.records import Answer, AnyQuestion, ComputationFailed
from scheduler_core.errors import Cancelled
from scheduler_core.interchange.object_pipe import received, send
from scheduler_core.settings import locations
from scheduler_core.settings.environment import DATABASE_URL

TICK_SECONDS: Final = 0.05
"""How soon a wish to stop is heard."""
WARM_UP_SECONDS: Final = 900.0
"""How long a process may take until it is ready: after an update it compiles."""
COMMAND: Final = (sys.executable, "-m", MODULE)
ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1"}

Told = Callable[[float, str], None]


class ComputingWorker:
    """One process at a time. ``ask`` is called by one thread; ``close`` by any."""

    def __init__(self, url: str, command: Sequence[str] = COMMAND) -> None:
        self._url, self._command = url, command
        self._process: subprocess.Popen[bytes] | None = None
        self._inbox: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._ready = False

    def start(self) -> None:
        """Start its process unless one lives, without waiting for it. Raises OSError."""
        if self._process is not None and self._process.poll() is None:
            return
        self.close()
        environment = {**os.environ, **ONE_THREAD, DATABASE_URL: self._url}
        self._inbox, self._ready = queue.SimpleQueue(), False
        self._process = subprocess.Popen(
            self._command, env=environment, cwd=locations.root(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        threading.Thread(target=_read, args=(self._process.stdout, self._inbox), daemon=True).start()

    def ask(self, question: AnyQuestion, told: Told, stop: threading.Event, seconds: float) -> Answer:
        """The answer, in ``seconds`` at most from when the process is ready. ``told``: fraction and message on the way.

        Raises Cancelled once ``stop`` is set, ComputationFailed for a process that died or took too long (its successor
        starts at once), and what the answering raised.
        """
        try:
            self.start()
            self._wait_until_ready(told, stop)
            assert self._process is not None
            assert self._process.stdin is not None
            with contextlib.suppress(BrokenPipeError):  # its death is noticed below
                send(self._process.stdin, question)
            deadline = time.monotonic() + seconds
            while True:
                message = self._next(stop, deadline, f"took longer than {seconds:g} s and was ended")
                match message:
                    case Progressed():
                        told(message.fraction, message.message)
                    case Answered():
                        return message.answer
                    case Refused():
                        raise message.made()
        except (Cancelled, _Broken) as error:
            self.close()
            if isinstance(error, Cancelled):
                raise
            raise ComputationFailed(str(error)) from None

    def close(self) -> None:
        """End its process."""
        process = self._process
        if process is None:
            return
        process.kill()
        process.wait()
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.close()

    def _wait_until_ready(self, told: Told, stop: threading.Event) -> None:
        deadline = time.monotonic() + WARM_UP_SECONDS
        while not self._ready:
            told(0.0, "starting a process")
            message = self._next(stop, deadline, "did not become ready")
            self._ready = isinstance(message, Ready)

    def _next(self, stop: threading.Event, deadline: float, too_slow: str) -> Message:
        while True:
            if stop.is_set():
                raise Cancelled("cancelled")
            if time.monotonic() > deadline:
                raise _Broken(f"the computation {too_slow}")
            with contextlib.suppress(queue.Empty):
                message = self._inbox.get(timeout=TICK_SECONDS)
                if message is None:
                    raise _Broken("the computing process ended without an answer: see the log")
                return message


class _Broken(Exception):
    """The process is of no more use."""


def _read(source: IO[bytes], inbox: queue.SimpleQueue[Message | None]) -> None:
    """Take messages over until the process ends; then None."""
    try:
        while True:
            inbox.put(received(source))
    except (EOFError, OSError, ValueError):
        inbox.put(None)
    finally:
        source.close()
