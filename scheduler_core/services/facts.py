"""Facts: what planners know and the ERP does not say, in the words of what-if changes (``changes/1``).

Facts are recorded once and put into every snapshot from then on, until they are over or undone. They stand beside the ERP,
which stays read-only. One list holds all of them: those recorded here, machines recorded as down (``downtimes``) and pins
(``pinning``). Whoever calls for a person goes through ``services.authorized``, which checks the role; a program may call
these functions with a ``Store`` and plain values: they use no user interface and keep no state.

Moments are naive plant time. A change's minutes count from the ``plan_start`` of the plant that it was made for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from scheduler_core.data.store import Store
from scheduler_core.plant import Plant
from scheduler_core.scenarios.changes import Change


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
    ``scenario_id``: the what-if that it was taken from. ``undone_by`` None: not undone.
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

    def standing(self, now: datetime) -> Standing:
        """Where it is in its life at ``now``."""
        if self.undone_by is not None:
            return Standing.UNDONE
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
    machines: dict[int, tuple[Fact, ...]]
    machine_types: dict[int, tuple[Fact, ...]]
    jobs: dict[str, tuple[Fact, ...]]

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
    """When is the machine back? It is out of service in the ERP, and no other machine can take the orders that wait for it."""

    machine: int
    name: str
    jobs: tuple[str, ...]


def known(store: Store, plant: Plant, now: datetime) -> tuple[Fact, ...]:
    """All facts ever recorded of the plant, the newest first, downtimes and the latest snapshot's pins among them. Ask each
    for its ``standing``."""
    raise NotImplementedError


def record(store: Store, stated: Stated, *, now: datetime, actor: str, request_id: str) -> Recorded:
    """Records a fact and makes the latest snapshot once more with it. A breakdown becomes a recorded downtime.

    Raises InvalidValue naming the field where it does not fit the latest snapshot, for a change that is no fact and for an
    empty or long reason; Unschedulable if no plan could exist with it; NotFound without a snapshot. The same ``request_id``
    again records nothing more.
    """
    raise NotImplementedError


def undo(store: Store, fact_id: str, *, now: datetime, actor: str, request_id: str) -> str:
    """Undoes a fact of any origin, and returns the id of the latest snapshot, made once more without it.

    A downtime is over from ``now`` on; a pin is taken off. Raises NotFound for an unknown fact, Refused for one that is
    undone already."""
    raise NotImplementedError


def apply(plant: Plant, facts: Sequence[Fact], now: datetime) -> Applied:
    """The plant with the facts that are in force at ``now``, in the order in which they were recorded; one that does not fit
    is left out, and its outcome says why. Never raises for a fact."""
    raise NotImplementedError


def acting(store: Store, snapshot_id: str) -> Acting:
    """Which facts act on what in a snapshot, as it was when the snapshot was made."""
    raise NotImplementedError


def effect(store: Store, schedule_id: str, changes: Sequence[Change], *, now: datetime) -> Effect:
    """What changes (minutes of the plan's snapshot) would do to a plan; nothing is stored. At most a second or two."""
    raise NotImplementedError


def from_what_if(
    store: Store, scenario_id: str, *, reason: str, now: datetime, actor: str, request_id: str
) -> tuple[Recorded, ...]:  # fmt: skip
    """The changes of a scenario that came true, as facts. Changes that are no facts (an expedited order, a split) are left
    out: ``why_no_fact`` names them. Raises InvalidValue where none is left, else as ``record``."""
    raise NotImplementedError


def why_no_fact(change: Change) -> str | None:
    """Why a change cannot be a fact, None if it can."""
    raise NotImplementedError


def unanswered(store: Store, snapshot_id: str) -> tuple[Question, ...]:
    """The machines out of service in the ERP on which orders of this snapshot wait, and for which nobody has said when they
    are back. The answer is a fact, ``MachineReturns``."""
    raise NotImplementedError
