"""``/v1/orders``: orders that have arrived and that the ERP does not have yet."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Response
from pydantic import Field

from scheduler_core.api import problems
from scheduler_core.api.asking import change_of
from scheduler_core.api.calls import Asked, Keyed, Made
from scheduler_core.api.documents import Body, Document
from scheduler_core.api.fact_documents import MadeSnapshot
from scheduler_core.api.latest_plant import latest_of
from scheduler_core.api.routing import needs, resource
from scheduler_core.interchange.snapshot_writing import job_json
from scheduler_core.limits import MAX_TEXT
from scheduler_core.roles import Action
from scheduler_core.scenarios.changes import RushOrder
from scheduler_core.services import authorized
from scheduler_core.services.arrived_orders import MAX_SOURCE
from scheduler_core.services.planner_additions import imported_jobs

router = resource("orders")
_WRITE = needs(
    Action.PULL, problems.NOT_FOUND, problems.IN_FLIGHT, problems.REFUSED, problems.SUPERSEDED, problems.KEY_REUSED,
    problems.UNSCHEDULABLE,
)  # fmt: skip


class NewOrder(Body):
    """An order, and where it comes from."""

    order: Annotated[
        dict[str, Any], Field(description="A job as in a snapshot file (docs/formats.md); times are plant time")
    ]
    source: str = Field(min_length=1, max_length=MAX_SOURCE, description="Such as the web shop")


class RemovedOrder(Body):
    """An order that is not made after all."""

    job: str = Field(min_length=1, max_length=MAX_TEXT, description="Its number")


class AddedOrder(Document):
    """An order that the ERP did not have when it was added."""

    order: dict[str, Any] = Field(description="As in a snapshot file")
    source: str


class AddedOrders(Document):
    """The orders of the latest snapshot that did not come from the ERP."""

    items: list[AddedOrder]


@router.get("", summary="Orders that the ERP does not have", **needs(Action.LOOK, problems.NOT_FOUND))
def added(call: Asked) -> AddedOrders:
    """Those of tables and of programs in the latest snapshot, in the order in which they were added. One that the ERP
    delivers is no longer among them after the next pull."""
    latest = latest_of(call)
    found = imported_jobs(latest.plant, call.store.snapshots.notes(latest.info.id))
    return AddedOrders(items=[AddedOrder(order=job_json(latest.plant, one.job), source=one.file) for one in found])


@router.post("", summary="An order has arrived", status_code=201, response_model=MadeSnapshot, **_WRITE)
def arrived(body: NewOrder, call: Keyed) -> Response:
    """It is in the latest snapshot, made once more with it, and in every later pull until the ERP delivers an order of its
    number."""

    def keep(request_id: str) -> Made:
        latest = latest_of(call)
        rush = change_of(latest.plant, {"change": "rush-order", "job": body.order}, "order", ".job")
        assert isinstance(rush, RushOrder)
        made = authorized.report_order(call.store, call.actor, rush.job, latest.plant, body.source, request_id)
        return Made(MadeSnapshot(snapshot=made), 201, {"Location": f"/v1/snapshots/{made}"})

    return call.once(keep)


@router.post(":remove", summary="Take an order out again that the ERP does not have", response_model=MadeSnapshot, **_WRITE)
def remove(body: RemovedOrder, call: Keyed) -> Response:
    """Only an order that was added: the ERP's own are closed there."""

    def keep(request_id: str) -> Made:
        latest, made = latest_of(call), call.store.snapshots.of_request(request_id)
        if made is None:
            made = authorized.remove_job(call.store, call.actor, latest.info.id, body.job, request_id)
        return Made(MadeSnapshot(snapshot=made))

    return call.once(keep)
