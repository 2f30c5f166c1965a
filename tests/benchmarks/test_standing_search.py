"""The study of the standing search in short: its tables, and that no plan gets worse in a night."""

from __future__ import annotations

import pytest

from scheduler_core.engines.isolation import spare_cores


def test_a_night_improves_a_plan_and_its_parts_never_get_worse(monkeypatch: pytest.MonkeyPatch) -> None:
    import standing_search as study

    monkeypatch.setattr(spare_cores, "LOWEST", 0)
    monkeypatch.setattr(study, "PARTS", (0.1, 0.3))
    night = study.night_of("10x60", 0, 0.2, 0.3)
    values = [night.click, *night.parts]
    assert len(night.parts) == 2
    assert values == sorted(values, reverse=True)
    assert night.from_nothing is None
    assert "| 10x60 | 0 |" in study.night_table([night], 0.2, 0.3)


def test_presses_are_told_by_the_slowest() -> None:
    import standing_search as study

    presses = [study.Press(True, n, 0.1 * n, 1.0, 0.5) for n in range(3)] + [study.Press(False, 0, 0.1, 1.0, 0.0)]
    told = study.press_table(presses).split("\n")
    assert "0.20" in told[-2]
    assert "| none | 1 |" in told[-1]
