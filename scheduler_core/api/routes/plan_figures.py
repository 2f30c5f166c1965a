"""``/v1/plans/PLAN/...``: its orders, loads and setups, and what has changed on the floor since its pull."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import Query

from scheduler_core.analysis.shop_floor_changes import changes
from scheduler_core.api import problems
from scheduler_core.api.calls import Asked
from scheduler_core.api.documents import Id
from scheduler_core.api.plant_clock import now_in
from scheduler_core.api.results.figures import (
    DayLoads,
    FamilySetups,
    FloorChanges,
    Loads,
    PlannedOrders,
    Setups,
    centre_load,
    floor_changes,
    planned_orders,
)
from scheduler_core.api.routing import needs, resource
from scheduler_core.roles import Action

router = resource("plans")
_OF_PLAN = needs(Action.LOOK, problems.NOT_FOUND, problems.REFUSED)


@router.get("/{plan_id}/orders", summary="The orders of a plan", **_OF_PLAN)
def orders(plan_id: Id, call: Asked) -> PlannedOrders:
    """When each begins and ends, and how late that is."""
    return planned_orders(call.service.plans.get(plan_id))


@router.get("/{plan_id}/loads", summary="How full the work centres are", **_OF_PLAN)
def loads(
    plan_id: Id, call: Asked, days: Annotated[int, Query(ge=1, le=31, description="From the plan's start")] = 7
) -> Loads:
    """Day by day, in the plant's order of work centres."""
    from scheduler_core.analysis.daily_load import daily_loads

    loaded = call.service.plans.get(plan_id)
    found = daily_loads(loaded.plant, loaded.schedule, loaded.explainer.hours, days)
    return Loads(
        plan=plan_id, days=[DayLoads(day=one.day, work_centres=[centre_load(x) for x in one.loads]) for one in found]
    )  # fmt: skip


@router.get("/{plan_id}/setups", summary="Which families cost the most setup", **_OF_PLAN)
def setups(plan_id: Id, call: Asked) -> Setups:
    """Minutes count once for each operation, however many machines it holds."""
    from scheduler_core.analysis.setup_time import setup_shares

    loaded = call.service.plans.get(plan_id)
    items = [
        FamilySetups(
            family=one.family, operations=one.operations, setups=one.setups, setup_minutes=one.setup,
            run_minutes=one.processing, share=one.share,
        )
        for one in setup_shares(loaded.plant, loaded.schedule, loaded.explainer.hours)
    ]  # fmt: skip
    return Setups(plan=plan_id, items=items)


@router.get("/{plan_id}/floor-changes", summary="What has changed on the floor since the plan's pull", **_OF_PLAN)
def since_its_pull(plan_id: Id, call: Asked) -> FloorChanges:
    """Up to the latest pull of the same plant; operations are overdue by this plan."""
    loaded = call.service.plans.get(plan_id)
    latest = call.store.snapshots.needed_latest()
    if latest.plant != loaded.snapshot.plant:
        raise problems.Problem(problems.REFUSED, f"The latest jobs are of another plant, {latest.plant}.")
    after = call.store.snapshots.plant(latest.id)
    found = changes(loaded.plant, after, loaded.schedule, now_in(latest, call.now))
    # A machine that was not there before is down since nobody knows when.
    known = tuple(replace(one, start=None) if one.start == datetime.min else one for one in found.machines)
    return floor_changes(plan_id, latest.id, loaded.plant.timezone, replace(found, machines=known))
