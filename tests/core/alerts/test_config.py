"""configs/alerts.yaml: what is packaged, and what is refused with file, key and reason."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from scheduler_core.alerts.config import AlertsConfig, QuietHours, load_alerts_config
from scheduler_core.alerts.kinds import Kind
from scheduler_core.errors import InvalidValue
from tests.support.paths import ROOT


def written(folder: Path, text: str) -> Path:
    file = folder / "alerts.yaml"
    file.write_text(text, "utf-8")
    return file


def test_the_packaged_file_states_the_defaults() -> None:
    assert load_alerts_config(ROOT / "configs" / "alerts.yaml") == AlertsConfig()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rulez: {}", "rulez: 'rulez' is not a known setting"),
        ("rules: {disk_low: {percent: 3}}", "rules.disk_low.percent"),
        ("rules: {no_release: {by: 7}}", "rules.no_release.by"),
        ("rules: {no_release: {by: '24:00'}}", "must be a time of day in quotes"),
        ("quiet_hours: {from: '20:00', until: '20:00'}", "begin and end at the same time"),
        ("receivers: {ann: {labels: [planner]}}", "needs either url_variable or url_file"),
        ("receivers: {ann: {labels: [planner], url_variable: SHOPWRIGHT_ALERT_A, url_file: /x}}", "needs either"),
        ("receivers: {ann: {labels: [planner], url_variable: HOME}}", "must begin with SHOPWRIGHT_ALERT_"),
        ("receivers: {ann: {labels: [planer], url_variable: SHOPWRIGHT_ALERT_A}}", "'planer', which no rule has"),
        ("receivers: {ann: {labels: [planner], url: 'json://u:secret@x'}}", "receivers.ann: 'ann' holds an address"),
        ("receivers: {'Ann B': {labels: [planner], url_file: /x}}", "the name of a receiver must be 1 to 40 small"),
        ("board_url: 'https://ann:secret@board.example.org'", "without user and without parameters"),
    ],
)
def test_what_is_wrong_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(InvalidValue, match=r"alerts\.yaml") as refused:
        load_alerts_config(written(tmp_path, text))
    assert said in str(refused.value)
    assert "u:secret" not in str(refused.value)


def test_receivers_are_told_by_the_labels_of_the_rules(tmp_path: Path) -> None:
    text = """
receivers:
  floor: {url_variable: SHOPWRIGHT_ALERT_FLOOR, labels: [shift]}
  office: {url_variable: SHOPWRIGHT_ALERT_OFFICE, labels: [planner]}
  it: {url_file: /run/secrets/it, labels: [admin]}
rules:
  machine_down: {labels: [planner, shift]}
"""
    settings = load_alerts_config(written(tmp_path, text))
    assert settings.receivers_of(Kind.MACHINE_DOWN) == ("floor", "office")
    assert settings.receivers_of(Kind.DISK_LOW) == ("it",)
    assert settings.receivers_of(Kind.ERP_OLD) == ("office", "it")


def test_quiet_hours_may_pass_midnight() -> None:
    night = QuietHours.model_validate({"from": "20:00", "until": "06:00"})
    assert [night.hold(time.fromisoformat(at)) for at in ("19:59", "20:00", "00:00", "05:59", "06:00")] == [
        False, True, True, True, False,
    ]  # fmt: skip
    noon = QuietHours.model_validate({"from": "12:00", "until": "13:00"})
    assert [noon.hold(time.fromisoformat(at)) for at in ("11:59", "12:00", "13:00")] == [False, True, False]


def test_pauses_double_up_to_the_longest() -> None:
    assert [AlertsConfig().wait_after(n) for n in (1, 2, 3, 8, 500)] == [30, 60, 120, 1800, 1800]
