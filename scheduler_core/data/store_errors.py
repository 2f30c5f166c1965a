"""What the store's callers must be ready for."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from scheduler_core.errors import ShopwrightError


class NotFound(ShopwrightError):
    """An id that the store does not hold."""


class Refused(ShopwrightError):
    """Something that must not happen; the message says why, in a planner's words."""


class StaleSnapshot(Refused):
    """The ERP's rows have changed since the snapshot was taken: approve again with an override's reason, or plan anew."""


class Superseded(Refused):
    """Somebody else has kept a newer snapshot since the one on which this one builds was read: nothing was stored."""


class ReleaseBar(StrEnum):
    """What stands against a release, a roll-back or a proposal; the values are stable, for programs."""

    REJECTED = "plan-rejected"
    CHANGED = "plan-changed"
    MEANWHILE = "released-meanwhile"
    WITHDRAWN = "plan-withdrawn"
    ALREADY = "already-released"
    UNPROPOSED = "proposal-needed"
    SAME_PERSON = "second-person-needed"
    REASON = "reason-needed"


class ReleaseRefused(Refused):
    """A release, a roll-back or a proposal that must not be. ``bar``: what stands against it; ``facts``: its data."""

    def __init__(self, bar: ReleaseBar, message: str, **facts: str | int | None) -> None:
        self.bar = bar
        self.facts: Mapping[str, str | int | None] = facts
        super().__init__(message)


class RequestConflict(Refused):
    """A request id that has been used for something else; the message says for what, and what differs."""


class Unacknowledged(Refused):
    """Orders leave the plan with a release, and not exactly these were acknowledged; ``jobs``: their ids."""

    def __init__(self, message: str, jobs: tuple[str, ...]) -> None:
        super().__init__(message)
        self.jobs = jobs


class LeaseLost(ShopwrightError):
    """The run belongs to this worker no longer: it was ended from outside, or declared dead."""
