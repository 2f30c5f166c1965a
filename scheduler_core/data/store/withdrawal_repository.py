"""Withdrawn plans and scenarios, which lists leave out. Each method is one transaction."""

from __future__ import annotations

from scheduler_core.data.database import Database
from scheduler_core.data.store import withdrawals


class WithdrawalRepository:
    """What was withdrawn by snapshot. Unknown ids raise NotFound."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def plans(self, snapshot_id: str) -> frozenset[str]:
        """Ids of the withdrawn plans among those of a snapshot and of its scenarios."""
        with self._database.reading() as connection:
            return withdrawals.of_plans(connection, snapshot_id)

    def scenarios(self, base_snapshot_id: str) -> frozenset[str]:
        """Ids of the withdrawn scenarios of a snapshot's plans."""
        with self._database.reading() as connection:
            return withdrawals.of_scenarios(connection, base_snapshot_id)

    def change_plan(self, schedule_id: str, *, withdraw: bool, actor: str = "planner") -> bool:
        """Withdraw a plan or take it back in; False if nothing was to be changed. Raises Refused for what was released."""
        return self._database.writing(lambda connection: withdrawals.change_plan(connection, schedule_id, withdraw, actor))

    def change_scenario(self, scenario_id: str, *, withdraw: bool, actor: str = "planner") -> bool:
        """The same for a scenario, together with its plans that were not released."""
        return self._database.writing(
            lambda connection: withdrawals.change_scenario(connection, scenario_id, withdraw, actor)
        )
