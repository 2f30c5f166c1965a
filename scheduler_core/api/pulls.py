"""Pulls that programs have asked for: at work in threads of this process, followed and called off by the request's id.

What a pull has led to stands in the store under its request id; only how far it is, and why it failed, is known here alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from threading import Lock, Thread

from scheduler_core.api import problems
from scheduler_core.api.error_mapping import problem_of
from scheduler_core.api.problems import Problem, ProblemDocument
from scheduler_core.data.read_progress import ReadProgress
from scheduler_core.errors import Cancelled

MOST_AT_WORK = 2
"""Pulls at once; each reads the whole ERP."""
MOST_KEPT = 100
"""Pulls that have ended and are remembered."""


class PullState(StrEnum):
    """What has become of a pull."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class PullSeen:
    """A pull as it is now.

    rows: read so far, of about ``expected``. snapshot: what it has led to. problem: why it failed.
    """

    id: str
    state: PullState
    rows: int = 0
    expected: int = 0
    snapshot: str | None = None
    problem: ProblemDocument | None = None


class _AtWork:
    """The listener of one pull; called off it ends at the next rows."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.read, self.expected = 0, 0
        self.called_off = self.kept = False

    def rows(self, read: int, expected: int) -> None:
        """See ReadProgress."""
        with self.lock:
            self._stop()
            self.read, self.expected = read, expected

    def keeps(self) -> None:
        """See ReadProgress."""
        with self.lock:
            self._stop()
            self.kept = True

    def _stop(self) -> None:
        if self.called_off:
            raise Cancelled("cancelled")


class Pulls:
    """Begins, shows and cancels pulls. May be shared between threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._at_work: dict[str, _AtWork] = {}
        self._ended: dict[str, PullSeen] = {}

    def begin(self, pull_id: str, pull: Callable[[ReadProgress], str]) -> PullSeen:
        """Begin a pull in a thread of its own; one of this id that is at work goes on. Raises Problem (429) where too many
        are at work."""
        with self._lock:
            if pull_id not in self._at_work:
                if len(self._at_work) >= MOST_AT_WORK:
                    detail = f"{MOST_AT_WORK} pulls are at work: wait for one of them."
                    raise Problem(problems.TOO_MANY, detail, headers={"Retry-After": "5"})
                self._ended.pop(pull_id, None)
                listener = self._at_work[pull_id] = _AtWork()
                Thread(target=self._work, args=(pull_id, listener, pull), name="api-pull", daemon=True).start()
        seen = self.seen(pull_id)
        assert seen is not None  # it has just begun
        return seen

    def seen(self, pull_id: str) -> PullSeen | None:
        """A pull at work or ended here; None for one that this process does not know."""
        with self._lock:
            listener = self._at_work.get(pull_id)
            if listener is None:
                return self._ended.get(pull_id)
            return PullSeen(pull_id, PullState.RUNNING, listener.read, listener.expected)

    def cancel(self, pull_id: str) -> None:
        """Ask a pull to stop; one that keeps what it has read already, or has ended, stays as it is."""
        with self._lock:
            listener = self._at_work.get(pull_id)
        if listener is not None:
            with listener.lock:
                listener.called_off = listener.called_off or not listener.kept

    def _work(self, pull_id: str, listener: _AtWork, pull: Callable[[ReadProgress], str]) -> None:
        try:
            state, snapshot, refusal = PullState.DONE, pull(listener), None
        except Cancelled:
            state, snapshot, refusal = PullState.CANCELLED, None, None
        except Exception as error:  # told to whoever asks for the pull; what nobody foresaw is logged by problem_of
            state, snapshot, refusal = PullState.FAILED, None, problem_of(error).document
        seen = PullSeen(pull_id, state, listener.read, listener.expected, snapshot, refusal)
        with self._lock:
            del self._at_work[pull_id]
            self._ended[pull_id] = seen
            for old in list(self._ended)[:-MOST_KEPT]:
                del self._ended[old]
