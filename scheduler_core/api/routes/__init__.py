"""The resources: one router each. A new one is added to ``ROUTERS`` and to no other list."""

from typing import Final

from fastapi import APIRouter

from scheduler_core.api.routes import health, openapi, plans, runs

ROUTERS: Final[tuple[APIRouter, ...]] = (
    health.router,
    openapi.router,
    plans.router,
    runs.router,
)

__all__ = ["ROUTERS"]
