"""What became of the assumptions of scenarios: an append-only list of answers; the newest for an assumption counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import audit, scenarios, serialization
from scheduler_core.data.store.records import AssumptionAnswer
from scheduler_core.data.store.tables import ASSUMPTION_ANSWER as ANSWER


def of_scenarios(connection: Connection, scenario_ids: Collection[str]) -> Mapping[tuple[str, int], AssumptionAnswer]:
    """The answers that count, by scenario and position."""
    if not scenario_ids:
        return {}
    query = sa.select(ANSWER).where(ANSWER.c.scenario_id.in_(scenario_ids)).order_by(ANSWER.c.answer_no)
    return {
        (row.scenario_id, row.position): AssumptionAnswer(
            row.scenario_id, row.position, bool(row.came_true), row.actor, serialization.from_us(row.answered_us)
        )
        for row in connection.execute(query)
    }


def answer(
    connection: Connection, scenario_id: str, position: int, came_true: bool, actor: str, told: Mapping[str, object]
) -> bool:
    """Add an answer with its line in the audit trail, which also holds what was ``told`` of the assumption; False if that is
    the answer already. Raises NotFound for an unknown scenario."""
    audit.wait_in_line(connection)
    scenarios.get(connection, scenario_id)
    given = of_scenarios(connection, [scenario_id]).get((scenario_id, position))
    if given is not None and given.came_true == came_true:
        return False
    act = "confirm-assumption" if came_true else "refute-assumption"
    audit.record(connection, actor, act, scenario_id, {"position": position, **told})
    last = connection.execute(sa.select(sa.func.max(ANSWER.c.answer_no))).scalar()
    connection.execute(
        sa.insert(ANSWER).values(
            answer_no=(last or 0) + 1, scenario_id=scenario_id, position=serialization.integer("position", position),
            came_true=int(came_true), actor=serialization.person("actor", actor), answered_us=serialization.now_us(),
        )
    )  # fmt: skip
    return True
