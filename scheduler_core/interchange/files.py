"""A file's bytes, its limits and its format, before anything in it is understood."""

from __future__ import annotations

import hashlib
from pathlib import Path

from scheduler_core.bounded_files import bounded_bytes
from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.strict_json import Node
from scheduler_core.limits import MAX_FILE_BYTES, SURPLUS


def content(path: Path) -> bytes:
    """The file's bytes. One above the limit is refused unread (InvalidValue); OSError if it can't be opened."""
    return bounded_bytes(path, MAX_FILE_BYTES)


def file_sha256(path: str | Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal: what a schedule made from that file states."""
    return hashlib.sha256(content(Path(path))).hexdigest()


def check_size(text: str | bytes, file: str, limit: int = MAX_FILE_BYTES) -> None:
    """Refuse a text above the limit for files."""
    if len(text) > limit:
        raise InvalidValue(file, len(text), f"bytes are more than the limit of {limit}")


def check_row_count(text: str | bytes, file: str, key: str, limit: int, what: str) -> None:
    """Refuse a text of far too many rows before parsing it: every row has ``key``.

    Some other text may spell the key too, so this leaves the exact count to the parsed file.
    """
    quoted = f'"{key}"'
    count = text.count(quoted) if isinstance(text, str) else text.count(quoted.encode())
    if count > SURPLUS * limit:
        raise InvalidValue(file, count, f"{what} are more than the limit of {limit}")


def check_format(top: Node, expected: str) -> None:
    """Refuse a file that does not say it is in the expected format, before its keys are judged."""
    if not isinstance(top.value, dict):
        top.refuse("is not an object in {}")
    if top.value.get("format") != expected:
        top.child("format", top.value.get("format")).refuse(f"is not the format {expected!r}")
