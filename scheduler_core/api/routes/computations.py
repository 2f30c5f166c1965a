"""``/v1/computations``: answers that take longer than a second: tried fixes, expedite and promise dates, odds, figures."""

from __future__ import annotations

import asyncio
import pickle
from time import monotonic
from typing import Annotated

from fastapi import Path, Response
from starlette.concurrency import run_in_threadpool

from scheduler_core.api import problems
from scheduler_core.api.calls import Asked, Call, Keyed, Made
from scheduler_core.api.computations.questions import Question
from scheduler_core.api.computations.records import Computation, State, TooManyComputations, UnknownComputation
from scheduler_core.api.prefer import Prefer, wait_of
from scheduler_core.api.results.computations import (
    ComputationDocument,
    ComputationList,
    computation_document,
    computation_line,
)
from scheduler_core.api.results.expedite import KeptPointDocument
from scheduler_core.api.routing import needs, resource
from scheduler_core.errors import InvalidValue
from scheduler_core.roles import Action
from scheduler_core.services import authorized

router = resource("computations")
LOOK_SECONDS = 0.05
"""Between two looks at a computation that a request waits for."""
RETRY_SECONDS = 1
_ONE = needs(Action.LOOK, problems.COMPUTATION_NOT_FOUND)
_ASK = needs(Action.LOOK)
_KEEP = needs(
    Action.WHAT_IF, problems.COMPUTATION_NOT_FOUND, problems.NOT_FOUND, problems.REFUSED, problems.IN_FLIGHT,
    problems.KEY_REUSED, problems.UNSCHEDULABLE,
)  # fmt: skip
ComputationId = Annotated[str, Path(pattern=r"^[A-Za-z0-9_-]{1,40}$", description="Id of a computation")]


@router.post(
    "",
    summary="Compute an answer",
    status_code=202,
    response_model=ComputationDocument,
    **{
        **_ASK,
        "responses": {
            200: {"model": ComputationDocument, "description": "It has ended within the time of Prefer: wait"},
            **_ASK["responses"],
        },
    },
)
async def ask(body: Question, call: Asked, prefer: Prefer = None) -> Response:
    """Nothing is stored: the answer is kept for 15 minutes and lost with a restart of the API. The same question while it is
    at work is the same computation, so this needs no key. A caller has four computations at once at most."""
    try:
        asked, _ = await run_in_threadpool(call.service.computations.ask, call.actor.name, body)
    except TooManyComputations as error:
        raise problems.Problem(
            problems.TOO_MANY, str(error), headers={"Retry-After": str(error.seconds)}
        ) from None  # fmt: skip
    headers = {"Location": f"{router.prefix}/{asked.id}"}
    if seconds := wait_of(prefer, call.service.settings.longest_wait_seconds):
        asked = await _ended(call, asked, seconds)
        headers["Preference-Applied"] = f"wait={seconds}"
    if not asked.state.ended:
        headers["Retry-After"] = str(RETRY_SECONDS)
    document = computation_document(asked)
    return Response(document.model_dump_json(), 200 if asked.state.ended else 202, headers, "application/json")


@router.get("", summary="The caller's computations, newest first", **needs(Action.LOOK))
def own(call: Asked) -> ComputationList:
    """Those that are at work and those that ended lately, without their answers."""
    return ComputationList(items=[computation_line(one) for one in call.service.computations.of(call.actor.name)])


@router.get("/{computation_id}", summary="A computation: its progress or its answer", **_ONE)
def one(computation_id: ComputationId, call: Asked, response: Response) -> ComputationDocument:
    """While it has not ended, Retry-After says when to look again."""
    found = _found(call, computation_id)
    if not found.state.ended:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return computation_document(found)


@router.delete("/{computation_id}", summary="Cancel a computation", **_ONE)
def cancel(computation_id: ComputationId, call: Asked) -> ComputationDocument:
    """It ends at once; one that has ended stays as it is."""
    _found(call, computation_id)
    return computation_document(call.service.computations.cancel(call.actor.name, computation_id))


@router.post(
    "/{computation_id}/points/{number}:keep", summary="Keep a point of an expedite curve as a what-if plan",
    status_code=201, response_model=KeptPointDocument, **_KEEP,
)  # fmt: skip
def keep_point(
    computation_id: ComputationId, number: Annotated[int, Path(ge=1, le=100, description="From 1 on")], call: Keyed
) -> Response:
    """The plan is judged and stored with a what-if that names the order and its date; the same point again is the same plan.
    Put it up for approval with `POST /v1/plans/PLAN:promote`."""

    def keep(_request_id: str) -> Made:
        found = _found(call, computation_id)
        if found.state is not State.DONE or found.answer is None or not found.answer.kept:
            raise problems.Problem(problems.REFUSED, "Only a curve that has been computed (kind expedite) has points.")
        question, points = pickle.loads(found.answer.kept)
        if number > len(points):
            raise InvalidValue("path.number", number, f"must be one of the {len(points)} points of the curve")
        kept = authorized.keep_expedited(call.store, call.actor, question, points[number - 1])
        document = KeptPointDocument(what_if=kept.scenario_id, plan=kept.schedule_id)
        return Made(document, 201, {"Location": f"/v1/plans/{kept.schedule_id}"})

    return call.once(keep)


def _found(call: Call, computation_id: str) -> Computation:
    try:
        return call.service.computations.get(call.actor.name, computation_id)
    except UnknownComputation as error:
        raise problems.Problem(problems.COMPUTATION_NOT_FOUND, str(error)) from None


async def _ended(call: Call, asked: Computation, seconds: int) -> Computation:
    """The computation when it has ended, or as it is after so many seconds or when the server stops."""
    until = monotonic() + seconds
    while not asked.state.ended and monotonic() < until and not call.service.stopping.is_set():
        await asyncio.sleep(LOOK_SECONDS)
        asked = call.service.computations.get(call.actor.name, asked.id)
    return asked
