"""Where releases go and how often it is tried: ``configs/export.yaml``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from scheduler_core.errors import InvalidValue
from scheduler_core.settings import locations
from scheduler_core.settings.load import load_settings

CONFIG = "SHOPWRIGHT_EXPORT_CONFIG"
URL = "SHOPWRIGHT_EXPORT_URL"
SECRET = "SHOPWRIGHT_EXPORT_SECRET"

Seconds = Annotated[float, Field(gt=0, le=86_400)]


class ExportConfig(BaseModel):
    """The settings of ``configs/export.yaml``; unknown keys are refused. Times are in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    receiver: Literal["none", "table", "webhook"] = "none"
    """none: releases wait in the outbox; table: a table in a database; webhook: HTTP POST."""
    timeout_seconds: Seconds = 15.0
    """How long the webhook may be silent."""
    attempts: Annotated[int, Field(ge=1, le=1000)] = 12
    """Failed attempts in a row after which a delivery is given up, with an alarm, until somebody asks for a retry."""
    first_wait_seconds: Seconds = 5.0
    """Before the second attempt; doubled before each further one."""
    longest_wait_seconds: Seconds = 900.0
    lease_seconds: Seconds = 120.0
    """An exporter that is silent for longer is taken for dead, and another one takes its message over."""
    poll_seconds: Seconds = 5.0
    """How often ``--watch`` looks for new releases."""
    allow_plain_http: bool = False
    """Whether a webhook on another machine may be called without TLS."""

    @model_validator(mode="after")
    def _lease_outlasts_an_attempt(self) -> Self:
        if self.lease_seconds < 2 * self.timeout_seconds:
            raise ValueError("lease_seconds is less than twice timeout_seconds")
        return self

    def wait_after(self, attempt: int) -> float:
        """Seconds from the ``attempt``-th failure (from 1) to the next attempt."""
        # Far beyond any limit, and still a finite number.
        doublings = min(attempt - 1, 60)
        return min(self.longest_wait_seconds, self.first_wait_seconds * 2.0**doublings)


def config_path() -> Path:
    """The YAML file, from the environment or the source tree's."""
    chosen = os.environ.get(CONFIG)
    return Path(chosen) if chosen else locations.root() / "configs" / "export.yaml"


def load_export_config(path: Path | None = None) -> ExportConfig:
    """Read the YAML file (default: ``config_path()``). Raises InvalidValue naming file, key, value and reason."""
    return load_settings(path or config_path(), ExportConfig)


def has_receiver() -> bool:
    """Whether releases are to go anywhere at all. Raises InvalidValue as ``load_export_config`` does."""
    return load_export_config().receiver != "none"


def export_url() -> str:
    """Where releases go. It may hold a password, so it comes from the environment only. Raises InvalidValue if missing."""
    url = os.environ.get(URL)
    if not url:
        raise InvalidValue(URL, url, "is not set: the receiver's address (a database URL or http...)")
    return url


def export_secret() -> bytes | None:
    """The key for the signature, None for unsigned messages."""
    secret = os.environ.get(SECRET)
    return secret.encode() if secret else None
