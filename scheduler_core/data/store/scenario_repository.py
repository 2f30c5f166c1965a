"""What-if scenarios, and their plans that are up for approval. Each method is one transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from scheduler_core.data.database import Database
from scheduler_core.data.store import assumption_answers, scenarios, schedules
from scheduler_core.data.store.records import AssumptionAnswer, NewScenario, Scenario, StoredSchedule


class ScenarioRepository:
    """Scenarios by id and by base snapshot. Unknown ids raise NotFound."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, new: NewScenario) -> str:
        """Keep a scenario with its derived snapshot and return its id; the same request id again returns the first one's.

        Raises NotFound (base, parent) and Refused (rejected base, parent of another base).
        """
        return self._database.writing_once(lambda connection: scenarios.save(connection, new))

    def get(self, scenario_id: str) -> Scenario:
        """One scenario."""
        with self._database.reading() as connection:
            return scenarios.get(connection, scenario_id)

    def of_snapshots(self, snapshot_ids: Collection[str]) -> Mapping[str, Scenario]:
        """The scenario of each derived snapshot among these, by the snapshot's id."""
        with self._database.reading() as connection:
            return scenarios.of_snapshots(connection, snapshot_ids)

    def named(self, base_snapshot_id: str, limit: int = 50) -> tuple[Scenario, ...]:
        """The named scenarios of a snapshot's plans, newest first."""
        with self._database.reading() as connection:
            return scenarios.kept(connection, base_snapshot_id, limit)

    def give_name(self, scenario_id: str, name: str, actor: str = "planner") -> None:
        """Give a scenario its name. Raises Refused if it has another, InvalidValue for one that is taken, empty or long."""
        self._database.writing_once(lambda connection: scenarios.keep(connection, scenario_id, name, actor))

    def promote(self, schedule_id: str, actor: str = "planner") -> None:
        """Put a scenario's plan up for approval; what is released stays. Raises Refused for any other schedule."""
        self._database.writing_once(lambda connection: scenarios.promote(connection, schedule_id, actor))

    def promoted_schedules(self, base_snapshot_id: str) -> tuple[StoredSchedule, ...]:
        """The promoted plans of a snapshot's scenarios, newest first."""
        with self._database.reading() as connection:
            return tuple(schedules.get(connection, one) for one in scenarios.promoted(connection, base_snapshot_id))

    def answers(self, scenario_ids: Collection[str]) -> Mapping[tuple[str, int], AssumptionAnswer]:
        """What became of the assumptions of scenarios: the newest answers, by scenario and the change's position from 0."""
        with self._database.reading() as connection:
            return assumption_answers.of_scenarios(connection, scenario_ids)

    def answer(self, scenario_id: str, position: int, *, came_true: bool, actor: str, told: Mapping[str, object]) -> bool:
        """Say whether an assumption came true, with a line in the audit trail that also holds ``told``; False if that is the
        answer already."""
        return self._database.writing_once(
            lambda connection: assumption_answers.answer(connection, scenario_id, position, came_true, actor, told)
        )
