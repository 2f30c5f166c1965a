"""What a command says: results on standard output, everything else on standard error."""

from __future__ import annotations

import io
import json
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from scheduler_core.cli.exit_status import CannotWrite

STDOUT = Path("-")
_ERASE = "\r\x1b[K"
_COMMANDS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""Signs by which text from an ERP could move the cursor, change a terminal's title or turn the direction of writing."""


def readable(text: str) -> str:
    """The text with everything in it that a terminal would obey, and not show, replaced. Tabs and line ends stay."""
    return _COMMANDS.sub("\ufffd", text)


class ReadableOutput(io.TextIOBase):
    """Standard output where a person is looking at it: only what can be read gets through."""

    def __init__(self, to: TextIO) -> None:
        self._to = to

    def write(self, text: str) -> int:
        """Passes it on."""
        self._to.write(readable(text))
        return len(text)

    def flush(self) -> None:
        """Passes it on."""
        self._to.flush()

    def isatty(self) -> bool:
        """Whether a person is looking."""
        return self._to.isatty()

    def fileno(self) -> int:
        """The file behind it."""
        return self._to.fileno()


class Terminal:
    """``progress`` is shown only if a person is looking: standard error is a terminal."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._shown = False

    def say(self, line: str) -> None:
        """A message for a person."""
        self.clear()
        print(readable(line), file=sys.stderr)

    def progress(self, fraction: float, message: str) -> None:
        """An engine's Progress: one line that overwrites itself."""
        self.status(f"{fraction:4.0%}  {message}")

    def rows(self, read: int, expected: int) -> None:
        """Rows read of a table of about so many, on the progress line."""
        self.progress(read / expected if expected else 0.0, f"{read} rows read")

    def status(self, message: str) -> None:
        """What is being done just now, on the progress line."""
        if self._live:
            width = max(20, _columns() - 1)
            print(_ERASE + readable(message[:width]), end="", file=sys.stderr, flush=True)
            self._shown = True

    def clear(self) -> None:
        """Removes the progress line."""
        if self._shown:
            print(_ERASE, end="", file=sys.stderr, flush=True)
            self._shown = False


def print_json(content: object) -> None:
    """A result for a program to read."""
    print(json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False))


def print_table(rows: Sequence[Sequence[str]], header: bool = True) -> None:
    """Rows as aligned columns: the first to the left, all others to the right. The first row may be a header."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    for number, row in enumerate(rows):
        cells = [c.ljust(w) if i == 0 else c.rjust(w) for i, (c, w) in enumerate(zip(row, widths, strict=True))]
        print("  ".join(cells).rstrip())
        if header and number == 0:
            print("  ".join("-" * w for w in widths))


def write(path: Path, text: str) -> None:
    """Writes a whole file or leaves the old one as it was; ``-`` is standard output. Raises CannotWrite."""
    if path == STDOUT:
        sys.stdout.write(text)
        return
    try:
        if path.exists() and not path.is_file():
            path.write_text(text, encoding="utf-8")  # a pipe or device cannot be replaced
            return
        handle, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with open(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.chmod(draft, 0o666 & ~_umask())
            os.replace(draft, path)
        except BaseException:
            os.unlink(draft)
            raise
    except OSError as error:
        raise CannotWrite(f"cannot write {path}: {error.strerror}") from None


def _columns() -> int:
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns
    except OSError:
        return 80


def _umask() -> int:
    # The mask can only be read by setting it.
    mask = os.umask(0)
    os.umask(mask)
    return mask
