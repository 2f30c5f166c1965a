"""Who is at the other end: the settings of signing in, and what a request proves. Pure; ``people`` asks it each time."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from dashboard.auth import proxy_headers
from scheduler_core.errors import InvalidValue, ShopwrightError
from scheduler_core.i18n.translate import t
from scheduler_core.people.person_names import person_named
from scheduler_core.roles import LOCAL, Actor, refuse_automation
from scheduler_core.settings.load import load_settings

CLOCK_SKEW_SECONDS: Final = 60
SHORTEST_SECRET: Final = 32
FORWARDED_ALLOW_IPS: Final = "FORWARDED_ALLOW_IPS"
SHORTEST_PREFIX: Final[Mapping[int, int]] = {4: 16, 6: 64}
"""Of a network of proxies, by version of the protocol: as large as the network of one machine's containers, no larger."""
EMBEDDED_V4: Final = (ipaddress.IPv6Network("::ffff:0:0/96"), ipaddress.IPv6Network("64:ff9b::/96"))
"""Where addresses of version 4 are written as addresses of version 6."""


class NotSignedIn(ShopwrightError):
    """Nobody is served on this request; ``can_sign_in``: signing in (again) would help."""

    def __init__(self, reason: str, *, can_sign_in: bool = False) -> None:
        self.can_sign_in = can_sign_in
        super().__init__(reason)


class SignIn(BaseModel):
    """The settings of ``configs/sign_in.yaml``; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    way: Literal["none", "oidc", "header"]
    claim: Annotated[str, Field(min_length=1)] = "email"
    """oidc: the claim that names a person."""
    header: Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")] | None = None
    """header: the name of the header in which the proxy says who signed in."""
    proxies: tuple[str, ...] = ()
    """header: the addresses (or networks, such as 10.0.0.0/28) from which the proxy connects."""

    @field_validator("proxies", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        # YAML knows lists only.
        return tuple(value) if isinstance(value, list) else value

    @field_validator("proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            try:
                network = ipaddress.ip_network(one)
            except ValueError:
                raise ValueError(f"{one} is no address and no network") from None
            shortest = _shortest_prefix(network)
            if network.prefixlen < shortest:
                raise ValueError(
                    f"{one} covers more than a proxy needs: everybody in it could say who signed in. Name the proxy's own "
                    f"address, or a network of /{shortest} or smaller"
                )
        return value

    @field_validator("header")
    @classmethod
    def _says_who(cls, value: str | None) -> str | None:
        if value is not None and not proxy_headers.may_name_a_person(value):
            raise ValueError(
                "is a header that browsers or proxies send for another purpose, so it cannot say who signed in; "
                "use one that only the proxy sets, such as X-Forwarded-User"
            )
        return value

    @model_validator(mode="after")
    def _complete(self) -> SignIn:
        if self.way == "header" and (self.header is None or not self.proxies):
            raise ValueError("the way 'header' needs 'header' and 'proxies'")
        if self.way != "header" and (self.header is not None or self.proxies):
            raise ValueError("'header' and 'proxies' go with the way 'header' only")
        return self


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


def load(path: Path) -> SignIn:
    """Read the YAML file. Raises InvalidValue naming file, key, value and reason."""
    return load_settings(path, SignIn)


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


def _shortest_prefix(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> int:
    """The shortest prefix that a network of proxies may have."""
    if isinstance(network, ipaddress.IPv6Network) and any(network.overlaps(one) for one in EMBEDDED_V4):
        return 96 + SHORTEST_PREFIX[4]
    return SHORTEST_PREFIX[network.version]


def host_of(url: str) -> str | None:
    """The host in a URL; None where there is none or the text is no URL."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def is_loopback(host: str | None) -> bool:
    """Whether a host's name or address is this machine's own. No name is looked up."""
    if host is None:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


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
    ends = seen.claims.get("exp")
    if isinstance(ends, bool) or not isinstance(ends, int | float):
        raise NotSignedIn(t("The identity provider sent no expiry time for the sign-in."), can_sign_in=True)
    if not seen.now < ends + CLOCK_SKEW_SECONDS:
        raise NotSignedIn(t("Your sign-in has expired: sign in again."), can_sign_in=True)
    name = seen.claims.get(settings.claim)
    if not isinstance(name, str) or not name.strip():
        raise NotSignedIn(t("The identity provider sent no {claim}.", claim=settings.claim), can_sign_in=True)
    if settings.claim == "email" and seen.claims.get("email_verified") is not True:
        raise NotSignedIn(t("The identity provider has not verified this e-mail address."), can_sign_in=True)
    return _named(name, settings.claim)


def _named(text: str, where: str) -> Actor:
    try:
        return Actor(refuse_automation(person_named(text, where), where))
    except InvalidValue as invalid:
        raise NotSignedIn(str(invalid)) from None
