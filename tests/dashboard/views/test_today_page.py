"""The page Today: its figures, what is late, and why."""

from __future__ import annotations

import pytest

from dashboard.loaded_plan import Plan
from dashboard.presentation import formatting, tables
from scheduler_core.causes.fixes import try_fixes
from scheduler_core.data.store import Store
from tests.support.opening import Seeded, open_page, release, texts
from tests.support.plants import job, operation, plant
from tests.support.seeding import seed_plan, seed_snapshot
from tests.support.table_words import drawn


def test_today_shows_five_figures_and_ranked_exceptions_with_their_cause(seeded: Seeded, plans: tuple[Plan, Plan]) -> None:
    store, greedy, learned = seeded
    page = open_page("today", plan=learned)
    assert [m.label for m in page.metric][:2] == ["Late jobs", "Mean days late"]
    assert len(page.metric) == 5
    assert page.metric[0].value == str(len(plans[1].late_jobs))
    assert page.metric[4].value == "–"
    table = page.dataframe[0].value
    assert list(table["Job"]) == [late.job.id for late in plans[1].late_jobs[:10]]
    assert table["Cause"].str.len().min() > 10

    release(store, greedy)
    page = open_page("today", plan=learned)
    late = len(plans[1].late_jobs) - len(plans[0].late_jobs)
    assert page.metric[0].delta == (f"{late:+d}" if late else "±0")
    assert page.metric[4].value.endswith("%")
    assert any("Not in force" in m.value for m in page.markdown), "the frame names the plan"


def test_from_a_late_order_to_its_cause_to_its_fixes_in_two_clicks(seeded: Seeded, plans: tuple[Plan, Plan]) -> None:
    plan = plans[1]
    page = open_page("today", plan=seeded[2])
    late = plan.late_jobs[0]
    shown = texts(page)
    assert formatting.cause_words(plan.plant, late) in shown
    assert formatting.possible_words(plan.plant, plan.explainer.bound(late.job)) in shown
    assert "What delays this order, back to the root cause" in shown
    chain = page.dataframe[1].value
    assert chain.iloc[0]["Op"] == late.job.operations[-1].sequence
    assert chain.iloc[0]["Job"] == tables.job_link(late.job.id)
    assert all("Fix" not in d.value for d in page.dataframe)
    page.button(key="try_fixes").click().run()
    assert not page.exception
    expected = try_fixes(plan.plant, plan.schedule, late.job.id)
    assert expected
    shown_fixes = page.dataframe[1].value
    assert list(shown_fixes["Fix"]) == [formatting.fix_words(plan.plant, f) for f in expected]
    assert drawn(page.dataframe[1])["This job"].str.contains("→").all()
    assert list(shown_fixes["This job"] * 1440) == pytest.approx([f.after.lateness for f in expected], abs=0.01)
    # They stay while the same job is shown, and go with another plan.
    page.run()
    assert list(page.dataframe[1].value["Fix"]) == list(shown_fixes["Fix"])


def test_a_job_that_nothing_helps_says_so(store: Store) -> None:
    only = plant(job("J1", operation(60, 1), due=10))
    plan_id = seed_plan(store, seed_snapshot(store, only))
    page = open_page("today", plan=plan_id)
    page.button(key="try_fixes").click().run()
    assert not page.exception
    assert "but no change helps this order. No plan can finish it on time" in page.info[0].value
    assert "No plan can finish it on time" in texts(page)
