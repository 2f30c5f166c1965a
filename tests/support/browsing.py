"""A real browser before a served dashboard: fixtures, and what the browser tests ask of a page."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from scheduler_core.data import demo
from scheduler_core.data.store import Store
from scheduler_core.settings import environment
from tests.support.paths import ROOT
from tests.support.seeding import seed_plan

ARGUMENTS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
SECOND = 1000
RUNS_WITHIN = 200 * SECOND
"""Milliseconds in which both engines must have ended, also where the kernels are compiled first."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=30 * SECOND)
    found = shutil.which("chromium")
    if found is None:
        reason = "Debian's chromium is not installed (apt-get install chromium)"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=list(ARGUMENTS))
        yield opened
        opened.close()


@contextmanager
def served(folder: Path, *options: str, port: int | None = None, **more: str) -> Iterator[str]:
    """The dashboard on a free port (or this one), with its own store and its own demo ERP; yields its address.

    ``options`` of the server and ``more`` of the environment come on top.
    """
    erp = f"sqlite:///{folder / 'erp.sqlite3'}"
    demo.ensure_demo(erp)
    port = port or free_port()
    (folder / "runs.yaml").write_text("warm_workers: 0\n")  # each takes two CPU seconds and most pages begin no run
    variables = {
        **os.environ,
        environment.ERP_URL: erp,
        environment.ERP_CONFIG: str(ROOT / "configs" / "demo_erp.yaml"),
        environment.RUNS_CONFIG: str(folder / "runs.yaml"),
        environment.ODDS: "off",  # a process of 2 CPU seconds for each plan
        environment.DATABASE_URL: f"sqlite:///{folder / 'store.sqlite3'}",
        **more,
    }
    command = [sys.executable, "-m", "streamlit", "run", "dashboard/app.py", "--server.port", str(port), *options]
    log = (folder / "server.log").open("wb")
    server = subprocess.Popen(command, cwd=ROOT, env=variables, stdout=log, stderr=subprocess.STDOUT)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_until_healthy(address, server, folder / "server.log")
        yield address
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_healthy(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError(f"the dashboard ended at once: {log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    raise RuntimeError(f"the dashboard did not answer within a minute: {log.read_text()[-2000:]}")


def seed(folder: Path) -> Store:
    """The store of a dashboard that is served from there, with the demo's jobs and two plans."""
    from scheduler_core.data import erp
    from scheduler_core.services import pulling

    store = Store.open(f"sqlite:///{folder / 'store.sqlite3'}")
    settings = erp.load_config(ROOT / "configs" / "demo_erp.yaml")
    snapshot = pulling.pull(store, f"sqlite:///{folder / 'erp.sqlite3'}", request_id="pull", config=settings)
    seed_plan(store, snapshot, "greedy", "EDD")
    seed_plan(store, snapshot, "learned", "WATC")
    return store


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Store]]:
    """A served dashboard whose store holds the demo's jobs and two plans; (address, store)."""
    folder = tmp_path_factory.mktemp("planned")
    with served(folder) as address:
        store = seed(folder)
        yield address, store
        store.close()


@pytest.fixture(scope="session")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Store]]:
    """The same for tests that only look: one board for all of their modules, whose store nobody may change."""
    folder = tmp_path_factory.mktemp("shown")
    with served(folder) as address:
        store = seed(folder)
        yield address, store
        store.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window of a browser that was never here."""
    with opened_window(browser) as window:
        yield window


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[Page]:
    """One window that goes from page to page, as a planner's does: what the browser has loaded once stays loaded."""
    with opened_window(browser) as window:
        yield window


@contextmanager
def opened_window(browser: Browser) -> Iterator[Page]:
    """A window of its own; at the end it must have met no error and asked nobody but the dashboard's server."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    opened = context.new_page()
    opened.set_default_timeout(30 * SECOND)
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    foreign: list[str] = []
    opened.on("request", lambda r: foreign.append(r.url) if "127.0.0.1" not in r.url and r.url[:4] == "http" else None)
    yield opened
    context.close()
    assert problems == []
    assert foreign == [], "the dashboard asks nobody but its own server"


QUIET = 300
"""Milliseconds without a change after which a page counts as at rest."""
_AT_REST = """quiet => {
    if (!window.__changed) {
        window.__changed = { at: performance.now() };
        new MutationObserver(() => { window.__changed.at = performance.now(); })
            .observe(document.body, { childList: true, subtree: true, characterData: true });
    }
    const app = document.querySelector('[data-testid="stApp"]');
    const waiting = '[data-testid="stSkeleton"], [data-testid="stAppSkeleton"], [data-stale="true"]';
    if (!app || app.dataset.testScriptState !== 'notRunning' || document.querySelector(waiting))
        window.__changed.at = performance.now();
    return performance.now() - window.__changed.at > quiet;
}"""


def settled(page: Page) -> None:
    """Waits until the page is at rest: its script runs no more, nothing of the last run is left, and nothing changes. That
    the script rests is not enough: between a click and the run that it asks for it rests as well."""
    page.wait_for_function(_AT_REST, arg=QUIET, timeout=60 * SECOND)


def chart(page: Page, key: str = "gantt") -> dict[str, Any]:
    """What the chart says of itself once it is drawn and at rest."""
    page.wait_for_function("key => window.__gantt && window.__gantt[key]", arg=key)
    before = -1
    while (frames := page.evaluate("key => window.__gantt[key].frames", key)) != before:
        before = frames
        page.wait_for_timeout(250)
    return dict(page.evaluate("key => JSON.parse(JSON.stringify(window.__gantt[key]))", key))


def box(page: Page, place: int = 0) -> dict[str, float]:
    found = page.locator("canvas.canvas").nth(place).bounding_box()
    assert found is not None
    return dict(found)


def drag(page: Page, bar: dict[str, float], right: float, down: float) -> None:
    """Takes hold of a bar and sets it down so many pixels away."""
    at = box(page)
    page.mouse.move(at["x"] + bar["x"], at["y"] + bar["y"])
    page.mouse.down()
    for part in (0.3, 0.6, 1.0):
        page.mouse.move(at["x"] + bar["x"] + right * part, at["y"] + bar["y"] + down * part)
    page.mouse.up()


def visible_bar(
    page: Page, key: str = "gantt", at_least: int = 30, movable: bool = False, within: int = 700
) -> dict[str, float]:
    """Number and place of the widest bar in the upper rows that begins left of ``within`` and is wide enough to be clicked;
    waits until there is one."""
    found = page.wait_for_function(
        """([key, atLeast, movable, within]) => {
            const g = window.__gantt[key];
            let widest = null;
            for (let i = 0; i < g.bars; i++) {
                const at = g.at(i);
                if (!at || (movable && g.fixed(i)) || at.w <= (widest ? widest.w : atLeast)) continue;
                if (at.x > g.gutter + 60 && at.x < within && at.y > 60 && at.y < 240)
                    widest = { bar: i, x: at.x + 12, y: at.y + at.h / 2, w: at.w };
            }
            return widest;
        }""",
        arg=[key, at_least, movable, within],
        timeout=30 * SECOND,
    )
    return dict(found.json_value())


def row_elsewhere(page: Page, bar: dict[str, float], kinds: dict[int, int], key: str = "gantt") -> float:
    """How far below (above: negative) the bar a row in sight whose machine is of another type; ``kinds``: type of each
    machine."""
    down = page.evaluate(
        """([key, mine, kinds, y, height]) => {
            const g = window.__gantt[key];
            const kind = (bar) => kinds[g.row(bar).machine];
            for (let i = 0; i < g.bars; i++) {
                const at = g.at(i);
                if (at && at.y > 60 && at.y < height - 40 && kind(i) !== kind(mine)) return at.y + at.h / 2 - y;
            }
            return null;
        }""",
        [key, bar["bar"], {str(machine): kind for machine, kind in kinds.items()}, bar["y"], box(page)["height"]],
    )
    assert down is not None
    return float(down)
