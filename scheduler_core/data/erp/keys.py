"""Numbers for machines and machine types that an ERP knows by name.

A plant numbers its machines. A number that is made from the name stays the same for good, whatever machines are added or
deleted in the ERP, so that downtimes, pins and plans of yesterday still mean the same machine.
"""

from __future__ import annotations

import hashlib

from scheduler_core.data.erp.cells import BadCell, canonical, key, text, whole
from scheduler_core.data.erp.meanings import NAME

_DIGITS = 10**9


def number_of(name: str, kind: str) -> int:
    """The number (1 to 999,999,999) of a name; ``kind``: what the name is of, so that equal names of two kinds differ."""
    digest = hashlib.sha256(f"{kind}\x1f{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % (_DIGITS - 1) + 1


def id_of(field: str, content: object, unit: str, kind: str) -> int:
    """The number of a cell that is a number or a name (``unit``). Raises BadCell."""
    if unit == NAME:
        return number_of(text(field, content).strip(), kind)
    return whole(field, content)


def look_up(content: object, any_case: bool) -> str:
    """A machine's name as the database compares it."""
    return key(canonical(content).strip(), any_case)


def checked_key(field: str, content: object, unit: str) -> None:
    """Refuse the key of a job that is not what the mapping says. Raises BadCell."""
    if unit == NAME:
        if not canonical(content).strip():
            raise BadCell(field, content, "is empty")
    else:
        whole(field, content)
