"""Which kind of plant a file holds: a snapshot or a benchmark."""

from __future__ import annotations

import codecs
from pathlib import Path

from scheduler_core.bounded_files import opened_file

_LOOKED_AT = 4096


def is_snapshot(path: Path) -> bool:
    """Whether the file is named as JSON or begins with a brace, as every snapshot does. Raises as
    `opened_file`."""
    if path.suffix.lower() == ".json":
        return True
    with opened_file(path) as file:
        return file.read(_LOOKED_AT).removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"{")
