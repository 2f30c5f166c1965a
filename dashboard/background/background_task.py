"""Work that a page waits for, in a thread of its own, so that it tells how far it is and can be called off meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock, Thread
from typing import Generic, TypeVar

from scheduler_core.data.read_progress import ReadProgress
from scheduler_core.errors import Cancelled

T = TypeVar("T")


class BackgroundTask(Generic[T]):
    """Begins at once. It is the work's listener, and whoever called it off can be sure that nothing comes of it."""

    def __init__(self, work: Callable[[ReadProgress], T]) -> None:
        self._work = work
        self._lock = Lock()
        self._called_off = self._kept = False
        self._rows = (0, 0)
        self._value: T | None = None
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name="background-task", daemon=True)
        self._thread.start()

    # ---------------------------------------------------------------- the work's side
    def rows(self, read: int, expected: int) -> None:
        """See ReadProgress."""
        with self._lock:
            self._stop_if_called_off()
            self._rows = (read, expected)

    def keeps(self) -> None:
        """See ReadProgress."""
        with self._lock:
            self._stop_if_called_off()
            self._kept = True

    def _stop_if_called_off(self) -> None:
        if self._called_off:
            raise Cancelled("cancelled")

    def _run(self) -> None:
        try:
            self._value = self._work(self)
        except BaseException as error:  # whoever waits for it gets it from ``result``
            self._error = error

    # ---------------------------------------------------------------- the page's side
    def wait(self, seconds: float) -> bool:
        """Whether it has ended; its thread is waited for so many seconds."""
        self._thread.join(seconds)
        return self.ended

    @property
    def ended(self) -> bool:
        """Whether ``result`` has an answer. Once it is called off it has, even while its thread waits for a database."""
        return self._called_off or not self._thread.is_alive()

    @property
    def seen(self) -> tuple[int, int]:
        """Rows read so far, and of about how many."""
        with self._lock:
            return self._rows

    @property
    def kept(self) -> bool:
        """Whether it can no longer be called off."""
        with self._lock:
            return self._kept

    def call_off(self) -> bool:
        """True if nothing comes of it now, however long its thread still waits for a database; False if it is too late."""
        with self._lock:
            if self._kept or self.ended:
                return False
            self._called_off = True
            return True

    def result(self) -> T:
        """What the work returned; raises what it raised, and Cancelled if it was called off. Only once it has ended."""
        if self._called_off:
            raise Cancelled("cancelled")
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value]
