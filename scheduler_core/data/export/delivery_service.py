"""Delivers releases until it is stopped, also while the store or the receiver is out of reach for a time."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from contextlib import ExitStack
from threading import Event
from time import monotonic

from scheduler_core.data.database import DatabaseFailure
from scheduler_core.data.export.config import ExportConfig
from scheduler_core.data.export.exporter import Attempt, Exporter, receiver_of
from scheduler_core.data.store import Store
from scheduler_core.errors import InvalidValue, ShopwrightError

LOG = logging.getLogger(__name__)
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
"""Between two tries while a database is out of reach: doubled up to it, and each between half and all of that."""
BEAT_SECONDS = 20.0
"""How often an exporter notes in the store that it lives."""
PATIENCE_SECONDS = 60.0
"""How long it may be silent beyond what its own waits explain."""


class DeliveryService:
    """One exporter's work from its start until it is stopped. ``say`` takes a line for each event."""

    def __init__(
        self,
        config: ExportConfig,
        say: Callable[[str], None],
        first_pause: float = FIRST_PAUSE_SECONDS,
        longest_pause: float = LONGEST_PAUSE_SECONDS,
    ) -> None:
        self._config, self._say = config, say
        self._first_pause, self._longest_pause = first_pause, longest_pause
        self._next_beat = 0.0
        self._silenced = ""
        self._failing = "it has not reached the store and the receiver yet"
        self._worked_until = monotonic() + self._silence_seconds

    @property
    def failure(self) -> str:
        """Why deliveries do not get on just now, "" if they do; without any text of a database. Any thread may ask."""
        if self._failing:
            return self._failing
        return "" if monotonic() <= self._worked_until else "it has been silent for too long"

    @property
    def _silence_seconds(self) -> float:
        return BEAT_SECONDS + self._config.poll_seconds + self._config.timeout_seconds + PATIENCE_SECONDS

    def serve(self, stopped: Event) -> None:
        """Deliver what is due, and look again every ``poll_seconds``, until ``stopped`` is set.

        A database that fails is told once, and tried again after growing pauses. Raises InvalidValue for a setting that is
        wrong.
        """
        exporter: Exporter | None = None
        failure, pause = "", self._first_pause
        with ExitStack() as opened:
            while not stopped.is_set():
                try:
                    if exporter is None:
                        exporter = self._connected(opened, stopped)
                    self._round(exporter, stopped)
                except (DatabaseFailure, ShopwrightError) as error:
                    if exporter is None and isinstance(error, InvalidValue):
                        raise
                    reason = _reason(error)
                    if reason != failure:
                        LOG.warning("releases could not be delivered", extra={"reason": reason})
                        self._say(f"releases wait: {reason}")
                    failure, self._failing = reason, "releases wait: the store or the receiver is out of reach"
                    # Not all exporters and dashboards at once, when a server comes back.
                    stopped.wait(pause * (0.5 + random.random() / 2))
                    pause = min(self._longest_pause, 2 * pause)
                else:
                    if failure:
                        LOG.warning("releases are delivered again")
                        self._say("releases go on")
                    failure, pause = "", self._first_pause
                    self._failing, self._worked_until = "", monotonic() + self._silence_seconds
                    stopped.wait(self._config.poll_seconds)
            if exporter is not None:
                self._beat(exporter, 0.0)

    def _connected(self, opened: ExitStack, stopped: Event) -> Exporter:
        with ExitStack() as opening:
            store = Store.open()
            opening.callback(store.close)
            receiver = opening.enter_context(receiver_of(self._config, stopped.is_set))
            opened.push(opening.pop_all())
        return Exporter(store, receiver, self._config)

    def _round(self, exporter: Exporter, stopped: Event) -> None:
        self._beat_if_due(exporter)
        exporter.store.runs.fail_expired()  # it may be the only process that is always there
        for attempt in exporter.deliver_due(stopped.is_set):
            self._say(told(attempt))
            self._worked_until = monotonic() + self._silence_seconds
            self._beat_if_due(exporter)

    def _beat_if_due(self, exporter: Exporter) -> None:
        if monotonic() >= self._next_beat:
            self._next_beat = monotonic() + BEAT_SECONDS
            self._beat(exporter, self._silence_seconds)

    def _beat(self, exporter: Exporter, for_seconds: float) -> None:
        reason = note_life(exporter, for_seconds)
        if reason and reason != self._silenced:
            self._say(unseen(reason))
        self._silenced = reason


def note_life(exporter: Exporter, for_seconds: float) -> str:
    """Note in the store that an exporter lives; returns why that failed, "" if it did not.

    Deliveries do not depend on it: where the store itself fails, they say so.
    """
    try:
        exporter.beat(for_seconds)
    except DatabaseFailure as error:
        LOG.warning("an exporter could not note that it lives", extra={"reason": _reason(error)})
        return _reason(error)
    return ""


def unseen(reason: str) -> str:
    """What is said of an exporter that could not note that it lives."""
    return f"'shopwright health' will not see this exporter: {reason} (docs/export.md)"


def told(attempt: Attempt) -> str:
    """An attempt in one line."""
    return f"{attempt.plant} version {attempt.number}: {attempt.state.value} ({attempt.said})"


def _reason(error: Exception) -> str:
    return " ".join(str(getattr(error, "orig", None) or error).split())
