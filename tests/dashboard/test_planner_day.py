"""A planner's day in a real browser, step by step, each within the inputs that it may cost.

An input is a click, a shortcut, or one field that is set, with the keys that setting it takes. A step begins on Today, or on
its own page where it is a form to fill in: releasing a plan and asking what if.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.loaded_plan import Plan, build_plan, newest_of
from dashboard.presentation.formatting import job_name
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunState
from tests.support.browsing import RUNS_WITHIN, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
ROW = 31
"""Pixels of a table's row; its heading is as high."""


@dataclass
class Hand:
    """A planner's hand: all that it does to a page is counted, and what exceeds the budget fails."""

    page: Page
    budget: int
    inputs: list[str] = field(default_factory=list)

    def click(self, what: Locator, at: tuple[float, float] | None = None) -> None:
        """Click an element in its middle, or so many pixels from its left upper corner."""
        self._count(f"click {what}")
        what.click() if at is None else what.click(position={"x": at[0], "y": at[1]})

    def press(self, keys: str) -> None:
        """Press a shortcut."""
        self._count(f"press {keys}")
        self.page.keyboard.press(keys)

    def write(self, label: str, text: str) -> None:
        """Set a text field."""
        self._count(f"write {label}")
        self.page.get_by_label(label).fill(text)

    def choose(self, label: str, text: str) -> None:
        """Choose in a list, by typing what is looked for."""
        self._count(f"choose {label}")
        box = self.page.get_by_role("combobox", name=label)
        box.click()
        box.fill(text)
        # The list is drawn anew with every letter, so an option may be gone under a click: what is found is taken by Enter.
        expect(self.page.get_by_role("option", name=text).first).to_have_attribute("data-focused", "true")
        self.page.keyboard.press("Enter")
        expect(box).to_have_value(re.compile(rf"{re.escape(text)}(?: · .+)?"))  # machines carry their work centre
        settled(self.page)

    def _count(self, what: str) -> None:
        self.inputs.append(what)
        assert len(self.inputs) <= self.budget, f"more than {self.budget} inputs: {self.inputs}"


def shown_on_today(store: Store) -> Plan:
    """The plan that Today shows when nothing was chosen: the better of the two."""
    found = [newest_of(store.schedules.newest(), engine) for engine in ("greedy", "learned")]
    best = min((p for p in found if p is not None), key=lambda p: p.kpis.weighted_tardiness_days if p.kpis else 0.0)
    info = store.snapshots.get(best.snapshot_id)
    return build_plan(best, info, store.snapshots.plant(info.id), store.schedules.load(best.id))


LAST_DRAWN = {"": "What delays this order, back to the root cause", "what-if": "Saved scenarios", "approve": "Versions"}
"""By a page's address, what it draws last."""


def opened(page: Page, address: str, budget: int, path: str = "") -> Hand:
    """The page at rest, and a hand that has done nothing yet."""
    page.goto(f"{address}/{path}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    # Until the last thing is drawn the script runs, and what is pressed or opened meanwhile may be lost.
    expect(page.get_by_text(LAST_DRAWN[path]).first).to_be_visible()
    settled(page)
    return Hand(page, budget)


def test_a_hand_that_needs_more_than_its_budget_fails(page: Page) -> None:
    hand = Hand(page, 1)
    page.set_content("<button>Once</button>")
    hand.click(page.get_by_role("button"))
    with pytest.raises(AssertionError, match="more than 1 inputs"):
        hand.click(page.get_by_role("button"))


def test_what_changed_overnight_stands_on_the_landing_page(page: Page, planned: tuple[str, Store]) -> None:
    address, store = planned
    opened(page, address, 0)
    plan = shown_on_today(store)
    assert plan.late_jobs
    expect(page.get_by_text("Data just now").filter(visible=True)).to_have_count(1)
    expect(page.get_by_role("heading", name=f"Worst 10 of {len(plan.late_jobs)} late jobs")).to_be_in_viewport()
    down = sum(any(d.start <= 0 < d.end for d in m.downtime) for m in plan.plant.machines)
    expect(page.get_by_text(f"{down} machine")).to_be_in_viewport()
    expect(page.get_by_text("in quarantine")).to_be_in_viewport()


def test_a_late_order_its_cause_and_what_fixes_it(page: Page, planned: tuple[str, Store]) -> None:
    address, store = planned
    hand = opened(page, address, 2)
    late = shown_on_today(store).late_jobs[1].job
    # The table is a canvas: its second row, at the text of a cell.
    hand.click(page.get_by_test_id("stDataFrame").first, at=(120, 2.5 * ROW))
    expect(page.get_by_text(f"{job_name(late)}: ")).to_be_visible()
    expect(page.get_by_text("What delays this order, back to the root cause")).to_be_visible()
    hand.click(page.get_by_role("button", name="Try fixes"))
    tried = page.get_by_text("Each fix was tried on this plan").or_(page.get_by_text("no change helps this order"))
    expect(tried).to_be_visible(timeout=RUNS_WITHIN)


def test_dispatch_lists_of_the_next_shift(page: Page, planned: tuple[str, Store]) -> None:
    hand = opened(page, planned[0], 1)
    hand.click(page.get_by_role("link", name="Dispatch"))
    expect(page.get_by_text("NOT RELEASED").or_(page.get_by_text("Version 1, released"))).to_be_visible()
    expect(page.get_by_role("combobox", name="Shift")).to_be_visible()
    expect(page.get_by_role("combobox", name="Shift")).to_have_value(re.compile("· current shift$"))


def test_a_breakdown_is_asked_and_its_repairs_compared(page: Page, planned: tuple[str, Store]) -> None:
    address, store = planned
    opened(page, address, 1).press("b")
    page.wait_for_url("**/what-if**")
    expect(page.get_by_role("button", name="Compare repairs")).to_be_visible()
    settled(page)
    machine = sorted(m.name for m in shown_on_today(store).plant.machines)[5]
    hand = Hand(page, 3)  # It begins now, as the form says; another moment would be a field more.
    hand.choose("Machine", machine)
    hand.choose("How long", "8 hours")
    hand.press("Control+Enter")
    expect(page.get_by_role("heading", name="What becomes of the plan?")).to_be_visible()
    expect(page.get_by_text(machine).filter(has_text="If ")).to_be_visible()
    expect(page.get_by_text("Whose delivery changes")).to_be_visible(timeout=RUNS_WITHIN)


def test_a_rush_order_and_what_it_does_to_the_others(page: Page, planned: tuple[str, Store]) -> None:
    address, store = planned
    hand = opened(page, address, 3, "what-if")
    hand.choose("What happens", "A rush order comes in")
    like = shown_on_today(store).plant.jobs[7]
    hand.choose("Routing and times like", job_name(like))
    hand.press("Control+Enter")
    expect(page.get_by_text("When RUSH-1 can be promised")).to_be_visible(timeout=RUNS_WITHIN)
    expect(page.get_by_text("Whose delivery changes")).to_be_visible()


def test_the_plan_is_released_with_a_comment_and_printed(page: Page, planned: tuple[str, Store]) -> None:
    address, store = planned
    hand = opened(page, address, 3, "approve")  # Two, and the confirmation.
    page.get_by_label("Approver").fill("Aisyah")  # Once a session.
    expect(page.get_by_role("button", name="Release as version 1")).to_be_enabled()
    hand.write("Comment", "Agreed in the meeting")
    hand.click(page.get_by_role("button", name="Release as version 1"))
    hand.click(page.get_by_role("dialog").get_by_role("button", name="Release"))
    expect(page.get_by_text("In force, v1: ").first).to_be_visible()
    (release,) = store.releases.newest("Demo plant")
    assert (release.approver, release.comment) == ("Aisyah", "Agreed in the meeting")

    hand = Hand(page, 2)
    hand.click(page.get_by_role("link", name="Dispatch"))
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    settled(page)
    with page.context.expect_page() as waiting:
        hand.press("p")
    assert "Version 1" in waiting.value.locator("section").first.inner_text()


def test_both_engines_run_again_and_are_compared(page: Page, planned: tuple[str, Store]) -> None:
    address, store = planned
    before = {r.id for r in store.runs.newest()}
    hand = opened(page, address, 1)
    hand.press("Control+Enter")
    page.wait_for_url("**/compare**")
    expect(page.locator(".st-key-runs_at_work")).to_be_visible()
    expect(page.locator(".st-key-runs_at_work")).to_have_count(0, timeout=RUNS_WITHIN)
    new = [r for r in store.runs.newest() if r.id not in before]
    assert sorted((r.engine, r.state) for r in new) == [("greedy", RunState.OK), ("learned", RunState.OK)]
    settled(page)
    expect(page.get_by_text("✓ marks the better value")).to_be_visible()
