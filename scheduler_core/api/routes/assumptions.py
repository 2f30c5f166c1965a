"""``/v1/plans/PLAN/assumptions``: what a what-if plan assumes, and what became of it."""

from __future__ import annotations

from typing import Any

from fastapi import Response
from pydantic import Field

from scheduler_core.api import problems
from scheduler_core.api.calls import Asked, Call, Keyed, Made
from scheduler_core.api.documents import Body, Id
from scheduler_core.api.plant_clock import now_in
from scheduler_core.api.plant_time import typed
from scheduler_core.api.results.what_ifs import Assumptions, AssumptionsAnswered
from scheduler_core.api.routing import needs, resource
from scheduler_core.data.store.records import SnapshotInfo
from scheduler_core.roles import Action
from scheduler_core.scenarios.change_wording import change_words
from scheduler_core.scenarios.changes_file import kind_of
from scheduler_core.services import assumptions, authorized

router = resource("plans")


class AssumptionAnswerBody(Body):
    """Whether an assumption came true."""

    what_if: Id
    position: int = Field(ge=0, lt=10_000, description="Of the change in the what-if, from 0")
    came_true: bool
    record: bool = Field(False, description="Record a breakdown that came true, so that every new plan goes around it")


@router.get("/{plan_id}/assumptions", summary="What a plan assumes", **needs(Action.LOOK, problems.NOT_FOUND))
def assumed(plan_id: Id, call: Asked) -> Assumptions:
    """Empty for a plan that is of no what-if."""
    return _document(call, plan_id)


@router.post(
    "/{plan_id}:answer-assumption", summary="Say whether an assumption came true", response_model=AssumptionsAnswered,
    **needs(Action.PLAN, problems.NOT_FOUND, problems.REFUSED, problems.IN_FLIGHT, problems.KEY_REUSED,
            problems.SUPERSEDED, problems.UNSCHEDULABLE),
)  # fmt: skip
def answer(plan_id: Id, body: AssumptionAnswerBody, call: Keyed) -> Response:
    """With `record`, the plan goes on without the assumption where it can, under the id in the answer."""

    def work(request_id: str) -> Made:
        said = assumptions.Answer(plan_id, body.what_if, body.position, body.came_true, body.record)
        now = now_in(_snapshot(call, plan_id), call.now)
        made = authorized.answer_assumption(call.store, call.actor, said, now=now, request_id=request_id)
        return Made(AssumptionsAnswered(plan=made, items=_document(call, plan_id).items))

    return call.once(work)


def _document(call: Call, plan_id: str) -> Assumptions:
    snapshot = _snapshot(call, plan_id)
    now = now_in(snapshot, call.now)
    items: list[dict[str, Any]] = [
        {
            "what_if": one.scenario_id, "position": one.position, "kind": kind_of(one.plant, one.change),
            "words": change_words(one.plant, one.change), "until": one.until, "standing": one.standing(now),
            "answered_by": None if one.answer is None else one.answer.actor,
        }
        for one in assumptions.assumptions_of(call.store, snapshot.id)
    ]  # fmt: skip
    return typed(Assumptions, {"plan": plan_id, "items": items}, snapshot.timezone)


def _snapshot(call: Call, plan_id: str) -> SnapshotInfo:
    return call.store.snapshots.get(call.store.schedules.get(plan_id).snapshot_id)
