"""Which refusal each error of the core is: the only place that says so."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from scheduler_core.api import problems
from scheduler_core.api.problems import Problem
from scheduler_core.data.database import DatabaseFailure, DatabaseUnavailable, refusal, said_by
from scheduler_core.data.store_errors import (
    NotFound,
    Refused,
    ReleaseBar,
    ReleaseRefused,
    RequestConflict,
    StaleSnapshot,
    Superseded,
    Unacknowledged,
)
from scheduler_core.errors import InvalidValue, ShopwrightError, Unschedulable
from scheduler_core.roles import Forbidden
from scheduler_core.services.service_tokens import InvalidToken

LOG = logging.getLogger(__name__)
BEARER = {"WWW-Authenticate": "Bearer"}
RETRY = {"Retry-After": str(problems.RETRY_SECONDS)}
_BARS = {
    ReleaseBar.REJECTED: problems.PLAN_REJECTED, ReleaseBar.CHANGED: problems.PLAN_CHANGED,
    ReleaseBar.MEANWHILE: problems.STALE, ReleaseBar.WITHDRAWN: problems.PLAN_WITHDRAWN,
    ReleaseBar.ALREADY: problems.ALREADY_RELEASED, ReleaseBar.UNPROPOSED: problems.PROPOSAL_NEEDED,
    ReleaseBar.SAME_PERSON: problems.SECOND_PERSON_NEEDED, ReleaseBar.REASON: problems.REASON_NEEDED,
}  # fmt: skip
MOST_TOLD = 100
"""Values of a body that are told; a body can have very many wrong ones."""
_PARTS = ("body", "query", "path", "header")
"""The parts of a request that hold values."""
_STATUS_KINDS = {
    400: problems.MALFORMED,
    404: problems.NO_SUCH_PATH,
    405: problems.METHOD_NOT_ALLOWED,
    413: problems.TOO_LARGE,
}


def problem_of(error: Exception) -> Problem:
    """The refusal for an error. One that nobody foresaw is logged with its trace, and its text is told to nobody."""
    match error:
        case Problem():
            return error
        case InvalidToken():
            LOG.info("a token was refused", extra={"reason": error.cause})
            return Problem(problems.NOT_AUTHENTICATED, "The bearer token is not valid.", headers=BEARER)
        case Forbidden():
            return Problem(problems.FORBIDDEN, str(error), needed=[role.value for role in error.needed])
        case NotFound():
            return Problem(problems.NOT_FOUND, str(error))
        case RequestConflict():
            return Problem(problems.KEY_REUSED, str(error))
        case StaleSnapshot():
            return Problem(problems.STALE_SNAPSHOT, str(error))
        case Superseded():
            return Problem(problems.SUPERSEDED, str(error))
        case Unacknowledged():
            return Problem(problems.UNACKNOWLEDGED, str(error), orders=error.jobs)
        case ReleaseRefused():
            return Problem(_BARS[error.bar], str(error), facts=error.facts)
        case Refused():
            return Problem(problems.REFUSED, str(error))
        case InvalidValue():
            where, reason = place_and_reason(error)
            return Problem(problems.INVALID, f"{where}: {reason}", errors=[(where, reason)])
        case Unschedulable():
            return Problem(problems.UNSCHEDULABLE, str(error))
        case DatabaseUnavailable() | DatabaseFailure():
            _log_database(error)
            return Problem(problems.STORE_UNAVAILABLE, "The database is out of reach; try again.", headers=RETRY)
        case ShopwrightError():
            return Problem(problems.REFUSED, str(error))
        case RequestValidationError():
            return _of_values(error)
        case HTTPException():
            return _of_framework(error)
    LOG.error("a request failed", exc_info=error)
    return Problem(problems.INTERNAL, "The program failed; its log has the reason.")


def place_and_reason(error: InvalidValue) -> tuple[str, str]:
    """Where a value stands, without the part of the request that it is in (``changes[0].machine``); the value, and why
    it is refused."""
    where, reason = error.where, str(error).removeprefix(f"{error.where}: ")
    for part in _PARTS:
        where = where.removeprefix(f"{part}: ").removeprefix(f"{part}.")
    return where, reason


def _log_database(error: Exception) -> None:
    """A database that is away is told in a line; what else a statement failed with, with its trace."""
    foreseen = isinstance(error, DatabaseUnavailable) or refusal(error) is not None
    LOG.error("the database failed", extra={"reason": said_by(error)}, exc_info=None if foreseen else error)


def _of_values(error: RequestValidationError) -> Problem:
    """What pydantic refused, each value with its place and reason, and without what stood there: it may be a secret."""
    faults = error.errors()
    if any(fault["type"] == "json_invalid" for fault in faults):
        reason = faults[0].get("ctx", {}).get("error", "")
        return Problem(problems.MALFORMED, f"The body is not JSON, at character {faults[0]['loc'][-1]}: {reason}")
    told = [
        (_place(fault["loc"]), _reason(fault["type"], fault["msg"])) for fault in faults[:MOST_TOLD]
    ]  # fmt: skip
    more = f"; and {len(faults) - MOST_TOLD} more" if len(faults) > MOST_TOLD else ""
    return Problem(problems.INVALID, "; ".join(f"{where}: {reason}" for where, reason in told) + more, errors=told)


def _place(parts: Sequence[str | int]) -> str:
    """The place of a value as the core writes one: ``moves[0].machine``; the whole body is ``body``."""
    inner = parts[1:] if len(parts) > 1 and parts[0] in _PARTS else parts
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in inner).removeprefix(".")


def _reason(kind: str, message: str) -> str:
    return "is not a known field" if kind == "extra_forbidden" else message.removeprefix("Value error, ")


def _of_framework(error: HTTPException) -> Problem:
    kind = _STATUS_KINDS.get(error.status_code, problems.MALFORMED)
    said = {
        problems.NO_SUCH_PATH: "The API has no such path; /v1/openapi.json lists all of them.",
        problems.METHOD_NOT_ALLOWED: "The path is there, but takes other methods; see the header Allow.",
    }
    return Problem(kind, said.get(kind, str(error.detail)), headers=error.headers)
