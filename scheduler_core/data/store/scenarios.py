"""What-if scenarios in the store: a base plan, changes to it, and the derived snapshot that engines plan."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import arrival_order, audit, requests, schedules, serialization, snapshots
from scheduler_core.data.store.records import NewScenario, NewSnapshot, Scenario
from scheduler_core.data.store.tables import PROMOTION, SCENARIO, SCENARIO_NAME
from scheduler_core.data.store_errors import NotFound, Refused
from scheduler_core.errors import InvalidValue

_SELECT = sa.select(SCENARIO, SCENARIO_NAME.c.name).select_from(
    SCENARIO.outerjoin(SCENARIO_NAME, SCENARIO_NAME.c.scenario_id == SCENARIO.c.scenario_id)
)


def save(connection: Connection, new: NewScenario) -> str:
    """Insert the scenario with its derived snapshot and return its id; the same request id again returns the first one's.

    Raises Refused for a rejected base or a parent of another base.
    """
    request = serialization.request_id(new.request_id)
    found = connection.execute(sa.select(SCENARIO).where(SCENARIO.c.request_id == request)).first()
    if found is not None:
        requests.same(
            request, f"scenario {found.scenario_id}",
            {"plan": (found.base_schedule_id, new.base_schedule_id), "scenario below": (found.parent_id, new.parent_id),
             "changes": (found.changes, new.changes)},
        )  # fmt: skip
        return str(found.scenario_id)
    base = schedules.get(connection, new.base_schedule_id)
    if base.rejected:
        raise Refused(f"schedule {base.id} was rejected: a scenario begins with a plan")
    if new.parent_id is not None and get(connection, new.parent_id).base_schedule_id != base.id:
        raise Refused(f"scenario {new.parent_id} begins with another plan")
    info = snapshots.info(connection, base.snapshot_id)
    scenario_id = serialization.new_id()
    # The derived snapshot keeps its source's fingerprint, so that approval still notices whether the ERP has changed.
    snapshot_id = snapshots.save(
        connection,
        NewSnapshot(
            new.plant, f"scenario-{scenario_id}", info.source, info.counts, (), (), info.fingerprint, info.banner, new.actor
        ),
    )  # fmt: skip
    connection.execute(
        sa.insert(SCENARIO).values(
            scenario_id=scenario_id, request_id=request, base_snapshot_id=base.snapshot_id, base_schedule_id=base.id,
            base_content_sha256=base.content_sha256, base_violations=0, parent_id=new.parent_id, snapshot_id=snapshot_id,
            changes=new.changes, now_min=serialization.integer("now", new.now),
            frozen_min=serialization.integer("frozen_minutes", new.frozen_minutes), pins=serialization.to_json("pins",
            new.pins),
            actor=serialization.person("actor", new.actor), created_us=serialization.now_us(),
        )
    )  # fmt: skip
    audit.record(connection, new.actor, "scenario", scenario_id, {"base": base.id, "snapshot": snapshot_id})
    return scenario_id


def get(connection: Connection, scenario_id: str) -> Scenario:
    """One scenario."""
    row = connection.execute(_SELECT.where(SCENARIO.c.scenario_id == scenario_id)).first()
    if row is None:
        raise NotFound(f"scenario {scenario_id!r} is not in the store")
    return _scenario(row)


def of_snapshots(connection: Connection, snapshot_ids: Collection[str]) -> Mapping[str, Scenario]:
    """The scenario of each derived snapshot among these, by the snapshot's id."""
    if not snapshot_ids:
        return {}
    rows = connection.execute(_SELECT.where(SCENARIO.c.snapshot_id.in_(snapshot_ids)))
    return {str(row.snapshot_id): _scenario(row) for row in rows}


def kept(connection: Connection, base_snapshot_id: str, limit: int) -> tuple[Scenario, ...]:
    """Those that have a name, newest first."""
    query = _SELECT.where(SCENARIO.c.base_snapshot_id == base_snapshot_id, SCENARIO_NAME.c.name.is_not(None))
    order = query.order_by(arrival_order.line_of(SCENARIO.c.scenario_id, "scenario").desc(), SCENARIO.c.scenario_id).limit(
        limit
    )
    return tuple(_scenario(row) for row in connection.execute(order))


def keep(connection: Connection, scenario_id: str, name: str, actor: str) -> None:
    """Give a scenario its name, once. Raises Refused if it has another, or another of the same base has this one."""
    scenario, name = get(connection, scenario_id), serialization.name("name", name.strip())
    if scenario.name == name:
        return
    if scenario.name is not None:
        raise Refused(f"this scenario is kept already, as {scenario.name!r}")
    taken = sa.select(SCENARIO_NAME.c.scenario_id).where(
        SCENARIO_NAME.c.base_snapshot_id == scenario.base_snapshot_id, SCENARIO_NAME.c.name == name
    )
    if connection.execute(taken).first() is not None:
        raise InvalidValue("name", name, "is the name of another scenario")
    connection.execute(
        sa.insert(SCENARIO_NAME).values(
            scenario_id=scenario_id, base_snapshot_id=scenario.base_snapshot_id, name=name,
            actor=serialization.person("actor", actor), kept_us=serialization.now_us(),
        )
    )  # fmt: skip
    audit.record(connection, actor, "keep-scenario", scenario_id, {"name": name})


def promote(connection: Connection, schedule_id: str, actor: str) -> None:
    """Put a scenario's plan up for approval, once. Raises Refused for a rejected schedule or one of no scenario."""
    if connection.execute(sa.select(PROMOTION.c.schedule_id).where(PROMOTION.c.schedule_id == schedule_id)).first():
        return
    stored = schedules.get(connection, schedule_id)
    if stored.rejected:
        raise Refused(f"schedule {schedule_id} was rejected with {stored.fault_count} violations: it is no plan")
    if not connection.execute(sa.select(SCENARIO.c.scenario_id).where(SCENARIO.c.snapshot_id == stored.snapshot_id)).first():
        raise Refused(f"schedule {schedule_id} belongs to no scenario: it can be approved as it is")
    connection.execute(
        sa.insert(PROMOTION).values(
            schedule_id=stored.id, content_sha256=stored.content_sha256, snapshot_id=stored.snapshot_id, violations=0,
            actor=serialization.person("actor", actor), promoted_us=serialization.now_us(),
        )
    )  # fmt: skip
    audit.record(connection, actor, "promote", schedule_id, {"snapshot": stored.snapshot_id})


def promoted(connection: Connection, base_snapshot_id: str) -> Sequence[str]:
    """Ids of the promoted schedules of a base snapshot's scenarios, newest first."""
    query = (
        sa.select(PROMOTION.c.schedule_id)
        .join(SCENARIO, SCENARIO.c.snapshot_id == PROMOTION.c.snapshot_id)
        .where(SCENARIO.c.base_snapshot_id == base_snapshot_id)
        .order_by(arrival_order.line_of(PROMOTION.c.schedule_id, "promote").desc(), PROMOTION.c.schedule_id)
    )
    return tuple(str(row.schedule_id) for row in connection.execute(query))


def _scenario(row: sa.Row[Any]) -> Scenario:
    return Scenario(
        id=row.scenario_id, name=row.name, base_snapshot_id=row.base_snapshot_id, base_schedule_id=row.base_schedule_id,
        parent_id=row.parent_id, snapshot_id=row.snapshot_id, changes=row.changes, now=row.now_min,
        frozen_minutes=row.frozen_min, pins=tuple((job, sequence) for job, sequence in json.loads(row.pins)),
        actor=row.actor, created_at=serialization.from_us(row.created_us),
    )  # fmt: skip
