"""Dispatch lists of a plan by shift, and those of a release as they were written for the shop floor; JSON or CSV."""

from __future__ import annotations

from collections import defaultdict
from typing import Annotated, Literal

from fastapi import Query, Response

from scheduler_core.analysis.dispatch_lists import (
    Shift,
    current_shift,
    dispatch_lists,
    late_orders,
    next_shift,
    shifts,
)
from scheduler_core.api import problems
from scheduler_core.api.calls import Asked, Call
from scheduler_core.api.documents import Id
from scheduler_core.api.loaded_plans import LoadedPlan
from scheduler_core.api.plant_clock import now_in
from scheduler_core.api.plant_time import minute_of
from scheduler_core.api.results.dispatch_lists import (
    CSV,
    csv_of,
    dispatch_document,
    dispatch_row_document,
    shift_document,
)
from scheduler_core.api.results.floor import DispatchLine, DispatchList, DispatchRowDocument, ReleasedList, Shifts
from scheduler_core.api.routing import needs, resource
from scheduler_core.dispatching.machine_names import machine_of_link
from scheduler_core.errors import InvalidValue
from scheduler_core.plant import MINUTES_PER_DAY
from scheduler_core.roles import Action
from scheduler_core.scenarios.floor_changes import Noted

plans, releases = resource("plans"), resource("releases")
_OF_PLAN = needs(Action.LOOK, problems.NOT_FOUND, problems.REFUSED)
_OF_RELEASE = needs(Action.LOOK, problems.NOT_FOUND)
_AS_CSV = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
Format = Annotated[Literal["json", "csv"], Query(description="csv: the lines alone, safe to open in a spreadsheet")]
MachineName = Annotated[str | None, Query(max_length=200, description="Only this machine: its id or its name")]


@plans.get("/{plan_id}/shifts", summary="The shifts of a plan", **_OF_PLAN)
def shifts_of(plan_id: Id, call: Asked) -> Shifts:
    """From the one that holds the plan's start to the last in which something may start."""
    loaded = call.service.plans.get(plan_id)
    return Shifts(plan=plan_id, items=[shift_document(loaded.plant, one) for one in _shifts(loaded)])


@plans.get(
    "/{plan_id}/dispatch-list", summary="The work of one shift of a plan", response_model=DispatchList,
    **{**_OF_PLAN, "responses": _OF_PLAN["responses"] | _AS_CSV},
)  # fmt: skip
def of_plan(
    plan_id: Id,
    call: Asked,
    shift: Annotated[
        str | None, Query(max_length=40, description="A moment in the shift, plant time; usually the next shift")
    ] = None,
    work_centre: Annotated[str | None, Query(max_length=200, description="Only this work centre: its name")] = None,
    machine: MachineName = None,
    format: Format = "json",
) -> DispatchList | Response:
    """What starts in the shift, and what runs on into it; the late orders for which it can still do something."""
    loaded = call.service.plans.get(plan_id)
    plant, wanted = loaded.plant, _shift(call, loaded, shift)
    lists = dispatch_lists(plant, loaded.schedule, wanted, loaded.lateness)
    if work_centre is not None:
        names = [kind.name for kind in plant.machine_types]
        if work_centre not in names:
            raise InvalidValue("work_centre", work_centre, f"must be one of {', '.join(names)}")
        lists = tuple(one for one in lists if one.machine_type.name == work_centre)
    late = late_orders(plant, loaded.schedule, wanted, loaded.lateness)
    document = dispatch_document(plan_id, plant, wanted, lists, late, _notes(call, loaded))
    if machine is not None:
        chosen = machine_of_link(plant, machine).id
        document = document.model_copy(update={"lines": [one for one in document.lines if one.machine == chosen]})
    return _csv(csv_of(document.lines, DispatchLine.model_fields)) if format == "csv" else document


@releases.get(
    "/{release_id}/dispatch-list", summary="What was released for the shop floor", response_model=ReleasedList,
    **{**_OF_RELEASE, "responses": _OF_RELEASE["responses"] | _AS_CSV},
)  # fmt: skip
def of_release(
    release_id: Id, call: Asked, machine: MachineName = None, format: Format = "json"
) -> ReleasedList | Response:  # fmt: skip
    """All lines by machine and position, as they were written with the release."""
    release = call.store.releases.get(release_id)
    zone = call.store.snapshots.get(release.snapshot_id).timezone
    rows = call.store.releases.dispatch_rows(release_id)
    if machine is not None:
        rows = tuple(row for row in rows if machine in (str(row.machine), row.machine_name))
    lines = [dispatch_row_document(row, zone) for row in rows]
    if format == "csv":
        return _csv(csv_of(lines, DispatchRowDocument.model_fields))
    return ReleasedList(release=release_id, version=release.number, plan=release.schedule_id, lines=lines)


def _shifts(loaded: LoadedPlan) -> tuple[Shift, ...]:
    return shifts(loaded.plant, 0, max(loaded.schedule.end, 7 * MINUTES_PER_DAY))


def _shift(call: Call, loaded: LoadedPlan, asked: str | None) -> Shift:
    found = _shifts(loaded)
    if asked is None:
        return next_shift(found, loaded.plant.minute_of(now_in(loaded.snapshot, call.now)))
    minute = minute_of(loaded.plant, asked, "shift")
    chosen = current_shift(found, minute) or next((one for one in found if one.start <= minute < one.until), None)
    if chosen is None:
        raise InvalidValue("shift", asked, "is in no shift of this plan; see its shifts")
    return chosen


def _notes(call: Call, loaded: LoadedPlan) -> dict[int | str, list[str]]:
    """The notes for the shop floor that are in force, by machine (id) and order (id)."""
    from scheduler_core.services import facts

    acting = facts.acting(call.store, loaded.snapshot.id, now_in(loaded.snapshot, call.now))
    found: dict[int | str, list[str]] = defaultdict(list)
    for about in (acting.machines, acting.jobs):
        for key, several in about.items():
            found[key] += [fact.change.text for fact in several if isinstance(fact.change, Noted)]
    return found


def _csv(text: str) -> Response:
    return Response(text, media_type=CSV)
