"""An objective is written and read without loss, refuses what is none, and adds up prices."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler_core.errors import InvalidValue
from scheduler_core.judge.kpis import Kpis
from scheduler_core.objectives import NAMED, Objective, objective_value, unit_of

KPIS = Kpis(
    makespan_hours=100.0, mean_days_late=2.0, mean_days_late_of_late=4.0, weighted_tardiness_days=30.0, on_time_rate=0.75,
    important_on_time_rate=None, utilization_mean=0.5, utilization_std=0.2, setup_hours=12.0, overtime_hours=8.0,
    completion_rate=1.0,
)  # fmt: skip


@pytest.mark.parametrize("text", [*NAMED, "tardiness=1,overtime=0.2", "balance=0.1234567890123,setups=3", " on_time = 2 "])
def test_what_is_written_is_read_again(text: str) -> None:
    found = Objective.parse(text)
    assert Objective.parse(found.value) == found
    assert Objective.parse(found.prices) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("speed", "'speed' is neither one of tardiness"),
        ("tardiness", ""),
        ("tardiness=1,speed=2", "'speed=2'"),
        ("setups=x", "is not a price"),
        ("setups=-1", "objective.setups: -1.0"),
        ("setups=nan", "objective.setups: nan"),
        ("setups=inf", "objective.setups: inf"),
        ("setups=1,setups=2", "second price"),
        ("setups=0", "puts no price on anything"),
        ("", "is neither"),
    ],
)
def test_a_wrong_one_is_refused_by_its_part(text: str, said: str) -> None:
    if not said:
        assert Objective.parse(text) == Objective.TARDINESS
        return
    with pytest.raises(InvalidValue) as caught:
        Objective.parse(text)
    assert said in str(caught.value)


def test_prices_add_up() -> None:
    assert objective_value(Objective.TARDINESS, KPIS) == 30.0
    assert objective_value(Objective.ON_TIME, KPIS) == pytest.approx(0.25)
    assert objective_value(Objective.MAKESPAN, KPIS) == 100.0
    mix = Objective(tardiness=1, on_time=2, makespan=0.1, setups=0.5, overtime=0.25, balance=3)
    assert objective_value(mix, KPIS) == pytest.approx(30 + 2 * 25 + 10 + 6 + 2 + 3 * 20)
    assert objective_value(Objective.ON_TIME, replace(KPIS, on_time_rate=None)) == 0.0
    assert (unit_of(Objective.MAKESPAN), unit_of(mix)) == ("hours", "points")
