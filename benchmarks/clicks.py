"""Real double clicks and tabs closed right after the click on Approve: never two approvals, never half of one.

    python benchmarks/clicks.py [--times 100]

A served dashboard with the demo's jobs and two plans, and headless Chromium. Each time the plan that is not in force is
opened on Approve and released, and the question is answered on its "Release" button: by a double click, its two clicks up to
a fifth of a second apart, or by one click after which the tab is closed, at once or up to half a second later (so before,
during and after the approval). If nothing was released the page is opened once more and the plan released. All of that is
one intention.

Exit code 1 if an intention made two approvals or none, or half of one.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from planners import seed
from playwright.sync_api import BrowserContext, Locator, Page, expect, sync_playwright
from report import ROOT, heading, markdown_table

sys.path.insert(0, str(ROOT))

from scheduler_core.data.store import Store
from tests.support.browsing import ARGUMENTS, SECOND, served

APART = (0, 5, 10, 20, 50, 100, 150, 200)
"""Milliseconds from the first click to the second, in turn."""
CLOSED_AFTER = (0, 5, 10, 20, 50, 100, 200, 500)
"""Milliseconds from the click to the end of the tab, in turn."""
QUIET_SECONDS = 0.7
"""An approval that a click began has ended if nothing was released for so long."""
EVERY = 10**6


@dataclass(frozen=True)
class Outcome:
    """``calls``: approvals carried out or found done already; ``approvals``: releases made; ``at_once``: intentions
    whose page was not opened again; ``most``, ``least``: approvals by one intention; ``halves``: see ``Board.halves``."""

    case: str
    times: int
    calls: int
    approvals: int
    at_once: int
    most: int
    least: int
    halves: int


@dataclass(frozen=True)
class Board:
    """A served dashboard, its store and where it logs."""

    address: str
    store: Store
    log: Path

    @property
    def plant(self) -> str:
        """Whose plans are released."""
        snapshot = self.store.snapshots.latest()
        assert snapshot is not None
        return snapshot.plant

    def releases(self) -> int:
        """How many there are."""
        return len(self.store.releases.newest(self.plant, EVERY))

    def not_in_force(self) -> str:
        """A plan that can be released."""
        force = self.store.releases.current(self.plant)
        return next(p.id for p in self.store.schedules.newest() if force is None or p.id != force.schedule_id)

    def calls(self) -> int:
        """Approvals that were carried out or found done already, by the server's log."""
        lines = [json.loads(line) for file in self.log.glob("*.jsonl*") for line in file.read_text().splitlines()]
        return sum(line["message"] == "released" for line in lines)

    def halves(self) -> int:
        """Releases without an outbox row, all lines or a line in the audit trail."""
        told = {e.subject for e in self.store.audit.newest(EVERY) if e.action == "approve"}
        waiting = {d.release_id for d in self.store.deliveries.newest(limit=EVERY)}
        wanted = {p.id: sum(len(a.machines) for a in self.store.schedules.load(p.id).assignments)
                  for p in self.store.schedules.newest()}  # fmt: skip
        if (broken := self.store.audit.verify()) is not None:
            raise AssertionError(f"the audit trail is broken: {broken}")
        return sum(
            r.id not in told or r.id not in waiting or len(self.store.releases.dispatch_rows(r.id)) != wanted[r.schedule_id]
            for r in self.store.releases.newest(self.plant, EVERY)
        )


@contextmanager
def board() -> Iterator[Board]:
    """A dashboard with the demo's jobs and two plans."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        with served(folder, SHOPWRIGHT_LOG_FOLDER=str(folder / "log")) as address:
            store = seed(folder)
            yield Board(address, store, folder / "log")
            store.close()


def asked(page: Page, board: Board, plan: str) -> Locator | None:
    """The button that releases, in the question that asks for it; None if the plan is in force."""
    page.set_default_timeout(30 * SECOND)
    page.goto(f"{board.address}/approve?plan={plan}")
    in_force = page.get_by_text("This plan is in force as version")
    page.get_by_label("Approver").fill("Ana")
    release = page.get_by_role("button", name="Release as version")
    expect(release.and_(page.locator(":enabled")).or_(in_force).first).to_be_visible(timeout=30 * SECOND)
    if in_force.count():
        return None
    release.click()
    sure = page.get_by_role("dialog").get_by_role("button", name="Release", exact=True)
    expect(sure).to_be_visible(timeout=30 * SECOND)
    return sure


def double_click(tabs: BrowserContext, board: Board, plan: str, number: int) -> None:
    """Two clicks, one right after the other."""
    page = tabs.new_page()
    sure = asked(page, board, plan)
    assert sure is not None
    sure.dblclick(delay=APART[number % len(APART)] / 2, no_wait_after=True)
    expect(page.get_by_text("This plan is in force as version")).to_be_visible(timeout=30 * SECOND)
    page.close()


def closed_tab(tabs: BrowserContext, board: Board, plan: str, number: int) -> None:
    """One click, and the tab is gone."""
    page = tabs.new_page()
    sure = asked(page, board, plan)
    assert sure is not None
    sure.click(no_wait_after=True)
    if wait := CLOSED_AFTER[number % len(CLOSED_AFTER)]:
        page.wait_for_timeout(wait)
    page.close()


def settle(board: Board) -> int:
    """The number of releases once no click makes another one."""
    seen, since = board.releases(), time.monotonic()
    while time.monotonic() - since < QUIET_SECONDS:
        time.sleep(0.05)
        if (now := board.releases()) != seen:
            seen, since = now, time.monotonic()
    return seen


def look_again(tabs: BrowserContext, board: Board, plan: str) -> None:
    """Open the page anew, and release what is offered."""
    page = tabs.new_page()
    sure = asked(page, board, plan)
    if sure is not None:
        sure.click()
        expect(page.get_by_text("This plan is in force as version")).to_be_visible(timeout=30 * SECOND)
    page.close()


def study(
    case: str, act: Callable[[BrowserContext, Board, str, int], None], tabs: BrowserContext, board: Board, times: int
) -> Outcome:
    """So many intentions, one after the other."""
    first, calls, made, at_once = board.releases(), board.calls(), [], 0
    for number in range(times):
        before, plan = board.releases(), board.not_in_force()
        act(tabs, board, plan, number)
        after = settle(board)
        at_once += after > before
        if after == before:
            look_again(tabs, board, plan)
        made.append(settle(board) - before)
        print(f"{case} {number + 1}: {made[-1]}", file=sys.stderr, flush=True)
    return Outcome(
        case, times, board.calls() - calls, board.releases() - first, at_once, max(made), min(made), board.halves()
    )  # fmt: skip


def main() -> int:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--chromium", default=shutil.which("chromium"), help="the browser (default: the one on the path)")
    args = parser.parse_args()
    began = time.monotonic()
    with board() as made, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=args.chromium, args=list(ARGUMENTS))
        tabs = browser.new_context()  # one for all, so that the page's code is fetched once
        found = [
            study("double click", double_click, tabs, made, args.times),
            study("tab closed after the click", closed_tab, tabs, made, args.times),
        ]
        browser.close()
    print(heading("Double clicks and closed tabs on Approve", sys.argv[1:]))
    print(
        f"Headless Chromium before a served dashboard with the demo's jobs. {(time.monotonic() - began) / 60:.0f} minutes. "
        f"Clicks were {', '.join(map(str, APART))} ms apart, tabs closed {', '.join(map(str, CLOSED_AFTER))} ms after the "
        "click, in turn.\n"
    )
    columns = (
        "case", "times", "calls of the approval", "approvals", "without opening the page again", "most by one intention",
        "least", "halves",
    )  # fmt: skip
    rows = [
        [o.case, *map(str, (o.times, o.calls, o.approvals, o.at_once, o.most, o.least, o.halves))] for o in found
    ]  # fmt: skip
    print(markdown_table(columns, rows))
    return 1 if any(o.most != 1 or o.least != 1 or o.halves for o in found) else 0


if __name__ == "__main__":
    sys.exit(main())
