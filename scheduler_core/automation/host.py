"""The host of automation: looks every few seconds, and does what is due while it holds the store's lease.

``shopwright work --watch`` and ``shopwright serve`` each have one, and any number may share a store: one acts. It outlives a
store that is away, an ERP that is away and settings that are wrong: each is told once and tried again after growing pauses.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Thread

from scheduler_core.automation.acting import Acting
from scheduler_core.automation.config import AutomationSettings, load_automation
from scheduler_core.automation.host_status import HostStatus
from scheduler_core.automation.lease import HostLease
from scheduler_core.automation.outlook import Outlook, outlook
from scheduler_core.automation.reading import SituationReader, objective_of
from scheduler_core.automation.situation import Situation
from scheduler_core.data.database import DatabaseFailure, said_by
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import AutomationKind
from scheduler_core.errors import ShopwrightError
from scheduler_core.runs.execute import new_owner

LOG = logging.getLogger(__name__)
LOOK_SECONDS = 2.0
FIRST_PAUSE, LONGEST_PAUSE = 10.0, 300.0
"""Seconds after which an act that failed is tried again; the pauses double."""
AWAY_PAUSE = 30.0
"""The longest pause while the store is away."""
SETTINGS = "settings"
DONE: Mapping[AutomationKind, str] = {
    AutomationKind.PULL: "pulled", AutomationKind.PLAN: "planning the new pull",
    AutomationKind.CHECK: "checking the plan in force on the new jobs", AutomationKind.REPLAN: "replanning",
    AutomationKind.STANDING: "searching on from the best plan",
}  # fmt: skip


@dataclass
class _Trouble:
    """An act that failed: why, when it is tried again (``time.monotonic``), and the pause before that."""

    why: str
    again: float
    pause: float


@dataclass
class _Work:
    """The act that is being done, in a thread of its own so that the lease is kept meanwhile."""

    kind: AutomationKind
    cause: str
    future: Future[str]


@dataclass(frozen=True)
class Clocks:
    """``wall``: aware; ``steady``: seconds that nobody can set."""

    wall: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    steady: Callable[[], float] = time.monotonic


class AutomationService:
    """See the module's text. ``say`` takes a line for each event. ``asked`` is called after runs were asked for, so that a
    supervisor beside need not wait for its next look. ``settings`` is read at every look."""

    def __init__(
        self,
        store: Store,
        say: Callable[[str], None] = LOG.info,
        asked: Callable[[], object] = lambda: None,
        *,
        settings: Callable[[], AutomationSettings] = load_automation,
        clocks: Clocks | None = None,
        acting: Acting | None = None,
    ) -> None:
        self._store, self._say, self._asked, self._settings = store, say, asked, settings
        self._clocks = clocks or Clocks()
        self._acting = acting or Acting(store)
        self._reader = SituationReader(store)
        self._lease = HostLease(store, new_owner())
        self._pool = ThreadPoolExecutor(1, "automation-act")
        self._work: _Work | None = None
        self._trouble: dict[str, _Trouble] = {}
        self._looked_at: datetime | None = None
        self._stopped = Event()
        self._thread: Thread | None = None

    # ---------------------------------------------------------------- the loop
    def start(self, stopped: Event | None = None) -> None:
        """Look from a thread of its own from now on. Once ``stopped`` is set it begins nothing and gives the lease back, so
        that another host can go on while this process still waits for its runs at work."""
        asked = stopped or Event()
        self._thread = Thread(target=self._serve, args=(asked,), name="automation", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop looking, wait for the act that is being done, and give the lease back. The runs that were asked for stay."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
        self._leave()

    def _leave(self) -> None:
        self._pool.shutdown()
        try:
            self._lease.leave()
        except DatabaseFailure:
            LOG.warning("the lease of automation could not be given back: another host takes it over in a while")

    def _serve(self, asked: Event) -> None:
        pause, told = LOOK_SECONDS, ""
        while not self._stopped.wait(pause):
            if asked.is_set():
                self._stopped.set()
                self._leave()
                return
            try:
                self.look()
            except (DatabaseFailure, ShopwrightError) as error:
                why = _why(error)
                if why != told:
                    self._say(f"automation waits: {why}")
                pause, told = min(AWAY_PAUSE, 2 * pause), why
            else:
                if told:
                    self._say("automation goes on")
                pause, told = LOOK_SECONDS, ""

    # ---------------------------------------------------------------- one look
    def look(self) -> None:
        """Keep the lease, see to the act that is being done, and begin the next one that is due.

        Raises DatabaseFailure where the store is away. What fails beside is told once, and kept for the status.
        """
        try:
            settings = self._settings()
        except ShopwrightError as error:
            self._failed(SETTINGS, str(error))
            settings = None
        else:
            self._fine(SETTINGS)
        if settings is not None and not settings.enabled and self._work is None:
            self._lease.leave()
            return
        held_before = self._lease.held
        if not self._lease.keep(self._clocks.steady(), self._status().as_text()):
            if held_before:
                self._say("automation: another host has taken over")
            return
        if not held_before:
            self._say("automation: this host acts now")
        if self._work is not None:
            self._see_to_work(self._work)
        if self._work is None and settings is not None and settings.enabled and not self._stopped.is_set():
            self._begin_due(settings)

    def settle(self, seconds: float = 60.0) -> None:
        """Wait for the act that is being done, and see to it. Raises TimeoutError."""
        if self._work is not None:
            self._work.future.exception(seconds)
            self._see_to_work(self._work)

    def _begin_due(self, settings: AutomationSettings) -> None:
        situation = self._reader.read(self._clocks.wall(), objective_of(settings.objective))
        if situation.last(AutomationKind.BEGIN) is None:
            self._acting.begin(situation)
            self._say("automation: switched on; times of day before now are not made up")
            return
        for one in outlook(settings, situation, self._looked_at):
            trouble = self._trouble.get(one.kind.value)
            if one.verdict.due and (trouble is None or self._clocks.steady() >= trouble.again):
                self._begin(one, situation, settings)
                return

    def _begin(self, one: Outlook, situation: Situation, settings: AutomationSettings) -> None:
        cause = one.verdict.cause or ""

        def work() -> str:
            match one.kind:
                case AutomationKind.PULL:
                    found = self._acting.pull(cause, situation)
                    self._looked_at = situation.now
                    return "" if found is None else f"snapshot {found}"
                case AutomationKind.PLAN:
                    return _runs(self._acting.plan(cause, situation, settings))
                case AutomationKind.CHECK:
                    return _runs(self._acting.check(cause, situation, settings))
                case AutomationKind.REPLAN:
                    return _runs(self._acting.replan(cause, situation, settings))
                case _:
                    return _runs((self._acting.search_on(cause, situation, settings),))

        self._work = _Work(one.kind, cause, self._pool.submit(work))

    def _see_to_work(self, work: _Work) -> None:
        if not work.future.done():
            return
        self._work = None
        error = work.future.exception()
        if error is None:
            self._fine(work.kind.value)
            if found := work.future.result():
                self._say(f"automation: {DONE[work.kind]} ({work.cause}): {found}")
            if work.kind is not AutomationKind.PULL:
                self._asked()
        elif isinstance(error, DatabaseFailure | ShopwrightError):
            self._failed(work.kind.value, _why(error))
        else:
            LOG.error("automation failed of an error that is no user's", exc_info=error)
            self._failed(work.kind.value, f"{type(error).__name__}: {error}")

    # ---------------------------------------------------------------- what failed
    def _failed(self, name: str, why: str) -> None:
        before = self._trouble.get(name)
        pause = FIRST_PAUSE if before is None else min(LONGEST_PAUSE, 2 * before.pause)
        if before is None or before.why != why:
            LOG.warning("automation failed", extra={"act": name, "reason": why})
            self._say(f"automation: {name} failed, tried again in {pause:.0f} s and then after growing pauses: {why}")
        self._trouble[name] = _Trouble(why, self._clocks.steady() + pause, pause)

    def _fine(self, name: str) -> None:
        if self._trouble.pop(name, None) is not None:
            self._say(f"automation: {name} works again")

    def _status(self) -> HostStatus:
        return HostStatus({name: one.why for name, one in self._trouble.items()}, self._looked_at)


def _runs(ids: tuple[str, ...]) -> str:
    return f"runs {', '.join(ids)}" if len(ids) > 1 else f"run {ids[0]}" if ids else "no run"


def _why(error: BaseException) -> str:
    return said_by(error) if isinstance(error, DatabaseFailure) else str(error)
