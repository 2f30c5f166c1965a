"""What-ifs, and plans that were changed by hand."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from pydantic import Field

from scheduler_core.api.documents import Body, Document, Id, Moment
from scheduler_core.api.plan_documents import KpisDocument
from scheduler_core.api.plant_time import At, typed
from scheduler_core.data.store.records import Run, RunState, Scenario, SnapshotInfo
from scheduler_core.services.assumptions import Standing

if TYPE_CHECKING:
    from scheduler_core.scenarios.manual_moves import Changed


class OperationKey(Body):
    """An operation of an order."""

    job: str = Field(min_length=1, max_length=120)
    operation: int = Field(ge=0, lt=2**31)


class MoveBody(OperationKey):
    """An operation on a machine, not before a moment. One that holds several machines keeps them all."""

    machine: int = Field(ge=0, lt=2**31, description="Id of the machine")
    start: str = Field(max_length=40, description="Plant time", examples=["2026-11-30T08:00"])


class WhatIfRun(Document):
    """An answer to a what-if: keep (right_shift), calm (repair) or best."""

    id: Id
    engine: str
    state: RunState
    plan: Id | None


class WhatIfDocument(Document):
    """What a question assumes of a plan, and the runs that answer it."""

    id: Id
    name: str | None = Field(description="Null: not kept under a name")
    plan: Id = Field(description="The plan that it changes")
    snapshot: Id = Field(description="The changed snapshot that its answers plan")
    base_snapshot: Id
    parent: Id | None = Field(description="The what-if whose changes come first")
    changes: list[dict[str, Any]] = Field(description="All changes, those of the parent first (changes/1)")
    now: At
    frozen_hours: float
    pins: list[OperationKey]
    withdrawn: bool
    actor: str
    created_at: Moment
    runs: list[WhatIfRun]


class WhatIfList(Document):
    """The named what-ifs of a snapshot's plans, newest first."""

    snapshot: Id
    items: list[WhatIfDocument]


class RecordedFacts(Document):
    """Ids of the facts, and the latest snapshot, which knows them."""

    facts: list[str]
    snapshot: Id


class MovedPlan(Document):
    """What moves by hand make of a plan, without keeping it."""

    before: KpisDocument
    after: KpisDocument
    moved: int = Field(description="Operations that stand elsewhere")


class PinDocument(Document):
    """An operation that every later plan leaves where it is, with who pinned it and why in words."""

    job: str
    operation: int
    machines: list[int]
    start: At
    end: At
    words: str


class Pins(Document):
    """The pinned operations of a plan."""

    plan: Id
    items: list[PinDocument]


class PinnedPlan(Document):
    """The plan as it goes on with a pin more or less."""

    plan: Id | None = Field(description="Null: it is no plan without the pin")


class AssumptionDocument(Document):
    """A change that a plan assumes and the ERP does not say."""

    what_if: Id
    position: int = Field(description="Of the change in the what-if, from 0")
    kind: str = Field(description="As in changes/1", examples=["breakdown"])
    words: str
    until: At | None = Field(description="When it has passed; null: it stands as long as the plan")
    standing: Standing
    answered_by: str | None


class Assumptions(Document):
    """What a plan assumes."""

    plan: Id
    items: list[AssumptionDocument]


class AssumptionsAnswered(Document):
    """The assumptions after an answer. `plan`: the plan that goes on without the recorded breakdown, if one does."""

    plan: Id | None
    items: list[AssumptionDocument]


def what_if_document(scenario: Scenario, base: SnapshotInfo, runs: Sequence[Run], *, withdrawn: bool) -> WhatIfDocument:
    """A stored what-if."""
    return typed(
        WhatIfDocument,
        {
            "id": scenario.id,
            "name": scenario.name,
            "plan": scenario.base_schedule_id,
            "snapshot": scenario.snapshot_id,
            "base_snapshot": scenario.base_snapshot_id,
            "parent": scenario.parent_id,
            "changes": json.loads(scenario.changes)["changes"],
            "now": base.plan_start + timedelta(minutes=scenario.now),
            "frozen_hours": scenario.frozen_minutes / 60,
            "pins": [{"job": job, "operation": sequence} for job, sequence in scenario.pins],
            "withdrawn": withdrawn,
            "actor": scenario.actor,
            "created_at": scenario.created_at,
            "runs": [
                {"id": run.id, "engine": run.engine, "state": run.state,
                 "plan": run.schedule_id if run.state is RunState.OK else None}
                for run in runs
            ],
        },
        base.timezone,
    )  # fmt: skip


def moved_plan(changed: Changed) -> MovedPlan:
    """The figures before and after."""
    before, after = changed.before.as_dict(), changed.after.as_dict()
    return MovedPlan.model_validate({"before": before, "after": after, "moved": changed.moved})
