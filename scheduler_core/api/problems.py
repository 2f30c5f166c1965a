"""Refusals as problem documents (RFC 9457): the kinds that there are, and how one is sent.

A kind's ``type`` is stable: programs go by it, and by no other text. docs/api.md lists all of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from fastapi import HTTPException
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

MEDIA_TYPE: Final = "application/problem+json"
RETRY_SECONDS: Final = 2
"""When a store that is out of reach is worth another attempt."""


@dataclass(frozen=True)
class Kind:
    """A kind of refusal: its name in ``type``, HTTP status and title."""

    name: str
    status: int
    title: str

    @property
    def type(self) -> str:
        """The URI by which programs know the kind."""
        return f"urn:shopwright:problem:{self.name}"


MALFORMED: Final = Kind("malformed-request", 400, "The request cannot be read")
NOT_AUTHENTICATED: Final = Kind("not-authenticated", 401, "The request does not say who asks")
FORBIDDEN: Final = Kind("forbidden", 403, "The caller has no role for this")
NOT_FOUND: Final = Kind("not-found", 404, "There is no such thing")
COMPUTATION_NOT_FOUND: Final = Kind("computation-not-found", 404, "The computation is not kept any longer, or never was")
NOT_COMPUTED: Final = Kind("not-computed", 404, "It has not been computed yet")
NO_SUCH_PATH: Final = Kind("no-such-path", 404, "There is no such path")
METHOD_NOT_ALLOWED: Final = Kind("method-not-allowed", 405, "This path does not take the method")
TOO_SLOW: Final = Kind("body-too-slow", 408, "The request's body did not arrive in time")
IN_FLIGHT: Final = Kind("request-in-flight", 409, "The request with this key is still at work")
REFUSED: Final = Kind("refused", 409, "The state of the plant or the plan does not allow this")
STALE_SNAPSHOT: Final = Kind("stale-snapshot", 409, "The ERP has changed since the pull")
SUPERSEDED: Final = Kind("superseded", 409, "A newer snapshot was kept meanwhile")
UNACKNOWLEDGED: Final = Kind("unacknowledged-orders", 409, "Orders leave the plan without an acknowledgement")
PLAN_REJECTED: Final = Kind("plan-rejected", 409, "The plan breaks constraints")
PLAN_CHANGED: Final = Kind("plan-changed", 409, "The stored plan is not the one that was read")
PLAN_WITHDRAWN: Final = Kind("plan-withdrawn", 409, "The plan was withdrawn")
ALREADY_RELEASED: Final = Kind("already-released", 409, "The plan is in force already")
PROPOSAL_NEEDED: Final = Kind("proposal-needed", 409, "The release needs two people, and nobody has proposed it")
SECOND_PERSON_NEEDED: Final = Kind("second-person-needed", 409, "Somebody else has to approve the release")
REASON_NEEDED: Final = Kind("reason-needed", 409, "A roll-back needs a reason")
ANSWERED_ONCE: Final = Kind("answered-once", 409, "The answer to this key is not given again")
STALE: Final = Kind("precondition-failed", 412, "It has changed since it was read")
TOO_LARGE: Final = Kind("body-too-large", 413, "The request's body is too large")
MISDIRECTED: Final = Kind("foreign-host", 421, "This server does not answer for that host name")
INVALID: Final = Kind("invalid-value", 422, "A value is not allowed")
KEY_REUSED: Final = Kind("key-reused", 422, "The key was used for another request")
UNSCHEDULABLE: Final = Kind("unschedulable", 422, "No plan is possible")
PRECONDITION_REQUIRED: Final = Kind("precondition-required", 428, "The request needs the header If-Match")
TOO_MANY: Final = Kind("too-many-requests", 429, "Too many requests")
INTERNAL: Final = Kind("internal-error", 500, "The program failed")
STORE_UNAVAILABLE: Final = Kind("store-unavailable", 503, "The database is out of reach")

KINDS: Final = (
    MALFORMED, NOT_AUTHENTICATED, FORBIDDEN, NOT_FOUND, COMPUTATION_NOT_FOUND, NOT_COMPUTED, NO_SUCH_PATH,
    METHOD_NOT_ALLOWED, TOO_SLOW, IN_FLIGHT, REFUSED, STALE_SNAPSHOT, SUPERSEDED, UNACKNOWLEDGED, PLAN_REJECTED,
    PLAN_CHANGED, PLAN_WITHDRAWN, ALREADY_RELEASED, PROPOSAL_NEEDED, SECOND_PERSON_NEEDED, REASON_NEEDED, ANSWERED_ONCE,
    STALE, TOO_LARGE, MISDIRECTED, INVALID, KEY_REUSED, UNSCHEDULABLE, PRECONDITION_REQUIRED, TOO_MANY, INTERNAL,
    STORE_UNAVAILABLE,
)  # fmt: skip
"""All of them."""
RELEASING: Final = (
    NOT_FOUND, REFUSED, STALE_SNAPSHOT, UNACKNOWLEDGED, PLAN_REJECTED, PLAN_CHANGED, PLAN_WITHDRAWN, ALREADY_RELEASED,
    PROPOSAL_NEEDED, SECOND_PERSON_NEEDED, REASON_NEEDED, IN_FLIGHT, STALE, KEY_REUSED, PRECONDITION_REQUIRED,
)  # fmt: skip
"""Those of a release, a roll-back and a proposal."""


class FieldProblem(BaseModel):
    """One value that was refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    where: str = Field(description="Its place in the body or its parameter", examples=["changes[0].machine"])
    reason: str = Field(description="Why it is refused, mostly with the value")


class ProblemDocument(BaseModel):
    """What a program gets for a request that is refused (RFC 9457)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: str = Field(description="The kind of refusal; stable", examples=[INVALID.type])
    title: str = Field(description="The kind in words")
    status: int = Field(description="The HTTP status")
    detail: str = Field(description="What is wrong with this request, for a person")
    errors: list[FieldProblem] = Field(default=[], description="The values that were refused, if it is about values")
    needed: list[str] = Field(default=[], description="The roles of which one would do, for a missing role")
    orders: list[str] = Field(default=[], description="The orders that leave the plan, where they must be acknowledged")
    facts: dict[str, str | int | None] = Field(
        default={}, description="Of a release that is refused: version, seen, violations or proposer"
    )


class Problem(HTTPException):
    """A refusal that is raised, and sent as a problem document.

    ``errors``: (where, reason) of values. ``needed``: roles. ``orders``: ids of jobs. ``facts``: data by name, of a release.
    ``headers``: sent beside it.
    """

    def __init__(
        self,
        kind: Kind,
        detail: str,
        *,
        errors: Sequence[tuple[str, str]] = (),
        needed: Sequence[str] = (),
        orders: Sequence[str] = (),
        facts: Mapping[str, str | int | None] = MappingProxyType({}),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(kind.status, detail, dict(headers or {}))
        self.kind = kind
        self.document = ProblemDocument(
            type=kind.type, title=kind.title, status=kind.status, detail=printable(detail),
            errors=[FieldProblem(where=printable(where), reason=printable(reason)) for where, reason in errors],
            needed=list(needed), orders=[printable(order) for order in orders],
            facts=dict(facts),
        )  # fmt: skip

    def response(self) -> Response:
        """The document as an HTTP response; lists and facts that are empty are left out."""
        said = {key: value for key, value in self.document.model_dump().items() if value not in ([], {})}
        return Response(json.dumps(said), self.kind.status, dict(self.headers or {}), MEDIA_TYPE)


def printable(text: str) -> str:
    """The text with halves of characters written as escapes, as no encoding has them."""
    return text.encode("utf-8", "backslashreplace").decode()


def described(*kinds: Kind) -> dict[int | str, dict[str, object]]:
    """These kinds as a route's ``responses``, by status, for the OpenAPI document."""
    found: dict[int | str, dict[str, object]] = {}
    for status in dict.fromkeys(kind.status for kind in kinds):
        same = [kind for kind in kinds if kind.status == status]
        found[status] = {
            "description": "; ".join(f"{kind.title} (`{kind.type}`)" for kind in same),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
        }
    return found
