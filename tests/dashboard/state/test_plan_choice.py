"""One plan on all pages: the plan in force, until another one is chosen, and the way back."""

from __future__ import annotations

import pytest

from scheduler_core.data.store.records import ApprovalRequest
from tests.support.opening import Seeded, open_page, release, texts
from tests.support.seeding import seed_plan

PAGES = ("today", "gantt", "kpis", "dispatch", "what_if")


def plan_of(page: object) -> str:
    return str(next(s.value for s in page.selectbox if str(s.key).startswith("plan_")))  # type: ignore[attr-defined]


def worst_plan(seeded: Seeded) -> str:
    store = seeded[0]
    latest = store.snapshots.latest()
    assert latest is not None
    for rule in ("SPT", "LWKR", "MOPNR", "WEDD"):
        seed_plan(store, latest.id, "greedy", rule, f"rule-{rule}")
    late = {p.id: p.kpis.weighted_tardiness_days for p in store.schedules.newest() if p.kpis}
    return max(late, key=late.__getitem__)


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_pages_open_on_the_plan_in_force_and_tell_a_better_one(seeded: Seeded, name: str) -> None:
    worst = worst_plan(seeded)
    release(seeded[0], worst)
    page = open_page(name)
    assert plan_of(page) == worst
    said = texts(page).replace("\\", "")
    assert "In force, v1: " in said
    assert "is better: " in said
    page.button(key="show_better").click().run()
    assert plan_of(page) != worst
    assert "Not in force: " in texts(page).replace("\\", "")
    page.button(key="back_to_force").click().run()
    assert plan_of(page) == worst
    page.button(key="close_better").click().run()
    assert "is better: " not in texts(page).replace("\\", "")


def test_a_choice_holds_on_other_pages_and_ends_with_the_way_back(seeded: Seeded) -> None:
    store, greedy, learned = seeded
    release(store, greedy)
    page = open_page("kpis")
    next(s for s in page.selectbox if str(s.key).startswith("plan_")).set_value(learned).run()
    assert page.query_params["plan"] in (learned, [learned])
    held = page.session_state["_held_plan"]
    other = open_page("dispatch")
    other.session_state["_held_plan"] = held
    other.run()
    assert plan_of(other) == learned
    assert other.query_params["plan"] in (learned, [learned])
    other.button(key="back_to_force").click().run()
    assert plan_of(other) == greedy
    assert "plan" not in other.query_params


def test_a_plan_that_was_in_force_when_it_was_chosen_makes_room_for_its_successor(seeded: Seeded) -> None:
    store, greedy, learned = seeded
    release(store, greedy)
    page = open_page("kpis", plan=greedy)
    assert plan_of(page) == greedy
    stored = store.schedules.get(learned)
    store.releases.approve(ApprovalRequest("release-2", learned, stored.content_sha256, "Ana", on_top_of=1), None)
    page.query_params.clear()
    page.run()
    assert plan_of(page) == learned
    assert any("replaced, v1" in option for s in page.selectbox for option in s.options)


def test_without_a_release_the_frame_says_so(seeded: Seeded) -> None:
    assert "Nothing released: " in texts(open_page("kpis")).replace("\\", "")


def test_a_withdrawn_plan_leaves_the_lists_and_comes_back(seeded: Seeded) -> None:
    store, _, learned = seeded

    def listed() -> set[str]:
        page = open_page("kpis")
        return {o for s in page.selectbox for o in s.options if "d late" in o or "nothing late" in o}

    both = listed()
    store.withdrawals.change_plan(learned, withdraw=True)
    assert len(listed()) == len(both) - 1
    hidden = open_page("compare", show="plans")
    assert len(hidden.dataframe[0].value) == 1
    hidden.toggle(key="withdrawn_plans").set_value(True).run()
    assert list(hidden.dataframe[0].value["Standing"]).count("withdrawn") == 1
    store.withdrawals.change_plan(learned, withdraw=False)
    assert listed() == both
