"""From what is wrong now to what changes: incidents that begin, last or are over, and the news for each receiver. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler_core.alerts.config import AlertsConfig
from scheduler_core.alerts.kinds import Kind
from scheduler_core.alerts.rules import Found, Looked
from scheduler_core.data.store.records import Act, Incident, IncidentEvent


@dataclass(frozen=True)
class Compared:
    """What one look changes: ``begun``: new incidents; ``over`` and ``reminded``: ids of open ones. ``absent``: since when
    the cause of an open incident (id) is gone, which lasts until it has settled."""

    begun: tuple[Found, ...]
    over: tuple[str, ...]
    reminded: tuple[str, ...]
    absent: Mapping[str, datetime]


def opened_by_kind(opened: Iterable[Incident]) -> Mapping[Kind, frozenset[str]]:
    """What the open incidents of each kind are about; kinds of another version are left out."""
    found: dict[Kind, set[str]] = {}
    for incident in opened:
        if incident.kind in set(Kind):
            found.setdefault(Kind(incident.kind), set()).add(incident.about)
    return {kind: frozenset(about) for kind, about in found.items()}


def compare(
    opened: Sequence[Incident],
    looked: Mapping[Kind, Looked],
    absent: Mapping[str, datetime],
    settings: AlertsConfig,
    now: datetime,
) -> Compared:
    """The changes between the open incidents and what the rules found. ``absent``: of the look before."""
    found = {(one.kind.value, one.about): one for several in looked.values() for one in several or ()}
    unknown = {kind.value for kind, several in looked.items() if several is None}
    known = {(incident.kind, incident.about) for incident in opened}
    gone: dict[str, datetime] = {}
    over, reminded = [], []
    for incident in opened:
        lasts = (incident.kind, incident.about) in found or incident.kind in unknown
        if lasts:
            if _wants_reminder(incident, settings, now):
                reminded.append(incident.id)
            continue
        since = absent.get(incident.id, now)
        if now - since >= timedelta(minutes=settings.settle_minutes):
            over.append(incident.id)
        else:
            gone[incident.id] = since
    begun = tuple(one for key, one in found.items() if key not in known)
    return Compared(begun, tuple(over), tuple(reminded), gone)


def _wants_reminder(incident: Incident, settings: AlertsConfig, now: datetime) -> bool:
    if settings.remind_hours is None or incident.acknowledged_by is not None:
        return False
    return now - (incident.reminded_at or incident.begun_at) >= timedelta(hours=settings.remind_hours)


@dataclass(frozen=True)
class News:
    """What a receiver is told of one incident, and the events that this tells of. ``over``: that it is over, and with
    ``unheard`` that it was here at all."""

    incident: Incident
    events: tuple[int, ...]
    over: bool
    unheard: bool


def news(untold: Sequence[IncidentEvent], *, quiet: bool) -> tuple[News, ...]:
    """What a receiver is to be told now, by incident, the oldest first.

    Nothing of an incident that somebody acknowledged before the receiver was told, no reminder of one that was acknowledged
    or is over, and while it is ``quiet`` only what is urgent: the rest stays untold until later.
    """
    of: dict[str, list[IncidentEvent]] = {}
    for event in untold:
        of.setdefault(event.incident.id, []).append(event)
    found = []
    for events in of.values():
        incident, acts = events[0].incident, {event.act for event in events}
        unheard = Act.BEGUN in acts
        seen = incident.acknowledged_by is not None
        stale = acts == {Act.REMINDER} and (seen or not incident.is_open)
        if (unheard and seen) or stale or (quiet and not incident.urgent):
            continue
        found.append(News(incident, tuple(e.number for e in events), not incident.is_open, unheard))
    return tuple(found)
