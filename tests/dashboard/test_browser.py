"""The real thing in a real browser: from an empty store to a released plan, and the Gantt's speed at full size."""

from __future__ import annotations

import re
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.loaded_plan import build_plan
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunState
from tests.support.browsing import RUNS_WITHIN, SECOND, box, chart, drag, row_elsewhere, seed, served, settled, visible_bar

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

CANCELLED_WITHIN = 20
"""Seconds from asking a run to stop to reading that it has, on a machine with much else to do."""
DRAWN_WITHIN = 1 * SECOND
ANSWERED_WITHIN = 5 * SECOND
"""Milliseconds for a drop where other programs have the cores; alone it takes less than 300 (docs/gantt.md)."""
"""Milliseconds in which the chart of the whole demo plant stands, from mounting to the first finished frame."""
PATHS = (
    "", "jobs", "compare", "compare?show=gantts", "compare?show=differences", "gantt", "gantt?view=job", "approve",
    "dispatch", "kpis", "monitor", "models",
)  # fmt: skip
FRAME_WITHIN = 100
"""Milliseconds of the slowest frame while zooming and panning, on a machine that also runs other tests."""


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
        expect(dialog.get_by_text("It becomes version 1")).to_be_visible()
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


# ---------------------------------------------------------------- the Gantt
def test_the_whole_plant_is_drawn_within_a_second_and_moves_without_a_stutter(
    page: Page, planned: tuple[str, Store]
) -> None:
    page.goto(f"{planned[0]}/gantt")
    first = chart(page)
    assert first["rows"] == 152
    assert first["bars"] >= 1600
    assert first["firstDrawn"] < DRAWN_WITHIN
    page.get_by_title("The whole plan (Home)").click()
    for _ in range(5):
        page.get_by_title("Lower rows").click()
    whole = chart(page)
    assert whole["drawn"] > first["drawn"]
    at = box(page)
    page.mouse.move(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
    for ticks in (-120, -120, -120, 120, 120, 120):
        wheel(page, ticks, "Control")
        page.wait_for_timeout(80)
    page.mouse.down()
    for step in range(1, 8):
        page.mouse.move(at["x"] + at["width"] / 2 - 30 * step, at["y"] + at["height"] / 2 - 8 * step)
    page.mouse.up()
    moved = chart(page)
    assert moved["frames"] > whole["frames"] + 6
    assert moved["worstFrame"] < FRAME_WITHIN
    assert moved["from"] > whole["from"]
    assert moved["selected"] == -1, "a drag is no click"


def wheel(page: Page, ticks: int, held: str = "") -> None:
    """Turns the wheel, with a key held."""
    if held:
        page.keyboard.down(held)
    page.mouse.wheel(0, ticks)
    if held:
        page.keyboard.up(held)


def test_the_wheel_scrolls_rows_zooms_with_ctrl_and_scrolls_time_with_shift(page: Page, planned: tuple[str, Store]) -> None:
    page.goto(f"{planned[0]}/gantt")
    start = chart(page)
    at = box(page)
    centre = at["width"] * 0.6
    width = at["width"] - start["gutter"] - 10
    minute = start["from"] + (centre - start["gutter"]) * (start["to"] - start["from"]) / width
    page.mouse.move(at["x"] + centre, at["y"] + 200)
    wheel(page, 240)
    rows = chart(page)
    assert rows["scroll"] > start["scroll"]
    assert (rows["from"], rows["to"]) == (start["from"], start["to"]), "rows only"
    wheel(page, 240, "Shift")
    later = chart(page)
    assert later["from"] > start["from"]
    assert later["scroll"] == rows["scroll"]
    wheel(page, -240, "Shift")
    wheel(page, -240, "Control")
    near = chart(page)
    assert near["to"] - near["from"] < start["to"] - start["from"]
    again = near["from"] + (centre - near["gutter"]) * (near["to"] - near["from"]) / width
    assert again == pytest.approx(minute, abs=5)
    page.locator("canvas.canvas").focus()
    page.keyboard.press("Shift+ArrowRight")
    assert chart(page)["from"] > near["from"]
    page.keyboard.press("Shift+ArrowDown")
    assert chart(page)["scroll"] > near["scroll"]
    page.keyboard.press("Home")
    whole = chart(page)
    page.keyboard.press("+")
    closer = chart(page)
    assert closer["to"] - closer["from"] < whole["to"] - whole["from"]


def test_a_click_tells_the_operation_and_the_address_leads_back_to_it(page: Page, planned: tuple[str, Store]) -> None:
    page.goto(f"{planned[0]}/gantt")
    chart(page)
    at, bar = box(page), visible_bar(page)
    page.mouse.click(at["x"] + bar["x"], at["y"] + bar["y"])
    expect(page.get_by_text("Why it starts when it does")).to_be_visible()
    page.wait_for_url("**job=**op=**")
    assert chart(page)["selected"] == bar["bar"]
    page.goto(page.url)
    expect(page.get_by_text("Why it starts when it does")).to_be_visible()
    assert chart(page)["selected"] == bar["bar"]
    expect(page.get_by_role("button", name="Expedite")).to_be_in_viewport()
    page.locator("canvas.canvas").focus()
    page.keyboard.press("Escape")
    expect(page.get_by_text("Why it starts when it does")).to_have_count(0)


def test_search_finds_jumps_and_keeps_its_keys_to_itself(page: Page, planned: tuple[str, Store]) -> None:
    address, store = planned
    page.goto(f"{address}/gantt")
    chart(page)
    snapshot = store.snapshots.latest()
    assert snapshot is not None
    wanted = store.snapshots.plant(snapshot.id).jobs[-1].id
    box_ = page.get_by_placeholder("Find job, part, machine, work centre")
    box_.fill(wanted)
    expect(page.get_by_text("found")).to_be_visible()
    box_.press("Enter")
    assert chart(page)["selected"] >= 0
    expect(page.locator(".count")).to_contain_text("1 of")
    page.wait_for_url("**job=**op=**")
    expect(page.get_by_text("Why it starts when it does")).to_be_visible()
    expect(page.locator(".count")).to_contain_text("1 of")
    box_.fill("")
    box_.press_sequentially("dg")
    page.wait_for_timeout(500)
    assert "/gantt" in page.url, "letters typed into the search are no shortcuts"
    assert box_.input_value() == "dg"


def test_two_gantts_share_one_window_and_one_selection(page: Page, planned: tuple[str, Store]) -> None:
    page.goto(f"{planned[0]}/compare?show=gantts")
    left = chart(page, "gantt_left")
    chart(page, "gantt_right")
    at = box(page, 0)
    page.mouse.move(at["x"] + at["width"] / 2, at["y"] + 120)
    wheel(page, -300, "Control")
    wheel(page, 200)
    moved, follower = chart(page, "gantt_left"), chart(page, "gantt_right")
    assert moved["from"] != left["from"]
    assert (follower["from"], follower["to"]) == (pytest.approx(moved["from"]), pytest.approx(moved["to"]))
    assert follower["scroll"] == moved["scroll"] > 0
    bar = visible_bar(page, "gantt_left")
    page.mouse.click(at["x"] + bar["x"], at["y"] + bar["y"])
    assert chart(page, "gantt_left")["selected"] == bar["bar"]
    assert chart(page, "gantt_right")["selected"] >= 0


def test_the_left_plan_is_dashed_into_the_right_one_on_demand(page: Page, planned: tuple[str, Store]) -> None:
    page.goto(f"{planned[0]}/compare?show=gantts")
    before = chart(page, "gantt_right")
    assert before["ghosts"] == 0
    page.get_by_text("Show the left plan as dashed outlines").click()
    expect(page.get_by_text("place in the left plan")).to_be_visible()
    after = chart(page, "gantt_right")
    assert after["ghosts"] > 0
    assert after["bars"] == before["bars"]


@pytest.mark.parametrize(("suffix", "begins"), [("PDF", "%PDF-"), ("SVG", "<svg "), ("Print", "<!doctype html>")])
def test_the_page_is_exported_for_saving_and_printing(
    page: Page, planned: tuple[str, Store], suffix: str, begins: str
) -> None:
    page.goto(f"{planned[0]}/gantt")
    chart(page)
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as told:
        page.get_by_role("button", name=suffix).click()
    assert Path(told.value.path()).read_bytes().startswith(begins.encode())


def test_what_is_in_sight_is_saved_as_a_picture(page: Page, planned: tuple[str, Store]) -> None:
    page.goto(f"{planned[0]}/gantt")
    chart(page)
    with page.expect_download() as told:
        page.get_by_title("Save what is in sight as a picture").click()
    assert Path(told.value.path()).read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(("size", "scheme"), [((1280, 720), "light"), ((1600, 900), "dark")])
def test_no_page_is_wider_than_the_window_or_broken(
    browser: Browser, planned: tuple[str, Store], size: tuple[int, int], scheme: Any
) -> None:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=scheme)
    page = context.new_page()
    for path in PATHS:
        page.goto(f"{planned[0]}/{path}")
        settled(page)
        expect(page.locator('[data-testid="stException"]')).to_have_count(0)
        main = '[data-testid="stMain"]'
        wide = page.evaluate(f"document.querySelector('{main}').scrollWidth - document.querySelector('{main}').clientWidth")
        assert wide <= 1, f"{path} scrolls sideways by {wide} pixels"
    context.close()


def test_the_strip_below_pans_and_the_keys_are_told(page: Page, planned: tuple[str, Store]) -> None:
    page.goto(f"{planned[0]}/gantt")
    before = chart(page)
    assert before["map"] is True
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys of the Gantt")
    expect(keys).to_be_visible()
    expect(keys.get_by_text("the whole plan, one week")).to_be_visible()
    page.keyboard.press("Escape")
    expect(keys).to_have_count(0)
    strip = page.locator("canvas.minimap").bounding_box()
    assert strip is not None
    page.mouse.click(strip["x"] + strip["width"] * 0.8, strip["y"] + 15)
    assert chart(page)["from"] > before["from"]
    page.locator("canvas.canvas").focus()
    page.keyboard.press("m")
    assert chart(page)["map"] is False
    page.keyboard.press("/")
    expect(page.get_by_placeholder("Find job, part, machine, work centre")).to_be_focused()


def test_an_operation_is_dragged_judged_taken_back_and_kept(page: Page, planned: tuple[str, Store]) -> None:
    address, store = planned
    page.goto(f"{address}/gantt")
    chart(page)
    page.get_by_text("Change by hand").click()
    expect(page.get_by_text("Drag an operation to another time or machine.")).to_be_visible()
    begun = chart(page)
    at, bar = box(page), visible_bar(page, at_least=60, movable=True)

    # A day later, on the same machine.
    day = 1440 * (at["width"] - begun["gutter"] - 10) / (begun["to"] - begun["from"])
    drag(page, bar, day, 0)
    expect(page.get_by_text("Your changed plan, 1 move")).to_be_visible(timeout=120 * SECOND)
    moved = chart(page)
    print(f"a drop was answered in {moved['answered']:.0f} ms")
    assert 0 < moved["answered"] < ANSWERED_WITHIN
    assert moved["from"] == begun["from"], "a bar in the hand does not move the picture"
    expect(page.get_by_text("Your changed plan against the one it began from")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Drag an operation to another time or machine.")).to_be_visible()
    page.get_by_role("button", name="Redo").click()
    expect(page.get_by_text("Your changed plan, 1 move")).to_be_visible()

    # Onto a machine of another work centre: refused, with the reason, and the draft stays.
    plant = store.snapshots.plant(store.schedules.newest()[0].snapshot_id)
    kinds = {machine.id: machine.type for machine in plant.machines}
    page.mouse.move(at["x"] + 20, at["y"] + 100)
    wheel(page, 300)
    chart(page)
    bar = visible_bar(page, at_least=30, movable=True, within=int(at["width"]) - 60)
    drag(page, bar, 0, row_elsewhere(page, bar, kinds))
    expect(page.get_by_text("Not moved:")).to_be_visible()
    assert box(page) == at, "the message does not move the picture"
    page.keyboard.press("Control+z")
    expect(page.get_by_text("Drag an operation to another time or machine.")).to_be_visible()
    page.keyboard.press("Control+y")
    expect(page.get_by_text("Your changed plan, 1 move")).to_be_visible()

    page.get_by_role("button", name="Keep as a plan").click()
    expect(page.get_by_text("Your changed plan is kept")).to_be_visible()
    kept = [p for p in store.schedules.newest() if p.engine == "manual"]
    assert [(p.rejected, p.fault_count) for p in kept] == [(False, 0)]
    assert page.url.count(kept[0].id) == 1


def test_by_job_an_operation_is_dragged_in_time(page: Page, planned: tuple[str, Store]) -> None:
    page.goto(f"{planned[0]}/gantt?view=job")
    chart(page)
    page.get_by_text("Change by hand").click()
    expect(page.get_by_text("Drag an operation to another time or machine.")).to_be_visible()
    begun, at = chart(page), box(page)
    day = 1440 * (at["width"] - begun["gutter"] - 10) / (begun["to"] - begun["from"])
    drag(page, visible_bar(page, at_least=30, movable=True), day, 0)
    expect(page.get_by_text("Your changed plan, 1 move")).to_be_visible(timeout=120 * SECOND)
    assert chart(page)["ghosts"] > 0


def test_operations_are_selected_by_keyboard_and_told(page: Page, planned: tuple[str, Store]) -> None:
    page.goto(f"{planned[0]}/gantt")
    chart(page)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    first = chart(page)
    assert first["selected"] >= 0, "the first Tab leads to the picture, an arrow to an operation"
    page.keyboard.press("ArrowRight")
    second = chart(page)
    assert second["selected"] == first["selected"] + 1
    page.keyboard.press("ArrowDown")
    below = chart(page)
    rows = page.evaluate(
        "([a, b]) => [a, b].map((i) => window.__gantt.gantt.row(i).label)", [second["selected"], below["selected"]]
    )
    assert rows[0] != rows[1]
    expect(page.locator(".said")).to_contain_text("Operation")
    assert "op=" not in page.url, "moving the selection asks the server nothing"
    page.keyboard.press("Enter")
    page.wait_for_url("**job=**op=**")
    expect(page.get_by_text("Why it starts when it does")).to_be_visible()
    assert chart(page)["selected"] == below["selected"]


def test_the_gantt_opens_on_the_bottleneck_and_links_the_selected_job(page: Page, planned: tuple[str, Store]) -> None:
    page.goto(f"{planned[0]}/gantt")
    opened = chart(page)
    expect(page.get_by_role("heading", name="Gantt")).to_be_visible()
    stored = planned[1].schedules.newest()
    plans = [
        build_plan(
            p,
            planned[1].snapshots.get(p.snapshot_id),
            planned[1].snapshots.plant(p.snapshot_id),
            planned[1].schedules.load(p.id),
        )
        for p in stored
    ]
    assert opened["top"] in {p.bottlenecks[0].load.machine_type.name for p in plans}
    at, bar = box(page), visible_bar(page)
    page.mouse.click(at["x"] + bar["x"], at["y"] + bar["y"])
    page.wait_for_url("**job=**op=**")
    assert chart(page)["linked"] >= 1
    page.get_by_label("Colour by").select_option("family")
    assert chart(page)["colourBy"] == "family"
    day = page.get_by_label("Go to date")
    before = chart(page)["from"]
    day.fill(str(day.get_attribute("max")))
    assert chart(page)["from"] > before
    page.get_by_role("button", name="From now on").click()
    assert chart(page)["from"] == pytest.approx(before, abs=24 * 60)


def test_a_right_click_and_a_machines_name_lead_on_with_what_was_picked(page: Page, planned: tuple[str, Store]) -> None:
    page.goto(f"{planned[0]}/gantt")
    chart(page)
    at, bar = box(page), visible_bar(page)
    machine = page.evaluate("(i) => window.__gantt.gantt.row(i).label", bar["bar"])
    page.mouse.click(at["x"] + bar["x"], at["y"] + bar["y"], button="right")
    menu = page.get_by_role("menu")
    expect(menu.get_by_role("menuitem")).to_have_count(5)
    menu.get_by_role("menuitem", name="Its machine is down").click()
    page.wait_for_url("**/what-if**")
    expect(page.get_by_role("combobox", name="Machine")).to_have_value(re.compile(re.escape(machine)))
    page.goto(f"{planned[0]}/gantt")
    chart(page)
    page.mouse.click(at["x"] + 40, at["y"] + bar["y"])
    page.wait_for_url("**row=**")
    assert chart(page)["machine"] is not None
    page.keyboard.press("b")
    page.wait_for_url("**/what-if**")
    expect(page.get_by_role("combobox", name="Machine")).to_have_value(re.compile(re.escape(machine)))


def test_rows_where_an_operation_cannot_run_step_back_while_it_is_dragged(page: Page, planned: tuple[str, Store]) -> None:
    page.goto(f"{planned[0]}/gantt")
    chart(page)
    page.get_by_text("Change by hand").click()
    expect(page.get_by_text("Drag an operation to another time or machine.")).to_be_visible()
    chart(page)
    at, bar = box(page), visible_bar(page, movable=True)
    page.mouse.move(at["x"] + bar["x"], at["y"] + bar["y"])
    page.mouse.down()
    page.mouse.move(at["x"] + bar["x"] + 30, at["y"] + bar["y"] + 5)
    may = page.evaluate("() => [...Array(window.__gantt.gantt.rows).keys()].map((r) => window.__gantt.gantt.mayStandOn(r))")
    page.keyboard.press("Escape")
    page.mouse.up()
    assert 1 <= sum(may) < len(may)
    assert chart(page)["dragging"] is False


def test_filters_leave_what_was_asked_for(page: Page, planned: tuple[str, Store]) -> None:
    page.goto(f"{planned[0]}/gantt")
    whole = chart(page)
    page.get_by_role("button", name="Filters").click()
    page.get_by_text("Important jobs only").click()
    settled(page)
    few = chart(page)
    assert 0 < few["bars"] < whole["bars"]


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
