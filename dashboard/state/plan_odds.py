"""The odds of plans as pages see them: read from the store where they are known, else computed beside this server process.

No page waits for them. One process at a time computes; plans that are asked for meanwhile are the next one's.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Protocol

import streamlit as st

from dashboard.state.plant_context import PlantContext
from scheduler_core.data.store import Store
from scheduler_core.floor.order_odds import AssumedNoise, PlanOdds
from scheduler_core.services import odds, odds_process
from scheduler_core.settings import environment

LOG = logging.getLogger(__name__)
MOST_KEPT = 24
"""Plans whose odds stay in memory."""
RETRY_SECONDS = 600.0
"""After so long odds that could not be computed are tried again."""
Key = tuple[str, str, str]


class Process(Protocol):
    """The part of ``subprocess.Popen`` that is used here."""

    def poll(self) -> int | None:
        """The exit status, None while it runs."""
        ...


start_process: Callable[[Store, str, Sequence[str]], Process] = odds_process.start
"""Starts the process; a test sets another one, which starts none."""


@dataclass(frozen=True)
class Look:
    """What is known of a plan's odds now. ``failed``: they could not be computed, and the log says why. ``off``: this server
    computes none."""

    assumed: AssumedNoise
    found: PlanOdds | None = None
    failed: bool = False
    off: bool = False

    @property
    def waiting(self) -> bool:
        """Whether they will be there soon."""
        return self.found is None and not self.failed and not self.off


class OddsKeeper:
    """What this server process knows of odds, and the process that computes; locked, as sessions share it."""

    def __init__(self, start: Callable[[Store, str, Sequence[str]], Process]) -> None:
        self._start = start
        self._lock = Lock()
        self._found: OrderedDict[Key, PlanOdds] = OrderedDict()
        self._process: Process | None = None
        self._begun: tuple[Key, ...] = ()
        self._tried: dict[Key, float] = {}
        self._waiting: dict[Key, None] = {}
        self._releases: set[str] = set()

    def look(self, store: Store, plant: str, schedule_id: str, assumed: AssumedNoise) -> Look:
        """The odds of a plan if they are known; else they are asked for."""
        key = (store.url, schedule_id, repr(assumed.noise))
        with self._lock:
            self._reap()
            if key in self._found:
                self._found.move_to_end(key)
                return Look(assumed, replace(self._found[key], assumed=assumed))
            tried = time.monotonic() - self._tried.get(key, -RETRY_SECONDS) < RETRY_SECONDS
        found = odds.known_odds(store, schedule_id, assumed)
        with self._lock:
            if found is not None:
                self._found[key] = found
                while len(self._found) > MOST_KEPT:
                    self._found.popitem(last=False)
                return Look(assumed, found)
            if tried:
                return Look(assumed, failed=True)
            if key not in self._begun:
                self._waiting[key] = None
            self._begin(store, plant)
            return Look(assumed, failed=self._process is None)

    def tend_release(self, store: Store, plant: str, release_id: str) -> None:
        """Have the odds kept that a release went out with, once for each release."""
        with self._lock:
            if release_id in self._releases:
                return
            self._releases.add(release_id)
        if any(one.release == release_id for one in store.odds.without(plant, odds.WEEKS)):
            with self._lock:
                self._reap()
                self._begin(store, plant)

    def _begin(self, store: Store, plant: str) -> None:
        """Start a process for all that waits in this store; while one is at work the next look does it."""
        if self._process is not None:
            return
        keys = tuple(key for key in self._waiting if key[0] == store.url)
        self._waiting = {}
        try:
            self._process, self._begun = self._start(store, plant, [schedule_id for _, schedule_id, _ in keys]), keys
        except OSError as error:  # no memory or no process left
            LOG.log(logging.ERROR, "odds cannot be computed", extra={"reason": str(error)})
            self._tried.update(dict.fromkeys(keys, time.monotonic()))

    def _reap(self) -> None:
        if self._process is not None and self._process.poll() is not None:
            self._tried.update(dict.fromkeys(self._begun, time.monotonic()))
            self._process, self._begun = None, ()


@st.cache_resource(max_entries=1, show_spinner=False)
def _keeper() -> OddsKeeper:
    return OddsKeeper(lambda store, plant, schedule_ids: start_process(store, plant, schedule_ids))


@st.cache_resource(max_entries=4, show_spinner=False)
def _assumed(_store: Store, url: str, plant: str, pulls: int) -> AssumedNoise:
    del url, pulls  # they stand in the key: a pull brings new actuals
    return odds.assumed_noise(_store, plant)


def assumed_noise(ctx: PlantContext) -> AssumedNoise:
    """The noise that the plant's odds assume now."""
    return _assumed(ctx.store, ctx.store.url, ctx.snapshot.plant, ctx.store.actuals.pulls(ctx.snapshot.plant))


def look(ctx: PlantContext, schedule_id: str) -> Look:
    """What is known of a plan's odds now; what is not known will be there in some seconds. Raises InvalidValue for a wrong
    setting."""
    keeper = _keeper()
    if not environment.switch(environment.ODDS, True):
        assumed = assumed_noise(ctx)
        found = odds.known_odds(ctx.store, schedule_id, assumed)
        return Look(assumed, found, off=found is None)
    if ctx.release is not None:
        keeper.tend_release(ctx.store, ctx.snapshot.plant, ctx.release.id)
    return keeper.look(ctx.store, ctx.snapshot.plant, schedule_id, assumed_noise(ctx))
