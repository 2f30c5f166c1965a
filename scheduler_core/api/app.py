"""The app: routes, what every request passes before them, and how refusals are sent."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from scheduler_core.api.document import describe
from scheduler_core.api.error_mapping import problem_of
from scheduler_core.api.guards import Answers, BodyUpToLimit, Callers, OwnHostsOnly
from scheduler_core.api.problems import METHOD_NOT_ALLOWED
from scheduler_core.api.routes import ROUTERS
from scheduler_core.api.service import Service


def create_app(service: Service) -> FastAPI:
    """The API over a service's store, as an ASGI app. Endpoints that are no coroutines run in the thread pool."""
    app = routed_app()
    app.state.service = service
    # The one that is added last is passed first.
    app.add_middleware(BodyUpToLimit, service=service)
    app.add_middleware(Callers, service=service)
    app.add_middleware(OwnHostsOnly, service=service)
    app.add_middleware(Answers)
    return app


def routed_app() -> FastAPI:
    """The routes alone, which is all that the OpenAPI document needs; without a service nothing can be asked."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    for error in (HTTPException, RequestValidationError):
        app.add_exception_handler(error, _refused)
    for router in ROUTERS:
        app.include_router(router)

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = describe(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]
    return app


async def _refused(request: Request, error: Exception) -> Response:
    answer = problem_of(error).response()
    if answer.status_code == METHOD_NOT_ALLOWED.status:
        # The router names the methods of the first route alone.
        answer.headers["Allow"] = ", ".join(sorted(_methods(request)))
    return answer


def _methods(request: Request) -> set[str]:
    """The methods of all routes of the path."""
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    return {method for route in routes if route.path_regex.match(request.url.path) for method in route.methods or ()}
