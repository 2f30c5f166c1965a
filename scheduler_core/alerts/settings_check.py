"""Whether the settings of what nobody watches can be read: while they cannot, nobody is told and nothing is planned."""

from __future__ import annotations

from scheduler_core.alerts.config import load_alerts_config
from scheduler_core.automation.config import load_automation
from scheduler_core.errors import InvalidValue
from scheduler_core.monitoring import health
from scheduler_core.monitoring.health import Check, Level

NAME = "settings"


def whole_health() -> tuple[Check, ...]:
    """All checks: those of ``monitoring.health`` and the one of settings."""
    return (*health.checks(), settings_check())


def settings_check() -> Check:
    """A check beside those of ``monitoring.health``, which knows neither alerts nor automation."""
    wrong = []
    for meanwhile, load in (
        ("nobody is told of alerts", load_alerts_config),
        ("nothing is pulled or planned automatically", load_automation),
    ):
        try:
            load()
        except InvalidValue as error:
            wrong.append(f"{error}; {meanwhile}")
    if wrong:
        return Check(NAME, Level.FAULT, "; ".join(wrong), "Correct the file; it is read again within seconds.")
    return Check(NAME, Level.OK, "alerts and automation can be read")
