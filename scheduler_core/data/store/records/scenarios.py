"""What-if scenarios."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduler_core.plant import Plant


@dataclass(frozen=True)
class Scenario:
    """A stored scenario. ``name`` None: not kept. ``changes`` is their JSON (``changes_from_json`` with the base plant).

    ``now`` and ``frozen_minutes``: in the base snapshot's minutes, what was frozen; ``pins``: (job, sequence).
    ``parent_id``: the scenario on which it stacks; its changes stand first in this one's.
    """

    id: str
    name: str | None
    base_snapshot_id: str
    base_schedule_id: str
    parent_id: str | None
    snapshot_id: str
    changes: str
    now: int
    frozen_minutes: int
    pins: tuple[tuple[str, int], ...]
    actor: str
    created_at: datetime


@dataclass(frozen=True)
class NewScenario:
    """A scenario on its way in; ``plant`` is the base plan's, frozen and changed."""

    request_id: str
    base_schedule_id: str
    plant: Plant
    changes: str
    now: int
    frozen_minutes: int
    pins: tuple[tuple[str, int], ...] = ()
    parent_id: str | None = None
    actor: str = "planner"


@dataclass(frozen=True)
class AssumptionAnswer:
    """Whether a scenario's change number ``position`` (from 0) came true; the newest answer counts. ``at`` is aware UTC."""

    scenario_id: str
    position: int
    came_true: bool
    actor: str
    at: datetime
