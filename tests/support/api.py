"""The HTTP API over a store, asked by persons whose token is their name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from threading import Event

from fastapi import FastAPI
from fastapi.routing import APIRoute
from httpx import Response
from starlette.testclient import TestClient

from scheduler_core.api.answer_headers import HEADERS
from scheduler_core.api.app import create_app, routed_app
from scheduler_core.api.computations.pool import Computations
from scheduler_core.api.computations.records import Answer, AnyQuestion, ComputationFailed
from scheduler_core.api.computations.worker import Told
from scheduler_core.api.problems import MEDIA_TYPE, NOT_AUTHENTICATED, Problem
from scheduler_core.api.routes import ROUTERS
from scheduler_core.api.service import Service
from scheduler_core.data.store import Store
from scheduler_core.roles import Actor, Role
from scheduler_core.settings.api_settings import ApiSettings

OWN = "http://127.0.0.1"
"""An address at which the API answers."""
NOBODY = "Nobody"
"""Somebody without any role."""
PEOPLE = {role: f"the {role.value}" for role in Role}


def identify(_store: Store, bearer: str, _now: datetime) -> Actor:
    """The person whose name the token is: one of PEOPLE or NOBODY."""
    if bearer not in (*PEOPLE.values(), NOBODY):
        raise Problem(NOT_AUTHENTICATED, "unknown token")
    return Actor(bearer)


class NoProcess:
    """Computes nothing: a test that wants answers takes ``answering_api``."""

    def start(self) -> None:
        """It is always ready."""

    def ask(self, question: AnyQuestion, told: Told, stop: Event, seconds: float) -> Answer:
        """Fails."""
        raise ComputationFailed("nothing is computed here")

    def close(self) -> None:
        """Nothing is left to end."""


def service_over(store: Store, settings: ApiSettings | None = None) -> Service:
    """The service of a store in which each of PEOPLE has the role."""
    for role, person in PEOPLE.items():
        store.roles.grant(person, role.value, "setup")
    generous = ApiSettings(token_per_minute=1_000_000, address_per_minute=1_000_000, longest_stream_seconds=5.0)
    service = Service(store, identify, settings or generous)
    service.computations = Computations(store.url, make=lambda url: NoProcess())
    return service


def client(app: FastAPI, person: str | None = PEOPLE[Role.PLANNER], headers: Mapping[str, str] | None = None) -> TestClient:
    """Asks as the person; None: without a token."""
    said = dict(headers or {}) | ({} if person is None else {"Authorization": f"Bearer {person}"})
    asks = TestClient(app, base_url=OWN, headers=said, raise_server_exceptions=False)
    asks.event_hooks["response"] = [says_its_headers]
    return asks


@cache
def headers_of_answers() -> tuple[tuple[str, re.Pattern[str], dict[str, tuple[str, ...]]], ...]:
    """Of each operation, fixed paths first: its method, path, and the documented headers by status."""
    paths = sorted(routed_app().openapi()["paths"].items(), key=lambda item: item[0].count("{"))
    return tuple(
        (method, re.compile(re.sub(r"\{\w+\}", "[^/:]+", path)),
         {status: tuple(answer.get("headers", ())) for status, answer in operation["responses"].items()})
        for path, operations in paths for method, operation in operations.items()
    )  # fmt: skip


def says_its_headers(answer: Response) -> None:
    """Raises AssertionError where the answer has a header that programs go by and that the document does not name."""
    path, method = answer.request.url.path, answer.request.method.lower()
    for other, template, known in headers_of_answers():
        if other == method and template.fullmatch(path):
            said = known.get(str(answer.status_code))
            unsaid = [] if said is None else [name for name in HEADERS if name in answer.headers and name not in said]
            assert unsaid == [], f"{method} {path}: {answer.status_code} has {unsaid}, which the document does not name"
            return


def planner(store: Store, settings: ApiSettings | None = None) -> TestClient:
    """Asks as the planner."""
    return client(create_app(service_over(store, settings)))


@dataclass(frozen=True)
class Path:
    """A method and path of the API."""

    method: str
    template: str
    route: APIRoute

    @property
    def address(self) -> str:
        """The path with an id in every place, which no store holds."""
        filled = self.template
        for name in self.route.param_convertors:
            filled = filled.replace(f"{{{name}}}", "0" * 32)
        return filled

    def __str__(self) -> str:
        return f"{self.method} {self.template}"


def paths() -> Iterator[Path]:
    """Every method of every route."""
    for router in ROUTERS:
        for route in router.routes:
            assert isinstance(route, APIRoute)
            for method in sorted(route.methods or ()):
                yield Path(method, route.path_format, route)


def problem(answer: Response, status: int) -> str:
    """The name of the kind of an answer that is a problem document of this status."""
    assert answer.status_code == status, (answer.status_code, answer.text)
    assert answer.headers["content-type"] == MEDIA_TYPE
    said = answer.json()
    assert said["status"] == status
    assert said["title"]
    assert said["detail"]
    return str(said["type"]).removeprefix("urn:shopwright:problem:")
