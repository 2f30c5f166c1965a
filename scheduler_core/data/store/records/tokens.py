"""Service tokens: how programs prove in whose name they act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduler_core.roles import Role


@dataclass(frozen=True)
class NewToken:
    """A token that is to be made; of its secret only the SHA-256, in 64 hexadecimal digits.

    ``id``: 12 hexadecimal digits. ``expires_at``: aware. ``actor``: who makes it.
    """

    request_id: str
    id: str
    name: str
    owner: str
    roles: frozenset[Role]
    expires_at: datetime
    secret_sha256: str
    actor: str


@dataclass(frozen=True)
class ServiceToken:
    """A token that was made: it acts in its owner's name with ``roles`` at most (what the owner has now, and no more).

    ``actor`` made it. ``last_used``: to about ten minutes; None: never.
    """

    id: str
    name: str
    owner: str
    roles: frozenset[Role]
    actor: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    last_used: datetime | None = None

    def is_live(self, now: datetime) -> bool:
        """Whether it is neither revoked nor expired (``now``: aware)."""
        return self.revoked_at is None and now < self.expires_at
