"""Targets: none unless the plant sets them; what cannot be one is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler_core.errors import InvalidValue
from scheduler_core.settings.kpi_targets import KpiTargets, load_kpi_targets
from tests.support.paths import ROOT


def test_the_shipped_file_sets_none_and_names_all() -> None:
    file = ROOT / "configs" / "targets.yaml"
    assert load_kpi_targets(file) == KpiTargets()
    assert all(f"{name}: null" in file.read_text(encoding="utf-8") for name in KpiTargets.model_fields)


def test_targets_are_read(tmp_path: Path) -> None:
    file = tmp_path / "targets.yaml"
    file.write_text("otif: 0.95\nsetup_hours: 40.5\n", encoding="utf-8")
    assert load_kpi_targets(file) == KpiTargets(otif=0.95, setup_hours=40.5)


@pytest.mark.parametrize("line", ["otif: 95", "adherence: -0.1", "overtime_hours: -1", "days: 1", "otif: much"])
def test_what_cannot_be_meant_is_refused(tmp_path: Path, line: str) -> None:
    file = tmp_path / "targets.yaml"
    file.write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(InvalidValue, match=line.split(":")[0]):
        load_kpi_targets(file)
