"""How people sign in, and whose access tokens programs may send: the settings of ``configs/sign_in.yaml``."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from scheduler_core.settings import proxy_headers
from scheduler_core.settings.hosts import host_of, is_loopback
from scheduler_core.settings.load import load_settings

SHORTEST_PREFIX: Final[Mapping[int, int]] = {4: 16, 6: 64}
"""Of a network of proxies, by version of the protocol: as large as the network of one machine's containers, no larger."""
EMBEDDED_V4: Final = (ipaddress.IPv6Network("::ffff:0:0/96"), ipaddress.IPv6Network("64:ff9b::/96"))
"""Where addresses of version 4 are written as addresses of version 6."""


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
    issuer: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    """oidc: the provider's issuer, whose access tokens the HTTP API accepts; None: it accepts none."""
    audience: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    """oidc: what an access token must be made out to."""

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
        if (self.issuer is None) != (self.audience is None):
            raise ValueError("'issuer' and 'audience' go together")
        if self.way != "oidc" and self.issuer is not None:
            raise ValueError("'issuer' and 'audience' go with the way 'oidc' only")
        return self

    @field_validator("issuer")
    @classmethod
    def _safe(cls, value: str | None) -> str | None:
        if value is not None and not is_safe(value):
            raise ValueError("has to begin with https:// beyond this machine")
        return value


def load(path: Path) -> SignIn:
    """Read the YAML file. Raises InvalidValue naming file, key, value and reason."""
    return load_settings(path, SignIn)


def is_safe(url: str) -> bool:
    """Whether nobody between here and a server can read or change what is sent: HTTPS, or this machine's own address."""
    try:
        scheme = urlsplit(url).scheme
    except ValueError:
        return False
    return (scheme == "https" and host_of(url) is not None) or (scheme == "http" and is_loopback(host_of(url)))


def _shortest_prefix(network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> int:
    """The shortest prefix that a network of proxies may have."""
    if isinstance(network, ipaddress.IPv6Network) and any(network.overlaps(one) for one in EMBEDDED_V4):
        return 96 + SHORTEST_PREFIX[4]
    return SHORTEST_PREFIX[network.version]
