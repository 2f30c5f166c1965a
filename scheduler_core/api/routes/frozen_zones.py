"""``/v1/frozen-zone``: the hours in which a replan leaves operations where they are."""

from __future__ import annotations

from fastapi import Response
from pydantic import Field

from scheduler_core.api import problems
from scheduler_core.api.calls import Asked, Call
from scheduler_core.api.documents import Body
from scheduler_core.api.etags import IfMatch, etag_of, must_match
from scheduler_core.api.results.floor import FrozenCentre, FrozenZoneDocument
from scheduler_core.api.routing import needs, resource
from scheduler_core.data.store.frozen_zones import LONGEST_HOURS
from scheduler_core.data.store.records import FrozenZone
from scheduler_core.errors import InvalidValue
from scheduler_core.roles import Action
from scheduler_core.services import authorized

router = resource("frozen-zone")


class OwnHours(Body):
    """A work centre with hours of its own."""

    machine_type: int = Field(ge=0, lt=2**31)
    hours: float = Field(ge=0, le=LONGEST_HOURS)


class NewZone(Body):
    """Hours of the whole plant, and of work centres with hours of their own."""

    hours: float = Field(ge=0, le=LONGEST_HOURS)
    work_centres: list[OwnHours] = Field([], max_length=1000)


@router.get("", summary="The frozen zone", **needs(Action.LOOK, problems.NOT_FOUND))
def zone(call: Asked, response: Response) -> FrozenZoneDocument:
    """Of the plant of the latest jobs."""
    document = _document(call)
    response.headers["ETag"] = _etag(document)
    return document


@router.put("", summary="Set the frozen zone",
            **needs(Action.PLAN, problems.NOT_FOUND, problems.STALE, problems.PRECONDITION_REQUIRED))  # fmt: skip
def set_zone(body: NewZone, call: Asked, response: Response, if_match: IfMatch = None) -> FrozenZoneDocument:
    """It counts for every replan from now on. If-Match has the ETag of the zone that was read."""
    must_match(if_match, _etag(_document(call)))
    latest, kinds = _plant(call)
    by_type: dict[int, float] = {}
    for number, own in enumerate(body.work_centres):
        where = f"work_centres[{number}].machine_type"
        if own.machine_type not in kinds:
            raise InvalidValue(where, own.machine_type, "is no machine type of the plant")
        if own.machine_type in by_type:
            raise InvalidValue(where, own.machine_type, "is named twice")
        by_type[own.machine_type] = own.hours

    def seen(before: FrozenZone | None) -> None:
        must_match(if_match, _etag(_document_of(latest, kinds, before)))

    authorized.set_frozen_zone(call.store, call.actor, latest, body.hours, by_type, seen)
    return zone(call, response)


def _plant(call: Call) -> tuple[str, dict[int, str]]:
    """The plant of the latest jobs, and its machine types: names by id."""
    latest = call.store.snapshots.needed_latest()
    return latest.plant, {kind.id: kind.name for kind in call.store.snapshots.plant(latest.id).machine_types}


def _document(call: Call) -> FrozenZoneDocument:
    plant, names = _plant(call)
    return _document_of(plant, names, call.store.frozen_zones.of(plant))


def _document_of(plant: str, names: dict[int, str], found: FrozenZone | None) -> FrozenZoneDocument:
    if found is None:
        return FrozenZoneDocument(plant=plant, hours=0.0, work_centres=[], set_by=None, set_at=None)
    return FrozenZoneDocument(
        plant=plant, hours=found.hours,
        work_centres=[FrozenCentre(machine_type=k, name=names.get(k), hours=hours) for k, hours in found.by_type],
        set_by=found.actor, set_at=found.at,
    )  # fmt: skip


def _etag(document: FrozenZoneDocument) -> str:
    return etag_of(document.model_dump(mode="json"))
