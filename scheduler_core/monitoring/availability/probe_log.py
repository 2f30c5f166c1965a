"""The file of the probes: one line a probe, one file a UTC day, the newest hundred files kept.

A line is ``SECONDS EVERY DOOR=ANSWER DOOR=ANSWER .``: UTC seconds since 1970, the seconds between two probes, and for each
door ``ok`` or why not. A line without its full stop was cut short and counts as no probe. A line ``SECONDS clock +3600 .``
says that the clock was found to have jumped by so many seconds. Several probers may append to the same file.
"""

from __future__ import annotations

import os
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from scheduler_core.errors import InvalidValue

OK = "ok"
NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")
KEPT_FILES = 100
"""Days with probes that are kept, 40 MB at three doors every 10 s. Counted by files: no clock can make all of them old."""
HELD_LINES = 8640
"""Lines that wait in memory while the disk takes none: a day's, at one every 10 s; then the oldest are lost."""
_SUFFIX = ".probes"
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_PROBE = re.compile(r"(\d{1,12}) (\d{1,4})((?: [a-z][a-z0-9-]{0,29}=[a-z0-9-]{1,40})+) \.")
_CLOCK = re.compile(r"(\d{1,12}) clock ([+-]\d{1,12}) \.")


@dataclass(frozen=True)
class Probe:
    """One look at every door. ``at``: UTC seconds; ``every``: seconds between two looks; ``answers``: OK or why not."""

    at: int
    every: int
    answers: Mapping[str, str]

    @property
    def slot(self) -> tuple[int, int]:
        """The stretch of time for which it stands: looks are taken in the middle of whole multiples of ``every``."""
        start = self.at // self.every * self.every
        return start, start + self.every


@dataclass(frozen=True)
class ClockJump:
    """The clock was found at ``at`` to have been set by ``seconds`` (or the machine had slept), positive: forward."""

    at: int
    seconds: int


@dataclass(frozen=True)
class Unreadable:
    """A line that is neither, with its file."""

    file: Path


Line = Probe | ClockJump | Unreadable


def written(line: Probe | ClockJump) -> str:
    """The line as it stands in the file, with its line end."""
    if isinstance(line, ClockJump):
        return f"{line.at} clock {line.seconds:+d} .\n"
    answers = " ".join(f"{name}={answer}" for name, answer in line.answers.items())
    return f"{line.at} {line.every} {answers} .\n"


def read_line(text: str, file: Path) -> Line:
    """What ``written`` wrote; Unreadable for anything else."""
    if found := _PROBE.fullmatch(text):
        at, every, answers = found.groups()
        if int(every):
            return Probe(int(at), int(every), dict(_answer(one) for one in answers.split()))
    if jump := _CLOCK.fullmatch(text):
        return ClockJump(int(jump[1]), int(jump[2]))
    return Unreadable(file)


def read(folder: Path, first: int, last: int) -> Iterator[Line]:
    """The lines of the day files that touch ``first`` to ``last`` (UTC seconds), file by file, as they stand there.

    Raises InvalidValue for a folder or file that cannot be read.
    """
    for file in files(folder):
        if day_of(first) <= file.stem <= day_of(last):
            yield from read_file(file)


def read_file(file: Path) -> Iterator[Line]:
    """The lines of one file. Raises InvalidValue if it cannot be read."""
    try:
        with file.open(encoding="ascii", errors="replace") as lines:
            for text in lines:
                if text != "\n":
                    yield read_line(text.rstrip("\n"), file)
    except OSError as error:
        raise InvalidValue("file of the probes", str(file), f"cannot be read: {error.strerror}") from None


def earlier_doors(folder: Path, before: int) -> frozenset[str]:
    """The doors of the last probe before that second, wherever it lies in the kept files. Raises InvalidValue."""
    for file in reversed([file for file in files(folder) if file.stem <= day_of(before)]):
        probes = [line for line in read_file(file) if isinstance(line, Probe) and line.at < before]
        if probes:
            return frozenset(max(probes, key=lambda probe: probe.at).answers)
    return frozenset()


def files(folder: Path) -> list[Path]:
    """The day files, oldest first. Raises InvalidValue for a folder that cannot be read."""
    try:
        listed = sorted(folder.iterdir())
    except OSError as error:
        raise InvalidValue("folder of the probes", str(folder), f"cannot be read: {error.strerror}") from None
    return [file for file in listed if file.suffix == _SUFFIX and _DAY.fullmatch(file.stem)]


def day_of(at: int) -> str:
    """The UTC day of that second, as the files are named."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")


class ProbeLog:
    """Appends lines, and holds them in memory while the disk takes none. ``failure``: why it took none the last time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: deque[tuple[str, str]] = deque(maxlen=HELD_LINES)
        self.failure = ""

    def append(self, line: Probe | ClockJump) -> None:
        """Adds the line, after those that still wait. Never fails: ``failure`` says what went wrong, "" if nothing did."""
        self._held.append((day_of(line.at), written(line)))
        try:
            while self._held:
                day, text = self._held[0]
                self._write(self._folder / f"{day}{_SUFFIX}", text.encode("ascii"))
                self._held.popleft()
        except OSError as error:
            self.failure = error.strerror or str(error)
        else:
            self.failure = ""

    @property
    def held(self) -> int:
        """Lines that wait in memory."""
        return len(self._held)

    def _write(self, file: Path, content: bytes) -> None:
        new = not file.exists()
        self._folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            size = os.fstat(handle).st_size
            # What a full disk or a crash has cut short must not swallow this line.
            if size and os.pread(handle, 1, size - 1) != b"\n":
                content = b"\n" + content
            if os.write(handle, content) < len(content):
                raise OSError(0, "a line was written in part")
        finally:
            os.close(handle)
        if new:
            for old in files(self._folder)[:-KEPT_FILES]:
                old.unlink(missing_ok=True)


def _answer(text: str) -> tuple[str, str]:
    name, _, answer = text.partition("=")
    return name, answer
