"""Limits of workbooks, which are compressed files: small on disk, and of any size once they are unpacked."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from collections.abc import Sequence
from urllib.parse import unquote

from scheduler_core.errors import InvalidValue
from scheduler_core.limits import MAX_BOOK_ENTRIES, MAX_SHEET_CELLS, MAX_UNPACKED_BYTES, SURPLUS

BLOCK = 1_000_000
"""Bytes that are unpacked at once."""
DAMAGED = "cannot be read from the spreadsheet: is the file damaged, or protected by a password?"
UNREADABLE = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError)
"""What unpacking a damaged or protected file raises (NotImplementedError is a RuntimeError)."""


def opened(content: bytes, name: str, kind: str) -> zipfile.ZipFile:
    """The compressed file, whose parts together are within the limits.

    Raises InvalidValue for what is no such file and above a limit; ``kind`` is what the message calls it ("XLSX").
    """
    try:
        packed = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError):
        raise InvalidValue(name, content[:8], f"is not a workbook ({kind}); save older ones in the new format") from None
    parts = packed.infolist()
    if len(parts) > MAX_BOOK_ENTRIES:
        raise InvalidValue(name, len(parts), f"files inside the workbook are more than the limit of {MAX_BOOK_ENTRIES}")
    size = sum(part.file_size for part in parts)
    if size > MAX_UNPACKED_BYTES:
        raise InvalidValue(name, size, f"bytes of unpacked content are more than the limit of {MAX_UNPACKED_BYTES}")
    return packed


def part_named(packed: zipfile.ZipFile, path: str) -> str:
    """The name that a part has in the file, for the path that another part gives: letter case does not count, nor how
    a sign is escaped (ECMA-376, part 2); some programs separate folders by a backslash. The path itself if there is none.
    """
    names = packed.namelist()
    if path in names:
        return path
    wanted = _plain_path(path)
    return next((name for name in names if _plain_path(name) == wanted), path)


def _plain_path(path: str) -> str:
    return posixpath.normpath("/" + unquote(path).replace("\\", "/")).lstrip("/").lower()


def check_elements(packed: zipfile.ZipFile, part: str, name: str, marks: Sequence[bytes] = ()) -> dict[bytes, int]:
    """Refuse a part of far too many XML elements before any is parsed, which takes seconds; up to there cells are counted
    exactly as they are read. Returns how often each of ``marks`` stands in the part.

    Every element has a "<" of its own in every encoding, whatever its name. One that is longer than a block has a text or an
    attribute that no cell can hold, and would be scanned once more for every block. Raises InvalidValue.
    """
    count, tail = 0, b""
    found = dict.fromkeys(marks, 0)
    try:
        with packed.open(part) as content:
            while block := content.read(BLOCK):
                begun = block.count(b"<")
                count += begun - block.count(b"</")
                if count > SURPLUS * MAX_SHEET_CELLS:
                    reason = f"elements (cells, formats) or more are far more than the limit of {MAX_SHEET_CELLS} cells"
                    raise InvalidValue(f"{name}: {part}", count, f"{reason}: delete rows and columns that are empty")
                if not begun and len(block) == BLOCK:
                    raise InvalidValue(f"{name}: {part}", part, f"holds a text of more than {BLOCK} characters")
                for mark in marks:
                    seam = tail[len(tail) - len(mark) + 1 :] + block  # a mark may stand over the end of a block
                    found[mark] += seam.count(mark)
                tail = block[-64:]
    except UNREADABLE as error:
        raise InvalidValue(f"{name}: {part}", type(error).__name__, DAMAGED) from None
    return found
