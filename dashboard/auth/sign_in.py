"""Who is at the other end: what a request proves. Pure; ``current_user`` asks it each time."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from scheduler_core.errors import InvalidValue, ShopwrightError
from scheduler_core.i18n.translate import t
from scheduler_core.people.claims import ClaimFault, person_claimed
from scheduler_core.people.person_names import person_named
from scheduler_core.roles import LOCAL, Actor, refuse_automation
from scheduler_core.settings import proxy_headers
from scheduler_core.settings.hosts import host_of, is_loopback
from scheduler_core.settings.sign_in import SignIn

SHORTEST_SECRET: Final = 32
FORWARDED_ALLOW_IPS: Final = "FORWARDED_ALLOW_IPS"


class NotSignedIn(ShopwrightError):
    """Nobody is served on this request; ``can_sign_in``: signing in (again) would help."""

    def __init__(self, reason: str, *, can_sign_in: bool = False) -> None:
        self.can_sign_in = can_sign_in
        super().__init__(reason)


@dataclass(frozen=True)
class ConnectionFacts:
    """What is known of a browser's connection.

    bound_to: the server's address, None for all. peer: the address that connected. headers: all values by name in small
    letters. claims: what the identity provider said, empty if nobody signed in. forwarded_allow_ips: the environment's
    FORWARDED_ALLOW_IPS. now: seconds since 1970.
    """

    bound_to: str | None
    peer: str
    now: float
    headers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    claims: Mapping[str, object] = field(default_factory=dict)
    forwarded_allow_ips: str | None = None


def who(settings: SignIn, seen: ConnectionFacts) -> Actor:
    """The actor behind a connection. Raises NotSignedIn, saying what is missing."""
    if settings.way == "none":
        return _local(seen)
    if settings.way == "header":
        return _from_header(settings, seen)
    return _from_claims(settings, seen)


def check_secrets(auth: Mapping[str, Any] | None, has_library: bool) -> None:
    """Whether ``st.login`` can work. Raises InvalidValue; what the secrets are is never repeated."""
    where = ".streamlit/secrets.toml: auth"
    if not has_library:
        raise InvalidValue("sign-in", "Authlib", "is not installed, and signing in needs it")
    if auth is None:
        raise InvalidValue(where, "[auth]", "is missing: see docs/people.md")
    for key in ("redirect_uri", "client_id", "client_secret", "server_metadata_url", "cookie_secret"):
        if not isinstance(auth.get(key), str) or not auth[key]:
            raise InvalidValue(f"{where}.{key}", "", "is missing")
    if len(auth["cookie_secret"]) < SHORTEST_SECRET:
        raise InvalidValue(f"{where}.cookie_secret", "…", f"is shorter than {SHORTEST_SECRET} characters")
    for key in ("redirect_uri", "server_metadata_url"):
        address = urlsplit(auth[key])
        if address.scheme != "https" and not is_loopback(address.hostname):
            raise InvalidValue(f"{where}.{key}", auth[key], "has to begin with https:// beyond this machine")


# ---------------------------------------------------------------- nobody signs in
def _local(seen: ConnectionFacts) -> Actor:
    if not is_loopback(seen.bound_to):
        raise NotSignedIn(
            t(
                "This server listens on {address}, but sign-in is off. Set server.address to 127.0.0.1, or choose "
                "a sign-in method in configs/sign_in.yaml.",
                address=seen.bound_to,
            )
            if seen.bound_to
            else t(
                "This server listens on every address, but sign-in is off. Set server.address to 127.0.0.1, or "
                "choose a sign-in method in configs/sign_in.yaml."
            )
        )
    if any(proxy_headers.tells_of_a_proxy(name) for name, values in seen.headers.items() if values):
        raise NotSignedIn(
            t("This request came through a proxy, but sign-in is off. Choose a sign-in method in configs/sign_in.yaml.")
        )
    for host in seen.headers.get("host", ()):
        # A page elsewhere whose name is made to point here must not be able to use the board.
        if not is_loopback(host_of(f"//{host}")):
            raise NotSignedIn(t("Without sign-in, the board answers only at http://127.0.0.1 and http://localhost."))
    for origin in seen.headers.get("origin", ()):
        # A proxy that asks for this machine's address in its own name is told by the address in the browser.
        if not is_loopback(host_of(origin)):
            raise NotSignedIn(
                t(
                    "This page was opened at {address}, but sign-in is off. Choose a sign-in method in "
                    "configs/sign_in.yaml.",
                    address=origin,
                )
            )
    return LOCAL


# ---------------------------------------------------------------- a trusted proxy
def _from_header(settings: SignIn, seen: ConnectionFacts) -> Actor:
    if settings.header is None:
        raise NotSignedIn(t("No sign-in header is configured, so the server trusts no header."))
    if seen.forwarded_allow_ips != "":
        # The server would take the connecting address from X-Forwarded-For, which anybody on this machine can write.
        raise NotSignedIn(
            t(
                "Start the server with {variable} set to an empty text (make run does), so that the server sees "
                "the address of the proxy.",
                variable=FORWARDED_ALLOW_IPS,
            )
        )
    if not _is_listed(seen.peer, settings.proxies):
        raise NotSignedIn(
            t("{address} is not the proxy that signs people in: use the board's public address.", address=seen.peer)
        )
    values = seen.headers.get(settings.header.lower(), ())
    if len(values) != 1:
        raise NotSignedIn(
            t("The proxy must name the signed-in person exactly once, in the header {header}.", header=settings.header)
        )
    return _named(values[0], settings.header)


def _is_listed(peer: str, proxies: Sequence[str]) -> bool:
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    return any(address in ipaddress.ip_network(one) for one in proxies)


# ---------------------------------------------------------------- an identity provider
def _from_claims(settings: SignIn, seen: ConnectionFacts) -> Actor:
    if seen.claims.get("is_logged_in") is not True:
        raise NotSignedIn(t("Sign in to use the board."), can_sign_in=True)
    try:
        return Actor(person_claimed(seen.claims, settings.claim, seen.now))
    except InvalidValue as invalid:
        raise NotSignedIn(str(invalid)) from None
    except ClaimFault as fault:
        raise NotSignedIn(_of_claims(fault, settings.claim), can_sign_in=True) from None


def _of_claims(fault: ClaimFault, claim: str) -> str:
    match fault.lacks:
        case "expiry":
            return t("The identity provider sent no expiry time for the sign-in.")
        case "time":
            return t("Your sign-in has expired: sign in again.")
        case "name":
            return t("The identity provider sent no {claim}.", claim=claim)
        case "proof":
            return t("The identity provider has not verified this e-mail address.")


def _named(text: str, where: str) -> Actor:
    try:
        return Actor(refuse_automation(person_named(text, where), where))
    except InvalidValue as invalid:
        raise NotSignedIn(str(invalid)) from None
