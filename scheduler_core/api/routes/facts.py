"""``/v1/facts``: what planners and programs know of the floor and the ERP does not say yet."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from scheduler_core.api import problems
from scheduler_core.api.asking import OneChange, change_of, changes_of
from scheduler_core.api.calls import Asked, Call, Keyed, Made
from scheduler_core.api.documents import Body, Id, SentMoment
from scheduler_core.api.fact_documents import (
    EffectDocument,
    FactDocument,
    FactList,
    MadeSnapshot,
    QuestionList,
    RecordedDocument,
    effect_document,
    fact_document,
    question_list,
)
from scheduler_core.api.latest_plant import Latest, latest_of
from scheduler_core.api.paging import Paged
from scheduler_core.api.routing import needs, resource
from scheduler_core.api.turns import Turns
from scheduler_core.data.store_errors import NotFound
from scheduler_core.errors import InvalidValue
from scheduler_core.limits import MAX_CHANGES
from scheduler_core.roles import Action
from scheduler_core.scenarios.single_changes import MAX_REASON
from scheduler_core.services import authorized, facts
from scheduler_core.services.facts import Fact, Standing

router = resource("facts")
EFFECTS = Turns(2, "effects are being calculated", retry_seconds=2)
_READ = needs(Action.LOOK, problems.NOT_FOUND)
_WRITE = needs(
    Action.PLAN, problems.NOT_FOUND, problems.IN_FLIGHT, problems.REFUSED, problems.SUPERSEDED, problems.KEY_REUSED,
    problems.UNSCHEDULABLE,
)  # fmt: skip


class NewFact(Body):
    """What is stated."""

    change: OneChange = Field(
        description="One change of the format changes/1, such as operation-started or breakdown; times are plant time",
        examples=[
            {"change": "operation-started", "job": "A", "sequence": 10, "machine": 3, "at": "2026-11-30T07:05"},
            {"change": "operation-finished", "job": "A", "sequence": 10, "at": "2026-11-30T09:40", "good": 98},
            {"change": "pieces-scrapped", "job": "A", "sequence": 10, "at": "2026-11-30T09:40", "pieces": 2},
            {"change": "material-late", "job": "A", "release": "2026-12-01T06:00"},
        ],
    )
    reason: str = Field("", max_length=MAX_REASON, description="Why, or from where; reports from the floor need none")
    since: SentMoment | None = Field(None, description="null: from now on; a report counts from its own time")
    until: SentMoment | None = Field(None, description="null: until undone, or until the change itself is over")


class Undoing(Body):
    """Why a fact no longer holds."""

    reason: str = Field("", max_length=MAX_REASON)


class EffectQuestion(Body):
    """What is asked of a plan: either changes, or a fact that would be undone."""

    plan: Id
    changes: list[OneChange] = Field(default=[], max_length=MAX_CHANGES)
    without: str | None = Field(None, max_length=64, description="The id of a fact that would be undone")


@router.get("", summary="Facts, newest first", **_READ)
def known(
    call: Asked,
    paging: Paged,
    ended: Annotated[
        bool, Query(description="Those that are over or undone, instead of those in force and to come")
    ] = False,
) -> FactList:
    """The facts of the latest snapshot's plant, machines that are down and pinned operations among them."""
    latest = latest_of(call)
    past = (Standing.EXPIRED, Standing.UNDONE)
    every = facts.known(call.store, latest.plant, latest.now)
    rows = [fact for fact in every if (fact.standing(latest.now) in past) == ended]
    first = 0
    if paging.after is not None:
        after = paging.after
        first = next((n + 1 for n, fact in enumerate(rows) if fact.id == after[1]), after[0] + 1)
    numbered = list(enumerate(rows))[first : first + paging.fetch]
    page, cursor = paging.cut(numbered, lambda row: (row[0], row[1].id))
    idle = _idle(call, latest)
    items = [fact_document(latest.plant, fact, latest.now, idle.get(fact.id)) for _, fact in page]
    return FactList(plant=latest.plant.name, items=items, next=cursor)


@router.post(
    "", summary="Record a fact", status_code=201, response_model=RecordedDocument, **_WRITE
)  # fmt: skip
def record(body: NewFact, call: Keyed) -> Response:
    """A report from the floor, a machine that is down or back, material that is late, hours, an order on hold: the latest
    snapshot is made once more with it, and each later pull keeps to it until it is over or undone."""

    def keep(request_id: str) -> Made:
        latest = latest_of(call)
        change = change_of(latest.plant, body.change)
        since, until = (None if moment is None else latest.wall(moment) for moment in (body.since, body.until))
        stated = facts.Stated(change, latest.plant.plan_start, body.reason, since, until)
        try:
            made = authorized.record_fact(call.store, call.actor, stated, now=latest.now, request_id=request_id)
        except InvalidValue as error:
            raise error.under("change") if error.where in body.change else error from None
        document = RecordedDocument(id=made.fact_id, snapshot=made.snapshot_id)
        return Made(document, 201, {"Location": f"{router.prefix}/{made.fact_id}"})

    return call.once(keep)


@router.post("/effects:ask", summary="What changes would do to a plan", **{
    **_READ, "responses": needs(Action.LOOK, problems.NOT_FOUND, problems.REFUSED, problems.UNSCHEDULABLE)["responses"],
})  # fmt: skip
def effect(body: EffectQuestion, call: Asked) -> EffectDocument:
    """Calculated at once on the plan with all facts so far: every machine keeps the sequence of its operations. Nothing is
    stored."""
    if (body.without is None) == (not body.changes):
        raise InvalidValue("changes", len(body.changes), "or a fact in without: exactly one of both must be given")
    with EFFECTS.turn():
        latest = latest_of(call)
        if body.without is not None:
            fact = _fact(call, latest, body.without)
            return effect_document(body.plan, facts.effect_of_undoing(call.store, body.plan, fact, now=latest.now))
        changes = changes_of(latest.plant, body.changes)
        return effect_document(body.plan, facts.effect(call.store, body.plan, changes, now=latest.now))


@router.get("/questions", summary="What is asked of those who know the floor", **_READ)
def questions(call: Asked) -> QuestionList:
    """Machines out of service for which orders wait, and reports from the floor against which the ERP or the clock speaks.
    The answer is a fact, or the undoing of one."""
    latest = latest_of(call)
    machines = facts.unanswered(call.store, latest.info.id)
    return question_list(latest.plant, machines, facts.doubtful(call.store, latest.info.id, latest.now))


@router.get("/{fact_id}", summary="A fact", **_READ)
def one(fact_id: Id, call: Asked) -> FactDocument:
    """A fact of the latest snapshot's plant, whatever has become of it."""
    latest = latest_of(call)
    return fact_document(latest.plant, _fact(call, latest, fact_id), latest.now, _idle(call, latest).get(fact_id))


@router.post(
    "/{fact_id}:undo", summary="Undo a fact", response_model=MadeSnapshot, **_WRITE
)  # fmt: skip
def undo(fact_id: Id, body: Undoing, call: Keyed) -> Response:
    """The latest snapshot is made once more without it; a machine that is down is back from now on."""

    def keep(request_id: str) -> Made:
        latest = latest_of(call)
        made = authorized.undo_fact(
            call.store, call.actor, fact_id, now=latest.now, request_id=request_id, reason=body.reason
        )  # fmt: skip
        return Made(MadeSnapshot(snapshot=made))

    return call.once(keep)


def _fact(call: Call, latest: Latest, fact_id: str) -> Fact:
    found = next((one for one in facts.known(call.store, latest.plant, latest.now) if one.id == fact_id), None)
    if found is None:
        raise NotFound(f"fact {fact_id!r} of {latest.plant.name} is not in the store")
    return found


def _idle(call: Call, latest: Latest) -> dict[str, str]:
    """Why facts in force do not act on the latest snapshot."""
    acting = facts.acting(call.store, latest.info.id, latest.now, latest.plant)
    return {one.fact.id: one.idle for one in acting.idle if one.idle is not None}
