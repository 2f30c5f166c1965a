"""Memory and processor time of a server, of the workers under it, and of a browser beside it, from /proc (Linux)."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

EVERY = 1.0
"""Seconds between two looks."""
OWN, WITH_ENDED = slice(11, 13), slice(11, 15)
"""Where a process's line of /proc has its own ticks, and those ticks with its ended children's."""


@dataclass
class Peaks:
    """The most that was seen at any look: megabytes, and how many workers there were."""

    server: float = 0.0
    workers: float = 0.0
    one_worker: float = 0.0
    together: int = 0


@dataclass
class Watch:
    """Looks at a server and at this process's other children until it is stopped.

    Memory is a process's proportional share: pages that several have in common count once in all. A worker's engine runs in
    a process of its own; each counts as a process.
    """

    server: int
    peaks: Peaks = field(default_factory=Peaks)
    _browser: dict[int, float] = field(default_factory=dict)
    _cpu: tuple[float, float] = (0.0, 0.0)
    _end: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Watch:
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def cpu(self) -> tuple[float, float, float]:
        """Seconds so far of the server, of its workers, and of the browser with its driver."""
        return *self._cpu, sum(self._browser.values())

    def look(self) -> None:
        """One look."""
        parents = _parents()
        workers = _under(self.server, parents)
        # The server's own, and apart from it that of its children: the ended ones', and what those at work have used, each
        # with its own ended ones.
        own = _ticks(self.server, OWN)
        self._cpu = own, _ticks(self.server, WITH_ENDED) - own + sum(_ticks(pid, WITH_ENDED) for pid in workers)
        for pid in set(_under(os.getpid(), parents)) - {self.server, *workers}:
            self._browser[pid] = max(self._browser.get(pid, 0.0), _ticks(pid, OWN))
        held = [megabytes for pid in workers if (megabytes := _megabytes(pid))]
        self.peaks.server = max(self.peaks.server, _megabytes(self.server))
        self.peaks.workers = max(self.peaks.workers, sum(held))
        self.peaks.one_worker = max(self.peaks.one_worker, *held, 0.0)
        self.peaks.together = max(self.peaks.together, len(held))

    def _watch(self) -> None:
        while not self._end.wait(EVERY):
            self.look()


def group_members(groups: Iterable[int]) -> tuple[int, ...]:
    """Living processes of these process groups (Linux)."""
    wanted, found = set(groups), []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended meanwhile
            if int(fields[2]) in wanted and fields[0] != "Z":
                found.append(int(folder.name))
    return tuple(found)


def megabytes_under(root: int) -> list[float]:
    """Of a process and of each that it has started."""
    return [held for pid in (root, *_under(root, _parents())) if (held := _megabytes(pid))]


def _parents() -> dict[int, int]:
    """The parent of every process."""
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and (line := _stat(int(folder.name))):
            found[int(folder.name)] = int(line[1])
    return found


def under(root: int) -> list[int]:
    """Processes that a process has started, and what those have (Linux)."""
    return _under(root, _parents())


def _under(root: int, parents: dict[int, int]) -> list[int]:
    """All that a process has started, and what those have."""
    found = [pid for pid, parent in parents.items() if parent == root]
    return [*found, *(deeper for pid in found for deeper in _under(pid, parents))]


def _stat(pid: int) -> list[str]:
    """What follows a process's name in its line; nothing for one that has ended meanwhile."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _ticks(pid: int, which: slice) -> float:
    return sum(map(int, _stat(pid)[which])) / os.sysconf("SC_CLK_TCK")


def _megabytes(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0  # it has ended meanwhile
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:"))
