"""The resources: one router each. A new one is added to ``ROUTERS`` and to no other list."""

from typing import Final

from fastapi import APIRouter

from scheduler_core.api.routes import (
    actuals,
    assumptions,
    computations,
    dispatch_lists,
    downtimes,
    explanations,
    facts,
    frozen_zones,
    health,
    models,
    next_operations,
    odds,
    openapi,
    orders,
    pins,
    plan_changes,
    plan_figures,
    plan_withdrawals,
    plans,
    pulls,
    releases,
    roles,
    runs,
    snapshots,
    spreadsheets,
    tokens,
    what_ifs,
)

ROUTERS: Final[tuple[APIRouter, ...]] = (
    health.router,
    openapi.router,
    plans.router,
    explanations.router,
    plan_changes.router,
    plan_figures.router,
    pins.router,
    assumptions.router,
    odds.router,
    runs.router,
    computations.router,
    what_ifs.router,
    dispatch_lists.plans,
    dispatch_lists.releases,
    next_operations.router,
    actuals.router,
    frozen_zones.router,
    snapshots.router,
    spreadsheets.router,
    pulls.router,
    orders.router,
    facts.router,
    downtimes.router,
    plan_withdrawals.router,
    releases.router,
    models.router,
    roles.router,
    tokens.router,
)

__all__ = ["ROUTERS"]
