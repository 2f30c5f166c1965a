"""Work that only a few requests may have done at once, as it takes a core for a while and the rest would wait for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from scheduler_core.api import problems
from scheduler_core.api.problems import Problem


class Turns:
    """``at_once`` places in this process. ``busy``: what goes on while none is free, as a sentence's subject and verb."""

    def __init__(self, at_once: int, busy: str, retry_seconds: int) -> None:
        self._places = BoundedSemaphore(at_once)
        self._busy, self._retry_seconds = f"{at_once} {busy}", retry_seconds

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold a place. Raises Problem (429) where none is free."""
        if not self._places.acquire(blocking=False):
            detail = f"{self._busy}: wait for one of them."
            raise Problem(problems.TOO_MANY, detail, headers={"Retry-After": str(self._retry_seconds)})
        try:
            yield
        finally:
            self._places.release()
