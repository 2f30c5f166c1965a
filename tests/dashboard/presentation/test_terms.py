"""Terms are explained where they stand: all engines and rules, and the words of figures and checks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.loaded_plan import Plan
from dashboard.presentation import formatting, terms
from scheduler_core.engines.rules import RULES
from scheduler_core.reports import Fallback, LearnedReport
from tests.support.opening import Seeded, open_page, release


def test_every_engine_and_every_rule_is_explained() -> None:
    assert set(terms.RULES) == set(RULES)
    assert set(terms.ENGINES) == set(formatting.ENGINE_NAMES)
    for engine, text in terms.ENGINES.items():
        assert text.startswith(f"**{formatting.ENGINE_NAMES[engine]}**: "), "the help begins with the word on the page"


def test_the_help_of_a_plan_explains_what_stands_in_its_name(plans: tuple[Plan, Plan]) -> None:
    greedy = plans[0].stored
    assert formatting.plan_kind(greedy) == "Greedy (LPT)"
    assert "plan by rules" in terms.plan_kind(greedy)
    assert "**LPT**: longest operation first." in terms.plan_kind(greedy)
    learned = replace(greedy, engine="learned", report=LearnedReport("standard", "0" * 64, 1, winning_rule="WATC"))
    assert "AI plan" in terms.plan_kind(learned)
    assert "important orders that are about to be late" in terms.plan_kind(learned)
    assert "Robust" not in terms.plan_kind(learned)
    robust = replace(learned, report=LearnedReport("standard", "0" * 64, 9, played=40))
    assert formatting.plan_kind(robust) == "RL, robust"
    assert "best mean of many simulated runs" in terms.plan_kind(robust)
    stands_in = replace(greedy, report=Fallback("learned", "it crashed", greedy.report))
    assert "replaces the plan of an engine that failed" in terms.plan_kind(stands_in)
    assert "**LPT**: longest operation first." in terms.plan_kind(stands_in)


@pytest.mark.parametrize("name", ["today", "kpis", "approve"])
def test_the_list_of_plans_explains_the_plan_shown(seeded: Seeded, name: str) -> None:
    page = open_page(name, plan=seeded[1])
    plan = next(s for s in page.selectbox if s.value == seeded[1])
    assert "longest operation first" in plan.help
    assert "weighted tardiness" in plan.help


def test_compare_explains_both_sides_its_figures_and_its_checks(seeded: Seeded) -> None:
    release(seeded[0], seeded[1])
    page = open_page("compare", left=seeded[1], right=seeded[2])
    left, right = (next(s for s in page.selectbox if s.label == side) for side in ("Left", "Right"))
    assert "longest operation first" in left.help
    assert "important orders that are about to be late" in right.help
    columns = page.dataframe[0].proto.columns
    assert "lateness score" in columns
    assert "longest operation first" in columns
    assert "checks that every plan must pass" in next(x for x in page.text if x.value.startswith("✓ marks")).help
    assert "push back (right-shift)" in page.radio("start_from").help
    page.radio("start_from").set_value("nothing").run()
    assert "AI plan (reinforcement learning)" in page.multiselect("engines").help


def test_approve_explains_its_figures_and_what_is_checked(seeded: Seeded) -> None:
    release(seeded[0], seeded[1])
    page = open_page("approve", plan=seeded[2])
    assert "lateness score" in page.dataframe[0].proto.columns
    assert "checks that every plan must pass" in next(c for c in page.caption if c.value == "What is checked").help
