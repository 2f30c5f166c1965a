"""``/v1/plans/PLAN/...``: why the plan is as it is."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from scheduler_core.api import problems
from scheduler_core.api.asking import JobId
from scheduler_core.api.calls import Asked
from scheduler_core.api.documents import Id
from scheduler_core.api.plant_time import moments_alone, typed
from scheduler_core.api.results.causes import Bottlenecks, Explanation, LateOrders
from scheduler_core.api.routing import needs, resource
from scheduler_core.errors import InvalidValue
from scheduler_core.roles import Action

router = resource("plans")
_OF_PLAN = needs(Action.LOOK, problems.NOT_FOUND, problems.REFUSED)


@router.get("/{plan_id}/explanation", summary="Why an order is where it is", **_OF_PLAN)
def explanation(
    plan_id: Id,
    call: Asked,
    job: Annotated[JobId, Query()],
    operation: Annotated[
        int | None, Query(ge=0, lt=2**31, description="Whose start to explain; the last one if it is left out")
    ] = None,
) -> Explanation:
    """Why the operation starts when it does, back to the root cause; where the order's time goes; whether any plan could
    have it on time. What would help a late order: ask for a computation of the kind fixes."""
    from scheduler_core.causes.explanation_document import explanation_document

    loaded = call.service.plans.get(plan_id)
    why, order = loaded.explainer, loaded.plant.job_by_id.get(job)
    if order is None:
        raise InvalidValue("job", job, "is no order of this plan")
    sequences = [one.sequence for one in order.operations]
    wanted = sequences[-1] if operation is None else operation
    if wanted not in sequences:
        raise InvalidValue("operation", wanted, f"must be one of the order's operations {sequences}")
    chain = why.chain(loaded.schedule.by_operation[job, wanted])
    document = explanation_document(why, why.lead_time(order), why.bound(order), chain)
    return typed(Explanation, {"plan": plan_id, "operation": wanted, **moments_alone(document)}, loaded.plant.timezone)


@router.get("/{plan_id}/late-orders", summary="Late orders with their causes", **_OF_PLAN)
def late_orders(
    plan_id: Id, call: Asked, limit: Annotated[int, Query(ge=1, le=1000, description="Orders at most")] = 100
) -> LateOrders:
    """The worst (weight times lateness) first; `count` is the number of all."""
    from scheduler_core.causes.explanation_document import late_job_document

    loaded = call.service.plans.get(plan_id)
    late = loaded.explainer.late_jobs()
    items = [moments_alone(late_job_document(loaded.plant, one)) for one in late[:limit]]
    return typed(LateOrders, {"plan": plan_id, "count": len(late), "items": items}, loaded.plant.timezone)


@router.get("/{plan_id}/bottlenecks", summary="The work centres that hold the plan up", **_OF_PLAN)
def bottlenecks(plan_id: Id, call: Asked) -> Bottlenecks:
    """The one that costs late orders the most hours of waiting first."""
    from scheduler_core.analysis.load import work_centre_loads
    from scheduler_core.causes.bottlenecks import ranked

    loaded = call.service.plans.get(plan_id)
    why = loaded.explainer
    loads = work_centre_loads(loaded.plant, loaded.schedule, why.hours, 0, max(1, loaded.schedule.end))
    found = ranked(why, loads)
    items = [
        {
            "work_centre": one.load.machine_type.name, "machine_type": one.load.machine_type.id,
            "utilization": one.load.utilization, "waiting_minutes": one.waiting,
            "late_waiting_minutes": one.late_waiting, "jobs": one.jobs, "late_jobs": one.late_jobs,
        }
        for one in found
    ]  # fmt: skip
    return Bottlenecks.model_validate({"plan": plan_id, "items": items})
