"""Incidents with their deliveries as plain values, for the command line and the HTTP API. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from scheduler_core.alerts.wording import Words
from scheduler_core.data.store.records import AlertMessage, Incident


def deliveries_by_incident(messages: Iterable[AlertMessage]) -> Mapping[str, tuple[AlertMessage, ...]]:
    """The messages about each incident (id), the oldest first."""
    found: dict[str, list[AlertMessage]] = {}
    for message in messages:
        for incident_id in message.incidents:
            found.setdefault(incident_id, []).append(message)
    return {of: tuple(sorted(several, key=lambda m: m.written_at)) for of, several in found.items()}


def alert_document(incident: Incident, deliveries: Sequence[AlertMessage] = ()) -> dict[str, object]:
    """The incident in JSON's types; times are ISO 8601 in UTC. Texts of the ERP are as the ERP has them."""
    words = Words(names=True, clean=str)
    return {
        "id": incident.id,
        "kind": incident.kind,
        "about": incident.about,
        "headline": words.headline(incident.kind, incident.content),
        "details": list(words.details(incident.kind, incident.content)),
        "figures": dict(incident.content),
        "urgent": incident.urgent,
        "begun_at": incident.begun_at.isoformat(),
        "over_at": None if incident.over_at is None else incident.over_at.isoformat(),
        "acknowledged_by": incident.acknowledged_by,
        "acknowledged_at": None if incident.acknowledged_at is None else incident.acknowledged_at.isoformat(),
        "deliveries": [delivery_document(message) for message in deliveries],
    }


def delivery_document(message: AlertMessage) -> dict[str, object]:
    """A message to a receiver and what came of it. The receiver's address is no part of it."""
    return {
        "receiver": message.receiver,
        "title": message.title,
        "written_at": message.written_at.isoformat(),
        "arrived": message.arrived,
        "attempts": message.attempts,
        "tried_at": None if message.tried_at is None else message.tried_at.isoformat(),
        "reason": message.reason,
    }
