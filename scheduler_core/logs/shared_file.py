"""A log file that several processes write at once and that never grows without end."""

from __future__ import annotations

import logging
import os
import sys
import time
from pathlib import Path

MAX_BYTES = 10 * 2**20
KEPT = 5
"""Older files beside the current one: NAME.1 is the newest of them."""
LOCK_SECONDS = 5.0
"""How long the process that moves the files is waited for; it takes a millisecond."""
IMPATIENT_SECONDS = 60.0
"""After a wait in vain: so long nobody waits again."""


class SharedLogFile(logging.Handler):
    """Appends each line by one write, which systems keep whole; who finds the file full moves it aside, under a lock.

    A process that is stopped while it holds the lock holds nobody up for longer than ``patience`` seconds a minute: the
    others write on to the full file.

    The standard rotating handler loses lines where two processes rotate, as each goes on writing to a file that the other
    has moved. Here the file is opened for every line, which costs 20 µs. A file may be longer than ``max_bytes`` by one line
    of each other process.
    """

    def __init__(self, path: Path, max_bytes: int = MAX_BYTES, kept: int = KEPT, patience: float = LOCK_SECONDS) -> None:
        super().__init__()
        self._patience, self._impatient_until = patience, 0.0
        self.path, self._max, self._kept = path, max_bytes, kept
        self._told = False

    def emit(self, record: logging.LogRecord) -> None:
        """Writes the line; a full disk or a lost folder is told once on standard error, and the program goes on."""
        try:
            line = (self.format(record) + "\n").encode("utf-8", "backslashreplace")
            if self._size() + len(line) > self._max:
                self._rotate(len(line))
            # 0o640: what planners do is not for every account of the machine.
            handle = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
            try:
                os.write(handle, line)
            finally:
                os.close(handle)
        except OSError as error:
            if not self._told:
                self._told = True
                print(f"{self.path}: the log cannot be written: {error.strerror}", file=sys.stderr)

    def _size(self) -> int:
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def _rotate(self, coming: int) -> None:
        lock = os.open(self.path.with_name(self.path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o640)
        try:
            if not self._has(lock):
                return
            if self._size() + coming > self._max and self.path.exists():  # unless somebody was faster
                for number in range(self._kept - 1, 0, -1):
                    older = self._numbered(number)
                    if older.exists():
                        older.replace(self._numbered(number + 1))
                self.path.replace(self._numbered(1))
        finally:
            os.close(lock)

    def _has(self, lock: int) -> bool:
        """Whether the lock could be had in time; closing the file gives it back, as does the end of the process."""
        if sys.platform == "win32":
            return True
        import fcntl

        began = time.monotonic()
        until = began if began < self._impatient_until else began + self._patience
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
            except BlockingIOError:
                if time.monotonic() >= until:
                    self._impatient_until = time.monotonic() + IMPATIENT_SECONDS
                    return False
            time.sleep(0.002)

    def _numbered(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")
