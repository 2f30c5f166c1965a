"""Take the pictures of docs/pages.md: the demo's pages in headless Chromium, light and dark, 1280 by 720.

    python docs/pictures.py [--only gantt facts] [--chromium /usr/bin/chromium]

A dashboard is served with the demo's jobs; one plan by rules is released, two newer ones stand beside it, and one breakdown
is answered, so that every page has something to show. Pages that look back are taken on a demo with two weeks of simulated
history. The light pictures of MOVING become the moving picture of README. Needs the packages that the tests need.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from scheduler_core.data import erp
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ApprovalRequest, RunRequest, RunState
from scheduler_core.engines.config import EngineConfig
from scheduler_core.runs.execute import execute
from scheduler_core.runs.request import submit
from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.scenarios.changes import Change
from scheduler_core.scenarios.days import Days, on
from scheduler_core.scenarios.floor_changes import Noted
from scheduler_core.scenarios.hour_changes import Group, HoursAdded, HoursClosed, MachineLimited
from scheduler_core.scenarios.order_changes import OrderHeld
from scheduler_core.services import facts, pulling, releasing, what_if
from scheduler_core.services.demo_history import write_history
from tests.support.browsing import ARGUMENTS, ROOT, served, settled

IMAGES = ROOT / "docs" / "images"
SIZE = (1280, 720)
HISTORY_DAYS = 14
COLOURS = 128
"""Of the palette: enough for the pages' flat colours, and a third of the bytes."""


@dataclass(frozen=True)
class View:
    """One picture: its file's name, the page's address, and a text that stands once the page is drawn. history: taken on the
    demo with a simulated history."""

    name: str
    path: str
    shows: str = ""
    history: bool = False


VIEWS = (
    View("today", "today?tour=closed", "What delays this order"),
    View("jobs", "jobs"),
    View("compare", "compare", "How late are the jobs?"),
    View("compare-gantts", "compare?show=gantts"),
    View("compare-differences", "compare?show=differences"),
    View("gantt", "gantt"),
    View("what-if", "what-if?scenario={scenario}", "Saved scenarios"),
    View("facts", "facts"),
    View("facts-hours", "facts?section=Hours+of+the+week&centre={centre}&week={week}"),
    View("approve", "approve?plan={plan}", "Versions"),
    View("dispatch", "dispatch"),
    View("summary", "summary", "Week by week", history=True),
    View("kpis", "kpis", history=True),
    View("monitor", "monitor", "Checked", history=True),
    View("models", "models"),
)
MOVING = ("today", "jobs", "compare", "compare-gantts", "gantt", "what-if", "facts-hours", "approve", "dispatch")
"""Pictures of the moving picture, in its order: a planner's morning."""
MOVING_SIZE = (960, 540)
MOVING_MILLISECONDS = 2200
"""How long each of them stands."""


def seed(folder: Path) -> dict[str, str]:
    """Fill the store behind the served dashboard; returns the ids that addresses name."""
    store = Store.open(f"sqlite:///{folder / 'store.sqlite3'}")
    try:
        settings = erp.load_config(ROOT / "configs" / "demo_erp.yaml")
        erp_url = f"sqlite:///{folder / 'erp.sqlite3'}"
        snapshot = pulling.pull(store, erp_url, request_id="pull", config=settings)
        snapshot, more = _facts(store, snapshot)
        first = _plan(store, snapshot, "first", "greedy", EngineConfig(rule="EDD"))
        stored = store.schedules.get(first)
        request = ApprovalRequest("release", first, stored.content_sha256, "Aisyah", "Week 30")
        releasing.approve(store, request, erp_url, settings)
        _plan(store, snapshot, "greedy", "greedy", EngineConfig())
        best = _plan(store, snapshot, "learned", "learned", EngineConfig(samples=8))
        plant = store.snapshots.plant(snapshot)
        busiest = max(plant.machines, key=lambda m: sum(m.id in a.machines for a in store.schedules.load(first).assignments))
        question = what_if.Question("question", first, (Breakdown(busiest.id, 60, 480, "pause"),), 0, 0.0, (), None)
        scenario = what_if.keep(store, question)
        for request in what_if.repair_requests(store, scenario):
            execute(store, submit(store, request))
        store.scenarios.give_name(scenario.id, f"{busiest.name} down for a shift")
        return {"plan": best, "scenario": scenario.id, **more}
    finally:
        store.close()


def _facts(store: Store, snapshot: str) -> tuple[str, dict[str, str]]:
    """What planners know in the pictures; returns the newest snapshot's id, and the week and work centre of the hours."""
    plant = store.snapshots.plant(snapshot)
    centre = next(one for one in plant.machine_types if one.name == "Laser cutting")
    first, second = plant.machines_by_type[centre.id][:2]
    sunday = plant.plan_start.date() + timedelta(days=6 - plant.plan_start.weekday())
    held = next(j for j in plant.jobs if all(o.fixed is None for o in j.operations))
    known: tuple[tuple[Change, str], ...] = (
        (HoursAdded(on(sunday), 390, 870, Group(machine_types=(centre.id,))), "Two customers wait for laser parts"),
        (HoursClosed(on(sunday - timedelta(days=2)), 780, 1440, Group(), "Fair"), "The town's fair"),
        (MachineLimited(second, Days(plant.plan_start.date(), sunday), 420, 720), "Its operator helps at the press"),
        (OrderHeld(held.id), "The drawing is being changed"),
        (Noted("Left clamp slips: check the first piece", first), ""),
    )
    for number, (change, reason) in enumerate(known):
        stated = facts.Stated(change, plant.plan_start, reason)
        made = facts.record(store, stated, now=plant.plan_start, actor="Aisyah", request_id=f"fact-{number}")
        snapshot = made.snapshot_id
    monday = sunday - timedelta(days=6)
    return snapshot, {"centre": str(centre.id), "week": monday.isoformat()}


def _plan(store: Store, snapshot: str, name: str, engine: str, config: EngineConfig) -> str:
    run = store.runs.submit(RunRequest(name, snapshot, engine, config, "planner", 600))
    execute(store, run)
    if store.runs.get(run).state is not RunState.OK:
        raise SystemExit(f"no {name} plan: {store.runs.get(run).fail_reason}")
    return next(p.id for p in store.schedules.newest(snapshot_id=snapshot) if p.run_id == run)


def picture(page: Page, address: str, view: View, ids: dict[str, str]) -> bytes:
    """A PNG of the page at rest, with a palette of its own."""
    page.goto(f"{address}/{view.path.format(**ids)}")
    expect(page.get_by_role("button", name="Keys")).to_be_visible()
    if view.shows:
        expect(page.get_by_text(view.shows).first).to_be_attached()
    settled(page)
    page.mouse.move(SIZE[0] / 2, 2)
    settled(page)
    made = BytesIO()
    taken = Image.open(BytesIO(page.screenshot())).convert("RGB")
    taken.quantize(COLOURS, dither=Image.Dither.NONE).save(made, "PNG", optimize=True)
    return made.getvalue()


def moving_picture(folder: Path) -> None:
    """Join the pictures of ``folder`` into ``moving.gif``; all of them have to be there."""
    frames = []
    for name in MOVING:
        frame = Image.open(folder / f"{name}.png").convert("RGB").resize(MOVING_SIZE, Image.Resampling.LANCZOS)
        frames.append(frame.quantize(COLOURS, dither=Image.Dither.NONE))
    frames[0].save(
        folder / "moving.gif", save_all=True, append_images=frames[1:], duration=MOVING_MILLISECONDS, loop=0, optimize=True
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="the pictures to take (default: all)")
    parser.add_argument("--out", type=Path, default=IMAGES, help="folder of the pictures (default: docs/images)")
    parser.add_argument("--chromium", default=shutil.which("chromium"), help="the browser (default: the one on the path)")
    options = parser.parse_args()
    views = [v for v in VIEWS if options.only is None or v.name in options.only]
    if not views:
        parser.error(f"--only: {' '.join(options.only)} must be one of {', '.join(v.name for v in VIEWS)}")
    expect.set_options(timeout=60_000)
    total = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=list(ARGUMENTS))
        for history in sorted({v.history for v in views}):
            total += _take(browser, [v for v in views if v.history is history], options.out, history=history)
        browser.close()
    if all((options.out / f"{name}.png").is_file() for name in MOVING):
        moving_picture(options.out)
    print(f"{total / 1024:.0f} KB in all")


def _take(browser: Browser, views: Sequence[View], out: Path, *, history: bool) -> int:
    """Take the pictures of one board; returns their bytes."""
    total = 0
    with tempfile.TemporaryDirectory() as made:
        if history:
            _history(Path(made))
        with served(Path(made)) as address:
            ids = {} if history else seed(Path(made))
            for scheme in ("light", "dark"):
                size: ViewportSize = {"width": SIZE[0], "height": SIZE[1]}
                context = browser.new_context(viewport=size, color_scheme="light" if scheme == "light" else "dark")
                for view in views:
                    data = picture(context.new_page(), address, view, ids)
                    file = out / (f"{view.name}.png" if scheme == "light" else f"{view.name}-dark.png")
                    file.write_bytes(data)
                    total += len(data)
                    print(f"{file.name}: {len(data) / 1024:.0f} KB")
                context.close()
    return total


def _history(folder: Path) -> None:
    """A demo with two weeks behind it."""
    with closing(Store.open(f"sqlite:///{folder / 'store.sqlite3'}")) as store:
        settings = erp.load_config(ROOT / "configs" / "demo_erp.yaml")
        write_history(store, folder / "erp.sqlite3", HISTORY_DAYS, config=settings)


if __name__ == "__main__":
    main()
