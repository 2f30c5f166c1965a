"""``/v1/runs``: asking engines for plans, following them, and ending them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from time import monotonic
from typing import Annotated, Literal

from fastapi import Depends, Query, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from scheduler_core.api import problems
from scheduler_core.api.calls import Asked, Call, Keyed, KeyedCall, Made
from scheduler_core.api.documents import Body, Document, Id, Moment
from scheduler_core.api.paging import Paged
from scheduler_core.api.plan_documents import PlanDocument, plan_documents
from scheduler_core.api.prefer import Prefer, wait_of
from scheduler_core.api.routing import needs, resource
from scheduler_core.data.store.records import Run, RunState
from scheduler_core.objectives import Objective
from scheduler_core.roles import Action
from scheduler_core.runs.request import LONGEST_SECONDS
from scheduler_core.services import authorized, run_asking

router = resource("runs")
LOOK_SECONDS = 0.1
"""Between two looks at a run that a request waits for."""
EVENT_SECONDS = 0.5
"""Between two looks at a run that a stream follows."""
CHECK_SECONDS = 5.0
"""Between two looks at whether the caller of a stream may still follow."""
RETRY_SECONDS = 2
_ONE = needs(Action.LOOK, problems.NOT_FOUND)
_STARTED = needs(
    Action.PLAN, problems.NOT_FOUND, problems.IN_FLIGHT, problems.REFUSED, problems.KEY_REUSED, problems.UNSCHEDULABLE
)  # fmt: skip


class NewRun(Body):
    """What is asked of an engine."""

    snapshot: Id
    engine: Literal["greedy", "learned", "exact", "right_shift", "repair", "best"] = Field(
        description="right_shift (keep), repair (calm) and best begin with a plan, the others with none"
    )
    objective: str = Field(
        "tardiness", max_length=200, description="A name, or prices such as tardiness=1,overtime=0.2 (docs/aims.md)"
    )
    seconds: float | None = Field(None, gt=0, le=LONGEST_SECONDS, description="Of search; null: the usual")
    rule: str = Field("best", max_length=50, description="A dispatching rule, for greedy")
    seed: int = Field(0, ge=0, lt=2**31)
    workers: int = Field(1, ge=1, le=16, description="Cores that the engine may use")
    from_plan: Id | None = Field(None, description="The plan to begin with; null: the plan in force")
    most_moves: int | None = Field(None, ge=0, le=100_000, description="For repair: how many operations may move")
    variation: float = Field(0.0, ge=0, le=2, description="For learned: of durations, 0 where they are as planned")
    keep_frozen_zone: bool = Field(True, description="What the plan in force starts within the frozen hours stays")


class RunDocument(Document):
    """A run: what was asked for, and what has become of it."""

    id: Id
    snapshot: Id
    engine: str
    objective: str
    state: RunState
    progress: float = Field(description="The part that is done, 0 to 1")
    message: str
    cancel_requested: bool
    keep_requested: bool
    asked_at: Moment
    started_at: Moment | None
    ended_at: Moment | None
    deadline: Moment
    fail_reason: str | None
    plan: Id | None = Field(description="The plan that it has made")
    rejected_plan: Id | None = Field(description="The schedule that it has made and the validator has rejected")
    result: PlanDocument | None = Field(None, description="The plan, in the answer to POST with Prefer: wait alone")


class RunList(Document):
    """A page of runs, newest first."""

    items: list[RunDocument]
    next: str | None = Field(description="The cursor of the next page; null on the last")


@router.post(
    "",
    summary="Ask an engine for a plan",
    status_code=202,
    response_model=RunDocument,
    **{
        **_STARTED,
        "responses": {
            200: {"model": RunDocument, "description": "The run has ended within the time of Prefer: wait"},
            **_STARTED["responses"],
        },
    },
)
async def start(body: NewRun, call: Keyed, response: Response, prefer: Prefer = None) -> Response:
    """The run waits for a slot, and is worked on in a process of its own: follow it at the address in Location."""
    del response
    queued = await run_in_threadpool(call.once, lambda request_id: _queued(call, body, request_id))
    seconds = wait_of(prefer, call.service.settings.longest_wait_seconds)
    if not seconds:
        return queued
    run = await _ended(call, queued.headers["location"].rpartition("/")[2], seconds)
    applied = {"Location": queued.headers["location"], "Preference-Applied": f"wait={seconds}"}
    if not run.state.finished:
        return _answer(run_document(run), 202, applied | {"Retry-After": str(RETRY_SECONDS)})
    return _answer(await run_in_threadpool(_with_result, call, run), 200, applied)


@router.get("", summary="Runs, newest first", **needs(Action.LOOK))
def newest(
    call: Asked,
    paging: Paged,
    snapshot: Annotated[Id | None, Query(description="Only runs on this snapshot")] = None,
    state: Annotated[list[RunState] | None, Query(description="Only runs in these states")] = None,
) -> RunList:
    """Runs in the order in which they were asked for."""
    rows = call.store.runs.newest(snapshot_id=snapshot, states=state or (), limit=paging.fetch, after=paging.after)
    page, cursor = paging.cut(rows, lambda run: (run.order, run.id))
    return RunList(items=[run_document(run) for run in page], next=cursor)


@router.get("/{run_id}", summary="A run, and how far it is", **_ONE)
def one(run_id: Id, call: Asked, response: Response) -> RunDocument:
    """While it is not finished, Retry-After says when to look again."""
    run = call.store.runs.get(run_id)
    if not run.state.finished:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return run_document(run)


@router.delete(
    "/{run_id}", summary="Cancel a run", status_code=202, **needs(Action.PLAN, problems.NOT_FOUND)
)  # fmt: skip
def cancel(run_id: Id, call: Asked) -> RunDocument:
    """One that waits is cancelled at once, one at work within about a second; one that has ended stays as it is."""
    authorized.cancel_run(call.store, call.actor, run_id)
    return run_document(call.store.runs.get(run_id))


@router.post(
    "/{run_id}:keep-best", summary="End a run with the best plan so far", status_code=202,
    **needs(Action.PLAN, problems.NOT_FOUND),
)  # fmt: skip
def keep_best(run_id: Id, call: Asked) -> RunDocument:
    """A run at work ends within about a second with the best plan that it has found; any other run stays as it is."""
    authorized.keep_run(call.store, call.actor, run_id)
    return run_document(call.store.runs.get(run_id))


async def followed(run_id: Id, call: Asked) -> AsyncGenerator[Run, None]:
    """The run of a stream, which has its place until it ends. Raises Problem (429) while too many streams are open."""
    if call.service.streams >= call.service.settings.streams:
        raise problems.Problem(
            problems.TOO_MANY, "Too many streams are open: ask for the run itself.",
            headers={"Retry-After": str(RETRY_SECONDS)},
        )  # fmt: skip
    call.service.streams += 1  # without waiting since it was looked at, so that no other one has taken the place
    try:
        yield await call.service.looks.at(run_id, 0.0)
    finally:
        call.service.streams -= 1


@router.get(
    "/{run_id}/events", summary="Follow a run (server-sent events)", response_class=EventSourceResponse, **_ONE
)  # fmt: skip
async def events(call: Asked, run: Annotated[Run, Depends(followed)]) -> AsyncIterator[ServerSentEvent]:
    """An event ``progress`` whenever the run has changed, and ``end`` when it has ended: then the stream ends. It also ends,
    without ``end``, after ten minutes (``longest_stream_seconds``), when the server stops, and within seconds when the token
    or its role has gone. Comments keep an idle connection open."""
    number, told, checked = 0, "", monotonic()
    until = checked + call.service.settings.longest_stream_seconds
    while monotonic() < until and not call.service.stopping.is_set():
        document = run_document(run)
        if (said := document.model_dump_json()) != told:
            number, told = number + 1, said
            name = "end" if run.state.finished else "progress"
            yield ServerSentEvent(event=name, id=str(number), raw_data=said, retry=RETRY_SECONDS * 1000)
        if run.state.finished:
            return
        await asyncio.sleep(EVENT_SECONDS)
        if monotonic() - checked >= CHECK_SECONDS:
            if not await run_in_threadpool(call.still_may, Action.LOOK):
                return
            checked = monotonic()
        run = await call.service.looks.at(run.id, EVENT_SECONDS)


def run_document(run: Run) -> RunDocument:
    """A stored run."""
    return RunDocument(
        id=run.id, snapshot=run.snapshot_id, engine=run.engine, objective=run.config.objective.value, state=run.state,
        progress=run.fraction, message=run.message, cancel_requested=run.cancel_requested,
        keep_requested=run.keep_requested, asked_at=run.created_at, started_at=run.started_at,
        ended_at=run.finished_at, deadline=run.deadline, fail_reason=run.fail_reason,
        plan=run.schedule_id if run.state is RunState.OK else None,
        rejected_plan=run.schedule_id if run.state is not RunState.OK else None, result=None,
    )  # fmt: skip


def _queued(call: KeyedCall, body: NewRun, request_id: str) -> Made:
    asked = run_asking.Asked(
        snapshot_id=body.snapshot, engine=body.engine, objective=Objective.parse(body.objective), seconds=body.seconds,
        rule=body.rule, seed=body.seed, workers=body.workers, from_plan=body.from_plan, most_moves=body.most_moves,
        variation=body.variation, keep_zone=body.keep_frozen_zone,
    )  # fmt: skip
    authorized.require(call.store, call.actor, Action.PLAN)
    run_id = run_asking.led_to(call.store, asked, request_id)
    if run_id is None:
        run_id = authorized.submit(call.store, call.actor, run_asking.request_for(call.store, asked, request_id))
    call.service.begin_runs()
    headers = {"Location": f"{router.prefix}/{run_id}", "Retry-After": str(RETRY_SECONDS)}
    return Made(run_document(call.store.runs.get(run_id)), 202, headers)


async def _ended(call: Call, run_id: str, seconds: int) -> Run:
    """The run when it has ended, or as it is after so many seconds or when the server stops."""
    until = monotonic() + seconds
    while True:
        run = await run_in_threadpool(call.store.runs.get, run_id)
        if run.state.finished or monotonic() >= until or call.service.stopping.is_set():
            return run
        await asyncio.sleep(LOOK_SECONDS)


def _with_result(call: Call, run: Run) -> RunDocument:
    if run.schedule_id is None:
        return run_document(run)
    found = plan_documents(call.store, [call.store.schedules.get(run.schedule_id)])[0]
    return run_document(run).model_copy(update={"result": found})


def _answer(document: Document, status: int, headers: dict[str, str]) -> Response:
    return Response(document.model_dump_json(), status, headers, "application/json")
