"""What a process of ours was doing when it was given up: the Python stacks of its threads, and what the system says of it.

``faulthandler`` writes the stacks from a signal's handler in C: it needs no lock of the interpreter, so that also a process
whose thread holds that lock for ever tells where it is. They come through a pipe, which never holds the writer up.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal
import sys
import time
from multiprocessing.connection import wait
from pathlib import Path

MAX_CHARACTERS = 16_000
"""Of what is kept: a stack has some 2,000."""
WAIT_SECONDS = 0.3
"""How long the stacks are waited for; a process that gets a core needs a millisecond."""
QUIET_SECONDS = 0.05
"""The stacks are taken to be whole once so long nothing more has come."""


class Evidence:
    """Made before the fork; then one side calls ``tell_when_asked`` and the other ``ask``. POSIX only."""

    def __init__(self) -> None:
        self._read_end, self._write_end = os.pipe()
        self._ready = False
        for end in (self._read_end, self._write_end):
            os.set_blocking(end, False)  # what does not fit is lost, and nobody waits

    def tell_when_asked(self) -> None:
        """In the new process, first of all: stacks at the signal, and when it crashes (SIGSEGV and its kind)."""
        os.close(self._read_end)
        faulthandler.enable(file=self._write_end, all_threads=True)
        faulthandler.register(signal.SIGUSR1, file=self._write_end, all_threads=True, chain=False)
        os.write(self._write_end, b"\n")

    def listen(self) -> None:
        """Closes the end that is not used here: in the process that made it, after the fork."""
        os.close(self._write_end)

    def ask(self, pid: int) -> str:
        """What the process is doing, in lines, at most WAIT_SECONDS from now; pid must be its, alive or not reaped yet."""
        facts = process_facts(pid)
        self._ready = self._ready or bool(self._collected(0.0))
        if not self._ready:  # the signal would end it
            return _joined(facts, "it has not begun to run")
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGUSR1)
        stopped = "(stopped)" in facts  # it can't answer
        return _joined(facts, self._collected(0.0 if stopped else WAIT_SECONDS))

    def left_behind(self) -> str:
        """What a process that has crashed wrote at its end."""
        return _joined(self._collected(0.0))

    def close(self) -> None:
        """Once, in the process that made it."""
        os.close(self._read_end)

    def _collected(self, seconds: float) -> str:
        found, until = bytearray(), time.monotonic() + seconds
        while True:
            left = max(0.0, until - time.monotonic())
            ready = wait([self._read_end], min(QUIET_SECONDS, left) if found else left)
            piece = os.read(self._read_end, 65536) if ready else b""
            if not piece:  # nothing for a while, or the process is dead
                return found.decode("utf-8", "replace")
            found += piece


def process_facts(pid: int) -> str:
    """A line for the process and one for each of its threads: state, CPU seconds and what it waits for in the kernel, with
    the machine's load. Empty where there is no /proc."""
    if sys.platform != "linux":
        return ""
    threads = [line for folder in _folders(Path(f"/proc/{pid}/task")) if (line := _thread(folder))]
    load = ", ".join(f"{number:.1f}" for number in os.getloadavg())
    return "\n".join([f"process {pid}: {len(threads)} threads; load of the machine {load}", *threads])


def _folders(task: Path) -> list[Path]:
    try:
        return sorted(task.iterdir())
    except OSError:  # it has ended
        return []


def _thread(folder: Path) -> str:
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        waits = (folder / "wchan").read_text().strip("0\n")
    except OSError:
        return ""
    seconds = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    state = f"{fields[0]} ({_STATES.get(fields[0], 'other')})"
    return f"thread {folder.name}: {state}, {seconds:.2f} s of CPU time{f', waits in {waits}' if waits else ''}"


_STATES = {"R": "running", "S": "sleeping", "D": "waits for the disk", "T": "stopped", "t": "traced", "Z": "ended"}


def _joined(*parts: str) -> str:
    text = "\n".join(part.strip() for part in parts if part.strip())
    return text if len(text) <= MAX_CHARACTERS else text[:MAX_CHARACTERS] + "\n..."
