"""The folder of a training run: one process at a time trains there, and an earlier run of that name is never lost."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scheduler_core.errors import InvalidValue

LOCK = "lock"
PATIENCE_SECONDS = 1.0
"""Whoever asks whether a run is at work holds its lock for a moment, so a run that begins asks again."""
KEPT_FILES = ("*.pt", "curve.csv", "status.json")
"""What an earlier run of that name leaves."""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """The folder, for this process alone; the end of the process gives it back, however it ends.

    Raises InvalidValue where another process trains there. On Windows nothing is locked.
    """
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o640)
    try:
        until = time.monotonic() + PATIENCE_SECONDS
        while not _taken(lock):
            if time.monotonic() >= until:
                raise InvalidValue("name", folder.name, f"is being trained by another process, in {folder}")
            time.sleep(0.05)
        yield
    finally:
        os.close(lock)


def is_held(folder: Path) -> bool | None:
    """Whether a process trains there now; None where that cannot be told: on Windows, and for runs that knew no lock."""
    if sys.platform == "win32":
        return None
    try:
        lock = os.open(folder / LOCK, os.O_RDONLY)
    except OSError:
        return None
    try:
        return not _taken(lock, shared=True)  # two who ask at once do not hold each other's
    finally:
        os.close(lock)


def set_aside(folder: Path) -> Path | None:
    """Moves what an earlier run of that name has left to ``earlier-N`` below; returns that folder, None without states."""
    if not any(folder.glob("*.pt")):
        return None
    number = 1
    while (folder / f"earlier-{number}").exists():
        number += 1
    place = folder / f"earlier-{number}"
    place.mkdir()
    for pattern in KEPT_FILES:
        for old in sorted(folder.glob(pattern)):
            old.replace(place / old.name)
    return place


def _taken(lock: int, shared: bool = False) -> bool:
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
