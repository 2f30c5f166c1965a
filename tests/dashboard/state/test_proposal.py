"""Which plan the pages propose: the recommended replan, until a release has decided on it."""

from __future__ import annotations

import pytest

from dashboard.loaded_plan import counted_moves, outdone
from dashboard.presentation import replan_words
from dashboard.state import proposal
from dashboard.state.loaded import load_plan
from dashboard.state.plant_context import PlantContext, plant_context
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ApprovalRequest
from scheduler_core.plant import Plant
from tests.support.opening import open_page, release, texts
from tests.support.seeding import seed_plan, seed_run, seed_snapshot


def context(store: Store) -> PlantContext:
    found = plant_context(store)
    assert found is not None
    return found


@pytest.fixture
def replanned(store: Store, small_plant: Plant) -> dict[str, str]:
    """A plan is in force; keep, calm and best came after it. Plan ids by engine."""
    snapshot = seed_snapshot(store, small_plant)
    release(store, seed_plan(store, snapshot, "greedy", "LPT"))
    return {
        engine: seed_plan(store, snapshot, engine, rule, f"replan-{engine}")
        for engine, rule in (("right_shift", "LPT"), ("repair", "WATC"), ("best", "EDD"))
    }


def test_the_recommended_replan_is_proposed(store: Store, replanned: dict[str, str]) -> None:
    ctx = context(store)
    assert {engine: plan.id for engine, plan in proposal.replans(ctx).items()} == replanned
    assert ctx.released is not None
    plans = {engine: load_plan(store, plan_id) for engine, plan_id in replanned.items()}
    before = load_plan(store, ctx.released.id)
    chosen = replan_words.choice(plans, {engine: counted_moves(before, plan) for engine, plan in plans.items()})
    proposed = proposal.proposed(ctx)
    assert proposed is not None
    assert proposed.id == replanned[chosen.name]


def test_replans_that_were_decided_on_are_proposed_no_more(store: Store, replanned: dict[str, str]) -> None:
    stored = store.schedules.get(replanned["repair"])

    store.releases.approve(ApprovalRequest("two", stored.id, stored.content_sha256, "Ana", on_top_of=1), None)
    ctx = context(store)
    assert proposal.replans(ctx) == {}
    proposed = proposal.proposed(ctx)
    assert proposed is not None
    assert proposed.engine == "greedy", "the best of the others; not keep or best, which were passed over"


def test_before_the_first_release_the_best_plan_is_proposed(store: Store, small_plant: Plant) -> None:
    snapshot = seed_snapshot(store, small_plant)
    for engine, rule in (("greedy", "LPT"), ("learned", "WATC")):
        seed_plan(store, snapshot, engine, rule)
    ctx = context(store)
    assert proposal.replans(ctx) == {}
    assert proposal.proposed(ctx) == ctx.usual
    days = [plan.kpis.weighted_tardiness_days for plan in store.schedules.newest() if plan.kpis is not None]
    assert ctx.usual is not None
    assert ctx.usual.kpis is not None
    assert ctx.usual.kpis.weighted_tardiness_days == min(days)


def test_compare_recommends_nothing_while_an_answer_is_missing(store: Store, replanned: dict[str, str]) -> None:
    page = open_page("compare", show="replans")
    assert not page.exception
    assert "Recommended: " in texts(page)

    seed_run(store, store.schedules.get(replanned["best"]).snapshot_id, "best", "again")
    page = open_page("compare", show="replans")
    assert not page.exception
    assert "Still calculating: Best." in texts(page)
    assert "Recommended: " not in texts(page)


@pytest.mark.parametrize("better", [True, False])
def test_the_standing_search_stands_for_best_only_where_it_is_better(store: Store, small_plant: Plant, better: bool) -> None:
    """A planner's better plan comes first."""
    snapshot = seed_snapshot(store, small_plant)
    release(store, seed_plan(store, snapshot, "greedy", "LPT"))
    rules = ("EDD", "LPT") if better else ("LPT", "EDD")
    searched, best = (
        seed_plan(store, snapshot, engine, rule, f"replan-{engine}")
        for engine, rule in zip(("standing", "best"), rules, strict=True)
    )
    days = [late(store, plan) for plan in (searched, best)]
    assert (days[0] < days[1]) is better
    assert {engine: plan.id for engine, plan in proposal.replans(context(store)).items()} == {
        "best": searched if better else best
    }


def late(store: Store, schedule_id: str) -> float:
    kpis = store.schedules.get(schedule_id).kpis
    assert kpis is not None
    return kpis.weighted_tardiness_days


def test_a_night_of_standing_searches_is_one_line_of_the_lists(store: Store, small_plant: Plant) -> None:
    snapshot = seed_snapshot(store, small_plant)
    greedy, *searched = (
        seed_plan(store, snapshot, engine, rule, f"run-{number}")
        for number, (engine, rule) in enumerate((("greedy", "LPT"), ("standing", "LPT"), ("standing", "EDD")))
    )
    assert {plan.id for plan in context(store).plans} == {greedy, searched[-1]}
    release(store, searched[0])
    assert {plan.id for plan in context(store).plans} == {greedy, *searched}, "what was released stays in sight"
    assert outdone(()) == frozenset()
