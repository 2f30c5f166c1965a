"""A line to another process on which nobody waits: a process that stops in the middle of a message holds nobody up.

Reading from a pipe waits for the end of a message that has begun, and writing to a full one waits for a reader. A process
that was stopped (SIGSTOP) or hangs would therefore take this one with it. Both are done by threads here.
"""

from __future__ import annotations

import queue
import threading
from multiprocessing.connection import Connection
from multiprocessing.reduction import ForkingPickler

END_SECONDS = 1.0
"""How long ``close`` waits for the threads; they end when the other process is dead."""


class Closed(Exception):
    """There is nobody at the other end any more."""


class NonblockingPipe:
    """Sends and receives pickled objects through the connection; threads begin with the first ``send``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._inbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []

    def send(self, what: object) -> None:
        """Puts it on its way; never waits. What a dead process is sent is lost. Raises what pickling it raises."""
        packed = bytes(ForkingPickler.dumps(what))
        if not self._threads:
            self._threads = [threading.Thread(target=work, daemon=True) for work in (self._read, self._write)]
            for thread in self._threads:
                thread.start()
        self._outbox.put(packed)

    def receive(self, seconds: float = 0.0) -> bytes | None:
        """The next whole message, pickled; None if none is there within so many seconds. Raises Closed after the last."""
        try:
            message = self._inbox.get(timeout=seconds) if seconds > 0 else self._inbox.get_nowait()
        except queue.Empty:
            return None
        if message is None:
            self._inbox.put(None)  # for the next who asks
            raise Closed
        return message

    def close(self) -> None:
        """Once the other process is dead. Threads that a process of its own holds up at the other end are left behind."""
        self._outbox.put(None)
        for thread in self._threads:
            thread.join(END_SECONDS)
        if not any(thread.is_alive() for thread in self._threads):
            self._connection.close()

    def _read(self) -> None:
        try:
            while True:
                self._inbox.put(self._connection.recv_bytes())
        except (EOFError, OSError):
            return
        finally:  # whatever ended this thread: nobody waits for what can't come any more
            self._inbox.put(None)

    def _write(self) -> None:
        while (packed := self._outbox.get()) is not None:
            try:
                self._connection.send_bytes(packed)
            except (BrokenPipeError, ConnectionResetError):
                return  # dead, of which its end of the line tells
            except OSError:  # what was to be sent never arrives, and the other side would wait for it
                self._inbox.put(None)
                return
