"""``/v1/tokens``: the service tokens with which programs act in a person's name."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response
from pydantic import Field

from scheduler_core.api import problems
from scheduler_core.api.calls import Asked, Keyed, Made
from scheduler_core.api.documents import Body, Document, Moment, SentMoment
from scheduler_core.api.routing import needs, resource
from scheduler_core.data.store.records import ServiceToken
from scheduler_core.roles import Action, Role
from scheduler_core.services import authorized
from scheduler_core.services.service_tokens import MOST_NAME

router = resource("tokens")
TokenId = Annotated[str, Path(pattern=r"^[0-9a-f]{12}$", description="The token's id, its middle part")]
SentRole = Annotated[Role, Field(strict=False)]


class TokenDocument(Document):
    """A token, without its secret."""

    id: str
    name: str
    owner: str
    roles: list[Role] = Field(description="It acts with these at most, and with none that its owner has lost")
    made_by: str
    made_at: Moment
    expires_at: Moment
    last_used: Moment | None = Field(description="To about ten minutes")
    revoked_at: Moment | None
    revoked_by: str | None


class TokenList(Document):
    """The caller's own tokens, or an admin's view of all, newest first."""

    items: list[TokenDocument]


class NewToken(Body):
    """A token that is to act in the caller's name."""

    name: str = Field(min_length=1, max_length=MOST_NAME, description="What uses it")
    roles: list[SentRole] = Field(min_length=1, max_length=len(Role), description="None that the caller does not have")
    expires_at: SentMoment = Field(description="At most 366 days ahead")


class MadeToken(Document):
    """A token that was just made."""

    token: TokenDocument
    secret: str = Field(description="The bearer token; it is shown this once")


@router.get("", summary="Service tokens", **needs(Action.LOOK))
def every(call: Asked) -> TokenList:
    """One's own; an admin sees everybody's."""
    return TokenList(items=[token_document(one) for one in authorized.tokens(call.store, call.actor)])


@router.post(
    "", summary="Make a service token for oneself", status_code=201, response_model=MadeToken,
    **needs(Action.LOOK, problems.REFUSED, problems.IN_FLIGHT, problems.ANSWERED_ONCE, problems.KEY_REUSED),
)  # fmt: skip
def make(body: NewToken, call: Keyed) -> Response:
    """A person does, with an access token: a service token makes none. The secret is in this answer and nowhere else."""

    def work(request_id: str) -> Made:
        made = authorized.make_token(
            call.store, call.actor, name=body.name, roles=body.roles, expires_at=body.expires_at, request_id=request_id
        )
        if made.secret is None:
            raise problems.Problem(problems.ANSWERED_ONCE, "This key has made a token, whose secret was shown once.")
        return Made(MadeToken(token=token_document(made.token), secret=made.secret), 201)

    return call.once(work, repeatable=False)


@router.delete(
    "/{token_id}", summary="Revoke a service token", status_code=204,
    **needs(Action.LOOK, problems.NOT_FOUND, problems.REFUSED),
)  # fmt: skip
def revoke(token_id: TokenId, call: Asked) -> Response:
    """For good. One's own; an admin anybody's; with a service token only that one."""
    authorized.revoke_token(call.store, call.actor, token_id)
    return Response(status_code=204)


def token_document(token: ServiceToken) -> TokenDocument:
    """A stored token."""
    return TokenDocument(
        id=token.id, name=token.name, owner=token.owner, roles=sorted(token.roles), made_by=token.actor,
        made_at=token.made_at, expires_at=token.expires_at, last_used=token.last_used, revoked_at=token.revoked_at,
        revoked_by=token.revoked_by,
    )  # fmt: skip
