"""The clock of the engines' time limits: wall time, unless a comparison on a busy machine counts CPU time instead."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_clock: Callable[[], float] = time.perf_counter


def now() -> float:
    """Seconds on the clock; only differences have a meaning."""
    return _clock()


@contextmanager
def of_workers(workers: int) -> Iterator[None]:
    """Within, a second is one CPU second of each of ``workers`` threads: what a wall second is where nothing else runs.

    For a process that makes one plan at a time. An engine that is not ours (exact) keeps to wall time.
    """
    global _clock
    before, _clock = _clock, lambda: time.process_time() / workers
    try:
        yield
    finally:
        _clock = before
