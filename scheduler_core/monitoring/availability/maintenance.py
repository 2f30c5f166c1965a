"""Planned maintenance: declared before it begins, shown beside the availability and never taken out of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from scheduler_core.errors import InvalidValue
from scheduler_core.monitoring.availability.spans import Span

FILE = "maintenance.jsonl"
LONGEST_SECONDS = 7 * 86400
_TEXT = 200


@dataclass(frozen=True)
class Window:
    """A stretch of planned maintenance, in UTC seconds. ``declared``: when it was."""

    declared: int
    start: int
    end: int
    reason: str

    @property
    def planned(self) -> Span:
        """The part that was declared beforehand."""
        return max(self.start, self.declared), self.end


def declare(folder: Path, window: Window) -> None:
    """Adds a window to the folder of the probes. Raises InvalidValue if it is over, has no length or cannot be written."""
    if window.end <= window.start:
        raise InvalidValue("--until", window.end, "must be later than --from")
    if window.end <= window.declared:
        raise InvalidValue("--until", window.end, "must be in the future: maintenance is declared beforehand")
    if window.end - window.start > LONGEST_SECONDS:
        raise InvalidValue("--until", window.end, "must be at most 7 days after --from")
    if not window.reason.strip() or len(window.reason) > _TEXT:
        raise InvalidValue("--reason", window.reason, f"must be a text of 1 to {_TEXT} characters")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / FILE).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(window), ensure_ascii=True) + "\n")
    except OSError as error:
        raise InvalidValue("folder of the probes", str(folder), f"cannot be written: {error.strerror}") from None


def windows(folder: Path) -> tuple[Window, ...]:
    """What was declared, in that order. Raises InvalidValue for a line that says none, with its number."""
    file = folder / FILE
    if not file.exists():
        return ()
    found = []
    for number, text in enumerate(file.read_text("utf-8").splitlines(), start=1):
        try:
            said = json.loads(text)
            window = Window(int(said["declared"]), int(said["start"]), int(said["end"]), str(said["reason"]))
        except (ValueError, KeyError, TypeError):
            raise InvalidValue(f"{file}, line {number}", text, "must be a declared maintenance") from None
        found.append(window)
    return tuple(found)
