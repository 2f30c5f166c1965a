"""Looks at every door again and again, from outside the service, and keeps what was found."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Event, Thread

from scheduler_core.monitoring.availability.doors import Door, ask
from scheduler_core.monitoring.availability.probe_log import ClockJump, Probe, ProbeLog

Ask = Callable[[Door, float], str]


class Prober:
    """One prober's work until it is stopped. Everything that it cannot do is a missing probe, which counts as down.

    ``every``: whole seconds between two looks; ``patience``: seconds for an answer, less than half of that; ``say`` takes a
    line for a person; ``clock`` (UTC seconds) and ``passing`` (seconds that no setting of the clock changes) are for tests.
    """

    def __init__(
        self,
        doors: Sequence[Door],
        log: ProbeLog,
        every: int,
        patience: float,
        say: Callable[[str], None],
        *,
        ask: Ask = ask,
        clock: Callable[[], float] = time.time,
        passing: Callable[[], float] = time.monotonic,
    ) -> None:
        self._doors, self._log, self._every, self._patience, self._say = tuple(doors), log, every, patience, say
        self._ask, self._clock, self._passing = ask, clock, passing
        self._asking: dict[str, Thread] = {}
        self._last_slot: int | None = None
        self._offset: float | None = None
        self._told = ""

    def serve(self, stopped: Event) -> None:
        """Looks in the middle of each stretch of ``every`` seconds until ``stopped`` is set."""
        while not stopped.wait(self.pause()):
            self.look()

    def pause(self) -> float:
        """Seconds until the next look: the middle of this stretch of the clock, or of the next one after a look in this
        one. At most one and a half stretches, wherever the clock is set meanwhile."""
        now = self._clock()
        slot = int(now // self._every)
        middle = (slot + (slot == self._last_slot) + 0.5) * self._every
        return max(0.0, middle - now)

    def look(self) -> None:
        """Asks every door at once and keeps the answers, and before them whether the clock has jumped."""
        at, since = int(self._clock()), self._passing()
        self._last_slot = at // self._every
        offset = at - since
        if self._offset is not None and abs(offset - self._offset) >= self._every:
            self._log.append(ClockJump(at, round(offset - self._offset)))
        self._offset = offset
        self._log.append(Probe(at, self._every, self._answers(since)))
        if self._log.failure != self._told:
            failure, held = self._log.failure, self._log.held
            self._say(
                f"probes cannot be written, {held} wait in memory: {failure}" if failure else "probes are written again"
            )
            self._told = failure

    def _answers(self, since: float) -> dict[str, str]:
        answers: dict[str, str] = {}
        for door in self._doors:
            # A name that is still being looked up holds its own door only, and no second thread is added to it.
            if (before := self._asking.get(door.name)) is None or not before.is_alive():
                found = Thread(target=self._note, args=(door, answers), name=door.name, daemon=True)
                self._asking[door.name] = found
                found.start()
        for door in self._doors:
            self._asking[door.name].join(max(0.0, since + self._patience + 0.2 - self._passing()))
        return {door.name: answers.get(door.name, "timeout") for door in self._doors}

    def _note(self, door: Door, answers: dict[str, str]) -> None:
        answers[door.name] = self._ask(door, self._patience)
