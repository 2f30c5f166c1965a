"""``/v1/plans/PLAN:...``: what a planner does with a plan: changes it by hand, puts it up for approval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fastapi import Response
from pydantic import Field

from scheduler_core.api import problems
from scheduler_core.api.calls import Asked, Keyed, Made
from scheduler_core.api.documents import Body, Id
from scheduler_core.api.plan_documents import PlanDocument, plan_document
from scheduler_core.api.plant_time import minute_of
from scheduler_core.api.results.what_ifs import MoveBody, MovedPlan, moved_plan
from scheduler_core.api.routing import needs, resource
from scheduler_core.plant import Plant
from scheduler_core.roles import Action
from scheduler_core.services import authorized

if TYPE_CHECKING:
    from scheduler_core.scenarios.manual_moves import Move

router = resource("plans")
MOST_MOVES = 500
_KEEP = needs(Action.PLAN, problems.NOT_FOUND, problems.REFUSED, problems.IN_FLIGHT, problems.KEY_REUSED)


class Moves(Body):
    """Moves by hand, made one after another."""

    moves: list[MoveBody] = Field(min_length=1, max_length=MOST_MOVES)


@router.post("/{plan_id}:try-moves", summary="What moves by hand make of a plan",
             **needs(Action.LOOK, problems.NOT_FOUND, problems.REFUSED))  # fmt: skip
def try_moves(plan_id: Id, body: Moves, call: Asked) -> MovedPlan:
    """The sequence of the others stays, and all is timed anew; nothing is kept. A move that the rules forbid: 409."""
    from scheduler_core.scenarios.manual_moves import change

    loaded = call.service.plans.get(plan_id)
    return moved_plan(change(loaded.plant, loaded.schedule, _moves(loaded.plant, body.moves)))


@router.post("/{plan_id}:keep-moves", summary="Keep a plan that was changed by hand", status_code=201,
             response_model=PlanDocument, **_KEEP)  # fmt: skip
def keep_moves(plan_id: Id, body: Moves, call: Keyed) -> Response:
    """A plan of its own, judged as any other."""

    def keep(request_id: str) -> Made:
        plant = call.service.plans.get(plan_id).plant
        kept = authorized.keep_moves(call.store, call.actor, plan_id, _moves(plant, body.moves), request_id)
        return Made(plan_document(call.store.schedules.get(kept)), 201, {"Location": f"{router.prefix}/{kept}"})

    return call.once(keep)


@router.post("/{plan_id}:promote", summary="Put a what-if plan up for approval",
             **needs(Action.WHAT_IF, problems.NOT_FOUND, problems.REFUSED))  # fmt: skip
def promote(plan_id: Id, call: Asked) -> PlanDocument:
    """What is released stays in force. Only plans of what-ifs need this."""
    authorized.promote(call.store, call.actor, plan_id)
    return plan_document(call.store.schedules.get(plan_id))


def _moves(plant: Plant, moves: Sequence[MoveBody]) -> list[Move]:
    from scheduler_core.scenarios.manual_moves import Move

    return [
        Move(one.job, one.operation, one.machine, minute_of(plant, one.start, f"body.moves.{number}.start"))
        for number, one in enumerate(moves)
    ]
