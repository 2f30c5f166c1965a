"""Who is behind a bearer token: a service token's owner, or the person whom an access token names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from scheduler_core.data.store import Store
from scheduler_core.roles import Actor
from scheduler_core.services import service_tokens
from scheduler_core.services.access_tokens import AccessTokens
from scheduler_core.services.service_tokens import InvalidToken
from scheduler_core.settings.sign_in import SignIn


def identifier(settings: SignIn) -> Callable[[Store, str, datetime], Actor]:
    """What tells an actor from a bearer token as of a moment (aware), for a server that keeps it as long as it runs.

    It raises InvalidToken, with one message for every cause; access tokens count where the settings name their issuer.
    """
    access = AccessTokens.of(settings)

    def identify(store: Store, bearer: str, now: datetime) -> Actor:
        if service_tokens.is_service_token(bearer):
            return service_tokens.identify(store, bearer, now)
        if access is None:
            raise InvalidToken("no service token, and configs/sign_in.yaml names no issuer of access tokens")
        return access.identify(bearer, now)

    return identify
