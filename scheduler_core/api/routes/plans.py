"""``/v1/plans``: what engines and planners have made, and what was rejected."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response

from scheduler_core.analysis.plan_diff import plan_diff
from scheduler_core.api import problems
from scheduler_core.api.calls import Asked, Call
from scheduler_core.api.documents import Id
from scheduler_core.api.etags import IfNoneMatch, etag_of, is_known
from scheduler_core.api.paging import Paged
from scheduler_core.api.plan_documents import (
    DifferenceDocument,
    PlanDocument,
    PlanList,
    ScheduleDocument,
    ViolationList,
    difference_document,
    plan_documents,
    schedule_document,
    violation_document,
)
from scheduler_core.api.routing import needs, resource
from scheduler_core.data.store.records import StoredSchedule
from scheduler_core.roles import Action

router = resource("plans")
_NOT_MODIFIED = {304: {"description": "The plan is the one that the program has"}}
_ONE = needs(Action.LOOK, problems.NOT_FOUND)
_OPERATIONS = needs(Action.LOOK, problems.NOT_FOUND, problems.REFUSED)


@router.get("", summary="Plans, newest first", **needs(Action.LOOK))
def newest(
    call: Asked,
    paging: Paged,
    snapshot: Annotated[Id | None, Query(description="Only plans of this snapshot")] = None,
    rejected: Annotated[bool, Query(description="Rejected schedules instead of plans")] = False,
) -> PlanList:
    """Plans that passed the validator, or the schedules that it rejected."""
    rows = call.store.schedules.newest(snapshot_id=snapshot, rejected=rejected, limit=paging.fetch, after=paging.after)
    page, cursor = paging.cut(rows, lambda plan: (plan.order, plan.id))
    return PlanList(items=plan_documents(call.store, page), next=cursor)


@router.get("/{plan_id}", summary="A plan with its key figures", **_ONE)
def one(plan_id: Id, call: Asked) -> PlanDocument:
    """A plan, or a rejected schedule."""
    return plan_documents(call.store, [call.store.schedules.get(plan_id)])[0]


@router.get(
    "/{plan_id}/schedule",
    summary="When and where every operation runs",
    **{**_OPERATIONS, "responses": _OPERATIONS["responses"] | _NOT_MODIFIED},
    response_model=ScheduleDocument,
)
def schedule(
    plan_id: Id, call: Asked, response: Response, if_none_match: IfNoneMatch = None
) -> ScheduleDocument | Response:  # fmt: skip
    """The operations of a plan. A rejected schedule has none to carry out: 409."""
    stored = call.store.schedules.get(plan_id)
    tag = etag_of(stored.content_sha256)
    if is_known(if_none_match, tag):
        return Response(status_code=304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    loaded = call.store.schedules.load(plan_id)
    return schedule_document(stored, call.store.snapshots.plant(stored.snapshot_id), loaded)


@router.get("/{plan_id}/violations", summary="The constraints that a rejected schedule breaks", **_ONE)
def violations(plan_id: Id, call: Asked) -> ViolationList:
    """What the validator found, in the order in which it found it."""
    return ViolationList(plan=plan_id, items=[violation_document(one) for one in call.store.schedules.violations(plan_id)])


@router.get("/{plan_id}/difference", summary="What changes when this plan takes another one's place", **_OPERATIONS)
def difference(
    plan_id: Id, call: Asked, before: Annotated[Id, Query(description="The plan whose place it takes")]
) -> DifferenceDocument:
    """Operations and orders that differ, compared on the plant's clock, also when the plans are of different pulls."""
    old, new = _of_one_plant(call, before, plan_id)
    old_plant, new_plant = call.store.snapshots.plant(old.snapshot_id), call.store.snapshots.plant(new.snapshot_id)
    found = plan_diff(old_plant, call.store.schedules.load(before), new_plant, call.store.schedules.load(plan_id))
    return difference_document(old, new, new_plant, found)


def _of_one_plant(call: Call, before: str, after: str) -> tuple[StoredSchedule, StoredSchedule]:
    old, new = call.store.schedules.get(before), call.store.schedules.get(after)
    plants = {call.store.snapshots.get(plan.snapshot_id).plant for plan in (old, new)}
    if len(plants) > 1:
        raise problems.Problem(problems.REFUSED, f"The plans are of different plants: {', '.join(sorted(plants))}.")
    return old, new
