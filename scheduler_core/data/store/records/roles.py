"""Roles in force."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduler_core.roles import Role


@dataclass(frozen=True)
class Granted:
    """A role that somebody has, who gave it, and when (aware UTC)."""

    person: str
    role: Role
    actor: str
    at: datetime
