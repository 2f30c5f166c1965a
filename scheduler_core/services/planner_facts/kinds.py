"""What the service of facts speaks of: facts, what became of them, and what they would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scheduler_core.plant import Plant
from scheduler_core.scenarios.changes import Change

BY_ERP = "ERP"
"""Who ends a report from the floor that the ERP has confirmed."""


class Standing(StrEnum):
    """Where a fact is in its life."""

    COMING = "coming"  # begins later
    ACTIVE = "active"
    EXPIRED = "expired"
    UNDONE = "undone"


class Origin(StrEnum):
    """Which list keeps a fact."""

    FACT = "fact"
    DOWNTIME = "downtime"  # a machine recorded as down, see ``downtimes``
    PIN = "pin"  # an operation pinned in the latest snapshot, see ``pinning``


@dataclass(frozen=True)
class Fact:
    """One fact. ``change`` counts its minutes from the plan_start of the plant with which the list was asked for.

    ``kind`` is the change's name in ``changes/1``. ``since`` and ``until``: its life (until None: until undone).
    ``scenario_id``: the what-if that it was taken from. ``undone_by`` None: not undone; ``BY_ERP``: over by itself,
    because the ERP knows it. ``machine_name``: of a machine out of service that the plant does not have before the next
    pull; else empty.
    """

    id: str
    origin: Origin
    kind: str
    change: Change
    since: datetime
    until: datetime | None
    reason: str
    recorded_by: str
    recorded_at: datetime | None
    scenario_id: str | None = None
    undone_by: str | None = None
    undone_at: datetime | None = None
    undone_reason: str = ""
    machine_name: str = ""

    def standing(self, now: datetime) -> Standing:
        """Where it is in its life at ``now``."""
        if self.undone_by is not None:
            return Standing.EXPIRED if self.undone_by == BY_ERP else Standing.UNDONE
        if self.until is not None and self.until <= now:
            return Standing.EXPIRED
        return Standing.COMING if self.since > now else Standing.ACTIVE


@dataclass(frozen=True)
class Stated:
    """What a planner says: the change, its minutes counted from ``plan_start``, and why.

    ``since`` None: from now on. ``until`` None: until undone, or until the change itself is over (a date has passed).
    """

    change: Change
    plan_start: datetime
    reason: str
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Recorded:
    """The fact's id, and the latest snapshot, made once more with it."""

    fact_id: str
    snapshot_id: str


@dataclass(frozen=True)
class Outcome:
    """What became of a fact in a plant. ``idle`` None: it acts; else why it does not ("is not a known job")."""

    fact: Fact
    idle: str | None


@dataclass(frozen=True)
class Applied:
    """A plant with facts in it, and what became of each, in the order in which they were recorded."""

    plant: Plant
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True)
class Acting:
    """The facts of one snapshot by what they act on, for pages that show them where they act.

    ``plant``: facts about the whole plant. A fact about a machine type stands with each of its machines and with the type.
    ``idle``: those that are in force and do not act, with the reason.
    """

    outcomes: tuple[Outcome, ...]
    plant: tuple[Fact, ...]
    machines: Mapping[int, tuple[Fact, ...]]
    machine_types: Mapping[int, tuple[Fact, ...]]
    jobs: Mapping[str, tuple[Fact, ...]]

    @property
    def idle(self) -> tuple[Outcome, ...]:
        """The facts that do not act, and why."""
        return tuple(one for one in self.outcomes if one.idle is not None)


@dataclass(frozen=True)
class LateChange:
    """An order whose lateness changes: minutes late before and after (0: on time)."""

    job: str
    before: int
    after: int


@dataclass(frozen=True)
class Effect:
    """What changes would do to a plan, its sequence of operations kept: late orders and weighted days of tardiness before
    and after, and every order whose lateness changes, the most first. ``refused``: why there is no plan with them."""

    late_before: int
    late_after: int
    weighted_days_before: float
    weighted_days_after: float
    orders: tuple[LateChange, ...]
    refused: str | None = None


@dataclass(frozen=True)
class Question:
    """When is the machine back? It is out of service in the ERP, and orders wait for it that no other machine can take.

    ``jobs``: these orders, which are in quarantine. ``expected``: when it was expected back, where that has passed.
    """

    machine: int
    name: str
    jobs: tuple[str, ...]
    expected: datetime | None = None


class Asks(StrEnum):
    """What is asked of a report from the floor."""

    ENDED = "ended"  # by its minutes the started operation should be finished, and nobody has said so
    UNCONFIRMED = "unconfirmed"  # the ERP has known nothing of it for a day
    CONTRADICTED = "contradicted"  # the ERP, or another report, says otherwise


@dataclass(frozen=True)
class Doubt:
    """A report from the floor that a planner should look at, and why.

    ``expected``: when the started operation should have been finished (naive plant time). ``reason``: what speaks against
    it, where something does.
    """

    fact: Fact
    asks: Asks
    expected: datetime | None = None
    reason: str = ""
