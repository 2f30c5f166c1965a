"""The odds of plans that are known, and how those of releases came true; computing them is a computation."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

from fastapi import Query

from scheduler_core.api import problems
from scheduler_core.api.calls import Asked, Call
from scheduler_core.api.documents import Id
from scheduler_core.api.loaded_plans import LoadedPlan
from scheduler_core.api.plant_time import typed
from scheduler_core.api.results.odds import PlanOddsDocument, SaferDocument
from scheduler_core.api.routing import needs, resource
from scheduler_core.floor.order_odds import PlanOdds, safer
from scheduler_core.roles import Action
from scheduler_core.services.odds import assumed_noise, known_odds

router = resource("plans")
_OF_PLAN = needs(Action.LOOK, problems.NOT_FOUND, problems.REFUSED, problems.NOT_COMPUTED)


@router.get("/{plan_id}/odds", summary="How likely a plan's orders are to be on time",
            **_OF_PLAN)  # fmt: skip
def of_plan(plan_id: Id, call: Asked) -> PlanOddsDocument:
    """Under the noise that the plant's own actuals show by now. Where nobody has computed them yet (404): ask for a
    computation of the kind odds."""
    from scheduler_core.floor.odds_document import plan_odds_document

    loaded = call.service.plans.get(plan_id)
    document = {"plan": plan_id, **plan_odds_document(loaded.plant, _known(call, loaded))}
    return typed(PlanOddsDocument, document, loaded.plant.timezone)


@router.get("/{plan_id}/odds-comparison", summary="Which of two plans is the safer one", **_OF_PLAN)
def comparison(
    plan_id: Id, call: Asked, before: Annotated[Id, Query(description="The plan whose place it would take")]
) -> SaferDocument:
    """Late orders expected among the orders that both plans have; both met the same durations in each run."""
    old, new = (_known(call, call.service.plans.get(one)) for one in (before, plan_id))
    found = safer(old.odds, new.odds)
    if found is None:
        raise problems.Problem(problems.REFUSED, "The plans have no order with a due date in common.")
    return SaferDocument.model_validate(
        {
            "before": before,
            "after": plan_id,
            "orders": found.orders,
            "late_before": asdict(found.before),
            "late_after": asdict(found.after),
            "before_fewer": found.before_fewer,
            "after_fewer": found.after_fewer,
        }
    )


def _known(call: Call, loaded: LoadedPlan) -> PlanOdds:
    found = known_odds(call.store, loaded.stored.id, assumed_noise(call.store, loaded.snapshot.plant))
    if found is None:
        raise problems.Problem(
            problems.NOT_COMPUTED,
            f"The odds of the plan {loaded.stored.id} are not known yet: POST /v1/computations with the kind odds.",
        )
    return found
