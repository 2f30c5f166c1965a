"""How the HTTP API serves: ``configs/api.yaml``."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from scheduler_core.settings import locations
from scheduler_core.settings.load import load_settings


class ApiSettings(BaseModel):
    """The settings of ``configs/api.yaml``; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    names: tuple[str, ...] = ()
    """Host names under which programs reach the API, beside this machine's own."""
    proxies: tuple[str, ...] = ()
    """Addresses of reverse proxies whose X-Forwarded-For says for which address they ask."""
    token_per_minute: Annotated[int, Field(ge=1)] = 600
    """Requests of one token."""
    address_per_minute: Annotated[int, Field(ge=1)] = 1200
    """Requests of one address, of all its tokens together."""
    largest_body_mb: Annotated[int, Field(ge=1, le=100)] = 10
    longest_wait_seconds: Annotated[float, Field(ge=0, le=60)] = 10.0
    """How long ``Prefer: wait`` may hold a request."""
    streams: Annotated[int, Field(ge=0, le=1000)] = 50
    """Streams of progress that are open at once."""
    computing: Annotated[int, Field(ge=1, le=16)] = 1
    """Processes that compute answers which take longer than a second."""

    @field_validator("names", "proxies", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        # YAML knows lists only.
        return tuple(value) if isinstance(value, list) else value

    @field_validator("proxies")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for one in value:
            try:
                ipaddress.ip_address(one)
            except ValueError:
                raise ValueError(f"{one} is no address") from None
        return value


def load_api_settings(path: Path | None = None) -> ApiSettings:
    """Read the YAML file (default: the environment's, or ``configs/api.yaml``). Raises InvalidValue."""
    return load_settings(path or locations.api_config(), ApiSettings)
