"""What tests of all engines share."""

from __future__ import annotations

import pytest

from scheduler_core.engines.isolation import spare_cores


@pytest.fixture(autouse=True)
def _as_urgent_as_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the lowest priority a standing search would wait for whatever else is at work here."""
    monkeypatch.setattr(spare_cores, "LOWEST", 0)
