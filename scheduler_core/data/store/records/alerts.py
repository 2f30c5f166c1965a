"""Incidents that people are told of: what is wrong since when, the messages about it, and whether they arrived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Act(StrEnum):
    """What an event says of its incident."""

    BEGUN = "begun"
    REMINDER = "reminder"
    OVER = "over"


@dataclass(frozen=True)
class NewIncident:
    """An incident on its way in: ``about`` tells it from others of its kind (an order's number, a machine's id).

    ``content``: numbers and texts that sentences about it are made of. ``receivers``: names of those who are to be told;
    ``urgent``: also during quiet hours.
    """

    kind: str
    about: str
    content: Mapping[str, object]
    receivers: tuple[str, ...] = ()
    urgent: bool = False


@dataclass(frozen=True)
class Incident:
    """An incident as it is known now. ``over_at`` None: it is open. ``reminded_at``: when people were last reminded.
    ``order``: a higher one began later."""

    id: str
    kind: str
    about: str
    content: Mapping[str, object]
    receivers: tuple[str, ...]
    urgent: bool
    begun_at: datetime
    over_at: datetime | None = None
    reminded_at: datetime | None = None
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    order: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it still lasts."""
        return self.over_at is None


@dataclass(frozen=True)
class IncidentChanges:
    """What one look adds: incidents that begin, open ones (ids) that are over, and open ones to remind people of."""

    begun: tuple[NewIncident, ...] = ()
    over: tuple[str, ...] = ()
    reminded: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.begun or self.over or self.reminded)


@dataclass(frozen=True)
class IncidentEvent:
    """A change of an incident, with its incident as it is now. ``number``: a higher one happened later."""

    number: int
    act: Act
    at: datetime
    incident: Incident


@dataclass(frozen=True)
class AlertMessage:
    """A message to one receiver about ``events`` (their numbers), with what came of it.

    ``attempts``: how often it was tried, ``tried_at`` the last time; ``arrived``: whether the receiver took it; ``reason``:
    what the last attempt came to, in words.
    """

    id: str
    receiver: str
    title: str
    body: str
    written_at: datetime
    events: tuple[int, ...] = ()
    attempts: int = 0
    tried_at: datetime | None = None
    arrived: bool = False
    reason: str = ""
    incidents: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class HostSign:
    """When a process that looks after the plant (``host``: machine and what runs there) was last heard of, and until when
    it promised to be heard of again. One that ended by itself promises nothing: ``alive_until`` None."""

    host: str
    seen_at: datetime
    alive_until: datetime | None
