"""How far a training run is: one small file beside its state, for whoever asks from another process."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from scheduler_core.errors import InvalidValue

RUNS = Path("runs")
"""The folder of all training runs, below the folder that the command was called in."""
FILE = "status.json"
EVERY_SECONDS = 2.0
"""Seconds between two writes while a run goes on."""
SILENT_SECONDS = 300.0
"""A run that counts as running and has written nothing for so long was killed, where its lock does not tell: drawing plants
and validating report too."""
RUNNING, STOPPED, DONE, FAILED = "running", "stopped", "done", "failed"
KILLED = "killed"
"""Never written: what ``seen`` makes of a run that counts as running and is not at work."""
MOST = 10**15
"""More than any number of a status: larger ones are damage."""
STATES = (RUNNING, STOPPED, DONE, FAILED)


@dataclass(frozen=True)
class RunStatus:
    """A run's state at a moment; ``written``: seconds since 1970; ``hours``: of training, also before a resumed run."""

    name: str
    state: str
    steps: int
    total_steps: int
    stage: int
    stages: int
    hours: float
    doing: str
    score: float | None
    best: float | None
    over_random: float | None
    steps_per_second: float
    written: float
    reason: str = ""

    @property
    def share(self) -> float:
        """The part of the steps that is done, 0 to 1."""
        return min(1.0, self.steps / self.total_steps)

    @property
    def seconds_left(self) -> float | None:
        """At the speed so far; None where it is unknown or nothing is left."""
        left = self.total_steps - self.steps
        return left / self.steps_per_second if left > 0 and self.steps_per_second > 0 else None


class StatusFile:
    """Writes a run's status, at most every ``EVERY_SECONDS`` while it goes on."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._path, self._clock = folder / FILE, clock
        self._last: RunStatus | None = None
        self._written: float | None = None

    def write(self, status: RunStatus) -> None:
        """Puts the status in place of the one before, whole or not at all; its ``written`` is set here."""
        self._last, now = status, self._clock()
        if self._written is None or not 0 <= now - self._written < EVERY_SECONDS:
            self._put(status, now)

    def end(self, state: str, reason: str = "") -> None:
        """The state after the last status, where there was one."""
        if self._last is not None:
            self._put(replace(self._last, state=state, reason=reason), self._clock())

    def _put(self, status: RunStatus, now: float) -> None:
        draft = self._path.with_suffix(".draft")
        draft.write_text(json.dumps(asdict(replace(status, written=now)), indent=1) + "\n", encoding="utf-8")
        draft.replace(self._path)
        self._written = now


def folder_named(name: str, runs: Path = RUNS) -> Path:
    """The folder of the run of that name. Raises InvalidValue, with the names that there are, for any other text."""
    names = sorted(path.parent.name for path in runs.glob(f"*/{FILE}"))
    if name not in names:
        known = f"the runs in {runs}/ are: {', '.join(names)}" if names else f"{runs.absolute()} has none"
        raise InvalidValue("--status", name, f"is not a run with a status; {known}")
    return runs / name


def read_status(folder: Path) -> RunStatus:
    """The status in a run's folder. Raises InvalidValue for a run that has none, or a file that is not a status."""
    path = folder / FILE
    if not path.is_file():
        raise InvalidValue("--status", str(path), "is not a file")
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        status = RunStatus(**kept)
        _check(status)
    except (ValueError, TypeError, RecursionError) as wrong:
        raise InvalidValue("--status", str(path), f"is not a status of a training run: {wrong}") from wrong
    return status


def _check(status: RunStatus) -> None:
    wanted: dict[str, Any] = {"str": str, "int": int, "float": (int, float), "float | None": (int, float, type(None))}
    for field in fields(RunStatus):
        value = getattr(status, field.name)
        if isinstance(value, bool) or not isinstance(value, wanted[str(field.type)]):
            raise ValueError(f"{field.name} {value!r} must be {field.type}")
        if isinstance(value, int | float) and not 0 <= value <= MOST:
            raise ValueError(f"{field.name} {value!r} must be a number from 0 to {MOST:,}")
    if status.state not in STATES:
        raise ValueError(f"state {status.state!r} must be one of {', '.join(STATES)}")
    if status.total_steps < 1:
        raise ValueError(f"total_steps {status.total_steps} must be at least 1")


def seen(status: RunStatus, now: float, at_work: bool | None = None) -> RunStatus:
    """The status with the state that is true now: a run that was killed could not write so.

    ``now``: seconds since 1970. ``at_work``: whether a process trains there (run_folder), None where nobody knows; then a
    long silence decides.
    """
    killed = now - status.written > SILENT_SECONDS if at_work is None else not at_work
    return replace(status, state=KILLED) if status.state == RUNNING and killed else status


def words(status: RunStatus, now: float, at_work: bool | None = None) -> list[str]:
    """What a person reads, line by line; the arguments are those of ``seen``."""
    status = seen(status, now, at_work)
    lines = [f"{status.name}: {_state(status, max(0.0, now - status.written))}"]
    speed = f", {status.steps_per_second:,.0f} steps a second" if status.steps_per_second else ""
    lines.append(
        f"{status.steps:,} of {status.total_steps:,} steps ({status.share:.0%}), stage {status.stage} of {status.stages}, "
        f"{status.hours:.2f} h of training{speed}"
    )
    left = status.seconds_left
    if status.state == RUNNING:
        lines.append(status.doing)
        if left is not None:
            lines.append(f"about {left / 60:.0f} min left at this speed")
    if status.best is not None and status.score is not None:
        lines.append(f"score {status.score:.3f}, best {status.best:.3f} (1 is the best of a few rules; less is better)")
    if status.over_random is not None:
        lines.append(f"beside random choice: {status.over_random:.3f} of its weighted tardiness")
    return lines


def _state(status: RunStatus, silent: float) -> str:
    ago = (
        f"{silent:.0f} s ago"
        if silent < 120
        else f"{silent / 60:.0f} min ago"
        if silent < 7200
        else f"{silent / 3600:.0f} h ago"
    )
    if status.state == KILLED:
        return f"ended without a word, last sign {ago}; `--resume` continues after the last kept state"
    if status.state == RUNNING:
        return f"running, written {ago}"
    if status.state == STOPPED:
        return f"stopped {ago}; `--resume` continues"
    if status.state == FAILED:
        return f"failed {ago}: {status.reason}"
    return f"done {ago}"
