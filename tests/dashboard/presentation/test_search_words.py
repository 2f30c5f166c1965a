"""What a search reached and what no plan can beat: units, and no promise that a loose bound cannot keep."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.loaded_plan import Plan
from dashboard.presentation import search_words
from scheduler_core.objectives import Objective


def test_what_no_plan_can_beat_says_how_much_is_left_to_gain(plans: tuple[Plan, Plan]) -> None:
    left, right = (replace(p.kpis, weighted_tardiness_days=days) for p, days in zip(plans, (12.0, 10.5), strict=True))
    text = search_words.bound_words(Objective.TARDINESS, 10.0, left, right)
    assert text == (
        "No plan of these jobs can have less weighted tardiness than 10.0 d (proven): "
        "at most 2.0 d can be gained on the left plan, 0.5 d on the right."
    )
    assert search_words.bound_words(Objective.TARDINESS, 12.0, left, left).endswith("neither plan can be improved.")
    early, late = replace(left, makespan_hours=48.0), replace(left, makespan_hours=60.0)
    assert search_words.bound_words(Objective.MAKESPAN, 36.0, late, early) == (
        "No plan of these jobs can have its last job done before 1.5 d (proven): "
        "at most 1.0 d can be gained on the left plan, 0.5 d on the right."
    )
    mix = Objective(tardiness=1.0, makespan=0.5)
    assert search_words.bound_words(mix, 30.0, early, late).startswith(
        "No plan of these jobs can have a lower value for “My own weights: tardiness=1,makespan=0.5” "
        "than 30.0 points (proven): at most 6.0"
    )
    half = replace(left, on_time_rate=0.5)
    assert "fewer late jobs than 40.0 % (proven): at most 10.0 %" in search_words.bound_words(
        Objective.ON_TIME, 0.4, half, half
    )


def test_a_bound_is_said_in_the_unit_of_its_aim_for_mixes_too(plans: tuple[Plan, Plan]) -> None:
    kpis = replace(plans[0].kpis, weighted_tardiness_days=30.0, setup_hours=8.0, makespan_hours=48.0)
    said = search_words.bound_words(Objective.MAKESPAN, 36.0, kpis, kpis)
    assert said.startswith("No plan of these jobs can have its last job done before 1.5 d (proven)")
    mix = search_words.bound_words(Objective(tardiness=1.0, setups=0.5), 30.0, kpis, replace(kpis, setup_hours=4.0))
    assert mix == (
        "No plan of these jobs can have a lower value for “On time, few setups” than 30.0 points (proven): "
        "at most 4.0 points can be gained on the left plan, 2.0 points on the right."
    )


@pytest.mark.parametrize(("bound", "useful"), [(64.8, False), (419.3, False), (419.5, True), (559.2, True)])
def test_a_loose_bound_is_no_promise(plans: tuple[Plan, Plan], bound: float, useful: bool) -> None:
    left, right = (replace(p.kpis, weighted_tardiness_days=days) for p, days in zip(plans, (610.9, 559.2), strict=True))
    said = search_words.bound_words(Objective.TARDINESS, bound, left, right)
    assert ("gain" in said and "proven" in said) is useful
    if not useful:
        assert said == "No useful bound is known for “Least weighted tardiness”, so the possible gain is not known."


def test_what_is_left_to_gain_agrees_with_the_printed_figures(plans: tuple[Plan, Plan]) -> None:
    kpis = replace(plans[0].kpis, weighted_tardiness_days=12.04)
    said = search_words.bound_words(Objective.TARDINESS, 11.95, kpis, kpis)
    assert "than 11.9 d (proven): at most 0.1 d" in said or "than 12.0 d (proven): neither" in said


def test_a_search_is_told_with_its_unit_and_its_seconds() -> None:
    curve = [(0.0, 610.86), (0.4, 580.0), (2.83, 559.21)]
    assert search_words.search_gain(curve, Objective.TARDINESS) == (
        "From 610.9 to 559.2 weighted days late (8.5 % better) within 2.8 s"
    )
    assert search_words.search_gain([(0.0, 0.34), (1.0, 0.31)], Objective.ON_TIME) == (
        "From 34.0 to 31.0 % of the jobs late (8.8 % better) within 1.0 s"
    )
    mix = search_words.search_gain([(0.0, 0.0), (1.0, 0.0)], Objective(tardiness=1.0, setups=0.5))
    assert mix == "From 0.00 to 0.00 points (the weighted sum) within 1.0 s"
