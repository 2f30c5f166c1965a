"""What the rules look at: facts of the store and of the health checks at one moment. None: not known just now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from scheduler_core.data.store.records import HostSign
from scheduler_core.monitoring.health import Check


@dataclass(frozen=True)
class OrderState:
    """A late order of the newest pull's best plan: ``minutes`` late (positive)."""

    order: str
    minutes: int
    important: bool
    product: str | None = None


@dataclass(frozen=True)
class Lateness:
    """The late orders by number in the best plan of the newest pull that has one; ``before``: those that were late in the
    best plan of the pull before, None where that has no plan. ``plan``: id of the plan."""

    plan: str
    now: Mapping[str, OrderState]
    before: frozenset[str] | None


@dataclass(frozen=True)
class DownMachine:
    """A machine that is down; ``until`` (naive plant time): its expected end, None if nobody knows."""

    machine: int
    name: str
    until: datetime | None


@dataclass(frozen=True)
class OrderWithoutPlan:
    """An open order that no plan can hold: it needs ``machines`` (ids, with their ``names``) that are down, or, without any,
    its data in the ERP cannot be used."""

    order: str
    machines: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    product: str | None = None


@dataclass(frozen=True)
class Stranded:
    """Orders that cannot be planned, by number; ``before``: those of the pull before, None where there was none."""

    now: Mapping[str, OrderWithoutPlan]
    before: frozenset[str] | None


@dataclass(frozen=True)
class RunOutcome:
    """How an engine's newest finished run ended: ``violations``: of its rejected schedule, 0 if it was not rejected.
    ``fallbacks``: of how many newest plans running it was replaced."""

    engine: str
    violations: int
    fallbacks: int


@dataclass(frozen=True)
class Queue:
    """Waiting runs, and how many minutes the oldest has waited (0 without any)."""

    waiting: int
    minutes: float


@dataclass(frozen=True)
class AuditState:
    """Whether the audit trail is whole; ``reason``: what is wrong, None if nothing."""

    reason: str | None


@dataclass(frozen=True)
class Facts:
    """All facts of one look. ``now`` is aware, ``local`` the same in naive plant time (None without a pull).

    ``clock_runs``: False where the plant's clock stands still (demo, file): ages mean nothing there. ``pulled_at``: of the
    newest pull; ``released_at``: of the newest release, None if there never was one. ``checks``: health checks by name.
    """

    now: datetime
    local: datetime | None = None
    clock_runs: bool = False
    pulled_at: datetime | None = None
    released_at: datetime | None = None
    checks: Mapping[str, Check] = field(default_factory=dict)
    lateness: Lateness | None = None
    down: Sequence[DownMachine] | None = None
    stranded: Stranded | None = None
    runs: Sequence[RunOutcome] | None = None
    queue: Queue | None = None
    hosts: Sequence[HostSign] | None = None
    audit: AuditState | None = None
