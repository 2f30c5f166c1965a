"""The page Compare: two plans side by side."""

from __future__ import annotations

import pandas as pd
import pytest

from dashboard.loaded_plan import search_curve
from scheduler_core.reports import LearnedReport
from tests.support.opening import Seeded, open_page, texts
from tests.support.seeding import seed_plan


def test_compare_sets_greedy_against_rl(seeded: Seeded) -> None:
    page = open_page("compare")
    left, right = page.selectbox[1], page.selectbox[2]
    assert (left.label, right.label) == ("Left", "Right")
    assert (left.value, right.value) == (seeded[1], seeded[2])
    table = page.dataframe[0].value
    assert table.iloc[0]["Figure"] == "Late jobs"
    assert all(pd.api.types.is_numeric_dtype(table[side]) for side in table.columns[1:])


def test_compare_shows_the_best_bound_of_the_snapshot_for_all_its_plans(seeded: Seeded) -> None:
    store, left, right = seeded
    assert "No plan of these jobs" not in texts(open_page("compare"))
    snapshot_id = store.schedules.get(left).snapshot_id
    for number, bound in enumerate((0.01, 0.02, None)):
        seed_plan(store, snapshot_id, "exact", "EDD", f"bound-{number}", bound)
    shown = texts(open_page("compare"))
    assert shown.count("No useful bound is known for “Least weighted tardiness”") == 1, "a loose bound promises nothing"
    assert "No plan of these jobs" not in shown
    shown_plans = [store.schedules.get(plan).kpis for plan in (left, right)]
    least = min(kpis.weighted_tardiness_days for kpis in shown_plans if kpis is not None)
    seed_plan(store, snapshot_id, "exact", "EDD", "tight", least * 0.9)
    shown = texts(open_page("compare"))
    assert f"No plan of these jobs can have less weighted tardiness than {least * 0.9:.1f} d (proven)" in shown
    assert shown.count("No plan of these jobs") == 1


@pytest.mark.parametrize(
    ("show", "expected"), [("gantts", "Left: Greedy (LPT)"), ("differences", "From left (Greedy (LPT)")]
)
def test_compare_opens_at_its_deep_link(seeded: Seeded, show: str, expected: str) -> None:
    page = open_page("compare", show=show)
    assert not page.exception
    assert expected in texts(page)


@pytest.mark.slow
def test_figures_show_how_a_searched_plan_got_better(seeded: Seeded) -> None:
    store = seeded[0]
    latest = store.snapshots.latest()
    assert latest is not None
    assert "How did the plan get better while searching?" not in texts(open_page("compare"))
    curve = ((0.0, 6.0), (1.5, 4.0))
    report = LearnedReport("standard", "0" * 64, 7, winning_rule="WATC", start_cost=8.0, moves=900, curve=curve)
    plan_id = seed_plan(store, latest.id, "learned", "WATC", "searched", report=report)
    page = open_page("compare")
    assert not page.exception
    shown = texts(page)
    assert "How did the plan get better while searching?" in shown
    assert (
        "Right: RL (best of 7). Least weighted tardiness. From 8.0 to 4.0 weighted days late (50.0 % better) within 1.5 s."
        in shown
    )
    assert "Right: No RL plan was better than the rule WATC; the search went on from there." in shown
    assert search_curve(store.schedules.get(plan_id)) == ((0.0, 8.0), (0.0, 6.0), (1.5, 4.0))
    assert "No RL plan was better than the rule WATC" in texts(open_page("gantt", plan=plan_id))


def test_a_plan_that_began_at_priced_bottlenecks_says_so(seeded: Seeded) -> None:
    store = seeded[0]
    latest = store.snapshots.latest()
    assert latest is not None
    report = LearnedReport("standard", "0" * 64, 1, prices_won=True)
    plan_id = seed_plan(store, latest.id, "learned", "WATC", "priced", report=report)
    page = open_page("gantt", plan=plan_id)
    assert not page.exception
    assert "Pricing the bottlenecks gave a better plan than RL's own decisions." in texts(page)


def test_compare_follows_new_plans_unless_the_planner_chose_others(seeded: Seeded) -> None:
    store, greedy_plan = seeded[0], seeded[1]
    page = open_page("compare")
    page.selectbox[2].select(greedy_plan).run()
    latest = store.snapshots.latest()
    assert latest is not None
    newer = seed_plan(store, latest.id, "greedy", "WATC", "rerun-greedy")
    seed_plan(store, latest.id, "learned", "WATC", "rerun-learned")
    page.run()
    assert (page.selectbox[1].value, page.selectbox[2].value) == (newer, greedy_plan)
