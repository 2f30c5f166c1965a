"""What the acting host says of itself in the store: what failed last, and when it looked at the ERP. JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class HostStatus:
    """failures: why an act could not be done, by the act's name, the host's settings under ``settings``; looked_at: when the
    ERP was last looked at for changes (aware)."""

    failures: Mapping[str, str] = field(default_factory=dict)
    looked_at: datetime | None = None

    def as_text(self) -> str:
        """The form in the store."""
        at = None if self.looked_at is None else self.looked_at.isoformat()
        return json.dumps({"failures": {name: why[:300] for name, why in self.failures.items()}, "looked_at": at})


def status_of(text: str) -> HostStatus:
    """What ``as_text`` said; nothing where a host of another version says something else."""
    try:
        said = json.loads(text or "{}")
        at = said.get("looked_at")
        failures = {str(name): str(why) for name, why in said.get("failures", {}).items()}
        return HostStatus(failures, None if at is None else datetime.fromisoformat(at))
    except (ValueError, AttributeError, TypeError):
        return HostStatus()
