"""The lease of the one host that acts on a store, as one host sees it. It depends on no clock that can be set."""

from __future__ import annotations

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import AutomationHost

SILENT_SECONDS = 30.0
"""A host that has given no sign for so long is taken for dead; it gives one every few seconds."""


class HostLease:
    """``owner``: this host's name, unlike any other."""

    def __init__(self, store: Store, owner: str) -> None:
        self._store, self._owner = store, owner
        self._seen: tuple[AutomationHost | None, float] | None = None
        self.held = False
        """Whether this host acts, as of its last look."""

    def keep(self, now: float, said: str) -> bool:
        """Renew the lease, or take it over from a host that is silent; whether this host holds it now.

        ``now``: seconds of ``time.monotonic``; ``said``: what the host says of itself (``host_status.py``).
        """
        if self._store.automation.beat(self._owner, said):
            self.held = True
            return True
        found = self._store.automation.host()
        if self._seen is None or self._seen[0] != found:
            self._seen = (found, now)
        free = found is None or not found.owner
        self.held = (free or now - self._seen[1] >= SILENT_SECONDS) and self._store.automation.take(self._owner, found)
        return self.held

    def leave(self) -> None:
        """Give it back, if this host holds it."""
        if self.held:
            self._store.automation.leave(self._owner)
            self.held = False
