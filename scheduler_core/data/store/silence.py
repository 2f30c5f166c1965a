"""Holders of a lease that have been silent for too long, measured by this process's monotonic clock alone.

A lease in the store is a sign of life: its holder changes it with every report. Whoever waits for the next sign remembers
since when it has seen the same one, by a clock that nobody can set. So a clock that jumps ends no run that is alive, and
keeps none that is dead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock


class SilenceWatch:
    """Signs of life by their holder's id, with the second at which each was first seen. Locked, so that threads may share
    it."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._seen: dict[str, tuple[object, float]] = {}

    def silent(
        self, signs: Mapping[str, object], now: float, patience: Callable[[str], float]
    ) -> frozenset[str]:  # fmt: skip
        """Those whose sign has stayed the same for longer than they have been given.

        ``signs``: of all that are to be watched, others are forgotten. ``now``: seconds of a monotonic clock. ``patience``:
        seconds given to a holder, asked for when a sign is seen for the first time.
        """
        with self._lock:
            before, self._seen = self._seen, {}
            for key, sign in signs.items():
                known = before.get(key)
                fresh = known is None or known[0] != sign
                self._seen[key] = (sign, now + patience(key)) if fresh or known is None else known
            return frozenset(key for key, (_, until) in self._seen.items() if now >= until)
