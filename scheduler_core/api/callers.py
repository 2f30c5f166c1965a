"""Who is behind a bearer token: the one place that decides which kind of token it is."""

from __future__ import annotations

from datetime import datetime

from scheduler_core.data.store import Store
from scheduler_core.roles import Actor
from scheduler_core.services import service_tokens


def identify(store: Store, bearer: str, now: datetime) -> Actor:
    """The actor of a token as of now (aware). Raises InvalidToken for a token that opens nothing."""
    return service_tokens.identify(store, bearer, now)
