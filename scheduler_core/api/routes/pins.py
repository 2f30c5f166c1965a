"""``/v1/plans/PLAN/pins``: operations that every later plan leaves where they are."""

from __future__ import annotations

from fastapi import Response
from pydantic import Field

from scheduler_core.api import problems
from scheduler_core.api.asking import JobId
from scheduler_core.api.calls import Asked, Call, Keyed, Made
from scheduler_core.api.documents import Body, Id
from scheduler_core.api.etags import IfMatch, etag_of, must_match
from scheduler_core.api.plant_clock import now_in
from scheduler_core.api.plant_time import typed
from scheduler_core.api.results.what_ifs import PinnedPlan, Pins
from scheduler_core.api.routing import needs, resource
from scheduler_core.roles import Action
from scheduler_core.services import authorized
from scheduler_core.services.planner_additions import pins

router = resource("plans")
_CHANGE = needs(
    Action.PLAN, problems.NOT_FOUND, problems.REFUSED, problems.SUPERSEDED, problems.IN_FLIGHT, problems.KEY_REUSED,
    problems.STALE, problems.PRECONDITION_REQUIRED, problems.UNSCHEDULABLE,
)  # fmt: skip


class Unpinning(Body):
    """The operation that is set free."""

    job: JobId
    operation: int = Field(ge=0, lt=2**31)


class Pinning(Unpinning):
    """The operation that stays where the plan has it, and why."""

    reason: str = Field(min_length=1, max_length=200)


@router.get("/{plan_id}/pins", summary="The pinned operations of a plan", **needs(Action.LOOK, problems.NOT_FOUND))
def pinned(plan_id: Id, call: Asked, response: Response) -> Pins:
    """Its ETag changes with every pin and with every pull, and is what pinning wants in If-Match."""
    document = _document(call, plan_id)
    response.headers["ETag"] = _etag(call, document)
    return document


@router.post("/{plan_id}:pin", summary="Pin an operation of a plan", status_code=201, response_model=PinnedPlan, **_CHANGE)
def pin(plan_id: Id, body: Pinning, call: Keyed, if_match: IfMatch = None) -> Response:
    """Of a plan of the latest pull. The plan goes on in a new snapshot with the pin, under the id in the answer."""

    def work(request_id: str) -> Made:
        document = _document(call, plan_id)
        must_match(if_match, _etag(call, document))
        stored = call.store.schedules.get(plan_id)
        snapshot = call.store.snapshots.get(stored.snapshot_id)
        now = max(0, call.store.snapshots.plant(snapshot.id).minute_of(now_in(snapshot, call.now)))
        made = authorized.pin(
            call.store, call.actor, plan_id, (body.job, body.operation), now=now, reason=body.reason, request_id=request_id
        )  # fmt: skip
        return Made(PinnedPlan(plan=made), 201, {"Location": f"{router.prefix}/{made}"})

    return call.once(work)


@router.post("/{plan_id}:unpin", summary="Set a pinned operation free", response_model=PinnedPlan, **_CHANGE)
def unpin(plan_id: Id, body: Unpinning, call: Keyed, if_match: IfMatch = None) -> Response:
    """Where the plan is no plan without the pin, the answer names none: make a new one."""

    def work(request_id: str) -> Made:
        must_match(if_match, _etag(call, _document(call, plan_id)))
        made = authorized.unpin(call.store, call.actor, plan_id, (body.job, body.operation), request_id)
        return Made(PinnedPlan(plan=made), 200, {} if made is None else {"Location": f"{router.prefix}/{made}"})

    return call.once(work)


def _document(call: Call, plan_id: str) -> Pins:
    snapshot = call.store.snapshots.get(call.store.schedules.get(plan_id).snapshot_id)
    plant = call.store.snapshots.plant(snapshot.id)
    items = [
        {
            "job": one.job, "operation": one.sequence, "machines": list(one.place.machines),
            "start": plant.clock.text(one.place.start), "end": plant.clock.text(one.place.end), "words": one.words,
        }
        for one in pins(plant, call.store.snapshots.notes(snapshot.id))
    ]  # fmt: skip
    return typed(Pins, {"plan": plan_id, "items": items}, snapshot.timezone)


def _etag(call: Call, document: Pins) -> str:
    return etag_of(call.store.snapshots.needed_latest().id, document.model_dump(mode="json"))
