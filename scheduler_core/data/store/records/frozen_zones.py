"""The frozen zone of a plant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class FrozenZone:
    """Hours from now in which a replan leaves operations where they are, who set them, and when (aware UTC).

    hours: of the whole plant; by_type: (machine type, hours) of work centres with hours of their own, by machine type.
    """

    hours: float
    by_type: tuple[tuple[int, float], ...]
    actor: str
    at: datetime

    @property
    def empty(self) -> bool:
        """Whether nothing is frozen."""
        return self.hours == 0 and all(hours == 0 for _, hours in self.by_type)
