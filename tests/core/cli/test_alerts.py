"""``shopwright alerts``: lists, acknowledges, and tests the receivers; and the loop beside ``shopwright work``."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scheduler_core.alerts import service
from scheduler_core.alerts.messages import SHORT_ID
from scheduler_core.alerts.settings_check import settings_check
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import IncidentChanges, NewIncident
from scheduler_core.errors import InvalidValue
from scheduler_core.monitoring.health import Level
from scheduler_core.settings import environment, locations
from tests.support.alert_receivers import webhook
from tests.support.command_line import Shopwright

VARIABLE = f"{environment.ALERT_URLS}TEST"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    monkeypatch.setattr(locations, "var", lambda: tmp_path)
    monkeypatch.setenv(environment.DATABASE_URL, url)
    settings(tmp_path, monkeypatch, "receivers: {}")
    return Store.open(url)


def settings(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (folder / "alerts.yaml").write_text(text, "utf-8")
    monkeypatch.setenv(environment.ALERTS_CONFIG, str(folder / "alerts.yaml"))


def begin(store: Store, *about: str) -> None:
    new = tuple(NewIncident("late_order", one, {"order": one, "hours": 2.5, "important": True}) for one in about)
    store.alerts.change(IncidentChanges(begun=new), datetime(2026, 3, 4, 5, 30, tzinfo=UTC))


def test_open_alerts_are_listed_and_acknowledged(store: Store, shopwright: Shopwright) -> None:
    assert "no alert is open" in shopwright("alerts").err
    begin(store, "A", "B\x1b[2J")
    a, _ = store.alerts.opened()
    listed = shopwright("alerts").out
    assert "Important order A is now 2.5 h late." in listed
    assert "\x1b" not in listed
    assert shopwright("alerts", "ack", a.id[:SHORT_ID]).out == "acknowledged\n"
    again = shopwright("alerts", "ack", a.id)
    assert (again.status, again.out.startswith("acknowledged already, by command line: ")) == (0, True)
    refused = shopwright("alerts", "ack", "zzz")
    assert (refused.status, "'zzz' is no open alert" in refused.err) == (2, True)
    store.alerts.change(IncidentChanges(over=(a.id,)), datetime(2026, 3, 4, 6, tzinfo=UTC))
    assert [one["about"] for one in json.loads(shopwright("alerts", "--json").out)] == ["B\x1b[2J"]
    everything = json.loads(shopwright("alerts", "list", "--all", "--json").out)
    assert [(one["about"], one["over_at"]) for one in everything] == [
        ("B\x1b[2J", None), ("A", "2026-03-04T06:00:00+00:00"),
    ]  # fmt: skip


def test_a_receiver_that_was_told_of_beginning_and_end_stands_there_once(store: Store, shopwright: Shopwright) -> None:
    now = datetime(2026, 3, 4, 6, tzinfo=UTC)
    store.alerts.change(IncidentChanges(begun=(NewIncident("disk_low", "disk", {"free_gib": 1.0}, ("planners",)),)), now)
    (one,) = store.alerts.opened()
    begun = store.alerts.write("planners", "t", "b", [one.order], now)
    assert begun is not None
    store.alerts.tried(begun.id, arrived=True, reason="", now=now)
    store.alerts.change(IncidentChanges(over=(one.id,)), now)
    (event,) = store.alerts.untold("planners", now - timedelta(hours=1))
    over = store.alerts.write("planners", "t", "b", [event.number], now + timedelta(minutes=1))
    assert over is not None
    assert shopwright("alerts", "list", "--all").out.rstrip().endswith("planners, planners (not yet)")
    store.alerts.tried(over.id, arrived=True, reason="", now=now)
    assert shopwright("alerts", "list", "--all").out.count("planners") == 1


def test_each_receiver_gets_a_test_message_and_its_outcome_is_told(
    store: Store, shopwright: Shopwright, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    assert "no receiver is set up" in shopwright("alerts", "test").err
    text = (
        f"receivers: {{ann: {{url_variable: {VARIABLE}, labels: [planner]}}, "
        f"bob: {{url_variable: {VARIABLE}_UNSET, labels: [admin]}}}}"
    )
    settings(tmp_path, monkeypatch, text)
    with webhook() as (url, inbox):
        monkeypatch.setenv(VARIABLE, url)
        both = shopwright("alerts", "test")
        assert both.status == 1
        assert both.out.splitlines() == [
            "ann: taken", f"bob: NOT taken: receivers.bob: '{VARIABLE}_UNSET' is not set: the receiver's address",
        ]  # fmt: skip
        assert shopwright("alerts", "test", "ann").status == 0
        assert inbox.titles == ["Shopwright: test message"] * 2
    unknown = shopwright("alerts", "test", "eve")
    assert (unknown.status, "'eve' must be one of ann, bob" in unknown.err) == (2, True)


def test_the_loop_looks_while_the_block_runs_and_says_that_it_ends(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    said: list[str] = []
    settings(tmp_path, monkeypatch, "every_seconds: 0.05")
    with service.beside(store, "work", said.append):
        until = time.monotonic() + 30
        while not store.alerts.hosts() and time.monotonic() < until:
            time.sleep(0.05)
        (sign,) = store.alerts.hosts()
        assert sign.host == service.host_name("work")
        assert sign.alive_until is not None
        assert said == []
        for text, told in (("every_secondz: 1", "every_secondz"), ("every_seconds: 0.05", "alerts go on")):
            settings(tmp_path, monkeypatch, text)
            while not (said and told in said[-1]) and time.monotonic() < until:
                time.sleep(0.05)
    assert (len(said), said[0].startswith("alerts wait: "), "every_secondz" in said[0]) == (2, True, True), said
    assert [sign.alive_until for sign in store.alerts.hosts()] == [None]
    settings(tmp_path, monkeypatch, "every_secondz: 1")
    with pytest.raises(InvalidValue, match="every_secondz"), service.beside(store, "work", said.append):
        raise AssertionError("wrong settings are refused before anything runs")


def test_settings_that_are_wrong_are_named_by_the_list_and_are_a_fault(
    store: Store, shopwright: Shopwright, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    assert shopwright("alerts").status == 0
    assert settings_check().level is Level.OK
    settings(tmp_path, monkeypatch, "rules: {queue_old: {minutes: -1}}")
    listed = shopwright("alerts")
    assert (listed.status, "rules.queue_old.minutes" in listed.err) == (2, True)
    automation = tmp_path / "automation.yaml"
    automation.write_text("pull: {every_minute: 3}", "utf-8")
    monkeypatch.setenv("SHOPWRIGHT_AUTOMATION", str(automation))
    checked = json.loads(shopwright("health", "--json").out)["checks"][-1]
    assert (checked["name"], checked["level"]) == ("settings", "fault")
    assert all(key in checked["said"] for key in ("rules.queue_old.minutes", "pull.every_minute"))
    figures = shopwright("metrics").out
    assert 'shopwright_health{check="settings"} 2.0' in figures
