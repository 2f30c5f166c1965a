"""``/v1/actuals``: when operations really began and ended, how far starts were kept, how the odds came true."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

from fastapi import Query

from scheduler_core.api import problems
from scheduler_core.api.calls import Asked
from scheduler_core.api.plant_time import typed
from scheduler_core.api.results.floor import Actuals
from scheduler_core.api.routing import needs, resource
from scheduler_core.roles import Action

router = resource("actuals")


@router.get("", summary="What the floor really did", **needs(Action.LOOK, problems.NOT_FOUND))
def actuals(
    call: Asked, days: Annotated[int, Query(ge=1, le=366, description="Days before the newest pull")] = 28
) -> Actuals:
    """As far as successive pulls tell. Figures by week: ask for a computation of the kind performance."""
    from scheduler_core.actuals.actuals_document import actuals_document
    from scheduler_core.actuals.plant_noise import noise_of
    from scheduler_core.services import floor_actuals
    from scheduler_core.services.odds import how_true

    store = call.store
    latest = store.snapshots.needed_latest()
    floor_actuals.bring_up_to_date(store, latest.plant)
    found = store.actuals.of_plant(latest.plant, latest.plan_start - timedelta(days=days))
    true = how_true(store, latest.plant)
    document = actuals_document(
        store.snapshots.plant(latest.id), store.actuals.pulls(latest.plant), found, noise_of(found)
    )  # fmt: skip
    return typed(Actuals, {**document, "reliability": None if true is None else asdict(true)}, latest.timezone)
