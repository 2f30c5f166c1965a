"""Where releases go and how often it is tried: ``configs/export.yaml``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from scheduler_core.errors import InvalidValue
from scheduler_core.settings import environment, locations
from scheduler_core.settings.load import load_settings

Seconds = Annotated[float, Field(gt=0, le=86_400)]


class ExportConfig(BaseModel):
    """The settings of ``configs/export.yaml``; unknown keys are refused. Times are in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    receiver: Literal["none", "table", "webhook"] = "none"
    """none: releases wait in the outbox; table: a table in a database; webhook: HTTP POST."""
    timeout_seconds: Seconds = 15.0
    """How long an attempt at the webhook may last in all, from looking up its name to its answer."""
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


def load_export_config(path: Path | None = None) -> ExportConfig:
    """Read the YAML file (default: the environment's or the source tree's). Raises InvalidValue."""
    return load_settings(path or locations.export_config(), ExportConfig)


def has_receiver() -> bool:
    """Whether releases are to go anywhere at all. Raises InvalidValue as ``load_export_config`` does."""
    return load_export_config().receiver != "none"


def export_url() -> str:
    """Where releases go. It may hold a password, so it comes from the environment only. Raises InvalidValue if missing."""
    url = environment.text(environment.EXPORT_URL)
    if url is None:
        raise InvalidValue(environment.EXPORT_URL, url, "is not set: the receiver's address (a database URL or http...)")
    return url


def export_secret() -> bytes | None:
    """The key for the signature, None for unsigned messages."""
    secret = environment.text(environment.EXPORT_SECRET)
    return secret.encode() if secret else None
