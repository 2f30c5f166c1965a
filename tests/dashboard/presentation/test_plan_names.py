"""A plan's name: what made it, what it assumes, how late it is, when it was made and what became of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.loaded_plan import Plan
from dashboard.presentation import plan_names
from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.scenarios.changes import DueChanged, ImportanceChanged, JobDropped, MaterialLate, QuantityChanged


def test_a_name_says_engine_lateness_moment_and_standing(plans: tuple[Plan, Plan]) -> None:
    stored = replace(plans[0].stored, kpis=replace(plans[0].kpis, weighted_tardiness_days=559.2))
    assert plan_names.plan_name(stored, "Mon 07:10") == "Greedy (LPT), 559 d late, Mon 07:10"
    late = replace(stored, kpis=replace(plans[0].kpis, weighted_tardiness_days=3.14))
    assert (
        plan_names.plan_name(late, "Mon 07:10", None, "in force, v3") == "Greedy (LPT), 3.1 d late, Mon 07:10 · in force, v3"
    )
    by_itself = replace(stored, asked_by="automation")
    assert plan_names.plan_name(by_itself, "Mon 06:05") == "Greedy (LPT), 559 d late, planned by itself Mon 06:05"
    none = replace(stored, kpis=replace(plans[0].kpis, weighted_tardiness_days=0.04))
    assert "nothing late" in plan_names.plan_name(none, "Mon 07:10")


@pytest.mark.parametrize(
    ("before", "after", "less"), [(562.4, 558.6, "3"), (559.4, 559.1, "0.3"), (12.4, 9.52, "2.5"), (3.14, 3.0, "0.1")]
)
def test_a_gain_agrees_with_the_names_of_both_plans(
    plans: tuple[Plan, Plan], before: float, after: float, less: str
) -> None:
    old, new = (replace(plans[0].kpis, weighted_tardiness_days=days) for days in (before, after))
    assert plan_names.days_less(old, new) == less


def test_a_what_if_is_named_by_what_it_assumes(plans: tuple[Plan, Plan]) -> None:
    plant = plans[0].plant
    stored = replace(plans[1].stored, engine="repair")
    assumed = plan_names.assumption(plant, [Breakdown(2, 60, 1440)])
    assert assumed == "M2 down 24 h"
    assert plan_names.plan_name(stored, "Mon 07:10", assumed).startswith("Calm with M2 down 24 h, ")
    assert plan_names.kind(plans[1].stored, of_scenario=True) == "Full rerun"
    several = [
        Breakdown(99, 60, 90), Breakdown(1, 0, None), MaterialLate("J1", 60), JobDropped("J2"),
        ImportanceChanged("J2", False),
        DueChanged("J1", 900), QuantityChanged("J2", 5),
    ]  # fmt: skip
    assert plan_names.assumption(plant, several) == (
        "99 down 1:30 h + M1 down, end not known + late material of J1 + J2 dropped + J2 ordinary + "
        "another due date of J1 + quantity 5 of J2"
    )
