"""In a real browser: from an empty store to a released plan, all pages' width, shortcuts, paper, cancelling."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunState
from tests.support.browsing import RUNS_WITHIN, SECOND, chart, seed, served, settled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

CANCELLED_WITHIN = 20
"""Seconds from asking a run to stop to reading that it has, on a machine with much else to do."""


# ---------------------------------------------------------------- the whole way
def test_from_an_empty_store_to_a_released_plan(browser: Browser, page: Page, tmp_path: Path) -> None:
    with served(tmp_path) as address:
        page.goto(address)
        page.get_by_role("button", name="Pull the open jobs and make two plans").click()
        expect(page.get_by_text("Greedy: running").or_(page.get_by_text("RL: running")).first).to_be_visible()
        expect(page.get_by_text("Mean days late").first).to_be_visible(timeout=RUNS_WITHIN)
        expect(page.locator(".st-key-runs_at_work")).to_have_count(0, timeout=RUNS_WITHIN)

        store = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
        assert {r.engine: r.state for r in store.runs.newest()} == {"greedy": RunState.OK, "learned": RunState.OK}

        # Compare: run both again with the keyboard, stop RL at once, then read what differs.
        page.get_by_role("link", name="Compare").click()
        expect(page.get_by_role("button", name="Run")).to_be_visible()
        settled(page)
        page.keyboard.press("Control+Enter")
        work = page.locator(".st-key-runs_at_work")
        expect(work.get_by_text("RL: running")).to_be_visible()
        work.get_by_role("button", name="Cancel", exact=True).last.click()
        began = time.monotonic()
        expect(page.get_by_text("RL was cancelled")).to_be_visible()
        assert time.monotonic() - began < CANCELLED_WITHIN
        expect(work).to_have_count(0, timeout=RUNS_WITHIN)
        states = sorted((r.engine, r.state) for r in store.runs.newest())
        assert states == [
            ("greedy", RunState.OK), ("greedy", RunState.OK), ("learned", RunState.CANCELLED), ("learned", RunState.OK),
        ]  # fmt: skip
        page.get_by_role("button", name="Differences").click()
        expect(page.get_by_text("Which jobs are delivered earlier or later?")).to_be_visible()

        # Approve, with a name, a comment and a confirmation.
        page.get_by_role("link", name="Approve").click()
        page.get_by_label("Approver").fill("Aisyah")
        page.get_by_label("Comment").fill("First plan of the week")
        page.get_by_label("Comment").press("Tab")
        page.get_by_role("button", name="Release as version 1").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_text("The plan becomes version 1")).to_be_visible()
        assert store.releases.current("Demo plant") is None
        dialog.get_by_role("button", name="Release").dblclick()
        expect(page.get_by_text("In force, v1: ").first).to_be_visible()
        (release,) = store.releases.newest("Demo plant")
        assert (release.number, release.approver, release.comment) == (1, "Aisyah", "First plan of the week")
        assert len(store.releases.dispatch_rows(release.id)) >= store.snapshots.get(release.snapshot_id).operation_count

        # A reload, and a browser that was never here, find everything again.
        page.reload()
        expect(page.get_by_text("This plan is in force as version 1.")).to_be_visible()
        other = browser.new_page()
        other.goto(address)
        expect(other.get_by_text("In force, v1: ").first).to_be_visible(timeout=30 * SECOND)
        other.close()
        store.close()
    # So does a server that was started anew.
    with served(tmp_path) as address:
        page.goto(address)
        expect(page.get_by_text("In force, v1: ").first).to_be_visible()
        expect(page.get_by_text("Mean days late").first).to_be_visible()


# ---------------------------------------------------------------- pages and ways


def test_shortcuts_lead_to_gantt_and_differences(page: Page, planned: tuple[str, Store]) -> None:
    page.goto(planned[0])
    expect(page.get_by_text("Mean days late").first).to_be_visible()
    page.keyboard.press("g")
    page.wait_for_url("**/gantt**")
    chart(page)
    page.keyboard.press("d")
    page.wait_for_url("**/compare**")
    expect(page.get_by_text("Which jobs are delivered earlier or later?")).to_be_visible()


def test_a_late_order_its_cause_and_the_gantt_are_two_clicks_away(page: Page, planned: tuple[str, Store]) -> None:
    page.goto(planned[0])
    expect(page.get_by_role("heading", name="late jobs")).to_be_visible()
    page.get_by_role("button", name="Show in Gantt").click()
    page.wait_for_url("**/gantt**job=**")
    expect(page.get_by_text("Why it starts when it does")).to_be_visible()
    assert chart(page)["selected"] >= 0


# ---------------------------------------------------------------- paper
def test_p_opens_the_lists_of_the_next_shift_for_paper_once(page: Page, planned: tuple[str, Store]) -> None:
    page.goto(planned[0])
    settled(page)
    page.get_by_role("link", name="Dispatch").click()
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    settled(page)
    # A second drawing of the page must not bind the key a second time.
    page.get_by_text("Week", exact=True).click()
    page.wait_for_url("**span=week**")
    settled(page)
    opened: list[Page] = []
    page.context.on("page", lambda tab: opened.append(tab))
    with page.context.expect_page() as waiting:
        page.keyboard.press("p")
    paper = waiting.value
    expect(paper.get_by_text("Late orders").first).to_be_attached()
    page.wait_for_timeout(500)
    assert len(opened) == 1
    assert paper.locator("section").count() > 10
    assert "NOT RELEASED" in paper.locator("section").first.inner_text()
    assert paper.locator("svg").count() >= 1


def test_a_pull_from_an_erp_that_does_not_answer_is_cancelled(page: Page, tmp_path: Path) -> None:
    with served(tmp_path) as address:
        held = sqlite3.connect(tmp_path / "erp.sqlite3", isolation_level=None)
        held.execute("BEGIN EXCLUSIVE")  # whoever reads waits
        page.goto(address)
        page.get_by_role("button", name="Pull the open jobs and make two plans").click()
        cancel = page.get_by_role("button", name="Cancel")
        expect(cancel).to_be_visible()
        expect(page.get_by_text("Reading the ERP…").first).to_be_visible()
        cancel.click()
        expect(page.get_by_text("Reading the ERP was cancelled: nothing has changed.")).to_be_visible()
        expect(cancel).to_have_count(0)
        held.execute("ROLLBACK")
        held.close()
        page.get_by_role("button", name="Pull the open jobs and make two plans").click()
        expect(page.get_by_text("Making the first plans…").or_(page.get_by_text("Mean days late")).first).to_be_visible()
        store = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
        assert len(store.snapshots.newest()) == 1
        for run in store.runs.newest():
            store.runs.request_cancel(run.id)
        store.close()


def test_a_release_is_cancelled_while_the_erp_does_not_answer(page: Page, tmp_path: Path) -> None:
    with served(tmp_path) as address:
        store = seed(tmp_path)
        page.goto(f"{address}/approve")
        page.get_by_label("Approver").fill("Aisyah")
        release = page.get_by_role("button", name="Release as version 1")
        expect(release).to_be_enabled()
        held = sqlite3.connect(tmp_path / "erp.sqlite3", isolation_level=None)
        held.execute("BEGIN EXCLUSIVE")  # whoever reads waits
        release.click()
        page.get_by_role("dialog").get_by_role("button", name="Release").click()
        expect(page.get_by_text("Checking the plan and the ERP once more…").first).to_be_visible()
        cancel = page.get_by_role("button", name="Cancel")
        expect(cancel).to_be_visible()
        expect(page.get_by_role("dialog")).to_have_count(0)
        cancel.click()
        expect(page.get_by_text("Cancelled: nothing was released.")).to_be_visible()
        expect(page.get_by_role("dialog")).to_have_count(0)
        held.execute("ROLLBACK")
        held.close()
        release.click()
        page.get_by_role("dialog").get_by_role("button", name="Release").click()
        expect(page.get_by_text("This plan is in force as version 1.")).to_be_visible()
        (made,) = store.releases.newest("Demo plant")
        assert made.approver == "Aisyah"
        store.close()
