"""The product's environment variables by name, and how their values are read (docs/settings.md). Empty counts as not set."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from scheduler_core.errors import InvalidValue

PREFIX: Final = "SHOPWRIGHT_"
"""What every name begins with."""
HOME: Final = "SHOPWRIGHT_HOME"
ERP_URL: Final = "SHOPWRIGHT_ERP_URL"
DATABASE_URL: Final = "SHOPWRIGHT_DATABASE_URL"
ERP_CONFIG: Final = "SHOPWRIGHT_ERP_CONFIG"
SIGN_IN: Final = "SHOPWRIGHT_SIGN_IN"
RELEASE_CONFIG: Final = "SHOPWRIGHT_RELEASE_CONFIG"
TARGETS: Final = "SHOPWRIGHT_TARGETS"
ROLLOUT_CONFIG: Final = "SHOPWRIGHT_ROLLOUT_CONFIG"
RUNS_CONFIG: Final = "SHOPWRIGHT_RUNS_CONFIG"
AUTOMATION: Final = "SHOPWRIGHT_AUTOMATION"
API_CONFIG: Final = "SHOPWRIGHT_API_CONFIG"
EXPORT_CONFIG: Final = "SHOPWRIGHT_EXPORT_CONFIG"
EXPORT_URL: Final = "SHOPWRIGHT_EXPORT_URL"
EXPORT_SECRET: Final = "SHOPWRIGHT_EXPORT_SECRET"
ALERTS_CONFIG: Final = "SHOPWRIGHT_ALERTS_CONFIG"
ALERT_URLS: Final = "SHOPWRIGHT_ALERT_"
"""What the names of variables begin with that hold the address of a receiver of alerts: secret as a whole."""
MODELS: Final = "SHOPWRIGHT_MODELS"
LOG_LEVEL: Final = "SHOPWRIGHT_LOG_LEVEL"
LOG_FOLDER: Final = "SHOPWRIGHT_LOG_FOLDER"
SILENCE_SECONDS: Final = "SHOPWRIGHT_SILENCE_SECONDS"
POLL_SECONDS: Final = "SHOPWRIGHT_POLL_SECONDS"
ODDS: Final = "SHOPWRIGHT_ODDS"

PATHS: Final = (
    ERP_CONFIG, SIGN_IN, RELEASE_CONFIG, TARGETS, ROLLOUT_CONFIG, RUNS_CONFIG, AUTOMATION, API_CONFIG, EXPORT_CONFIG,
    ALERTS_CONFIG, MODELS, LOG_FOLDER,
)  # fmt: skip
"""Those that name a file or a folder, beside HOME."""


def text(variable: str) -> str | None:
    """What the variable says, None if nothing."""
    return os.environ.get(variable) or None


def without_settings() -> dict[str, str]:
    """The environment of a process that needs none of the product's settings, and must know no password."""
    return {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}


def path(variable: str) -> Path | None:
    """The file or folder that the variable names, None if none."""
    named = text(variable)
    return None if named is None else Path(named)


def whole_seconds(variable: str, usual: int, least: int, *, or_never: bool = False) -> int:
    """The variable's number of seconds, at least ``least`` or, where that is allowed, 0 for never. Raises InvalidValue."""
    said = text(variable) or str(usual)
    if said.isdecimal() and (int(said) >= least or (or_never and int(said) == 0)):
        return int(said)
    reason = f"is neither 0 (never) nor a whole number from {least}" if or_never else f"is not a whole number from {least}"
    raise InvalidValue(variable, said, reason)


def switch(variable: str, usual: bool) -> bool:
    """Whether the variable says ``on`` or ``off``. Raises InvalidValue for anything else."""
    said = text(variable) or ("on" if usual else "off")
    if said not in ("on", "off"):
        raise InvalidValue(variable, said, "must be on or off")
    return said == "on"
