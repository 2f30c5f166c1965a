"""Facts and downtimes as programs get them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import Field

from scheduler_core.api.documents import Document, Id, Moment, on_the_clock
from scheduler_core.data.store.records import RecordedDowntime
from scheduler_core.plant import Plant
from scheduler_core.scenarios.change_wording import change_words
from scheduler_core.scenarios.changes_file import change_to_json
from scheduler_core.services.facts import Asks, Doubt, Effect, Fact, Origin, Question, Standing


class FactDocument(Document):
    """A fact: what was said, by whom, and whether it acts."""

    id: str
    kind: str = Field(description="The name of the change")
    change: dict[str, Any] = Field(description="In the format changes/1 (docs/facts.md); times are plant time")
    words: str = Field(description="The change for a person")
    state: Standing = Field(description="expired: over by itself, also because the ERP knows it")
    no_effect: str | None = Field(description="Why a fact in force does not act on the latest snapshot")
    since: Moment
    until: Moment | None = Field(description="null: until it is undone, or the ERP knows it")
    reason: str
    origin: Origin = Field(description="Which list keeps it: undo pins with their own routes")
    recorded_by: str = Field(description="The person, or the owner of the token")
    recorded_at: Moment | None
    undone_by: str | None = Field(description="ERP: the ERP knows it, or no longer has the order")
    undone_at: Moment | None
    undone_reason: str
    what_if: Id | None = Field(description="The what-if that it was taken from")


class FactList(Document):
    """A page of facts, newest first."""

    plant: str
    items: list[FactDocument]
    next: str | None = Field(description="The cursor of the next page; null on the last")


class RecordedDocument(Document):
    """A fact that was recorded, and the latest snapshot, made once more with it."""

    id: str
    snapshot: Id


class MadeSnapshot(Document):
    """The latest snapshot, as it is after the request."""

    snapshot: Id


class OrderEffect(Document):
    """An order whose lateness changes: minutes late before and after, 0: on time."""

    job: str
    before: int
    after: int


class EffectDocument(Document):
    """What changes would do to a plan, the sequence of its operations kept."""

    plan: Id
    late_before: int
    late_after: int
    weighted_days_before: float
    weighted_days_after: float
    orders: list[OrderEffect]
    refused: str | None = Field(description="Why there would be no plan")


class MachineQuestion(Document):
    """When is the machine back? Answer with a fact ``machine-returns``."""

    machine: int
    name: str
    jobs: list[str] = Field(description="Orders that wait for it, and that no other machine can take")
    expected: Moment | None = Field(description="When it was expected back, where that has passed")


class ReportQuestion(Document):
    """Is it so? Answer with a report that it is finished, by undoing the fact, or by booking it in the ERP."""

    fact: str
    asks: Asks
    words: str = Field(description="The report for a person")
    reason: str = Field(description="What speaks against it")
    expected: Moment | None = Field(description="When the started operation should have been finished")


class QuestionList(Document):
    """What is asked of those who know the floor."""

    machines: list[MachineQuestion]
    reports: list[ReportQuestion]


class DowntimeDocument(Document):
    """A machine that was recorded as down."""

    id: Id
    machine: int
    name: str
    since: Moment
    end: Moment | None = Field(description="null: not known, planned until the end of the next day")
    in_service: bool = Field(description="The machine was said to be back at the end")
    in_force: bool
    reason: str
    recorded_by: str
    changed_by: str
    changed_at: Moment


class DowntimeList(Document):
    """A page of downtimes, newest first."""

    plant: str
    items: list[DowntimeDocument]
    next: str | None = Field(description="The cursor of the next page; null on the last")


def fact_document(plant: Plant, fact: Fact, now: datetime, idle: str | None) -> FactDocument:
    """A fact that is counted from the plant; ``now``: naive plant time; ``idle``: why it does not act."""
    return FactDocument(
        id=fact.id, kind=fact.kind, change=json.loads(change_to_json(plant, fact.change)),
        words=change_words(plant, fact.change, fact.machine_name), state=fact.standing(now), no_effect=idle,
        since=on_the_clock(plant, fact.since), until=_maybe(plant, fact.until), reason=fact.reason, origin=fact.origin,
        recorded_by=fact.recorded_by, recorded_at=fact.recorded_at, undone_by=fact.undone_by, undone_at=fact.undone_at,
        undone_reason=fact.undone_reason, what_if=fact.scenario_id,
    )  # fmt: skip


def effect_document(plan: str, found: Effect) -> EffectDocument:
    """What changes would do to a plan (id)."""
    return EffectDocument(
        plan=plan, late_before=found.late_before, late_after=found.late_after,
        weighted_days_before=found.weighted_days_before, weighted_days_after=found.weighted_days_after,
        orders=[OrderEffect(job=one.job, before=one.before, after=one.after) for one in found.orders],
        refused=found.refused,
    )  # fmt: skip


def question_list(plant: Plant, machines: tuple[Question, ...], reports: tuple[Doubt, ...]) -> QuestionList:
    """The open questions; reports are counted from the plant."""
    return QuestionList(
        machines=[
            MachineQuestion(machine=q.machine, name=q.name, jobs=list(q.jobs), expected=_maybe(plant, q.expected))
            for q in machines
        ],
        reports=[
            ReportQuestion(
                fact=d.fact.id, asks=d.asks, words=change_words(plant, d.fact.change), reason=d.reason,
                expected=_maybe(plant, d.expected),
            )
            for d in reports
        ],
    )  # fmt: skip


def downtime_document(timezone: str, down: RecordedDowntime, now: datetime) -> DowntimeDocument:
    """A recorded downtime; ``now``: naive plant time."""
    zone = ZoneInfo(timezone)
    return DowntimeDocument(
        id=down.id, machine=down.machine, name=down.machine_name, since=down.start.replace(tzinfo=zone),
        end=None if down.end is None else down.end.replace(tzinfo=zone), in_service=down.in_service,
        in_force=down.in_force(now), reason=down.reason, recorded_by=down.recorded_by, changed_by=down.changed_by,
        changed_at=down.changed_at,
    )  # fmt: skip


def _maybe(plant: Plant, moment: datetime | None) -> datetime | None:
    return None if moment is None else on_the_clock(plant, moment)
