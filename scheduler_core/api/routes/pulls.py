"""``/v1/pulls``: pulls of the ERP that programs have asked for with ``POST /v1/snapshots:pull``."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response
from pydantic import Field

from scheduler_core.api import problems
from scheduler_core.api.calls import KEY_PATTERN, Asked, Call
from scheduler_core.api.documents import Document, Id
from scheduler_core.api.problems import ProblemDocument
from scheduler_core.api.pulls import PullSeen, PullState
from scheduler_core.api.routing import needs, resource
from scheduler_core.data.store_errors import NotFound
from scheduler_core.roles import Action

router = resource("pulls")
_ONE = "/{pull_id:str}"
"""A key may hold a colon, and no act is done to a pull by ``:act``."""
RETRY_SECONDS = 1
PullId = Annotated[str, Path(pattern=KEY_PATTERN, description="The key of the request, or the id that it was given")]


class PullDocument(Document):
    """A pull: how far it is, and what it has led to."""

    id: str
    state: PullState
    rows: int = Field(description="Rows of the ERP that were read so far")
    expected: int = Field(description="About how many there are; 0 while nobody knows")
    snapshot: Id | None = Field(description="The snapshot that it has led to")
    problem: ProblemDocument | None = Field(description="Why it has failed")


@router.get(_ONE, summary="A pull, and how far it is", **needs(Action.LOOK, problems.NOT_FOUND))
def one(pull_id: PullId, call: Asked, response: Response) -> PullDocument:
    """While it is at work, Retry-After says when to look again. After a restart of the API only pulls that have led to a
    snapshot are known."""
    found = seen(call, pull_id)
    if found.state is PullState.RUNNING:
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return pull_document(found)


@router.delete(
    _ONE, summary="Cancel a pull", status_code=202, **needs(Action.PULL, problems.NOT_FOUND)
)  # fmt: skip
def cancel(pull_id: PullId, call: Asked) -> PullDocument:
    """It stops at the next rows that it reads; one that keeps its snapshot already, or has ended, stays as it is."""
    seen(call, pull_id)
    call.service.pulls.cancel(pull_id)
    return pull_document(seen(call, pull_id))


def seen(call: Call, pull_id: str) -> PullSeen:
    """The pull, of this process or by what it has led to. Raises NotFound."""
    found = call.service.pulls.seen(pull_id)
    if found is not None:
        return found
    snapshot = call.store.snapshots.of_request(pull_id)
    if snapshot is None:
        raise NotFound(f"pull {pull_id!r} is not known here, and has led to no snapshot")
    return PullSeen(pull_id, PullState.DONE, snapshot=snapshot)


def pull_document(found: PullSeen) -> PullDocument:
    """A pull as a document."""
    return PullDocument(
        id=found.id, state=found.state, rows=found.rows, expected=found.expected, snapshot=found.snapshot,
        problem=found.problem,
    )  # fmt: skip
