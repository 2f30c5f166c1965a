"""``/v1/what-ifs``: what becomes of a plan if something happens; its answers are runs."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from scheduler_core.api import problems
from scheduler_core.api.asking import Changes, FrozenHours, Now, changes_of, now_of
from scheduler_core.api.calls import Asked, Call, Keyed, Made
from scheduler_core.api.documents import Body, Id
from scheduler_core.api.plant_clock import now_in
from scheduler_core.api.results.what_ifs import OperationKey, RecordedFacts, WhatIfDocument, WhatIfList, what_if_document
from scheduler_core.api.routing import needs, resource
from scheduler_core.data.store.records import Run, Scenario
from scheduler_core.objectives import Objective
from scheduler_core.roles import Action
from scheduler_core.services import authorized, what_if

router = resource("what-ifs")
MOST_RUNS = 200
"""Runs of a what-if that are listed at most."""
_ONE = needs(Action.LOOK, problems.NOT_FOUND)
_CHANGE = needs(Action.WHAT_IF, problems.NOT_FOUND, problems.REFUSED)
_KEYED_KINDS = (
    problems.NOT_FOUND, problems.REFUSED, problems.SUPERSEDED, problems.IN_FLIGHT, problems.KEY_REUSED,
    problems.UNSCHEDULABLE,
)  # fmt: skip
_NEW = needs(Action.WHAT_IF, *_KEYED_KINDS)


class NewWhatIf(Body):
    """What happens to a plan. A tried fix gives its changes as it is."""

    plan: Id
    changes: Changes = Field(min_length=1)
    now: Now = None
    frozen_hours: FrozenHours = 0.0
    pins: list[OperationKey] = Field([], max_length=1000, description="Operations that stay where they are")
    parent: Id | None = Field(None, description="A what-if of the same plan whose changes come first")
    objective: str = Field("tardiness", max_length=200, description="Of the repairs, as for runs")
    repairs: bool = Field(True, description="Whether to ask for the three repairs at once: keep, calm and best")


class NewName(Body):
    """The name under which a what-if is kept."""

    name: str = Field(min_length=1, max_length=120)


class Recording(Body):
    """Why the changes are recorded as facts."""

    reason: str = Field(min_length=1, max_length=200)


@router.post("", summary="Ask what if", status_code=202, response_model=WhatIfDocument, **_NEW)
def ask(body: NewWhatIf, call: Keyed) -> Response:
    """The what-if is kept, and three runs answer it: follow them as any runs. Their plans are beside the plan in force until
    one is put up for approval (`POST /v1/plans/PLAN:promote`)."""

    def keep(request_id: str) -> Made:
        objective = Objective.parse(body.objective)
        plant = call.store.snapshots.plant(call.store.schedules.get(body.plan).snapshot_id)
        question = what_if.Question(
            request_id, body.plan, changes_of(plant, body.changes), now_of(plant, body.now), body.frozen_hours,
            tuple((pin.job, pin.operation) for pin in body.pins), body.parent,
        )  # fmt: skip
        scenario = authorized.ask_what_if(call.store, call.actor, question)
        if body.repairs:
            for request in what_if.repair_requests(call.store, scenario, objective):
                authorized.submit(call.store, call.actor, request)
            call.service.begin_runs()
        return Made(_document(call, scenario), 202, {"Location": f"{router.prefix}/{scenario.id}"})

    return call.once(keep)


@router.get("", summary="Named what-ifs", **_ONE)
def named(
    call: Asked,
    snapshot: Annotated[Id | None, Query(description="Of whose plans; the latest snapshot if it is left out")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> WhatIfList:
    """Newest first, withdrawn ones too. One without a name is found by its id."""
    wanted = snapshot or call.store.snapshots.needed_latest().id
    found = call.store.scenarios.named(call.store.snapshots.get(wanted).id, limit)
    return WhatIfList(snapshot=wanted, items=[_document(call, one) for one in found])


@router.get("/{what_if_id}", summary="A what-if with its runs", **_ONE)
def one(what_if_id: Id, call: Asked) -> WhatIfDocument:
    """What it assumes, and how far its answers are."""
    return _document(call, call.store.scenarios.get(what_if_id))


@router.post("/{what_if_id}:name", summary="Keep a what-if under a name", **_CHANGE)
def give_name(what_if_id: Id, body: NewName, call: Asked) -> WhatIfDocument:
    """A name is given once; another one of the same snapshot may not have it."""
    authorized.name_scenario(call.store, call.actor, what_if_id, body.name)
    return _document(call, call.store.scenarios.get(what_if_id))


@router.post("/{what_if_id}:record-facts", summary="Record what came true as facts", status_code=201,
             response_model=RecordedFacts, **needs(Action.PLAN, *_KEYED_KINDS))  # fmt: skip
def record_facts(what_if_id: Id, body: Recording, call: Keyed) -> Response:
    """Its changes that can be facts, in their order; every new plan knows them from now on."""

    def work(request_id: str) -> Made:
        base = call.store.snapshots.get(call.store.scenarios.get(what_if_id).base_snapshot_id)
        made = authorized.facts_from_what_if(
            call.store, call.actor, what_if_id, reason=body.reason, now=now_in(base, call.now), request_id=request_id
        )  # fmt: skip
        return Made(RecordedFacts(facts=[one.fact_id for one in made], snapshot=made[-1].snapshot_id), 201)

    return call.once(work)


@router.post("/{what_if_id}:withdraw", summary="Withdraw a what-if with its plans", **_CHANGE)
def withdraw(what_if_id: Id, call: Asked) -> WhatIfDocument:
    """Lists leave it out; what was released of it stays."""
    authorized.withdraw_scenario(call.store, call.actor, what_if_id)
    return _document(call, call.store.scenarios.get(what_if_id))


@router.post("/{what_if_id}:restore", summary="Take a withdrawn what-if back in", **_CHANGE)
def restore(what_if_id: Id, call: Asked) -> WhatIfDocument:
    """Together with its plans."""
    authorized.withdraw_scenario(call.store, call.actor, what_if_id, withdraw=False)
    return _document(call, call.store.scenarios.get(what_if_id))


def _document(call: Call, scenario: Scenario) -> WhatIfDocument:
    runs: tuple[Run, ...] = call.store.runs.newest(snapshot_id=scenario.snapshot_id, limit=MOST_RUNS)
    withdrawn = scenario.id in call.store.withdrawals.scenarios(scenario.base_snapshot_id)
    base = call.store.snapshots.get(scenario.base_snapshot_id)
    return what_if_document(scenario, base, runs, withdrawn=withdrawn)
