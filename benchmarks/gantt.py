"""How fast the canvas Gantt draws, zooms and pans in headless Chromium, by the number of bars.

    python benchmarks/gantt.py [--jobs 500,1600,6400] [--chromium /usr/bin/chromium]

The plants are random (scheduler_core/environments/random_plants.py), planned with one rule. The component's own script runs
on a bare page of 1280x720, fed with the packed plan that the dashboard sends. First paint: from handing the bytes over to
the end of the first frame. Frames: the script's time per frame, at 12 zoom steps, 12 pans and 12 scrolls, with the plan seen
first for a week and then as a whole: what 95 % of the frames stay below, the worst of all, and how many took over 50 ms. All
in milliseconds of the browser's clock, which goes on while other programs have the core; the machine's load is printed.
"""

from __future__ import annotations

import argparse
import base64
import os
import shutil
import time
from typing import Any

from playwright.sync_api import Page, sync_playwright
from report import heading, markdown_table

from dashboard.gantt import pack
from dashboard.gantt.component import FOLDER, script
from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.judge.kpis import job_lateness
from scheduler_core.simulator.open_hours import OpenHours

MACHINES, SEED = 152, 1
ARGUMENTS = ("--headless", "--no-sandbox", "--disable-gpu")
COLUMNS = (
    "bars", "rows", "packing (CPU)", "KB sent", "first paint", "zoom", "pan", "scroll", "whole plan",
    "worst frame", "frames", "over 50 ms",
)  # fmt: skip
MOUNT = """async ([script, data]) => {
    window.frames_ = [];
    window.__gantt = new Proxy({}, { set(t, k, v) { t[k] = v; window.frames_.push(v.ms); return true; } });
    const module = await import(URL.createObjectURL(new Blob([script], { type: "text/javascript" })));
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    const parent = document.body;
    const begun = performance.now();
    module.default({ data: bytes, parentElement: parent, setTriggerValue: () => {} });
    while (!window.frames_.length) await new Promise(requestAnimationFrame);
    return performance.now() - begun;
}"""


def packed(jobs: int) -> tuple[bytes, float]:
    """A plan of so many jobs as the dashboard sends it, and the CPU milliseconds that packing took."""
    plant = random_plant(SEED, PlantShape(jobs, MACHINES, tightness=0.8, load=12.0 * jobs / 500))
    schedule = greedy.schedule(plant, EngineConfig(rule="EDD")).schedule
    if schedule is None:
        raise SystemExit(f"the rule found no schedule for {jobs} jobs")
    hours, lateness = OpenHours(plant, schedule), job_lateness(plant, schedule)
    began = time.process_time()
    data = pack(plant, schedule, hours, lateness=lateness)
    return data, (time.process_time() - began) * 1000


def measured(page: Page, data: bytes) -> tuple[list[int], list[float]]:
    """(bars and rows) and (first paint and the worst frames)."""
    style = (FOLDER / "gantt.css").read_text(encoding="utf-8")
    page.set_content(f'<style>{style}</style><div id="shopwright-gantt"></div>')
    first = page.evaluate(MOUNT, [script(), base64.b64encode(data).decode()])
    at: Any = page.locator("canvas.canvas").bounding_box()
    page.mouse.move(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)

    every: list[float] = []

    def most(*acts: Any) -> float:
        """What 95 % of the frames stay below."""
        page.evaluate("() => { window.frames_ = []; }")
        for act in acts:
            for step in range(12):
                act(step)
                page.wait_for_timeout(60)
        frames = sorted(page.evaluate("() => window.frames_"))
        every.extend(frames)
        return float(frames[int(len(frames) * 0.95)])

    def pan(step: int) -> None:
        page.keyboard.press("Shift+ArrowRight" if step % 4 < 2 else "Shift+ArrowLeft")

    def zoom(step: int) -> None:
        page.keyboard.down("Control")
        page.mouse.wheel(0, -150 if step % 4 < 2 else 150)
        page.keyboard.up("Control")

    def scroll(step: int) -> None:
        page.keyboard.press("PageDown" if step % 4 < 2 else "PageUp")

    page.locator("canvas.canvas").focus()
    by_kind = [most(zoom), most(pan), most(scroll)]
    page.keyboard.press("Home")
    for _ in range(4):
        page.keyboard.press("[")
    whole = most(zoom, pan, scroll)
    seen = page.evaluate("() => [window.__gantt.gantt.bars, window.__gantt.gantt.rows]")
    return seen, [first, *by_kind, whole, max(every), len(every), sum(ms > 50 for ms in every)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--jobs", default="500,1600,6400", help="sizes, with commas (default: %(default)s)")
    parser.add_argument("--chromium", default=shutil.which("chromium"), help="the browser (default: the one on the path)")
    options = parser.parse_args()
    print(heading("The canvas Gantt's speed", ["--jobs", options.jobs]))
    print(f"Load average at the beginning: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.\n")
    rows = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=list(ARGUMENTS))
        for jobs in (int(n) for n in options.jobs.split(",")):
            data, packing = packed(jobs)
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            (bars, machines), times = measured(page, data)
            facts = [f"{bars:,}", str(machines), f"{packing:.0f}", f"{len(data) / 1000:.0f}"]
            rows.append([*facts, *(f"{t:.1f}" for t in times[:-2]), *(f"{t:.0f}" for t in times[-2:])])
            page.close()
        browser.close()
    print(markdown_table(COLUMNS, rows))


if __name__ == "__main__":
    main()
