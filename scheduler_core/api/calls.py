"""A request as a route sees it: the store, who asks, and for a POST its key.

Routes take ``Asked``, or ``Keyed`` where they make something.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Annotated, TypeAlias
from uuid import uuid4

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel

from scheduler_core.api import problems
from scheduler_core.api.problems import Problem
from scheduler_core.api.service import Service
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import KeptAnswer
from scheduler_core.roles import Action, Actor, Forbidden
from scheduler_core.services import authorized
from scheduler_core.services.service_tokens import InvalidToken

KEY_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$"
"""What the services take for a request id, but for ``.`` and ``..``, which clients take out of an address."""


@dataclass(frozen=True)
class Made:
    """What a POST is answered with: the document, its status, and headers such as Location."""

    document: BaseModel
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class Call:
    """One request of an actor."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.service: Service = request.app.state.service
        self.actor: Actor = request.state.actor

    @property
    def store(self) -> Store:
        """The store."""
        return self.service.store

    @property
    def now(self) -> datetime:
        """The time now (aware)."""
        return self.service.now()

    def still_may(self, action: Action) -> bool:
        """Whether the token of the request is in force at this moment, and its owner has a role for the action."""
        try:
            actor = self.service.identify(self.store, self.request.state.bearer, self.now)
            authorized.require(self.store, actor, action)
        except (InvalidToken, Forbidden):
            return False
        return True


class KeyedCall(Call):
    """A request with a key, which is the request id of the services; without the header a new one."""

    def __init__(self, request: Request, key: str | None) -> None:
        super().__init__(request)
        self.key = key or uuid4().hex
        self._given = key is not None

    def once(self, work: Callable[[str], Made], *, repeatable: bool = True) -> Response:
        """What ``work`` makes of the request id, as a response; the same request again gets the same answer.

        ``repeatable`` False: for an answer that is shown once (a secret). It is not kept, and the same request again is
        refused.
        Raises Problem: 422 where the key was used for another request or by another caller, 409 while it is at work. What
        ``work`` raises is not kept, so that the request may be sent again.
        """
        if not self._given:
            made = work(self.key)
            return _response(made.document.model_dump_json(), made.status, made.headers)
        with self.service.in_flight.alone(self.key):
            found = self.store.answers.find(self.key)
            if found is None:
                made = work(self.key)
                content = made.document.model_dump_json()
                self._checked(self.store.answers.keep(self._kept(made, content if repeatable else "")))
                return _response(content, made.status, made.headers)
        self._checked(found)
        if not found.content:
            detail = f"The request {self.key} was answered before, with a secret that is shown once."
            raise Problem(problems.ANSWERED_ONCE, detail)
        return _response(found.content, found.status, found.headers)

    def _kept(self, made: Made, content: str) -> KeptAnswer:
        return KeptAnswer(self.key, self.actor.name, self._asked, made.status, content, made.headers)

    def _checked(self, kept: KeptAnswer) -> None:
        if (kept.caller, kept.asked_sha256) != (self.actor.name, self._asked):
            raise Problem(problems.KEY_REUSED, f"The key {self.key} was used for another request.")

    @property
    def _asked(self) -> str:
        url = self.request.url
        return sha256(
            f"{self.request.method}\n{url.path}\n{url.query}\n{self.request.state.body_sha256}".encode()
        ).hexdigest()


def _response(content: str, status: int, headers: Mapping[str, str]) -> Response:
    return Response(content, status, dict(headers), "application/json")


def asked(request: Request) -> Call:
    """The request."""
    return Call(request)


def keyed(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(pattern=KEY_PATTERN, description="The same key and body again get the same answer; best a UUID"),
    ] = None,
) -> KeyedCall:
    """The request with its key."""
    return KeyedCall(request, idempotency_key)


Asked: TypeAlias = Annotated[Call, Depends(asked)]
Keyed: TypeAlias = Annotated[KeyedCall, Depends(keyed)]
