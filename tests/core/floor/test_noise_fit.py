"""Noise fitted to executed operations is the noise that they were drawn with."""

from __future__ import annotations

import numpy as np
import pytest

from scheduler_core.errors import InvalidValue
from scheduler_core.floor.noise_fit import ENOUGH, Actual, fitted
from scheduler_core.plant import MINUTES_PER_DAY


def _drawn(spread: dict[str, float], machine: float, day: float, count: int = 4000, machines: int = 80) -> list[Actual]:
    rng = np.random.default_rng(3)
    of_machine = rng.normal(size=machines)
    of_day = rng.normal(size=(machines, 20))
    found = []
    for i in range(count):
        process, m, d = list(spread)[i % len(spread)], int(rng.integers(machines)), int(rng.integers(20))
        own = np.sqrt(1 - machine - day) * rng.normal()
        z = np.sqrt(machine) * of_machine[m] + np.sqrt(day) * of_day[m, d] + own
        s = spread[process]
        found.append(Actual(process, m, d * MINUTES_PER_DAY + 60, 10_000, round(10_000 * np.exp(s * z - s * s / 2))))
    return found


def test_spread_by_process_and_both_shares_are_recovered() -> None:
    found = fitted(_drawn({"milling": 0.2, "casting": 0.5}, machine=0.15, day=0.3))
    assert found.by_process["milling"] == pytest.approx(0.2, rel=0.08)
    assert found.by_process["casting"] == pytest.approx(np.sqrt(np.expm1(0.25)), rel=0.08)
    assert found.machine_share == pytest.approx(0.15, abs=0.06)
    assert found.day_share == pytest.approx(0.3, abs=0.06)


def test_independent_durations_have_no_shares() -> None:
    found = fitted(_drawn({"milling": 0.3}, machine=0.0, day=0.0))
    assert found.machine_share + found.day_share < 0.05


def test_rare_processes_share_one_spread() -> None:
    rare = _drawn({f"P{i}": 0.3 for i in range(400)}, 0.1, 0.1)
    found = fitted(rare)
    assert found.by_process == {}
    assert found.variation == pytest.approx(0.3, rel=0.1)


def test_a_plant_where_everything_takes_as_planned_has_no_noise() -> None:
    found = fitted([Actual("milling", 1, i, 50, 50) for i in range(ENOUGH)])
    assert (found.variation, dict(found.by_process), found.machine_share, found.day_share) == (
        0.0,
        {"milling": 0.0},
        0.0,
        0.0,
    )


def test_too_few_operations_and_impossible_minutes_are_refused() -> None:
    with pytest.raises(InvalidValue, match="at least 30"):
        fitted([Actual("milling", 1, 0, 50, 50)] * (ENOUGH - 1))
    with pytest.raises(InvalidValue, match="real"):
        Actual("milling", 1, 0, 50, 0)
