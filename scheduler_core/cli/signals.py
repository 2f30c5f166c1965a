"""The first Ctrl-C or SIGTERM asks a command that goes on until stopped to end; the second one ends it at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_LOOK_SECONDS = 0.2


@contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
    """An event that the first signal sets. In a thread other than the main one, nothing sets it."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return
    usual = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def ask(_number: int, _frame: object) -> None:
        stopped.set()
        restore()

    def restore() -> None:
        for number, handler in usual.items():
            signal.signal(number, handler)

    for number in usual:
        signal.signal(number, ask)
    try:
        yield stopped
    finally:
        restore()


@contextmanager
def terminated_like_interrupted() -> Iterator[None]:
    """SIGTERM raises KeyboardInterrupt, as Ctrl-C does, so that a run keeps its state in both cases."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    usual = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, usual)


def until_stopped(work: Callable[[threading.Event], None], stopped: threading.Event, patience: float) -> bool:
    """Run ``work`` in a thread of its own until it returns, or for ``patience`` seconds more once ``stopped`` is set.

    A call that waits for a database or a lock hears no signal; its thread is left behind then and ends with the program.
    Returns False for one that was left behind, and raises what ``work`` raises.
    """
    ended = threading.Event()
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work(stopped)
        except BaseException as error:  # raised again below
            raised.append(error)
        finally:
            ended.set()

    threading.Thread(target=run, name=getattr(work, "__name__", "work"), daemon=True).start()
    while not ended.wait(_LOOK_SECONDS):
        if stopped.is_set():
            ended.wait(patience)
            break
    if raised:
        raise raised[0]
    return ended.is_set()
