"""Hostile text in every text column of the ERP, each page in a real browser: it is shown, and takes no effect."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from scheduler_core.data import demo, erp
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ApprovalRequest, RunState, SnapshotInfo
from scheduler_core.services import pulling
from tests.support.browsing import ROOT, box, chart, served, settled
from tests.support.hostile_erp import TEXTS, poison, took_effect
from tests.support.seeding import seed_plan, seed_run

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
PATHS = (
    "", "jobs", "jobs?section=Quarantine", "jobs?section=Notes", "compare", "compare?show=gantts",
    "compare?show=differences", "gantt", "gantt?view=job", "what-if", "facts?section=Hours+of+the+week",
    "approve", "dispatch", "summary", "kpis", "monitor", "models",
)  # fmt: skip
Board = tuple[str, Store, SnapshotInfo]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    """A served dashboard on a poisoned ERP, with two plans, a failed run and a release; (address, store, snapshot)."""
    folder = tmp_path_factory.mktemp("hostile")
    url = f"sqlite:///{folder / 'erp.sqlite3'}"
    demo.ensure_demo(url)
    poison(folder / "erp.sqlite3")
    with served(folder) as address:
        store = Store.open(f"sqlite:///{folder / 'store.sqlite3'}")
        snapshot = pulling.pull(
            store, url, request_id="pull", config=erp.load_config(ROOT / "configs" / "demo_erp.yaml"), actor=TEXTS[1]
        )
        first = seed_plan(store, snapshot, "greedy", "EDD")
        seed_plan(store, snapshot, "learned", "WATC")
        failed = seed_run(store, snapshot, "exact")
        store.runs.claim(failed.id, "test")
        store.runs.finish(failed.id, "test", RunState.FAILED, " ".join(TEXTS[:6]))
        content = store.schedules.get(first).content_sha256
        store.releases.approve(
            ApprovalRequest("release", first, content, TEXTS[1], " ".join(TEXTS[:9]), override_reason=TEXTS[0]), None
        )
        yield address, store, store.snapshots.get(snapshot)
        store.close()


def test_the_hostile_text_arrives(hostile: Board) -> None:
    """Guards the tests below against passing because the reader let nothing through."""
    _, store, snapshot = hostile
    plant = store.snapshots.plant(snapshot.id)
    assert snapshot.counts.jobs_accepted > 30
    assert snapshot.counts.jobs_quarantined > 5
    processes = (o.process for j in plant.jobs for o in j.operations)
    shown = "\n".join([*(j.id for j in plant.jobs), *(m.name for m in plant.machines), *processes])
    refused = "\n".join(q.value for q in store.snapshots.quarantine(snapshot.id))
    assert [t for t in TEXTS if t[:60] not in shown] == []
    assert "<img src=x onerror" in refused


@pytest.fixture(scope="module")
def asked(window: Page) -> list[str]:
    """What dialogs the pages have opened."""
    messages: list[str] = []
    window.on("dialog", lambda d: (messages.append(d.message), d.dismiss()))
    return messages


@pytest.mark.parametrize("path", PATHS)
def test_no_page_runs_fetches_or_links_what_it_shows(hostile: Board, window: Page, asked: list[str], path: str) -> None:
    page = window
    page.goto(f"{hostile[0]}/{path}")
    settled(page)
    expect(page.locator('[data-testid="stException"]')).to_have_count(0)
    assert took_effect(page) == []
    for opened in page.locator("details summary").all():
        opened.click()
    settled(page)
    assert took_effect(page) == []
    assert asked == []


def test_a_chosen_operation_is_told_and_saved_as_text_only(hostile: Board, page: Page) -> None:
    address, store, snapshot = hostile
    job = next(j for j in store.snapshots.plant(snapshot.id).jobs if "onerror" in j.id)
    page.goto(f"{address}/gantt?view=job&job={quote(job.id)}&op={job.operations[0].sequence}")
    at, seen = box(page), chart(page)
    assert seen["selected"] >= 0
    bar = page.evaluate("window.__gantt.gantt.at(window.__gantt.gantt.selected)")
    page.mouse.move(at["x"] + bar["x"] + bar["w"] / 2, at["y"] + bar["y"] + bar["h"] / 2)
    settled(page)
    assert took_effect(page) == []
    page.get_by_role("button", name="Export").click()
    for name, ending in (("SVG", ".svg"), ("Print", ".html")):
        with page.expect_download() as told:
            page.get_by_role("button", name=name, exact=True).click()
        saved = Path(told.value.path())
        saved = saved.rename(saved.with_suffix(ending))
        # Names are cut there, but their beginnings stand escaped.
        assert "&lt;" in saved.read_text("utf-8")
        opened = page.context.new_page()
        foreign: list[str] = []
        opened.on("request", lambda r, seen=foreign: seen.append(r.url) if r.url.startswith("http") else None)
        opened.goto(saved.as_uri())
        assert took_effect(opened) == []
        assert foreign == []
        opened.close()


def test_the_printed_page_is_text_only(hostile: Board, page: Page) -> None:
    page.goto(f"{hostile[0]}/dispatch")
    settled(page)
    with page.context.expect_page() as told:
        page.get_by_role("button", name="Print").first.click()
    printed = told.value
    printed.wait_for_load_state()
    expect(printed.locator("body")).to_contain_text("onerror")
    assert took_effect(printed) == []
