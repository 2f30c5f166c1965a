"""What was withdrawn: an append-only list of withdrawals and returns; the newest for a plan or a scenario counts."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import audit, release_numbers, scenarios, schedules, serialization
from scheduler_core.data.store.tables import APPROVAL, SCENARIO, SCHEDULE, WITHDRAWAL
from scheduler_core.data.store_errors import Refused


def of_plans(connection: Connection, snapshot_id: str) -> frozenset[str]:
    """Ids of the withdrawn plans among those of a snapshot and of its scenarios."""
    derived = sa.select(SCENARIO.c.snapshot_id).where(SCENARIO.c.base_snapshot_id == snapshot_id)
    theirs = sa.select(SCHEDULE.c.schedule_id).where(
        sa.or_(SCHEDULE.c.snapshot_id == snapshot_id, SCHEDULE.c.snapshot_id.in_(derived))
    )
    newest = sa.select(sa.func.max(WITHDRAWAL.c.change_no)).where(WITHDRAWAL.c.schedule_id.in_(theirs))
    return _in_force(connection, WITHDRAWAL.c.schedule_id, newest.group_by(WITHDRAWAL.c.schedule_id))


def of_scenarios(connection: Connection, base_snapshot_id: str) -> frozenset[str]:
    """Ids of the withdrawn scenarios of a snapshot's plans."""
    theirs = sa.select(SCENARIO.c.scenario_id).where(SCENARIO.c.base_snapshot_id == base_snapshot_id)
    newest = sa.select(sa.func.max(WITHDRAWAL.c.change_no)).where(WITHDRAWAL.c.scenario_id.in_(theirs))
    return _in_force(connection, WITHDRAWAL.c.scenario_id, newest.group_by(WITHDRAWAL.c.scenario_id))


def change_plan(connection: Connection, schedule_id: str, withdraw: bool, actor: str) -> bool:
    """Withdraw a plan or take it back in, with its line in the audit trail; False if nothing was to be changed.

    Raises NotFound, and Refused for a rejected schedule and for the withdrawal of one that was ever released.
    """
    audit.wait_in_line(connection)
    stored = schedules.get(connection, schedule_id)
    if stored.rejected:
        raise Refused(f"schedule {schedule_id} was rejected with {stored.fault_count} violations: it is no plan")
    released = sa.select(release_numbers.number_of()).where(APPROVAL.c.schedule_id == schedule_id)
    number = connection.execute(released.order_by(APPROVAL.c.release_no).limit(1)).scalar()
    if withdraw and number is not None:
        raise Refused(f"this plan was released as version {number}: a release stays in the history")
    return _change(connection, WITHDRAWAL.c.schedule_id, schedule_id, withdraw, actor, "plan")


def change_scenario(connection: Connection, scenario_id: str, withdraw: bool, actor: str) -> bool:
    """Withdraw a scenario or take it back in; False if nothing was to be changed. Raises NotFound.

    Its plans are withdrawn and taken back with it, apart from those that were released.
    """
    audit.wait_in_line(connection)
    scenario = scenarios.get(connection, scenario_id)
    if not _change(connection, WITHDRAWAL.c.scenario_id, scenario_id, withdraw, actor, "scenario"):
        return False
    released = sa.select(APPROVAL.c.schedule_id)
    plans = sa.select(SCHEDULE.c.schedule_id).where(
        SCHEDULE.c.snapshot_id == scenario.snapshot_id, SCHEDULE.c.violations == 0, SCHEDULE.c.schedule_id.not_in(released)
    )
    for plan in connection.execute(plans.order_by(SCHEDULE.c.schedule_id)).scalars().all():
        _change(connection, WITHDRAWAL.c.schedule_id, str(plan), withdraw, actor, "plan")
    return True


def is_withdrawn(connection: Connection, schedule_id: str) -> bool:
    """Whether a plan is withdrawn now."""
    return _is(connection, WITHDRAWAL.c.schedule_id, schedule_id)


def _is(connection: Connection, column: sa.Column[str], subject: str) -> bool:
    newest = sa.select(WITHDRAWAL.c.withdrawn).where(column == subject).order_by(WITHDRAWAL.c.change_no.desc()).limit(1)
    return connection.execute(newest).scalar() == 1


def _in_force(connection: Connection, column: sa.Column[str], newest: sa.Select[tuple[int]]) -> frozenset[str]:
    query = sa.select(column).where(WITHDRAWAL.c.change_no.in_(newest), WITHDRAWAL.c.withdrawn == 1)
    return frozenset(str(subject) for subject in connection.execute(query).scalars())


def _change(
    connection: Connection, column: sa.Column[str], subject: str, withdraw: bool, actor: str, what: str
) -> bool:  # fmt: skip
    if _is(connection, column, subject) == withdraw:
        return False
    audit.record(connection, actor, f"{'withdraw' if withdraw else 'return'}-{what}", subject, {})
    last = connection.execute(sa.select(sa.func.max(WITHDRAWAL.c.change_no))).scalar()
    values = {
        "change_no": (last or 0) + 1, column.name: subject, "withdrawn": int(withdraw),
        "actor": serialization.person("actor", actor), "changed_us": serialization.now_us(),
    }  # fmt: skip
    connection.execute(sa.insert(WITHDRAWAL).values(**values))
    return True
