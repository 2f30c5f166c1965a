"""Ctrl-C while a plan is being improved: the first one keeps the best so far, the second one ends the command."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from scheduler_core.engines.config import Progress
from scheduler_core.errors import KeepBest


@contextmanager
def first_keeps_the_best(progress: Progress) -> Iterator[Progress]:
    """Yields the engine's Progress: it raises KeepBest at the first report after the first Ctrl-C.

    Where Ctrl-C is ignored or handled by somebody else, as in a shell's background job, it stays so.
    """
    usual = signal.getsignal(signal.SIGINT)
    if usual is not signal.default_int_handler or threading.current_thread() is not threading.main_thread():
        yield progress
        return
    asked = threading.Event()

    def ask(_number: int, _frame: object) -> None:
        asked.set()
        signal.signal(signal.SIGINT, usual)

    def report(fraction: float, message: str) -> None:
        progress(fraction, message)
        if asked.is_set():
            raise KeepBest("interrupted")

    signal.signal(signal.SIGINT, ask)
    try:
        yield report
    finally:
        signal.signal(signal.SIGINT, usual)
