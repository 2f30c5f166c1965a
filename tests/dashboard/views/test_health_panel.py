"""The health panel looks in the background, once a minute at most, and tells faults in words."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.views.monitor import health_panel
from dashboard.views.monitor.health_panel import HealthPoller, sentence
from scheduler_core.data.store import Store
from scheduler_core.monitoring.health import Check, Level
from scheduler_core.plant import Plant
from tests.support.opening import open_page
from tests.support.seeding import seed_snapshot

NOW = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
FINE = Check("disk", Level.OK, "9 GiB free")
BAD = Check("ERP", Level.FAULT, "no *route* to host", "Ask who runs it.")


def report(health_poller: HealthPoller) -> tuple[Check, ...]:
    until = time.monotonic() + 20
    while (found := health_poller.see(NOW).checks) is None and time.monotonic() < until:
        time.sleep(0.01)
    assert found is not None
    return found


def test_no_page_waits_and_a_minute_lies_between_two_looks() -> None:
    let_go, looks = threading.Event(), []

    def slow() -> tuple[Check, ...]:
        looks.append(1)
        assert let_go.wait(20)
        return (FINE,)

    health_poller = HealthPoller(slow)
    assert health_poller.see(NOW).checks is None
    assert health_poller.see(NOW + timedelta(hours=1)).checks is None, "one is under way"
    let_go.set()
    assert report(health_poller) == (FINE,)
    health_poller.see(NOW + timedelta(seconds=59))
    assert len(looks) == 1
    health_poller.see(NOW + timedelta(seconds=60))
    until = time.monotonic() + 20
    while len(looks) < 2 and time.monotonic() < until:
        time.sleep(0.01)
    assert len(looks) == 2


def test_monitor_tells_a_fault_with_what_to_do(store: Store, small_plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    seed_snapshot(store, small_plant)
    health_poller = HealthPoller(lambda: (FINE, BAD))
    report(health_poller)
    monkeypatch.setattr(health_panel, "health_poller", lambda: health_poller)
    page = open_page("monitor")
    assert not page.exception
    assert [e.value for e in page.error] == ["ERP\\: no \\*route\\* to host\\. Ask who runs it\\."]
    assert any("Fine\\: disk" in caption.value for caption in page.caption)
    assert sentence(FINE) == "Disk: 9 GiB free."
