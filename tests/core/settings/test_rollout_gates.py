"""The gates of a rollout are read strictly: every key, no unknown one, and nothing that contradicts itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler_core.errors import InvalidValue
from scheduler_core.judge.kpis import Kpis
from scheduler_core.settings.rollout_gates import RolloutGates, load_rollout_gates
from tests.support.paths import ROOT

FILE = ROOT / "configs" / "rollout.yaml"


def test_the_shipped_file_compares_figures_that_plans_have() -> None:
    settings = load_rollout_gates(FILE)
    assert set(settings.kpis) <= set(Kpis.__dataclass_fields__)
    assert settings.primary in settings.kpis


@pytest.mark.parametrize("key", sorted(RolloutGates.model_fields))
def test_every_key_must_be_there(key: str, tmp_path: Path) -> None:
    lines = FILE.read_text("utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith(f"{key}:"))
    end = next((i for i in range(start + 1, len(lines)) if not lines[i].startswith(" ")), len(lines))
    file = tmp_path / "rollout.yaml"
    file.write_text("\n".join(lines[:start] + lines[end:]), "utf-8")
    with pytest.raises(InvalidValue, match=f"{key}.*is missing"):
        load_rollout_gates(file)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("error: 0.05", "error: 5", "error"),
        ("error: 0.05", "error: .nan", "error"),
        ("cap: 0.25", "cap: 0.01", "tolerance"),
        ("primary: weighted_tardiness_days", "primary: makespan_hours", "primary"),
        ("on_time_rate: higher", "on_time_rate: upper", "on_time_rate"),
        ("erp_hours: 24", "erp_days: 1", "erp_hours"),
        ('"10": {least_days: 20, longest_days: 60}', '"20": {least_days: 20, longest_days: 60}', "stages"),
        ("shadow: {least_days: 20, longest_days: 120}", "shadow: {least_days: 20, longest_days: 10}", "longest_days"),
    ],
)
def test_what_cannot_be_meant_is_refused(before: str, after: str, said: str, tmp_path: Path) -> None:
    text = FILE.read_text("utf-8")
    assert before in text
    file = tmp_path / "rollout.yaml"
    file.write_text(text.replace(before, after), "utf-8")
    with pytest.raises(InvalidValue, match=said):
        load_rollout_gates(file)
