"""The keys of requests that are at work in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from scheduler_core.api import problems
from scheduler_core.api.problems import Problem


class InFlight:
    """Keys at work. Two processes may work on the same key at once: the services then do one and the same thing, as the key
    is their request id."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._keys: set[str] = set()

    @contextmanager
    def alone(self, key: str) -> Iterator[None]:
        """Hold a key. Raises Problem (409) where it is held."""
        with self._lock:
            if key in self._keys:
                raise Problem(
                    problems.IN_FLIGHT, f"The request {key} is still at work: ask again.", headers={"Retry-After": "1"}
                )
            self._keys.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._keys.discard(key)
