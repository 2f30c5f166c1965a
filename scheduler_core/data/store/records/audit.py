"""The audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class AuditEntry:
    """One line of the audit trail; ``row_hash`` covers the line and the hash of the line before."""

    sequence: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, object] = field(default_factory=dict)
    row_hash: str = ""


@dataclass(frozen=True)
class Broken:
    """What does not agree. ``sequence``: the audit line, None for an act in the tables without any line."""

    sequence: int | None
    reason: str


@dataclass(frozen=True)
class Verification:
    """What came of comparing the trail with the tables. ``broken``: the first fault, None if all agrees. ``uncovered``: by
    act, how many lines hold less than is compared now, because an older version wrote them; no fault."""

    broken: Broken | None
    uncovered: Mapping[str, int] = field(default_factory=dict)
