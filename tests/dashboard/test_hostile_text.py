"""Hostile text in every text column of the ERP, and each page in a real browser: it is shown, and nothing of it takes effect."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from scheduler_core import planning
from scheduler_core.data import demo, erp
from scheduler_core.data.records import ApprovalRequest, SnapshotInfo
from scheduler_core.data.store import Store
from tests.dashboard.browsing import ROOT, box, chart, served, settled, visible_bar
from tests.dashboard.hostile_erp import TEXTS, poison, took_effect
from tests.dashboard.seeding import seed_plan, seed_run
from scheduler_core.data.records import RunState

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
PATHS = (
    "", "jobs", "jobs?section=Quarantine", "jobs?section=Notes", "compare", "compare?show=gantts", "compare?show=differences",
    "gantt", "gantt?view=job", "what-if", "approve", "dispatch", "kpis", "monitor", "models",
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
        snapshot = planning.pull(
            store, url, request_id="pull", config=erp.load_config(ROOT / "configs" / "demo_erp.yaml"), actor=TEXTS[1]
        )
        first = seed_plan(store, snapshot, "greedy", "EDD")
        seed_plan(store, snapshot, "learned", "WATC")
        failed = seed_run(store, snapshot, "exact")
        store.claim_run(failed.id, "test")
        store.finish_run(failed.id, "test", RunState.FAILED, " ".join(TEXTS[:6]))
        content = store.stored_schedule(first).content_sha256
        store.approve(
            ApprovalRequest("release", first, content, TEXTS[1], " ".join(TEXTS[:9]), override_reason=TEXTS[0]), None
        )
        yield address, store, store.snapshot(snapshot)
        store.close()


def test_the_hostile_text_arrives(hostile: Board) -> None:
    """Guards the tests below against passing because the reader let nothing through."""
    _, store, snapshot = hostile
    plant = store.plant(snapshot.id)
    assert snapshot.counts.jobs_accepted > 30
    assert snapshot.counts.jobs_quarantined > 5
    shown = "\n".join(
        [*(j.id for j in plant.jobs), *(m.name for m in plant.machines), *(o.process for j in plant.jobs for o in j.operations)]
    )
    refused = "\n".join(q.value for q in store.quarantine(snapshot.id))
    assert [t for t in TEXTS if t[:60] not in shown] == []
    assert "<img src=x onerror" in refused


@pytest.mark.parametrize("path", PATHS)
def test_no_page_runs_fetches_or_links_what_it_shows(hostile: Board, page: Page, path: str) -> None:
    asked: list[str] = []
    page.on("dialog", lambda d: (asked.append(d.message), d.dismiss()))
    page.goto(f"{hostile[0]}/{path}")
    settled(page)
    expect(page.locator('[data-testid="stException"]')).to_have_count(0)
    assert took_effect(page) == []
    for opened in page.locator("details summary").all():
        opened.click()
    settled(page)
    assert took_effect(page) == []
    assert asked == []
