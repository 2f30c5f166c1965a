"""Facts: what planners know and the ERP does not. Append-only: a line says it, a second line undoes it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class StoredFact:
    """A fact as it is known now.

    ``change`` is its JSON, one change of the format ``changes/1`` (moments on the plant's wall clock). ``since`` and
    ``until`` (naive plant time) are its life: it acts from ``since`` and no longer from ``until`` on (None: until undone).
    ``scenario_id``: the what-if that it comes from. ``undone_by`` None: it has not been undone.
    """

    id: str
    plant: str
    kind: str
    change: str
    since: datetime
    until: datetime | None
    reason: str
    scenario_id: str | None
    recorded_by: str
    recorded_at: datetime
    undone_by: str | None = None
    undone_at: datetime | None = None
    undone_reason: str = ""


@dataclass(frozen=True)
class NewFact:
    """A fact on its way in; fields as in ``StoredFact``."""

    request_id: str
    plant: str
    kind: str
    change: str
    since: datetime
    until: datetime | None
    reason: str
    actor: str
    scenario_id: str | None = None


@dataclass(frozen=True)
class AppliedFact:
    """What became of a fact in a snapshot: ``idle`` None: it acts; else why it does not."""

    fact_id: str
    idle: str | None
