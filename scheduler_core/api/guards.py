"""What every request passes before its route: ASGI middleware, from the outside to the inside.

The order matters: a request for a foreign host is turned away first, then one too many, then one without a caller, and only
a caller's body is read, up to a limit, before anything parses it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from hashlib import sha256
from http import HTTPStatus
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scheduler_core.api import problems
from scheduler_core.api.error_mapping import BEARER, problem_of
from scheduler_core.api.problems import Problem
from scheduler_core.api.service import Service
from scheduler_core.settings.hosts import host_of, is_loopback

LOG = logging.getLogger(__name__)
OPEN: Final = frozenset({"/livez", "/readyz", "/metrics"})
"""Paths that anybody may read: whether the server works, and counts without a name of an order, a customer or a person."""
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
"""Sent with every answer, unless the route has said something else."""
LONGEST_PATH: Final = 300
"""Characters of a path in the log, which anybody may fill with paths of 60,000."""
BODY_SECONDS: Final = 30.0
"""How long a body may take to arrive."""


class Answers:
    """Sends the security headers with every answer, turns what was raised into a problem document, and logs the request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def answered(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, answered)
        except Exception as error:
            problem = problem_of(error)
            if status:
                raise
            await problem.response()(scope, receive, answered)
        finally:
            actor = scope.get("state", {}).get("actor")
            LOG.log(
                # Probes come by thousands a day and would push out what somebody looks for.
                logging.DEBUG if scope["path"] in OPEN and status == HTTPStatus.OK else logging.INFO,
                "request answered",
                extra={
                    "method": scope["method"], "path": scope["path"][:LONGEST_PATH], "status": status,
                    "milliseconds": round((time.perf_counter() - began) * 1000),
                    "actor": None if actor is None else actor.name,
                },
            )  # fmt: skip


class OwnHostsOnly:
    """Refuses requests for a host name that is not this machine's and not among the settings' names."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app, self._names = app, frozenset(name.lower() for name in service.settings.names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http":
            hosts = Headers(scope=scope).getlist("host")
            host = host_of(f"//{hosts[0]}") if len(hosts) == 1 else None
            if not is_loopback(host) and (host or "") not in self._names:
                detail = "The API answers at 127.0.0.1, localhost and the names of configs/api.yaml."
                raise Problem(problems.MISDIRECTED, detail)
        await self._app(scope, receive, send)


class OwnMethodsOnly:
    """Refuses a method that a path without an id does not have, where the path could be taken for an id of another route
    (``/v1/releases/proposals`` for ``/v1/releases/{id}``)."""

    def __init__(self, app: ASGIApp, methods: Mapping[str, set[str]]) -> None:
        self._app, self._methods = app, methods

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] == "http" and scope["method"] not in (own := self._methods.get(scope["path"], {scope["method"]})):
            detail = "The path is there, but takes other methods; see the header Allow."
            raise Problem(problems.METHOD_NOT_ALLOWED, detail, headers={"Allow": ", ".join(sorted(own))})
        await self._app(scope, receive, send)


class Callers:
    """Counts requests, and lets only those through whose bearer token says who asks; OPEN paths need none."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app, self._service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its actor in ``state``, or refuse it."""
        if scope["type"] == "http":
            client = scope.get("client")
            _pass_or_wait(self._service.limits.address(client[0] if client else ""), "this address")
            if scope["path"] not in OPEN:
                bearer = _bearer(Headers(scope=scope))
                _pass_or_wait(self._service.limits.token(bearer), "this token")
                service = self._service
                service.require_store()
                actor = await run_in_threadpool(service.identify, service.store, bearer, service.now())
                scope.setdefault("state", {}).update(actor=actor, bearer=bearer)
        await self._app(scope, receive, send)


class BodyUpToLimit:
    """Reads a body whole, up to a limit, before anything parses it; its hash is in ``state``."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app, self._most = app, service.settings.largest_body_mb * 1_000_000

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        stated = Headers(scope=scope).get("content-length", "0")
        if stated.isdecimal() and int(stated) > self._most:
            raise self._too_large()
        try:
            body = await asyncio.wait_for(self._read(receive), BODY_SECONDS)
        except TimeoutError:
            raise Problem(problems.TOO_SLOW, f"The body did not arrive within {BODY_SECONDS:.0f} s.") from None
        scope.setdefault("state", {})["body_sha256"] = sha256(body).hexdigest()
        given = False

        async def again() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, again, send)

    async def _read(self, receive: Receive) -> bytes:
        parts, size, more = [], 0, True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                break
            part = message.get("body", b"")
            size += len(part)
            if size > self._most:
                raise self._too_large()
            parts.append(part)
            more = message.get("more_body", False)
        return b"".join(parts)

    def _too_large(self) -> Problem:
        return Problem(problems.TOO_LARGE, f"The body is larger than {self._most // 1_000_000} MB.")


def _bearer(headers: Headers) -> str:
    """The token of the one header Authorization. Raises Problem (401) without one."""
    values = headers.getlist("authorization")
    scheme, _, token = (values[0] if len(values) == 1 else "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        detail = "The request needs one header 'Authorization: Bearer TOKEN'; 'shopwright tokens' makes tokens."
        raise Problem(problems.NOT_AUTHENTICATED, detail, headers=BEARER)
    return token.strip()


def _pass_or_wait(seconds: int | None, whose: str) -> None:
    if seconds is not None:
        detail = f"Too many requests of {whose}: the next one passes in {seconds} s."
        raise Problem(problems.TOO_MANY, detail, headers={"Retry-After": str(seconds)})
