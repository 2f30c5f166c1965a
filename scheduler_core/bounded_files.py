"""Files that somebody names are read here: plain files alone, and never more of one than its limit."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from scheduler_core.errors import InvalidValue

_KINDS = {
    stat.S_IFIFO: "a pipe", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device", stat.S_IFSOCK: "a socket",
}  # fmt: skip
_ONLY_LOOK = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""A pipe that nobody writes to is opened at once, too, instead of being waited for."""


@contextmanager
def opened_file(path: Path) -> Iterator[BinaryIO]:
    """A plain file, or a link to one. Raises InvalidValue for a device or a pipe, which may have no end, OSError for a
    directory and for what cannot be opened."""
    with os.fdopen(os.open(path, _ONLY_LOOK), "rb") as file:
        kind = _KINDS.get(stat.S_IFMT(os.fstat(file.fileno()).st_mode))
        if kind is not None:
            raise InvalidValue(str(path), path.name, f"is no file but {kind}, which may have no end: copy it into a file")
        yield file


def bounded_bytes(path: Path, limit: int) -> bytes:
    """A file's bytes, at most ``limit``. Raises InvalidValue above it and as `opened_file`.

    A file that is larger is refused unread; one that grows meanwhile is refused, too.
    """
    with opened_file(path) as file:
        size = os.fstat(file.fileno()).st_size
        found = file.read(limit + 1) if size <= limit else b""
    if max(size, len(found)) > limit:
        raise InvalidValue(str(path), max(size, len(found)), f"bytes are more than the limit of {limit}")
    return found
