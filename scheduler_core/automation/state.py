"""The state of automation as the command line and the board tell it. Only looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler_core.automation.config import AutomationSettings, load_automation
from scheduler_core.automation.host_status import status_of
from scheduler_core.automation.lease import SILENT_SECONDS
from scheduler_core.automation.outlook import Outlook, outlook
from scheduler_core.automation.reading import SituationReader, objective_of
from scheduler_core.automation.situation import Situation
from scheduler_core.data.store import Store


@dataclass(frozen=True)
class AutomationState:
    """host: who gave a sign of life last, empty if nobody; acting: whether that was just now; failures: why acts failed, by
    the act's name; parts: each kind of act, what it did last and what it waits for."""

    enabled: bool
    host: str
    acting: bool
    failures: Mapping[str, str]
    parts: tuple[Outlook, ...]
    situation: Situation


def automation_state(store: Store, now: datetime, settings: AutomationSettings | None = None) -> AutomationState:
    """The state at ``now`` (aware). Raises InvalidValue for settings that are wrong."""
    found = load_automation() if settings is None else settings
    situation = SituationReader(store).read(now, objective_of(found.objective))
    host = store.automation.host()
    status = status_of("" if host is None else host.said)
    acting = host is not None and bool(host.owner) and abs(now - host.seen_at) <= timedelta(seconds=SILENT_SECONDS)
    return AutomationState(
        enabled=found.enabled,
        host="" if host is None else host.owner,
        acting=acting,
        failures=status.failures if acting else {},
        parts=outlook(found, situation, status.looked_at),
        situation=situation,
    )
