"""Many planners at once before one dashboard: does it stay quick, whole and within bounds?

    python benchmarks/planners.py [--planners 10] [--minutes 10] [--think 8] [--browse 20] [--arrive 30]

One server with the demo's jobs and two plans, on loopback, with SQLite; one headless Chromium with a window of its own for
each planner. A planner switches pages, one after another, and after every ``--browse`` of them releases a plan, runs both
engines (a search of 2 s) or asks what a breakdown does (three repairs), in turn, without waiting for the runs; ``--think``
is the mean of the seconds between two inputs. While as many runs are at work as there are planners nobody starts another
one. A page's time goes from the click until its script rests, its heading stands and its Gantt is drawn. They come one after
another within ``--arrive`` seconds. The planners' browser runs on the same cores and shares them with the server and the
workers, which no planner's browser does; so one more planner, whose pages nobody draws, asks for a page every 2 s, and what
it waits for is the server's share.

Exit code 1 for an error or a number of a release that is missing or was won twice.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from page_runs import child
from planner_hands import ACTIVE, Pace, Planner, Seen
from playwright.async_api import async_playwright
from processes import Peaks, Watch
from report import ROOT, heading, markdown_table
from without_browser import WithoutBrowser

sys.path.insert(0, str(ROOT))

from scheduler_core.data import erp
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunState
from scheduler_core.runs.execute import PLAN_STAYS
from scheduler_core.services import pulling
from tests.support.browsing import ARGUMENTS, served
from tests.support.seeding import seed_plan

PAGE_TARGET = 2.0
LINGER_SECONDS = 300
"""How long the last runs may take after the planners have gone home."""


@dataclass(frozen=True)
class Found:
    """All that a study found. ``cpu``: seconds of server, workers, browser; ``without_browser``: of each page that nobody
    drew."""

    seen: Seen
    runs: Counter[str]
    failed_runs: Counter[str]
    in_log: Counter[str]
    warnings: int
    numbers: tuple[int, ...]
    approvers: tuple[str, ...]
    whole: bool
    peaks: Peaks
    cpu: tuple[float, float, float]
    seconds: float
    loads: tuple[float, float]
    without_browser: tuple[float, ...]

    @property
    def errors(self) -> Counter[str]:
        """Every error, by what it says."""
        return self.seen.on_pages + self.seen.in_console + self.in_log + self.failed_runs

    @property
    def one_winner_each(self) -> bool:
        """Whether the releases are numbered without a gap, their trail is unbroken, and each was told to one planner only:
        the one whose name it bears."""
        made = dict(zip(self.numbers, self.approvers, strict=True))
        gapless = sorted(self.numbers) == list(range(1, len(self.numbers) + 1))
        return self.whole and gapless and self.seen.releases == {number: [name] for number, name in made.items()}


def seed(folder: Path) -> Store:
    """The demo's jobs and two plans."""
    store = Store.open(f"sqlite:///{folder / 'store.sqlite3'}")
    settings = erp.load_config(ROOT / "configs" / "demo_erp.yaml")
    snapshot = pulling.pull(store, f"sqlite:///{folder / 'erp.sqlite3'}", request_id="pull", config=settings)
    for engine, rule in (("greedy", "EDD"), ("learned", "WATC")):
        seed_plan(store, snapshot, engine, rule)
    return store


async def plan_together(
    address: str, store: Store, planners: int, minutes: float, pace: Pace, chromium: str | None, arrive: float
) -> Seen:
    """The planners at work, who come within ``arrive`` seconds; ends when their runs have ended, too."""
    seen = Seen()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        until = time.monotonic() + 60 * minutes
        at_work = []
        for place in range(planners):
            context = await browser.new_context(viewport={"width": 1280, "height": 720})
            page = await context.new_page()
            dice = random.Random(place)
            planner = Planner(f"Planner {place + 1}", page, address, store, pace, seen, planners, dice)
            at_work.append(planner.work(until, place, planners, arrive * place / planners))
        await asyncio.gather(*at_work)
        late = time.monotonic() + LINGER_SECONDS
        while store.runs.newest(states=ACTIVE) and time.monotonic() < late:
            await asyncio.sleep(1)
        await browser.close()
    return seen


def read_log(folder: Path) -> tuple[Counter[str], int]:
    """The errors of the server's and the workers' log, and those on the server's output; and how many warnings."""
    lines = [json.loads(line) for file in folder.glob("log/*.jsonl*") for line in file.read_text().splitlines()]
    errors = [f"log, {line['role']}: {line['message']}"[:300] for line in lines if line["level"] in ("ERROR", "CRITICAL")]
    output = (folder / "server.log").read_text(errors="replace").splitlines()
    traces = [f"output: {line}" for line in output if line.startswith("Traceback")]
    return Counter(errors + traces), sum(line["level"] == "WARNING" for line in lines)


def study(planners: int, minutes: float, pace: Pace, chromium: str | None, arrive: float = 0.0) -> Found:
    """Serves a dashboard, lets the planners work, and looks at what they left."""
    began, load = time.monotonic(), os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        with served(folder, SHOPWRIGHT_LOG_FOLDER=str(folder / "log")) as address:
            store = seed(folder)
            with Watch(child(address.rpartition(":")[2])) as watch, WithoutBrowser(address) as alone:
                seen = asyncio.run(plan_together(address, store, planners, minutes, pace, chromium, arrive))
                watch.look()
        snapshot = store.snapshots.latest()
        assert snapshot is not None
        runs, releases = store.runs.newest(limit=10_000), store.releases.newest(snapshot.plant, 10_000)
        failed = [r for r in runs if r.state is not RunState.OK]
        stood_in = sum("fallback" in p.detail for p in store.schedules.newest(limit=10_000))
        in_log, warnings = read_log(folder)
        in_log.update(alone.errors)
        found = Found(
            seen=seen,
            runs=Counter({**Counter(str(r.state) for r in runs), "greedy stood in": stood_in}),
            failed_runs=Counter(
                f"run, {r.engine} {r.state}: {r.fail_reason or r.message}" for r in failed if r.message != PLAN_STAYS
            ),
            in_log=in_log,
            warnings=warnings,
            numbers=tuple(r.number for r in releases),
            approvers=tuple(r.approver for r in releases),
            whole=store.audit.first_broken() is None,
            peaks=watch.peaks,
            cpu=watch.cpu(),
            seconds=time.monotonic() - began,
            loads=(load, os.getloadavg()[0]),
            without_browser=tuple(alone.seconds),
        )
        store.close()
    return found


def figures(found: Found) -> list[list[str]]:
    """The table's rows: figure, value."""
    every = [seconds for of in found.seen.pages.values() for seconds in of]
    p50, p95 = np.quantile(every, (0.5, 0.95))
    worst = max(found.seen.pages, key=lambda what: max(found.seen.pages[what]))
    seen, peaks = found.seen, found.peaks
    server, workers, browser = found.cpu
    answered = len(every) + len(found.without_browser)
    s50, s95 = np.quantile(found.without_browser, (0.5, 0.95))
    return [
        ["page loads", f"{len(every):,}"],
        ["a page, median", f"{p50:.2f} s"],
        [f"a page, 95 of 100 (target: below {PAGE_TARGET:g} s)", f"{p95:.2f} s"],
        [f"a page, the slowest ({worst})", f"{max(every):.2f} s"],
        ["the server's share, one page every 2 s without a browser: median, 95 of 100", f"{s50:.2f} s, {s95:.2f} s"],
        ["errors on pages", str(seen.on_pages.total())],
        ["errors in the browser's console", str(seen.in_console.total())],
        ["errors in the log and on the server's output", str(found.in_log.total())],
        ["runs that ended without a plan", str(found.failed_runs.total())],
        ["**errors in all (target: 0)**", f"**{found.errors.total()}**"],
        ["warnings in the log", str(found.warnings)],
        ["pairs of runs, questions what if", f"{seen.done['pairs of runs']}, {seen.done['questions what if']}"],
        ["put off because so many runs were at work", str(seen.done["put off, too much at work"])],
        ["runs with a plan, of these greedy stood in", f"{found.runs['ok']}, {found.runs['greedy stood in']}"],
        ["releases made, refused (another one came first)", f"{len(found.numbers)}, {seen.done['releases refused']}"],
        ["numbers without a gap, one winner each", "yes" if found.one_winner_each else "NO"],
        ["memory of the server, most", f"{peaks.server:,.0f} MB"],
        ["memory of the workers, most of all together", f"{peaks.workers:,.0f} MB in up to {peaks.together} processes"],
        ["memory of one process of a worker, most", f"{peaks.one_worker:,.0f} MB"],
        ["CPU of server, workers, browser", f"{server:,.0f} s, {workers:,.0f} s, {browser:,.0f} s"],
        ["their shares of it", ", ".join(f"{part / sum(found.cpu):.0%}" for part in found.cpu)],
        ["CPU of the server per page, with all that refreshes itself", f"{server / answered:.2f} s"],
        ["CPU of the browser per page, likewise", f"{browser / len(every):.2f} s"],
        ["time in all", f"{found.seconds:,.0f} s"],
    ]


def main() -> int:
    """Prints the table; exit code 1 for an error or a release that is not as it should be."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--planners", type=int, default=10)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--think", type=float, default=Pace.think)
    parser.add_argument("--browse", type=int, default=Pace.browse)
    parser.add_argument("--arrive", type=float, default=30.0, help="seconds within which the planners come (default: 30)")
    parser.add_argument("--chromium", default=shutil.which("chromium"), help="the browser (default: the one on the path)")
    args = parser.parse_args()
    found = study(args.planners, args.minutes, Pace(args.think, args.browse), args.chromium, args.arrive)
    print(heading(f"{args.planners} planners at once for {args.minutes:g} minutes", sys.argv[1:]))
    before, after = found.loads
    print(
        f"A planner thinks {args.think:g} s between two inputs. Load average before: {before:.1f}, at the end: {after:.1f}, "
        f"on {os.cpu_count()} cores, which the browser and whatever else ran on this machine shared.\n"
    )
    print(markdown_table(("figure", "value"), figures(found)))
    rows = [
        [what, str(len(s)), *(f"{v:.2f}" for v in (*np.quantile(s, (0.5, 0.95)), max(s)))]
        for what, s in sorted(found.seen.pages.items())
    ]
    print("\nSeconds by page:\n\n" + markdown_table(("page", "times", "median", "95 of 100", "worst"), rows))
    if found.errors:
        print("\nErrors, and how often:\n")
        print("\n".join(f"- {times} × {' '.join(what.split())}" for what, times in found.errors.most_common()))
    return 1 if found.errors or not found.one_winner_each else 0


if __name__ == "__main__":
    sys.exit(main())
