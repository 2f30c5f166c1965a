"""OpenID Connect access tokens: who a program is that sends one which the identity provider has made.

A token counts if the provider of ``configs/sign_in.yaml`` has signed it with a key of its own, for this API's audience, and
it names a person by the same rule as signing in to the board. The person's roles are those that the store has.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from scheduler_core.data.store import audit
from scheduler_core.errors import InvalidValue
from scheduler_core.people.claims import CLOCK_SKEW_SECONDS, ClaimFault, person_claimed
from scheduler_core.roles import Actor
from scheduler_core.services.service_tokens import InvalidToken
from scheduler_core.settings.sign_in import SignIn, is_safe

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures with a private key that only the provider has: never one whose key both sides know, and never none."""
TYPES: Final = frozenset({"at+jwt", "application/at+jwt", "jwt"})
"""What the header may call an access token (RFC 9068, and providers that say no more than JWT)."""
OF_ANOTHER_KIND: Final = ("nonce", "at_hash", "c_hash", "s_hash", "events", "cnf")
"""Claims of ID tokens and log-out tokens, which are for somebody else, and of tokens that count only with a second proof."""
LONGEST_TOKEN: Final = 8_192
"""Characters."""
KEYS_FRESH: Final = timedelta(minutes=15)
"""So long the provider's keys are used before they are read again."""
KEYS_LAST: Final = timedelta(hours=6)
"""So long they are used where the provider does not answer."""
READ_AGAIN: Final = timedelta(seconds=30)
"""At least so long passes between two readings, whatever tokens name."""
TIMEOUT_SECONDS: Final = 5.0
LARGEST_ANSWER: Final = 1_000_000
"""Bytes of a provider's answer."""
MOST_CLIENT: Final = 64
LOG = logging.getLogger(__name__)
Fetch = Callable[[str], Any]
"""The JSON at an address. Raises OSError or ValueError."""


def fetch(url: str) -> Any:
    """The JSON at an address of the provider; no redirect is followed. Raises OSError, ValueError."""
    try:
        with (
            httpx.Client(trust_env=False, follow_redirects=False, timeout=TIMEOUT_SECONDS) as client,
            client.stream("GET", url, headers={"Accept": "application/json"}) as answer,
        ):
            if answer.status_code != httpx.codes.OK:
                raise ValueError(f"the answer has status {answer.status_code}")
            content = b""
            for part in answer.iter_bytes():
                content += part
                if len(content) > LARGEST_ANSWER:
                    raise ValueError(f"the answer is larger than {LARGEST_ANSWER} bytes")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise OSError(str(error) or type(error).__name__) from None
    return json.loads(content)


class AccessTokens:
    """Verifies access tokens of one provider; shared by all threads. The provider's keys are read when first needed."""

    def __init__(self, issuer: str, audience: str, claim: str, get: Fetch = fetch) -> None:
        self._issuer, self._audience, self._claim = issuer, audience, claim
        self._keys = ProviderKeys(issuer, get)

    @classmethod
    def of(cls, settings: SignIn) -> AccessTokens | None:
        """Of the provider in the settings; None where they name none."""
        if settings.issuer is None or settings.audience is None:
            return None
        return cls(settings.issuer, settings.audience, settings.claim)

    def identify(self, bearer: str, now: datetime) -> Actor:
        """The person whom a token names. ``now``: aware. Raises InvalidToken, with one message for every cause."""
        if len(bearer) > LONGEST_TOKEN:
            raise InvalidToken("an access token that is too long")
        try:
            # ``_key`` says which key, and reads the keys again for one that is not known.
            token = jwt.decode(bearer, lambda found: self._key(found.headers(), now), algorithms=list(ALGORITHMS))
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise InvalidToken(f"the access token's signature or form: {error}") from None
        self._check_kind(token.header, token.claims)
        self._check_claims(token.claims, now.timestamp())
        try:
            person = person_claimed(token.claims, self._claim, now.timestamp())
        except (ClaimFault, InvalidValue) as fault:
            raise InvalidToken(f"the access token's person: {fault}") from None
        return Actor(person, token=_named(token.claims))

    def _key(self, header: Mapping[str, Any], now: datetime) -> Any:
        """The provider's key that the token names. Raises InvalidToken."""
        named = header.get("kid")
        if not isinstance(named, str):
            raise InvalidToken("the access token names no key")
        key = self._keys.named(named, now)
        if key is None:
            raise InvalidToken("the access token names a key that the provider does not have")
        if key.as_dict(private=False).get("use", "sig") != "sig":
            raise InvalidToken("the access token's key is not for signatures")
        return key

    def _check_kind(self, header: Mapping[str, Any], claims: Mapping[str, Any]) -> None:
        kind = header.get("typ", "jwt")
        if not isinstance(kind, str) or kind.lower() not in TYPES:
            raise InvalidToken("the token is of another type than an access token")
        foreign = [name for name in OF_ANOTHER_KIND if name in claims]
        if foreign:
            raise InvalidToken(f"the token is no bearer's access token: it has {', '.join(foreign)}")

    def _check_claims(self, claims: Mapping[str, Any], now: float) -> None:
        """Issuer, audience, and that no time lies ahead. The expiry is looked at with the person's name."""
        if claims.get("iss") != self._issuer:
            raise InvalidToken("the access token is of another issuer")
        audience = claims.get("aud")
        if self._audience not in (audience if isinstance(audience, list) else [audience]):
            raise InvalidToken("the access token is for another audience")
        for name in ("nbf", "iat"):
            moment = claims.get(name)
            if moment is None:
                continue
            if isinstance(moment, bool) or not isinstance(moment, int | float) or not moment <= now + CLOCK_SKEW_SECONDS:
                raise InvalidToken(f"the access token's {name} lies ahead, or is no time")


class ProviderKeys:
    """The public keys of a provider, kept for a while."""

    def __init__(self, issuer: str, get: Fetch) -> None:
        self._issuer, self._get = issuer, get
        self._lock = Lock()
        self._found: Mapping[str, Any] = {}
        self._read_at: datetime | None = None
        self._tried_at: datetime | None = None

    def named(self, kid: str, now: datetime) -> Any | None:
        """The key of that name, None if the provider has none. Keys that are old, or lack this one, are read again, but not
        more often than every ``READ_AGAIN``. Raises InvalidToken where no keys can be had."""
        with self._lock:
            fresh = self._read_at is not None and now - self._read_at < KEYS_FRESH
            may_read = self._tried_at is None or now - self._tried_at >= READ_AGAIN
            if may_read and not (fresh and kid in self._found):
                self._tried_at = now
                self._read(now)
            if self._read_at is None or now - self._read_at >= KEYS_LAST:
                raise InvalidToken("the identity provider's keys cannot be read")
            return self._found.get(kid)

    def _read(self, now: datetime) -> None:
        """Keys that were read before stay where the provider does not answer as it should."""
        try:
            described = self._get(f"{self._issuer.rstrip('/')}/.well-known/openid-configuration")
            if described.get("issuer") != self._issuer:
                raise ValueError("it describes another issuer than configs/sign_in.yaml names")
            address = described.get("jwks_uri")
            if not isinstance(address, str) or not is_safe(address):
                raise ValueError("its jwks_uri has to begin with https://")
            keys = KeySet.import_key_set(self._get(address))
        except (OSError, ValueError, TypeError, KeyError, AttributeError, JoseError) as error:
            LOG.warning("the identity provider's keys cannot be read", extra={"issuer": self._issuer, "reason": str(error)})
            return
        self._found = {str(key.kid): key for key in keys.keys if key.kid is not None}
        self._read_at = now


def _named(claims: Mapping[str, Any]) -> str:
    """What the audit trail calls the token: the program for which the provider has made it."""
    client = claims.get("azp", claims.get("client_id"))
    if not isinstance(client, str) or not client.isprintable() or not 0 < len(client) <= MOST_CLIENT:
        return audit.ACCESS_TOKEN
    return f"{audit.ACCESS_TOKEN}:{client}"
