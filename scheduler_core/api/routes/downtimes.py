"""``/v1/downtimes``: machines that are recorded as down, until when, and since when they are back."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Response
from pydantic import Field

from scheduler_core.api import problems
from scheduler_core.api.calls import Asked, Call, Keyed, Made
from scheduler_core.api.documents import Body, Id, SentMoment
from scheduler_core.api.etags import IfMatch, etag_of, must_match
from scheduler_core.api.fact_documents import DowntimeDocument, DowntimeList, downtime_document
from scheduler_core.api.latest_plant import Latest, latest_of
from scheduler_core.api.paging import Paged
from scheduler_core.api.routing import needs, resource
from scheduler_core.data.store.records import RecordedDowntime
from scheduler_core.data.store_errors import NotFound
from scheduler_core.roles import Action
from scheduler_core.scenarios.single_changes import MAX_REASON
from scheduler_core.services import authorized, downtimes

router = resource("downtimes")
_READ = needs(Action.LOOK, problems.NOT_FOUND)
_WRITES = (
    problems.NOT_FOUND, problems.IN_FLIGHT, problems.REFUSED, problems.SUPERSEDED, problems.KEY_REUSED,
    problems.UNSCHEDULABLE,
)  # fmt: skip
_CHANGE = needs(Action.PLAN, *_WRITES, problems.STALE, problems.PRECONDITION_REQUIRED)


class NewDowntime(Body):
    """A machine that is down."""

    machine: int = Field(ge=-(2**31), le=2**31, description="Its id")
    since: SentMoment | None = Field(None, description="null: from now on")
    end: SentMoment | None = Field(None, description="null: not known, planned until the end of the next day")
    reason: str = Field(min_length=1, max_length=MAX_REASON)


class OtherEnd(Body):
    """Another end of a downtime."""

    end: SentMoment | None = Field(description="null: not known")


@router.get("", summary="Machines recorded as down, newest first", **_READ)
def known(
    call: Asked,
    paging: Paged,
    ended: Annotated[bool, Query(description="Those that are over, instead of those in force and to come")] = False,
) -> DowntimeList:
    """The downtimes of the latest snapshot's plant."""
    latest = latest_of(call)
    found = sorted(call.store.downtimes.of_plant(latest.plant.name), key=lambda one: (one.start, one.id), reverse=True)
    rows = [one for one in found if one.in_force(latest.now) != ended]
    first = 0
    if paging.after is not None:
        after = paging.after
        first = next((n + 1 for n, one in enumerate(rows) if one.id == after[1]), after[0] + 1)
    page, cursor = paging.cut(list(enumerate(rows))[first : first + paging.fetch], lambda row: (row[0], row[1].id))
    items = [_document(latest, one) for _, one in page]
    return DowntimeList(plant=latest.plant.name, items=items, next=cursor)


@router.post(
    "", summary="Record that a machine is down", status_code=201, response_model=DowntimeDocument,
    **needs(Action.PLAN, *_WRITES),
)  # fmt: skip
def record(body: NewDowntime, call: Keyed) -> Response:
    """What runs on it pauses; plans made from now on keep to it."""

    def keep(request_id: str) -> Made:
        latest = latest_of(call)
        start = latest.now if body.since is None else latest.wall(body.since)
        end = None if body.end is None else latest.wall(body.end)
        served = call.store.downtimes.served(f"{request_id}-down")
        if body.since is None and served is not None:
            start = call.store.downtimes.get(served).start  # sent again: from now on meant then
        stated = downtimes.Stated(body.machine, start, end, body.reason)
        authorized.record_downtime(call.store, call.actor, stated, now=latest.now, request_id=request_id)
        made = call.store.downtimes.served(f"{request_id}-down")
        assert made is not None  # it has just been recorded under this request
        document = _document(latest, call.store.downtimes.get(made))
        return Made(document, 201, {"Location": f"{router.prefix}/{made}", "ETag": _tag(call.store.downtimes.get(made))})

    return call.once(keep)


@router.get("/{downtime_id}", summary="A downtime", **_READ)
def one(downtime_id: Id, call: Asked, response: Response) -> DowntimeDocument:
    """As it is known now."""
    latest, found = _found(call, downtime_id)
    response.headers["ETag"] = _tag(found)
    return _document(latest, found)


@router.post(
    "/{downtime_id}:change-end", summary="Another end of a downtime", response_model=DowntimeDocument, **_CHANGE
)  # fmt: skip
def change_end(downtime_id: Id, body: OtherEnd, call: Keyed, if_match: IfMatch = None) -> Response:
    """Also of one whose end has passed, while nobody has said that the machine is back."""

    def keep(request_id: str) -> Made:
        latest, found = _found(call, downtime_id)
        must_match(if_match, _tag(found))
        end = None if body.end is None else latest.wall(body.end)
        authorized.change_downtime(call.store, call.actor, downtime_id, end, now=latest.now, request_id=request_id)
        return _made(call, downtime_id)

    return call.once(keep)


@router.post(
    "/{downtime_id}:back", summary="The machine is back in service", response_model=DowntimeDocument, **_CHANGE
)  # fmt: skip
def back(downtime_id: Id, call: Keyed, if_match: IfMatch = None) -> Response:
    """It works again from now on; one that has not gone down yet never does."""

    def keep(request_id: str) -> Made:
        latest, found = _found(call, downtime_id)
        must_match(if_match, _tag(found))
        authorized.end_downtime(call.store, call.actor, downtime_id, now=latest.now, request_id=request_id)
        return _made(call, downtime_id)

    return call.once(keep)


def _found(call: Call, downtime_id: str) -> tuple[Latest, RecordedDowntime]:
    latest, found = latest_of(call), call.store.downtimes.get(downtime_id)
    if found.plant != latest.plant.name:
        raise NotFound(f"downtime {downtime_id!r} is of another plant than the latest snapshot")
    return latest, found


def _made(call: Call, downtime_id: str) -> Made:
    latest, changed = _found(call, downtime_id)
    return Made(_document(latest, changed), headers={"ETag": _tag(changed)})


def _document(latest: Latest, down: RecordedDowntime) -> DowntimeDocument:
    return downtime_document(latest.info.timezone, down, latest.now)


def _tag(down: RecordedDowntime) -> str:
    return etag_of(down.id, down.end, down.in_service, down.changed_at)
