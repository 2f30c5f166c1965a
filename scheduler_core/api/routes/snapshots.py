"""``/v1/snapshots``: plants as they were pulled or uploaded, what could not be used of them, and pulling now."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request, Response

from scheduler_core import interchange
from scheduler_core.api import problems
from scheduler_core.api.calls import Asked, Keyed, KeyedCall, Made
from scheduler_core.api.documents import Id
from scheduler_core.api.error_mapping import place_and_reason
from scheduler_core.api.etags import IfNoneMatch, etag_of, is_known
from scheduler_core.api.paging import Paged
from scheduler_core.api.routes.pulls import PullDocument, pull_document
from scheduler_core.api.routing import needs, resource
from scheduler_core.api.snapshot_documents import (
    CheckedSnapshot,
    FieldFault,
    Quarantine,
    SnapshotDocument,
    SnapshotList,
    checked_document,
    quarantine_document,
    snapshot_document,
)
from scheduler_core.data.read_progress import ReadProgress
from scheduler_core.errors import InvalidValue, Unschedulable
from scheduler_core.interchange.snapshot_reading import SNAPSHOT_FORMAT
from scheduler_core.roles import Action
from scheduler_core.services import authorized, snapshot_upload

router = resource("snapshots")
FILE = "body"
"""What messages call an uploaded file."""
_ONE = needs(Action.LOOK, problems.NOT_FOUND)
_NOT_MODIFIED = {304: {"description": "The snapshot is the one that the program has"}}
_FILE_ANSWER = {
    200: {"description": "The plant, see docs/formats.md", "content": {"application/json": {"schema": {"type": "object"}}}}
}
_FILE_BODY: dict[str, Any] = {
    "required": True,
    "description": "A snapshot file, see docs/formats.md",
    "content": {
        "application/json": {
            "schema": {"type": "object", "required": ["format"], "properties": {"format": {"const": SNAPSHOT_FORMAT}}}
        }
    },
}


async def sent_file(request: Request) -> bytes:
    """The body as it was sent: the reader of snapshot files parses it, up to its limits."""
    return await request.body()


SentFile = Annotated[bytes, Depends(sent_file)]


def _taking_a_file(*kinds: problems.Kind) -> dict[str, Any]:
    asked = needs(Action.PULL, *kinds)
    return asked | {"openapi_extra": asked["openapi_extra"] | {"requestBody": _FILE_BODY}}


@router.get("", summary="Snapshots, newest first", **needs(Action.LOOK))
def newest(call: Asked, paging: Paged) -> SnapshotList:
    """Pulled and uploaded plants, and what planners have made of them; without those that what-ifs derived."""
    rows = call.store.snapshots.newest(limit=paging.fetch, after=paging.after)
    page, cursor = paging.cut(rows, lambda one: (one.order, one.id))
    return SnapshotList(items=[snapshot_document(one) for one in page], next=cursor)


@router.post(
    "", summary="Upload a snapshot file", status_code=201, response_model=SnapshotDocument,
    **_taking_a_file(problems.IN_FLIGHT, problems.KEY_REUSED, problems.UNSCHEDULABLE),
)  # fmt: skip
def upload(content: SentFile, call: Keyed) -> Response:
    """The plant becomes the latest snapshot, with the downtimes and facts that are recorded of it."""

    def keep(request_id: str) -> Made:
        authorized.require(call.store, call.actor, Action.PULL)
        plant = snapshot_upload.checked(content, FILE)
        made = authorized.upload_snapshot(call.store, call.actor, plant, f"upload by {call.actor.name}", request_id)
        document = snapshot_document(call.store.snapshots.get(made))
        return Made(document, 201, {"Location": f"{router.prefix}/{made}"})

    return call.once(keep)


@router.post(":validate", summary="Check a snapshot file", **_taking_a_file())
def validate(content: SentFile, call: Asked) -> CheckedSnapshot:
    """The same checks as on upload; nothing is stored. The first thing that is wrong is told with its place."""
    del call
    try:
        return checked_document(snapshot_upload.checked(content, FILE), [])
    except InvalidValue as error:
        where, reason = place_and_reason(error)
        return checked_document(None, [FieldFault(where=problems.printable(where), reason=problems.printable(reason))])
    except Unschedulable as error:
        return checked_document(None, [FieldFault(where=FILE, reason=problems.printable(str(error)))])


@router.post(
    ":pull", summary="Pull the orders from the ERP now", status_code=202, response_model=PullDocument,
    **needs(Action.PULL, problems.IN_FLIGHT, problems.KEY_REUSED),
)  # fmt: skip
def pull(call: Keyed) -> Response:
    """The pull goes on in the background: follow it at the address in Location."""

    def begin(request_id: str) -> Made:
        authorized.require(call.store, call.actor, Action.PULL)
        found = call.service.pulls.begin(request_id, lambda listener: _pulled(call, request_id, listener))
        return Made(pull_document(found), 202, {"Location": f"/v1/pulls/{request_id}", "Retry-After": "1"})

    return call.once(begin)


def _pulled(call: KeyedCall, request_id: str, listener: ReadProgress) -> str:
    return authorized.pull(call.store, call.actor, request_id, listener)


@router.get("/{snapshot_id}", summary="A snapshot without its plant", **_ONE)
def one(snapshot_id: Id, call: Asked) -> SnapshotDocument:
    """When it was taken, from where, and how much of it could be used."""
    return snapshot_document(call.store.snapshots.get(snapshot_id))


@router.get(
    "/{snapshot_id}/plant", summary="The snapshot file", response_model=None,
    **{**_ONE, "responses": _ONE["responses"] | _NOT_MODIFIED | _FILE_ANSWER},
)  # fmt: skip
def plant(snapshot_id: Id, call: Asked, if_none_match: IfNoneMatch = None) -> Response:
    """The plant as a snapshot file, byte for byte as its hash says."""
    tag = etag_of(call.store.snapshots.get(snapshot_id).sha256)
    if is_known(if_none_match, tag):
        return Response(status_code=304, headers={"ETag": tag})
    document = interchange.snapshot_to_json(call.store.snapshots.plant(snapshot_id))
    return Response(document, headers={"ETag": tag}, media_type="application/json")


@router.get("/{snapshot_id}/quarantine", summary="The rows that could not be used, and remarks on others", **_ONE)
def quarantine(snapshot_id: Id, call: Asked) -> Quarantine:
    """Each row with its table, field, value and reason, in the order in which they were read."""
    call.store.snapshots.get(snapshot_id)
    store = call.store.snapshots
    return quarantine_document(snapshot_id, store.quarantine(snapshot_id), store.notes(snapshot_id))
