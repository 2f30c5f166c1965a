"""``shopwright automation``: what was done last, what is next, and why not."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import AutomationAct, AutomationKind
from scheduler_core.settings import environment
from tests.support.command_line import Shopwright


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of settings, beside an empty store."""
    file = tmp_path / "automation.yaml"
    file.write_text("enabled: true\npull: {every_minutes: 30}\n")
    monkeypatch.setenv(environment.AUTOMATION, str(file))
    monkeypatch.setenv(environment.DATABASE_URL, f"sqlite:///{tmp_path / 'store.sqlite3'}")
    return file


def test_it_says_that_nobody_acts_and_what_would_be_done(shopwright: Shopwright, settings: Path) -> None:
    ran = shopwright("automation")
    assert ran.status == 0
    assert "no host acts: start 'shopwright work --watch' or 'shopwright serve'" in ran.err
    assert "now (every 30 minutes)" in ran.out
    assert "nothing has been pulled yet" in ran.out or "no way is set" in ran.out
    settings.write_text("enabled: false\n")
    assert "automation is off" in shopwright("automation").err


def test_it_tells_the_last_acts_also_to_programs(shopwright: Shopwright, settings: Path) -> None:
    store = Store.open()
    plant = json.loads(shopwright("automation", "--json").out)["parts"]
    assert [part["kind"] for part in plant] == ["pull", "plan", "check", "replan", "standing"]
    store.automation.record(AutomationAct(0, "elsewhere", AutomationKind.PULL, "at 05:45", datetime.now(UTC)))
    store.automation.take("host-1", None)
    store.close()
    told = json.loads(shopwright("automation", "--json", "--acts", 5).out)
    assert (told["enabled"], told["host"], told["acting"]) == (True, "host-1", True)
    assert [(act["kind"], act["cause"]) for act in told["acts"]] == [("pull", "at 05:45")]
    ran = shopwright("automation", "--acts", 5)
    assert "host-1 acts" in ran.err
    assert "at 05:45" in ran.out


def test_settings_that_are_wrong_are_an_error(shopwright: Shopwright, settings: Path) -> None:
    settings.write_text("enabeld: true\n")
    ran = shopwright("automation")
    assert ran.status == 2
    assert "enabeld" in ran.err
