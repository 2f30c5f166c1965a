"""How long a planner waits for a page and for a filter, in headless Chromium, at the size of the demo plant.

    python benchmarks/pages.py [--times 5]

A dashboard is served with the demo's jobs and two plans. A switch: from the click on a page's link until the page's script
has come to rest, its heading stands and, where the page has one, the Gantt is drawn. A filter: from the input until what it
leaves stands. Every page is visited once before, as on any day but the first. All in seconds of the wall clock, which goes
on while other programs have the cores; the machine's load is printed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright
from report import ROOT, heading, markdown_table

sys.path.insert(0, str(ROOT))

from scheduler_core.data import erp
from scheduler_core.data.store import Store
from scheduler_core.services import pulling
from tests.support.browsing import ARGUMENTS, served, settled
from tests.support.seeding import seed_plan

PAGES = ("Jobs", "Compare", "Gantt", "What-if", "Approve", "Dispatch", "KPIs", "Monitor", "Models", "Today")
SWITCH_TARGET, FILTER_TARGET = 1.0, 0.3
HEADING = """title => [...document.querySelectorAll('[data-testid="stMain"] h1')].some(h => h.innerText.startsWith(title))
    && document.querySelector('[data-testid="stApp"]').dataset.testScriptState === 'notRunning'"""
DRAWN = """() => window.__gantt.gantt
    && document.querySelector('[data-testid="stApp"]').dataset.testScriptState === 'notRunning'"""


INK = """() => {
    const table = document.querySelector('[data-testid="stDataFrame"] canvas');
    if (!table || !table.width) return null;
    const { data } = table.getContext('2d').getImageData(0, 40, 400, 120);
    let sum = 0;
    for (let i = 0; i < data.length; i += 4) sum = (sum * 31 + data[i]) % 1000003;
    return sum;
}"""
"""What the first rows of the table look like, as a number. (Its count of rows, for screen readers, is 0.2 s late.)"""


def resting(page: Page, seconds: float) -> float:
    """The same seconds, after a moment in which the page comes to rest."""
    settled(page)
    page.wait_for_timeout(500)
    return seconds


def switch(page: Page, title: str) -> float:
    """Seconds from the click on a page's link until it stands."""
    # What an earlier Gantt told of itself must not pass for the new one's; the Gantt page has no heading.
    page.evaluate("() => { window.__gantt = {}; }")
    began = time.perf_counter()
    page.get_by_role("link", name=title, exact=True).click()
    if title == "Gantt":
        page.wait_for_function(DRAWN)
    else:
        page.wait_for_function(HEADING, arg=title)
    return time.perf_counter() - began


def filter_jobs(page: Page, part: str) -> float:
    """Seconds from setting the Jobs page's filter until other rows are drawn."""
    before = page.wait_for_function(INK).json_value()
    box = page.get_by_label("Filter")
    box.fill(part)
    began = time.perf_counter()
    box.press("Enter")
    page.wait_for_function(f"before => (ink => ink !== null && ink !== before)(({INK})())", arg=before)
    return time.perf_counter() - began


WATCH = """() => {
    const before = window.__gantt.gantt.bars;
    window.__seconds = null;
    document.addEventListener('click', () => {
        const began = performance.now();
        const look = () => {
            if (window.__gantt.gantt.bars !== before) window.__seconds = (performance.now() - began) / 1000;
            else setTimeout(look, 4);
        };
        look();
    }, { capture: true, once: true });
}"""
"""Notes the seconds from the next click until another number of bars is drawn."""


def filter_gantt(page: Page) -> float:
    """Seconds from the click on "Important jobs only" in the Gantt's filters until another number of bars is drawn. Counted
    by the page: a scripted click comes a tenth of a second after it is asked for, when its target has been seen to stand."""
    page.evaluate(WATCH)
    page.get_by_text("Important jobs only").click()
    return float(page.wait_for_function("() => window.__seconds").json_value())


def measured(page: Page, times: int) -> list[tuple[str, list[float], float]]:
    """What was done, how long it took each time, and how long it may take."""
    by_page: dict[str, list[float]] = {title: [] for title in PAGES}
    for title in PAGES:
        switch(page, title)
    for _ in range(times):
        for title in PAGES:
            by_page[title].append(resting(page, switch(page, title)))
    found = [(f"switch to {title}", seconds, SWITCH_TARGET) for title, seconds in by_page.items()]
    resting(page, switch(page, "Jobs"))
    jobs = [resting(page, filter_jobs(page, text)) for text in ("TR3", "") * times]
    resting(page, switch(page, "Gantt"))
    page.get_by_role("button", name="Filters").click()
    gantt = [resting(page, filter_gantt(page)) for _ in range(2 * times)]
    return [*found, ("filter of the jobs", jobs, FILTER_TARGET), ("filter of the Gantt", gantt, FILTER_TARGET)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--times", type=int, default=5, help="how often each page is opened (default: %(default)s)")
    parser.add_argument("--chromium", default=shutil.which("chromium"), help="the browser (default: the one on the path)")
    options = parser.parse_args()
    print(heading("How long pages and filters take", ["--times", str(options.times)]))
    print(f"Load average at the beginning: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores. Seconds of the wall clock.\n")
    with tempfile.TemporaryDirectory() as made, served(Path(made)) as address, sync_playwright() as playwright:
        folder = Path(made)
        store = Store.open(f"sqlite:///{folder / 'store.sqlite3'}")
        settings = erp.load_config(ROOT / "configs" / "demo_erp.yaml")
        snapshot = pulling.pull(store, f"sqlite:///{folder / 'erp.sqlite3'}", request_id="pull", config=settings)
        for engine, rule in (("greedy", "EDD"), ("learned", "WATC")):
            seed_plan(store, snapshot, engine, rule)
        browser = playwright.chromium.launch(executable_path=options.chromium, args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto(address)
        settled(page)
        rows = measured(page, options.times)
        browser.close()
        store.close()
    table = [
        [what, str(len(s)), f"{median(s):.2f}", f"{max(s):.2f}", f"{target:g}", "yes" if median(s) < target else "no"]
        for what, s, target in rows
    ]
    print(markdown_table(("what", "times", "median", "worst", "target", "median within"), table))


if __name__ == "__main__":
    main()
