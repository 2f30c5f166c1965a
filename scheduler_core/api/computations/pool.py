"""The computations of all callers: a few workers, a bounded queue, and answers that are kept for a while."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol

from scheduler_core.api.computations.records import (
    Answer,
    AnyQuestion,
    Computation,
    ComputationFailed,
    State,
    TooManyComputations,
    UnknownComputation,
)
from scheduler_core.api.computations.worker import ComputingWorker, Told
from scheduler_core.data.database import DatabaseFailure
from scheduler_core.errors import Cancelled, ShopwrightError

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limits:
    """How much is computed and kept.

    workers: processes; active: computations of all callers that wait or are at work, active_of_one: of one caller;
    seconds: the longest that one may be at work. kept_seconds: how long an ended one is kept; kept, kept_of_one: how many
    ended ones; kept_bytes: of what is kept beside their documents.
    """

    workers: int = 1
    active: int = 32
    active_of_one: int = 4
    seconds: float = 120.0
    kept_seconds: float = 900.0
    kept: int = 200
    kept_of_one: int = 20
    kept_bytes: int = 128 * 2**20


class Worker(Protocol):
    """What answers one question at a time."""

    def start(self) -> None:
        """Get ready, without waiting for it."""

    def ask(self, question: AnyQuestion, told: Told, stop: threading.Event, seconds: float) -> Answer:
        """See ``ComputingWorker.ask``."""

    def close(self) -> None:
        """End."""


class Computations:
    """Ask, look, wait, cancel. May be shared between threads. ``close`` always."""

    def __init__(
        self, url: str, limits: Limits = Limits(), make: Callable[[str], Worker] = ComputingWorker,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._url, self._limits, self._make, self._clock = url, limits, make, clock
        self._change = threading.Condition()
        self._all: dict[str, Computation] = {}
        self._ended: dict[str, float] = {}
        self._stops: dict[str, threading.Event] = {}
        self._waiting: deque[str] = deque()
        self._threads: list[threading.Thread] = []
        self._closed = False

    # ---------------------------------------------------------------- callers
    def start(self) -> None:
        """Start the workers, so that the first question finds them warm; the first question does so otherwise."""
        with self._change:
            while len(self._threads) < self._limits.workers and not self._closed:
                worker = self._make(self._url)
                name = f"computation-{len(self._threads)}"
                thread = threading.Thread(target=self._serve, args=(worker,), name=name, daemon=True)
                self._threads.append(thread)
                thread.start()

    def ask(self, owner: str, question: AnyQuestion) -> tuple[Computation, bool]:
        """A new computation; or this caller's that has the same question and has not ended, and then False.

        Raises TooManyComputations.
        """
        self.start()
        with self._change:
            self._drop_old()
            active = [one for one in self._all.values() if not one.state.ended]
            own = [one for one in active if one.owner == owner]
            same = next((one for one in own if one.question == question and not self._stops[one.id].is_set()), None)
            if same is not None:
                return same, False
            if len(own) >= self._limits.active_of_one:
                raise TooManyComputations(True, self._limits.active_of_one, 5)
            if len(active) >= self._limits.active:
                raise TooManyComputations(False, self._limits.active, 10)
            new = Computation(secrets.token_urlsafe(12), owner, question, State.QUEUED, datetime.now(UTC))
            self._all[new.id], self._stops[new.id] = new, threading.Event()
            self._waiting.append(new.id)
            self._change.notify_all()
            return new, True

    def get(self, owner: str, computation_id: str) -> Computation:
        """One of this caller's. Raises UnknownComputation."""
        with self._change:
            self._drop_old()
            found = self._all.get(computation_id)
            if found is None or found.owner != owner:
                raise UnknownComputation(computation_id)
            return found

    def of(self, owner: str) -> tuple[Computation, ...]:
        """This caller's, newest first."""
        with self._change:
            self._drop_old()
            return tuple(one for one in reversed(self._all.values()) if one.owner == owner)

    def wait(self, owner: str, computation_id: str, seconds: float) -> Computation:
        """The computation once it has ended, or as it is after ``seconds``. Raises UnknownComputation."""
        until = self._clock() + seconds
        with self._change:
            while not (found := self.get(owner, computation_id)).state.ended and (left := until - self._clock()) > 0:
                self._change.wait(left)
            return found

    def cancel(self, owner: str, computation_id: str) -> Computation:
        """End it now, at work or not; one that has ended stays as it is. Raises UnknownComputation."""
        with self._change:
            found = self.get(owner, computation_id)
            if found.state.ended:
                return found
            self._stops[found.id].set()
            if found.state is State.QUEUED:
                self._waiting.remove(found.id)
            return self._end(found.id, State.CANCELLED)

    def close(self) -> None:
        """Cancel everything and end the processes."""
        with self._change:
            self._closed = True
            for computation_id in list(self._stops):
                self._stops[computation_id].set()
            self._change.notify_all()
        for thread in self._threads:
            thread.join()

    # ---------------------------------------------------------------- one thread for each worker
    def _serve(self, worker: Worker) -> None:
        try:
            while (asked := self._next(worker)) is not None:
                self._compute(worker, *asked)
        finally:
            worker.close()

    def _next(self, worker: Worker) -> tuple[Computation, threading.Event] | None:
        """The next that waits; None at the end. Meanwhile the worker gets ready, also after its process was killed."""
        try:
            worker.start()
        except OSError as error:  # the question says so again
            LOG.error("no computing process could be started", extra={"reason": str(error)})
        with self._change:
            while not self._waiting:
                if self._closed:
                    return None
                self._change.wait()
            if self._closed:
                return None
            computation_id = self._waiting.popleft()
            began = replace(self._all[computation_id], state=State.RUNNING, started_at=datetime.now(UTC))
            self._all[computation_id] = began
            self._change.notify_all()
            return began, self._stops[computation_id]

    def _compute(self, worker: Worker, asked: Computation, stop: threading.Event) -> None:
        computation_id = asked.id

        def told(fraction: float, message: str) -> None:
            with self._change:
                now = self._all.get(computation_id)
                if now is not None and not now.state.ended:
                    self._all[computation_id] = replace(now, fraction=max(now.fraction, fraction), message=message)

        try:
            answer = worker.ask(asked.question, told, stop, self._limits.seconds)
        except Cancelled:
            self._finish(computation_id, State.CANCELLED)
        except (ShopwrightError, DatabaseFailure) as error:
            self._finish(computation_id, State.FAILED, error=error)
        except OSError as error:
            failed = ComputationFailed(f"no computing process could be started: {error}")
            self._finish(computation_id, State.FAILED, error=failed)
        else:
            self._finish(computation_id, State.DONE, answer)

    def _finish(
        self, computation_id: str, state: State, answer: Answer | None = None, error: Exception | None = None
    ) -> None:  # fmt: skip
        with self._change:
            if computation_id in self._all and not self._all[computation_id].state.ended:
                self._end(computation_id, state, answer, error)

    # ---------------------------------------------------------------- under the lock
    def _end(
        self, computation_id: str, state: State, answer: Answer | None = None, error: Exception | None = None
    ) -> Computation:  # fmt: skip
        now = self._all[computation_id]
        fraction = 1.0 if state is State.DONE else now.fraction
        ended = replace(
            now, state=state, fraction=fraction, ended_at=datetime.now(UTC), answer=answer, error=error
        )  # fmt: skip
        self._all[computation_id] = ended
        self._ended[computation_id] = self._clock()
        self._drop_old()
        self._change.notify_all()
        return ended

    def _drop_old(self) -> None:
        """Of those that have ended, the oldest go: by age, by number, by number of one caller, by size."""
        limits, now = self._limits, self._clock()
        count: dict[str, int] = {}
        size = 0
        for kept, computation_id in enumerate(reversed(list(self._ended)), 1):
            one = self._all[computation_id]
            count[one.owner] = count.get(one.owner, 0) + 1
            size += len(one.answer.kept) if one.answer is not None else 0
            if (
                now - self._ended[computation_id] > limits.kept_seconds or kept > limits.kept
                or count[one.owner] > limits.kept_of_one or (size > limits.kept_bytes and kept > 1)
            ):  # fmt: skip
                del self._all[computation_id], self._ended[computation_id], self._stops[computation_id]
