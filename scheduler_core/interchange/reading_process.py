"""Spreadsheets that somebody uploads are read in a process of its own: it can be killed at any moment, ends with the process
that made it, and has limits of time and memory, whatever a file makes its readers do.

The process imports the readers of files and nothing heavy, and knows no setting and so no password. It gets its work from
standard input as a pickled `_Task`; standard output carries its `_Message`.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO, Final, Literal

from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.job_sheet import HiddenRows, JobSheet, UndecidedHiddenRows, read_jobs
from scheduler_core.interchange.object_pipe import received, send
from scheduler_core.interchange.plant_workbook import PlantWorkbook, read_plant_workbook
from scheduler_core.interchange.sheet_table import Progress
from scheduler_core.limits import MAX_READING_BYTES, MAX_READING_SECONDS
from scheduler_core.plant import Plant
from scheduler_core.settings import environment, locations

TICK_SECONDS: Final = 0.1
"""How often the caller is asked whether to go on, and how often the process says how far it is."""
WAITING_FACTOR: Final = 2
"""A reading may last this many times its computing time by the clock, as the machine may have other work."""


@dataclass(frozen=True)
class _Task:
    """``work(*arguments, progress, hidden_rows)`` is what the process does."""

    work: Callable[..., object]
    arguments: tuple[object, ...]
    hidden_rows: HiddenRows | None


@dataclass(frozen=True)
class _Message:
    """``rows``: rows read, and of about how many. ``invalid``: what `InvalidValue` is made of; ``hidden``: the arguments of
    `UndecidedHiddenRows`; ``value``: what was read."""

    kind: Literal["rows", "invalid", "hidden", "value"]
    content: Any


def read_jobs_apart(
    content: bytes, file: str, plant: Plant, progress: Progress, hidden_rows: HiddenRows | None = None,
    seconds: float = MAX_READING_SECONDS,
) -> JobSheet:  # fmt: skip
    """`read_jobs` in a process of its own. ``progress`` is called about ten times a second, also while nothing is read yet;
    what it raises ends the process and is passed on.

    Raises as `read_jobs`, and InvalidValue for a file whose reading takes more than ``seconds`` or too much memory.
    """
    found = _apart(_Task(read_jobs, (content, file, plant), hidden_rows), file, progress, seconds)
    assert isinstance(found, JobSheet)
    return found


def read_plant_workbook_apart(
    content: bytes, file: str, now: datetime, progress: Progress, hidden_rows: HiddenRows | None = None,
    seconds: float = MAX_READING_SECONDS,
) -> PlantWorkbook:  # fmt: skip
    """`read_plant_workbook` in a process of its own; see `read_jobs_apart`."""
    found = _apart(_Task(read_plant_workbook, (content, file, now), hidden_rows), file, progress, seconds)
    assert isinstance(found, PlantWorkbook)
    return found


# ---------------------------------------------------------------------- the caller's side
def _apart(task: _Task, file: str, progress: Progress, seconds: float) -> object:
    # Not as a module of its own name, whose classes would be others than those that are pickled here.
    command = [sys.executable, "-c", f"from {__name__} import main; main({seconds!r})"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=locations.root(), env=environment.without_settings(),
        start_new_session=True,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    inbox: queue.SimpleQueue[_Message | None] = queue.SimpleQueue()
    talk = threading.Thread(target=_talk, args=(process.stdin, process.stdout, task, inbox), daemon=True)
    talk.start()
    try:
        return _awaited(inbox, file, progress, time.monotonic() + WAITING_FACTOR * seconds)
    except _Ended:
        raise _why_ended(process.wait(), file, seconds) from None
    except TimeoutError:
        raise _too_slow(file, seconds) from None
    finally:
        process.kill()
        process.wait()
        talk.join()
        with contextlib.suppress(BrokenPipeError):  # of a task that was not taken whole
            process.stdin.close()
        process.stdout.close()


class _Ended(Exception):
    """The process has ended without an answer."""


def _talk(to: BinaryIO, by: BinaryIO, task: _Task, inbox: queue.SimpleQueue[_Message | None]) -> None:
    """Hand over the task and take messages until the process ends; then None. Neither must hold up who waits for them."""
    try:
        with contextlib.suppress(BrokenPipeError):
            send(to, task)
        with contextlib.suppress(EOFError):
            while True:
                inbox.put(received(by))
    finally:
        inbox.put(None)


def _awaited(inbox: queue.SimpleQueue[_Message | None], file: str, progress: Progress, deadline: float) -> object:
    rows = (0, 0)
    while True:
        progress(*rows)
        try:
            message = inbox.get(timeout=TICK_SECONDS)
        except queue.Empty:
            if time.monotonic() > deadline:
                raise TimeoutError from None
            continue
        if message is None:
            raise _Ended
        match message.kind:
            case "rows":
                rows = message.content
            case "invalid":
                raise InvalidValue(*message.content)
            case "hidden":
                raise UndecidedHiddenRows(*message.content)
            case "value":
                return message.content


def _too_slow(file: str, seconds: float) -> InvalidValue:
    return InvalidValue(file, f"{seconds:g} s", "did not suffice to read it: is it much larger than a table of jobs?")


def _why_ended(code: int, file: str, seconds: float) -> InvalidValue:
    if hasattr(signal, "SIGXCPU") and code == -signal.SIGXCPU:
        return _too_slow(file, seconds)
    return InvalidValue(file, f"status {code}", "is how its reading ended, without a result: see the server's log")


# ---------------------------------------------------------------------- the process's side
def main(seconds: float) -> None:
    """Do one task and end. ``seconds``: of computing."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever is printed is no answer
    _limit(seconds)
    task: _Task = received(sys.stdin.buffer)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    last = 0.0

    def progress(read: int, expected: int) -> None:
        nonlocal last
        if time.monotonic() - last >= TICK_SECONDS:
            last = time.monotonic()
            send(answers, _Message("rows", (read, expected)))

    send(answers, _outcome(task, progress))
    os._exit(0)


def _outcome(task: _Task, progress: Progress) -> _Message:
    try:
        return _Message("value", task.work(*task.arguments, progress, task.hidden_rows))
    except UndecidedHiddenRows as undecided:
        return _Message("hidden", (undecided.where, undecided.hidden))
    except InvalidValue as invalid:
        value = (
            invalid.value if isinstance(invalid.value, str | bytes | int | float | None) else _list_or_text(invalid.value)
        )
        return _Message("invalid", (invalid.where, value, invalid.reason))
    except MemoryError:
        reason = "bytes of memory do not suffice to read it: is it much larger than a table of jobs?"
        return _Message("invalid", (str(task.arguments[1]), MAX_READING_BYTES, reason))


def _list_or_text(value: object) -> object:
    """A value of a message as it may travel: a list of texts or numbers, else its text."""
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
        return value
    return str(value)


def _end_with_parent() -> None:
    """The parent keeps the line open as long as it lives and waits."""
    sys.stdin.buffer.read(1)
    os._exit(1)


def _limit(seconds: float) -> None:
    if sys.platform == "win32":
        return
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MAX_READING_BYTES if most < 0 else min(MAX_READING_BYTES, most), most))
    whole = max(1, round(seconds))
    resource.setrlimit(resource.RLIMIT_CPU, (whole, whole + 1))
