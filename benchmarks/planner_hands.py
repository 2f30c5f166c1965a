"""What one planner does in a browser: switches pages, runs plans, asks what if, releases; and what goes wrong meanwhile."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from pages import DRAWN, HEADING, PAGES
from playwright.async_api import ConsoleMessage, Error, Locator, Page, TimeoutError, expect

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunState

STEP_SECONDS = 120
"""What takes longer counts as an error."""
CLICK_SECONDS = 5
"""After so long a planner looks again whether there is still something to click."""
SEARCH_SECONDS = 2
DURATIONS = ("2 hours", "8 hours", "1 day")
ERRORS = ".stException, [data-testid='stAlertContentError']"
REFUSALS = ("has been released meanwhile", "is released already")
"""What two who release at once are told, as they should be."""
BELOW_A_PAGE = re.compile(r"/approve/_stcore/(health|host-config)$")
ACTIVE = (RunState.QUEUED, RunState.RUNNING)


@dataclass(frozen=True)
class Pace:
    """``think``: mean seconds between two inputs; ``browse``: pages between two runs, questions or releases."""

    think: float = 8.0
    browse: int = 20


@dataclass
class Seen:
    """What all planners saw together."""

    pages: dict[str, list[float]] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    releases: dict[int, list[str]] = field(default_factory=dict)
    on_pages: Counter[str] = field(default_factory=Counter)
    in_console: Counter[str] = field(default_factory=Counter)


@dataclass
class Planner:
    """One planner before one page. ``most_runs``: with so many at work it waits with its own, as a planner would."""

    name: str
    page: Page
    address: str
    store: Store
    pace: Pace
    seen: Seen
    most_runs: int
    dice: random.Random
    at: str = "Today"

    def __post_init__(self) -> None:
        self.page.set_default_timeout(STEP_SECONDS * 1000)
        self.page.on("pageerror", lambda error: self.seen.in_console.update([str(error)]))
        self.page.on("console", self._told)

    async def work(self, until: float, place: int, of: int, wait: float = 0.0) -> None:
        """Work until that moment of ``time.monotonic``, from ``wait`` seconds on. The planners, ``place`` of ``of``, begin
        spread over the time that one takes to its first run, so that they do not march in step."""
        await asyncio.sleep(wait)
        await self._timed("first page", "Today", lambda: self.page.goto(self.address))
        doings = [self.release, self.run_both, self.ask_what_if]
        turn, left = place % len(doings), 1 + self.pace.browse * place // of
        while time.monotonic() < until:
            await self._think()
            doing = self.browse if left else doings[turn % len(doings)]
            turn, left = (turn, left - 1) if left else (turn + 1, self.pace.browse)
            try:
                await doing()
                await self._look()
            except (Error, AssertionError) as error:
                self.seen.on_pages[f"{doing.__name__} on {self.at}: {' '.join(str(error).split())[:300]}"] += 1
                await self._timed("first page", "Today", lambda: self.page.goto(self.address))

    async def browse(self) -> None:
        """Another page."""
        await self._switch(self.dice.choice([title for title in PAGES if title != self.at]))

    async def run_both(self) -> None:
        """Both engines from Compare, with a short search; the planner does not wait for them."""
        if not self._may_run():
            return
        await self._to("Compare")
        await self.page.get_by_role("button", name="Settings").click()
        seconds = self.page.get_by_role("spinbutton", name=re.compile("seconds$"))
        await seconds.fill(str(SEARCH_SECONDS))
        await seconds.press("Enter")
        await self.page.keyboard.press("Escape")
        await expect(seconds).to_have_count(0)
        before = {run.id for run in self.store.runs.newest()}
        await self.page.locator(".st-key-run_both").get_by_role("button").click()
        at_work = self.page.get_by_text(re.compile("^Already at work: "))
        until = time.monotonic() + STEP_SECONDS
        while not {run.id for run in self.store.runs.newest()} - before:
            if await at_work.count():
                self.seen.done["runs that another planner had at work"] += 1
                return
            assert time.monotonic() < until, "no run was asked for by the button"
            await asyncio.sleep(0.1)
        self.seen.done["pairs of runs"] += 1

    async def ask_what_if(self) -> None:
        """A breakdown and its three repairs; the planner does not wait for them."""
        if not self._may_run():
            return
        await self._to("What-if")
        text = self.dice.choice(DURATIONS)
        box = self.page.get_by_role("combobox", name="How long")
        await box.click()
        await box.fill(text)
        await expect(self.page.get_by_role("option", name=text).first).to_have_attribute("data-focused", "true")
        await self.page.keyboard.press("Enter")
        await expect(box).to_have_value(text)
        await self.page.get_by_role("button", name="Compare repairs").click()
        await expect(self.page.get_by_role("heading", name="What becomes of the plan?")).to_be_visible(timeout=30_000)
        self.seen.done["questions what if"] += 1

    async def release(self) -> None:
        """A plan that is not in force, from a link to it; others may be doing the same."""
        snapshot = self.store.snapshots.latest()
        assert snapshot is not None
        force = self.store.releases.current(snapshot.plant)
        plans = [p.id for p in self.store.schedules.newest(snapshot_id=snapshot.id)]
        plan = self.dice.choice([p for p in plans if force is None or p != force.schedule_id])
        where = f"{self.address}/approve?plan={plan}"
        await self._timed("Approve by a link", "Approve", lambda: self.page.goto(where))
        await self.page.get_by_label("Approver").fill(self.name)
        button = self.page.get_by_role("button", name=re.compile("Release as version"))
        sure = self.page.get_by_role("dialog").get_by_role("button", name="Release", exact=True)
        for step in (button, sure):
            if not await self._press(step, snapshot.plant, plan):
                return
        done, refused = (
            self.page.get_by_text(re.compile(r"Version \d+ is released\.")),
            self.page.get_by_text("Not released"),
        )
        await expect(done.or_(refused).first).to_be_visible(timeout=30_000)
        if await refused.count():
            await self._look()
            self.seen.done["releases refused"] += 1
            # A refusal that took over a second stands above the page, and the question is gone.
            if await sure.count():
                await self.page.get_by_role("dialog").get_by_role("button", name="Back").click()
            await expect(self.page.get_by_role("dialog")).to_have_count(0)
        else:
            number = re.search(r"\d+", await done.first.inner_text())
            assert number is not None
            self.seen.releases.setdefault(int(number.group()), []).append(self.name)

    async def _press(self, button: Locator, plant: str, plan: str) -> bool:
        """Clicks the button as soon as it can be; False once somebody else has put the plan in force, which may
        happen between the look at the button and the click on it."""
        until = time.monotonic() + STEP_SECONDS
        while await self._usable(button, plant, plan):
            await self._think(0.3)
            try:
                await button.click(timeout=CLICK_SECONDS * 1000)
            except TimeoutError:
                if time.monotonic() > until:
                    raise
            else:
                return True
        return False

    async def _usable(self, button: Locator, plant: str, plan: str) -> bool:
        """Waits for the button; False once somebody else has put the plan in force, for which the page offers none."""
        until = time.monotonic() + 30
        while time.monotonic() < until:
            if await button.is_visible() and await button.is_enabled():
                return True
            force = self.store.releases.current(plant)
            if force is not None and force.schedule_id == plan:
                self.seen.done["releases overtaken"] += 1
                return False
            await asyncio.sleep(0.1)
        await expect(button).to_be_enabled(timeout=1_000)
        return True

    def _told(self, said: ConsoleMessage) -> None:
        where = said.location["url"]
        # A page opened by its own address makes Streamlit's client look for its server below that address first.
        if said.type == "error" and not (BELOW_A_PAGE.search(where) and "404" in said.text):
            self.seen.in_console[f"{said.text} {where.removeprefix(self.address)}"] += 1

    def _may_run(self) -> bool:
        free = len(self.store.runs.newest(states=ACTIVE)) < self.most_runs
        self.seen.done["put off, too much at work"] += not free
        return free

    async def _to(self, title: str) -> None:
        if self.at != title:
            await self._switch(title)
            await self._think(0.3)

    async def _switch(self, title: str) -> None:
        # What an earlier Gantt told of itself must not pass for the new one's.
        await self.page.evaluate("() => { window.__gantt = {}; }")
        await self._timed(title, title, lambda: self.page.get_by_role("link", name=title, exact=True).click())

    async def _timed(self, what: str, title: str, act: Callable[[], Awaitable[object]]) -> None:
        """Seconds until the page stands, as in benchmarks/pages.py."""
        began = time.perf_counter()
        await act()
        try:
            await self.page.wait_for_function(DRAWN if title == "Gantt" else HEADING, arg=title)
        except Error:
            path = self.page.url.removeprefix(self.address).partition("?")[0]
            stands = await self.page.get_by_role("heading", level=1).all_inner_texts()
            raise AssertionError(f"{title} did not stand, but {stands} at {path}") from None
        self.seen.pages.setdefault(what, []).append(time.perf_counter() - began)
        self.at = title

    async def _think(self, share: float = 1.0) -> None:
        await asyncio.sleep(share * self.pace.think * self.dice.uniform(0.5, 1.5))

    async def _look(self) -> None:
        """Note what the page shows as an error."""
        for text in await self.page.locator(ERRORS).all_inner_texts():
            if not any(refusal in text for refusal in REFUSALS):
                self.seen.on_pages[f"{self.at}: {text[:200]}"] += 1
