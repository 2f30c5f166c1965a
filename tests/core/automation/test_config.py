"""The settings of automation: off as shipped, and strict."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from scheduler_core.automation.config import AutomationSettings, load_automation, times
from scheduler_core.errors import InvalidValue
from tests.support.paths import ROOT

SHIPPED = ROOT / "configs" / "automation.yaml"


def test_as_shipped_nothing_happens_by_itself_and_the_file_has_every_setting() -> None:
    found = load_automation(SHIPPED)
    assert not found.enabled
    assert not AutomationSettings().enabled
    for part in (found.pull, found.plan, found.replan, found.standing_search):
        assert part.model_fields_set == set(type(part).model_fields)
    assert found.model_fields_set == set(AutomationSettings.model_fields)


@pytest.mark.parametrize(
    ("text", "where", "why"),
    [
        ("enable: true", "enable", "is not a known setting"),
        ("pull: {evry_minutes: 5}", "pull.evry_minutes", "is not a known setting"),
        ("pull: {at: ['5:45']}", "pull.at.0", "must be a time of day in quotes"),
        ("pull: {at: ['24:00']}", "pull.at.0", "must be a time of day in quotes"),
        ("pull: {at: [13:45]}", "pull.at.0", "put it in quotes"),
        ("pull: {every_minutes: 0}", "pull.every_minutes", "greater than or equal to 1"),
        ("plan: {ways: [fastest]}", "plan.ways.0", "learned"),
        ("plan: {seconds: 7200}", "plan.seconds", "less than or equal to 3600"),
        ("replan: {ways: [learned]}", "replan.ways.0", "keep"),
        ("replan: {later_by_days: .inf}", "replan.later_by_days", "finite"),
        ("standing_search: {cores: 0}", "standing_search.cores", "greater than or equal to 1"),
        ("objective: happiness", "objective", "is neither one of"),
        ("enabled: 1", "enabled", "boolean"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, where: str, why: str) -> None:
    file = tmp_path / "automation.yaml"
    file.write_text(text)
    with pytest.raises(InvalidValue) as raised:
        load_automation(file)
    assert raised.value.where == f"{file}: {where}"
    assert why in raised.value.reason


def test_times_are_sorted_and_each_counts_once() -> None:
    assert times(["13:00", "05:45", "13:00"]) == (time(5, 45), time(13, 0))
