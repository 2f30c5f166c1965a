"""Service tokens: making and revoking them, and who a program is that sends one.

A token is ``swt_ID_SECRET``: a prefix by which scanners for leaked secrets find it, 12 hexadecimal digits that name it, and
256 random bits. The store holds a SHA-256 of it: nobody can guess 256 random bits, so a slow hash would gain nothing. The
whole token is shown once and kept nowhere.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from scheduler_core.data.database import DatabaseFailure, said_by
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import NewToken, ServiceToken
from scheduler_core.data.store_errors import Refused
from scheduler_core.errors import InvalidValue, ShopwrightError
from scheduler_core.roles import Actor, Role

PREFIX: Final = "swt_"
LONGEST: Final = timedelta(days=366)
"""How long a token may be in force."""
MOST_NAME: Final = 80
"""Characters of a token's name."""
_TOKEN: Final = re.compile(r"swt_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
_NOBODYS: Final = hashlib.sha256(b"").hexdigest()
LOG = logging.getLogger(__name__)


class InvalidToken(ShopwrightError):
    """A bearer token that opens nothing. The message is the same for every cause; ``cause`` is for the server's log."""

    def __init__(self, cause: str) -> None:
        self.cause = cause
        super().__init__("the bearer token is not valid")


@dataclass(frozen=True)
class NewlyMade:
    """A token that has just been made. ``secret``: the whole text to send, known only here; None if the same request had
    made it before."""

    token: ServiceToken
    secret: str | None


def make(
    store: Store, *, owner: str, name: str, roles: Collection[Role], expires_at: datetime, actor: str, request_id: str
) -> NewlyMade:
    """Make a token that acts for ``owner`` with ``roles`` until ``expires_at`` (aware).

    Raises InvalidValue for a name or an expiry that cannot be, Refused for roles that the owner does not have.
    """
    called = _named(name)
    _check_expiry(expires_at, datetime.now(UTC))
    identity, secret = secrets.token_hex(6), secrets.token_urlsafe(32)
    new = NewToken(request_id, identity, called, owner, frozenset(roles), expires_at, _hash(secret), actor)
    token = store.tokens.make(new)
    return NewlyMade(token, f"{PREFIX}{identity}_{secret}" if token.id == identity else None)


def revoke(store: Store, token_id: str, *, actor: str, owner: str | None = None) -> bool:
    """Revoke a token for good; False if it is revoked already. ``owner``: only a token of this person.

    Raises NotFound, and Refused for somebody else's token.
    """
    if owner is not None and store.tokens.get(token_id).owner != owner:
        raise Refused(f"the token {token_id} is not one of {owner}'s: its owner or an admin may revoke it")
    return store.tokens.revoke(token_id, actor)


def is_service_token(bearer: str) -> bool:
    """Whether a bearer token is meant to be one of these."""
    return bearer.startswith(PREFIX)


def identify(store: Store, bearer: str, now: datetime) -> Actor:
    """Who sends a token: its owner, with the token's roles at most. ``now``: aware.

    Raises InvalidToken, with one message for a token that is unknown, expired or revoked, or whose owner has none of its
    roles any more.
    """
    parts = _TOKEN.fullmatch(bearer)
    if parts is None:
        raise InvalidToken("not in the form of a service token")
    identity, secret = parts.groups()
    held = store.tokens.held(identity)
    # A token that is not there is compared as well, so that an answer takes as long.
    matches = hmac.compare_digest(_hash(secret), _NOBODYS if held is None else held[1])
    if held is None or not matches:
        raise InvalidToken(f"unknown token {identity}" if held is None else f"wrong secret for token {identity}")
    token = held[0]
    if token.revoked_at is not None:
        raise InvalidToken(f"token {identity} is revoked")
    if now >= token.expires_at:
        raise InvalidToken(f"token {identity} has expired")
    actor = Actor(token.owner, only=token.roles, token=token.id)
    if not actor.counting(store.roles.of(token.owner)):
        raise InvalidToken(f"{token.owner}, the owner of token {identity}, has none of its roles")
    _note_use(store, token, now)
    return actor


def _note_use(store: Store, token: ServiceToken, now: datetime) -> None:
    """A last use that cannot be written (a full disk, a lock that is held) turns nobody away: reads must go on."""
    if not store.tokens.is_use_due(token, now):
        return
    try:
        store.tokens.used(token.id, now)
    except DatabaseFailure as failure:
        LOG.warning("the last use of token %s could not be noted: %s", token.id, said_by(failure))


def _named(name: str) -> str:
    called = " ".join(name.split())
    if not called:
        raise InvalidValue("token name", name, "is empty: name the program that uses the token")
    if len(called) > MOST_NAME:
        raise InvalidValue("token name", name, f"is longer than {MOST_NAME} characters")
    if not called.isprintable():
        raise InvalidValue("token name", name, "holds a sign that cannot be seen")
    return called


def _check_expiry(expires_at: datetime, now: datetime) -> None:
    if expires_at.tzinfo is None:
        raise InvalidValue("expiry", expires_at.isoformat(), "must name its offset from UTC, such as +02:00")
    if expires_at <= now:
        raise InvalidValue("expiry", expires_at.isoformat(), "must lie in the future")
    if expires_at > now + LONGEST:
        raise InvalidValue("expiry", expires_at.isoformat(), f"must be at most {LONGEST.days} days ahead")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
