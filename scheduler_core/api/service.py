"""What every request works with: the store, the settings, who says who asks, and what begins runs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from typing import TypeAlias

from scheduler_core.api.computations.pool import Computations, Limits
from scheduler_core.api.in_flight import InFlight
from scheduler_core.api.loaded_plans import LoadedPlans
from scheduler_core.api.pulls import Pulls
from scheduler_core.api.rate_limits import RateLimits
from scheduler_core.api.run_looks import RunLooks
from scheduler_core.data.database import DatabaseUnavailable
from scheduler_core.data.database_url import sqlite_file
from scheduler_core.data.store import Store
from scheduler_core.roles import Actor
from scheduler_core.settings.api_settings import ApiSettings

LOG = logging.getLogger(__name__)
Identify: TypeAlias = Callable[[Store, str, datetime], Actor]
"""The actor behind a bearer token as of a moment. Raises InvalidToken."""


def nothing() -> None:
    """Begins no run: another process looks after them."""


@dataclass
class Service:
    """The parts of one API; shared by all its requests.

    identify: who is behind a bearer token. begin_runs: gives free slots to waiting runs at once. stopping: set when the
    server begins to stop, so that open streams end. now: the time (aware). streams: how many streams of progress are open.
    pulls: pulls that programs have asked for.
    computations: answers that take longer than a second. plans: those that were asked for last, loaded. looks: at the runs
    that streams follow.
    """

    store: Store
    identify: Identify
    settings: ApiSettings = field(default_factory=ApiSettings)
    begin_runs: Callable[[], None] = nothing
    stopping: Event = field(default_factory=Event)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    in_flight: InFlight = field(default_factory=InFlight)
    streams: int = 0
    pulls: Pulls = field(default_factory=Pulls)
    limits: RateLimits = field(init=False)
    computations: Computations = field(init=False)
    plans: LoadedPlans = field(init=False)
    looks: RunLooks = field(init=False)

    def __post_init__(self) -> None:
        self.computations = Computations(self.store.url, Limits(workers=self.settings.computing))
        self.plans = LoadedPlans(self.store)
        self.looks = RunLooks(lambda run_id: self.store.runs.get(run_id))
        self.limits = RateLimits(self.settings.token_per_minute, self.settings.address_per_minute)
        self._file = sqlite_file(self.store.url)

    def require_store(self) -> None:
        """Raises DatabaseUnavailable where the file of an SQLite store has been taken away: open connections would go on
        writing into what nobody can open any more."""
        if self._file is not None and not self._file.is_file():
            raise DatabaseUnavailable(f"{self._file} is gone")
