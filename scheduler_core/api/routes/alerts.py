"""``/v1/alerts``: what is wrong now, who was told, and acknowledging."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from pydantic import Field

from scheduler_core.alerts.documents import alert_document, deliveries_by_incident
from scheduler_core.api import problems
from scheduler_core.api.calls import Asked
from scheduler_core.api.documents import Document, Id, Moment
from scheduler_core.api.paging import Paged
from scheduler_core.api.routing import needs, resource
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Incident
from scheduler_core.roles import Action
from scheduler_core.services import authorized

router = resource("alerts")


class AlertDelivery(Document):
    """A message about an alert to one receiver, and what came of it."""

    receiver: str = Field(description="Its name in the settings")
    title: str
    written_at: Moment
    arrived: bool
    attempts: int
    tried_at: Moment | None
    reason: str = Field(description="What the last attempt came to; empty if the receiver took the message")


class AlertDocument(Document):
    """Something that is or was wrong."""

    id: Id
    kind: str = Field(description="The rule's name in the settings, such as late_order")
    about: str = Field(description="What tells it from others of its kind: an order's number, a machine's id")
    headline: str
    details: list[str] = Field(description="Cause, cost, the best tried change: a sentence each")
    figures: dict[str, Any] = Field(description="What the sentences are made of")
    urgent: bool
    begun_at: Moment
    over_at: Moment | None = Field(description="null while it is open")
    acknowledged_by: str | None
    acknowledged_at: Moment | None
    deliveries: list[AlertDelivery]


class AlertList(Document):
    """A page of alerts, newest first."""

    items: list[AlertDocument]
    next: str | None


@router.get("", summary="Alerts, newest first", **needs(Action.LOOK))
def newest(
    call: Asked,
    paging: Paged,
    everything: Annotated[bool, Query(alias="all", description="Also those that are over")] = False,
) -> AlertList:
    """The open alerts, or all, with the messages about them."""
    rows = call.store.alerts.newest(paging.fetch, after=paging.after, only_open=not everything)
    page, cursor = paging.cut(rows, lambda incident: (incident.order, incident.id))
    told = deliveries_by_incident(call.store.alerts.messages_about([incident.id for incident in page]))
    items = [AlertDocument.model_validate(alert_document(one, told.get(one.id, ()))) for one in page]
    return AlertList(items=items, next=cursor)


@router.get("/{alert_id}", summary="An alert", **needs(Action.LOOK, problems.NOT_FOUND))
def one(alert_id: Id, call: Asked) -> AlertDocument:
    """An alert with the messages about it."""
    return _document(call.store, call.store.alerts.get(alert_id))


@router.post(
    "/{alert_id}:acknowledge", summary="Acknowledge an alert", **needs(Action.PLAN, problems.NOT_FOUND, problems.REFUSED)
)  # fmt: skip
def acknowledge(alert_id: Id, call: Asked) -> AlertDocument:
    """It is not sent again. The first one who acknowledges it stands; one that is over cannot be acknowledged."""
    authorized.acknowledge_alert(call.store, call.actor, alert_id)
    return _document(call.store, call.store.alerts.get(alert_id))


def _document(store: Store, incident: Incident) -> AlertDocument:
    told = deliveries_by_incident(store.alerts.messages_about([incident.id]))
    return AlertDocument.model_validate(alert_document(incident, told.get(incident.id, ())))
