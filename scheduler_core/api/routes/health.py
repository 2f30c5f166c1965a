"""Whether the server and everything around it works: for whoever watches it, and for people who may look."""

from __future__ import annotations

import time
from threading import Lock
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import PlainTextResponse
from pydantic import Field

from scheduler_core.alerts.settings_check import settings_check, whole_health
from scheduler_core.api import problems
from scheduler_core.api.documents import Document
from scheduler_core.api.problems import described
from scheduler_core.api.routing import needs
from scheduler_core.api.service import Service
from scheduler_core.monitoring import health, metrics
from scheduler_core.monitoring.health import Level
from scheduler_core.roles import Action

KEPT_SECONDS = 5.0
"""For so long figures that were collected are given again: nobody occupies a core by asking."""
router = APIRouter(tags=["health"])
_BY_ANYBODY = (problems.MISDIRECTED, problems.TOO_MANY)


class Alive(Document):
    """That the server answers."""

    status: Annotated[str, Field(pattern="^ok$")] = "ok"


class CheckDocument(Document):
    """One thing that was looked at."""

    name: str
    level: Level
    said: str = Field(description="What was found")
    do: str = Field(description="What to do about it; empty where it is fine")
    detail: dict[str, Any]


class HealthDocument(Document):
    """Everything that was looked at; ``healthy``: nothing is a fault."""

    healthy: bool
    checks: list[CheckDocument]


class _Figures:
    """The text of the metrics, kept for a few seconds."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._text, self._until = "", 0.0

    def text(self) -> str:
        with self._lock:
            if time.monotonic() >= self._until:
                self._text = metrics.text((settings_check,))
                self._until = time.monotonic() + KEPT_SECONDS
            return self._text


_FIGURES = _Figures()


@router.get("/livez", summary="Whether the server answers", responses=described(*_BY_ANYBODY))
async def live() -> Alive:
    """It does not look at the database: a server that answers need not be started again."""
    return Alive()


@router.get(
    "/readyz", summary="Whether requests can be served", responses=described(*_BY_ANYBODY, problems.STORE_UNAVAILABLE)
)
def ready(request: Request) -> Alive:
    """It reads from the store; 503 while the store is out of reach."""
    service: Service = request.app.state.service
    service.require_store()
    service.store.runs.newest(limit=1)
    return Alive()


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=PlainTextResponse,
    responses=described(*_BY_ANYBODY),
)
def figures() -> Response:
    """Counts and ages, the same as ``shopwright metrics`` prints; no name of an order, a customer or a person."""
    return PlainTextResponse(_FIGURES.text(), media_type="text/plain; version=0.0.4")


@router.get("/v1/health", summary="Whether everything works, and what to do where not", **needs(Action.LOOK))
def checks() -> HealthDocument:
    """The checks of ``shopwright health``."""
    found = whole_health()
    shown = [
        CheckDocument(name=one.name, level=one.level, said=one.said, do=one.do, detail=dict(one.detail)) for one in found
    ]
    return HealthDocument(healthy=health.healthy(found), checks=shown)
