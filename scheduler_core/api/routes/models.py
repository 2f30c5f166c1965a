"""``/v1/models``: the checkpoints of the learned engine, and which of them plans."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from scheduler_core.api import problems
from scheduler_core.api.calls import Asked, Keyed, Made
from scheduler_core.api.documents import Document
from scheduler_core.api.routing import needs, resource
from scheduler_core.data.store_errors import NotFound
from scheduler_core.policy import catalogue, checkpoint
from scheduler_core.policy.catalogue import Listed
from scheduler_core.roles import Action
from scheduler_core.services import authorized

router = resource("models")
Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$", description="The checkpoint's name")]


class ModelDocument(Document):
    """A checkpoint. ``fault`` says why it cannot be used; a figure that its card does not state is null."""

    name: str
    active: bool
    fault: str | None
    description: str
    objective: str
    steps: int | None
    hours: float | None
    score: float | None
    sha256: str


class ModelList(Document):
    """All checkpoints."""

    items: list[ModelDocument]


@router.get("", summary="Checkpoints of the learned engine", **needs(Action.LOOK))
def every(call: Asked) -> ModelList:
    """In the order of the manifest; the active one is what runs plan with."""
    del call
    return ModelList(items=[_document(one) for one in catalogue.listing()])


@router.post(
    "/{name}:activate", summary="Plan with a checkpoint from now on", response_model=ModelDocument,
    **needs(Action.ACTIVATE_MODEL, problems.NOT_FOUND, problems.IN_FLIGHT, problems.KEY_REUSED),
)  # fmt: skip
def activate(name: Name, call: Keyed) -> Response:
    """Runs that have begun keep the checkpoint that they began with."""

    def work(request_id: str) -> Made:
        del request_id  # to choose the same checkpoint again changes nothing
        if name not in checkpoint.names():
            raise NotFound(f"there is no checkpoint {name!r}")
        authorized.activate_model(call.store, call.actor, name)
        return Made(next(_document(one) for one in catalogue.listing() if one.name == name))

    return call.once(work)


def _document(listed: Listed) -> ModelDocument:
    return ModelDocument(
        name=listed.name, active=listed.active, fault=listed.fault, description=listed.description,
        objective=listed.objective, steps=listed.steps, hours=listed.hours, score=listed.score, sha256=listed.sha256,
    )  # fmt: skip
