"""The odds of plans that are known, and how those of releases came true; computing them is a computation."""

from __future__ import annotations

from scheduler_core.api import problems
from scheduler_core.api.calls import Asked
from scheduler_core.api.documents import Id
from scheduler_core.api.plant_time import typed
from scheduler_core.api.results.odds import PlanOddsDocument
from scheduler_core.api.routing import needs, resource
from scheduler_core.roles import Action
from scheduler_core.services.odds import assumed_noise, known_odds

router = resource("plans")


@router.get("/{plan_id}/odds", summary="How likely a plan's orders are to be on time",
            **needs(Action.LOOK, problems.NOT_FOUND, problems.REFUSED, problems.NOT_COMPUTED))  # fmt: skip
def known(plan_id: Id, call: Asked) -> PlanOddsDocument:
    """Under the noise that the plant's own actuals show by now. Where nobody has computed them yet (409): ask for a
    computation of the kind odds."""
    from scheduler_core.floor.odds_document import plan_odds_document

    loaded = call.service.plans.get(plan_id)
    found = known_odds(call.store, plan_id, assumed_noise(call.store, loaded.snapshot.plant))
    if found is None:
        raise problems.Problem(
            problems.NOT_COMPUTED, "The odds of this plan are not known yet: POST /v1/computations with the kind odds."
        )  # fmt: skip
    document = {"plan": plan_id, **plan_odds_document(loaded.plant, found)}
    return typed(PlanOddsDocument, document, loaded.plant.timezone)
