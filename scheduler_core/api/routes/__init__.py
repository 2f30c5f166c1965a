"""The resources: one router each. A new one is added to ``ROUTERS`` and to no other list."""

from typing import Final

from fastapi import APIRouter

from scheduler_core.api.routes import health, models, openapi, plan_withdrawals, plans, releases, roles, runs, tokens

ROUTERS: Final[tuple[APIRouter, ...]] = (
    health.router,
    openapi.router,
    plans.router,
    plan_withdrawals.router,
    runs.router,
    releases.router,
    models.router,
    roles.router,
    tokens.router,
)

__all__ = ["ROUTERS"]
