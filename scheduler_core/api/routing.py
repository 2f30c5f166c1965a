"""How a route says what it needs: its action of the role table and the refusals that it may answer with."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any, Final, NoReturn

from fastapi import APIRouter, Depends, Request, Response
from fastapi.routing import APIRoute
from starlette.convertors import StringConvertor, register_url_convertor

from scheduler_core.api import problems
from scheduler_core.api.problems import Kind, Problem, described
from scheduler_core.roles import Action
from scheduler_core.services import authorized

ACTION: Final = "x-action"
"""The key of an operation in the OpenAPI document that names its action of the role table."""
MOST_KEYS: Final = 10_000
"""Keys of one object of a body; those of a snapshot are names of fields."""
MOST_NESTED: Final = 300_000
"""Objects and lists of a body. A plant of the largest size that a body may have takes about half as many, and building many
more holds up every other request."""
_LARGEST_EXACT: Final = 2.0**53
"""Whole numbers up to here are the same as fractions."""
_ALWAYS: Final = (
    problems.MALFORMED, problems.NOT_AUTHENTICATED, problems.FORBIDDEN, problems.TOO_SLOW, problems.TOO_LARGE,
    problems.MISDIRECTED, problems.INVALID, problems.TOO_MANY, problems.STORE_UNAVAILABLE,
)  # fmt: skip


class Needs:
    """A dependency that lets only those through who may do the action."""

    def __init__(self, action: Action) -> None:
        self.action = action

    def __call__(self, request: Request) -> None:
        """Raises Forbidden."""
        authorized.require(request.app.state.service.store, request.state.actor, self.action)


def needs(action: Action, *kinds: Kind) -> dict[str, Any]:
    """Arguments of a route's decorator: the action that its caller must be allowed, checked before anything else of the
    route, and the kinds of refusals that it may answer with beside those that every route may."""
    return {
        "dependencies": [Depends(Needs(action))],
        "openapi_extra": {ACTION: action.name},
        "responses": described(*_ALWAYS, *kinds),
    }


class StrictRequest(Request):
    """A request whose JSON may have no key twice and no number that JSON does not know."""

    async def json(self) -> Any:
        """The body. Raises Problem (400)."""
        body = await self.body()
        if body.count(b"{") + body.count(b"[") > MOST_NESTED:
            raise Problem(problems.MALFORMED, f"The body has more than {MOST_NESTED} objects and lists.")
        return json.loads(body, object_pairs_hook=_unique, parse_constant=_no_number, parse_float=_fraction)


class StrictRoute(APIRoute):
    """A route that reads its body so."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler of a request."""
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            return await handle(StrictRequest(request.scope, request.receive))

        return strictly


class Segment(StringConvertor):
    """The last part of a path, which holds no colon: ``/{id}:act`` is a path of its own with methods of its own."""

    regex = "[^/:]+"


register_url_convertor("segment", Segment())


class Resource(APIRouter):
    """A router whose paths may end with an id or with ``id:act``."""

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **more: Any) -> None:
        """Add a route."""
        super().add_api_route(re.sub(r"\{(\w+)\}$", r"{\1:segment}", path), endpoint, **more)


def resource(name: str) -> APIRouter:
    """The router of a resource: its paths begin with ``/v1/NAME``."""
    return Resource(prefix=f"/v1/{name}", tags=[name], route_class=StrictRoute)


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(pairs) > MOST_KEYS:
        raise Problem(problems.MALFORMED, f"The body has an object with more than {MOST_KEYS} keys.")
    if len(found) != len(pairs):
        twice = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise Problem(problems.MALFORMED, f"The body has the key {twice!r} more than once.")
    return found


def _fraction(digits: str) -> int | float:
    """The number; a whole one is an integer however it is written, as JSON Schema has it (7.0)."""
    number = float(digits)
    return int(number) if number.is_integer() and abs(number) <= _LARGEST_EXACT else number


def _no_number(name: str) -> NoReturn:
    raise Problem(problems.MALFORMED, f"The body has {name}, which is no number that JSON knows.")
