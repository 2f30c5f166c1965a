"""``/v1/next-operations``: what a machine should begin next."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

from scheduler_core.api import problems
from scheduler_core.api.calls import Asked
from scheduler_core.api.plant_clock import now_in
from scheduler_core.api.plant_time import moment_of, typed
from scheduler_core.api.results.floor import NextAtMachine
from scheduler_core.api.routing import needs, resource
from scheduler_core.errors import InvalidValue
from scheduler_core.roles import Action

router = resource("next-operations")
MOST_FINISHED = 1000


@router.get("", summary="What a machine should begin next", **needs(Action.LOOK, problems.NOT_FOUND, problems.REFUSED))
def at_machine(
    call: Asked,
    machine: Annotated[str, Query(min_length=1, max_length=200, description="Its id or its name")],
    at: Annotated[str | None, Query(max_length=40, description="Plant time; now if it is left out")] = None,
    finished: Annotated[
        list[str] | None,
        Query(max_length=MOST_FINISHED, description="JOB:OPERATION that is finished by then", examples=[["J-1:10"]]),
    ] = None,
    most: Annotated[int, Query(ge=1, le=50, description="Candidates at most")] = 3,
) -> NextAtMachine:
    """From the latest jobs with their facts, the plan in force and the live rule, as on Dispatch and `shopwright next`."""
    from scheduler_core.dispatching.machine_names import machine_of_link
    from scheduler_core.dispatching.next_document import next_document
    from scheduler_core.dispatching.next_operations import next_operations
    from scheduler_core.services.next_operations import end_unknown, floor_now, plan_in_force

    store = call.store
    latest = store.snapshots.needed_latest()
    now = now_in(latest, call.now)
    if at is not None:
        now = moment_of(store.snapshots.plant(latest.id), at, "query.at")
        if now < latest.plan_start:
            raise InvalidValue("query.at", at, f"is before the latest pull, {latest.plan_start}")
    plan = plan_in_force(store, latest)
    floor = floor_now(store, plan, now, [_operation(text) for text in finished or ()])
    found = machine_of_link(floor.plant, machine)
    unknown = end_unknown(store, latest.plant, found.id, now)
    document = next_document(floor.plant, next_operations(floor, found, most), end_unknown=unknown)
    return typed(NextAtMachine, {"plan": plan.id, **document}, floor.plant.timezone)


def _operation(text: str) -> tuple[str, int]:
    job, colon, sequence = text.rpartition(":")
    if not (colon and job and sequence.isascii() and sequence.isdecimal() and len(sequence) < 10):
        raise InvalidValue("query.finished", text, "is not JOB:OPERATION, an order's id and an operation's number")
    return job, int(sequence)
