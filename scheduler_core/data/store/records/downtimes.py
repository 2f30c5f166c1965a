"""Machines that a planner has recorded as down: facts that every plan obeys until the machine is back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class RecordedDowntime:
    """A downtime as it is known now; the newest line about it counts.

    ``start`` and ``end`` are naive plant time; ``end`` None: nobody knows. ``in_service``: a planner has said that the
    machine works again since ``end`` (at or before ``start``: it never went down). ``recorded_by`` said first that it is
    down, ``changed_by`` is who said the newest line, at ``changed_at``.
    """

    id: str
    plant: str
    machine: int
    machine_name: str
    start: datetime
    end: datetime | None
    in_service: bool
    reason: str
    recorded_by: str
    changed_by: str
    changed_at: datetime

    def in_force(self, now: datetime) -> bool:
        """Whether the machine is down at ``now`` (naive plant time) or will be later."""
        return not self.in_service and (self.end is None or self.end > now)

    def is_down(self, now: datetime) -> bool:
        """Whether the machine is down at ``now`` (naive plant time)."""
        return self.in_force(now) and self.start <= now


@dataclass(frozen=True)
class NewDowntime:
    """A downtime on its way in: naive plant time, ``end`` None if nobody knows."""

    request_id: str
    plant: str
    machine: int
    machine_name: str
    start: datetime
    end: datetime | None
    reason: str
    actor: str


@dataclass(frozen=True)
class DowntimeChange:
    """What is said about a downtime later: another end (None: not known), or with ``in_service`` that it is over since
    ``end``."""

    request_id: str
    downtime_id: str
    end: datetime | None
    in_service: bool
    actor: str
