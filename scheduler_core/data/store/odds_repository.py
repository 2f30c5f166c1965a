"""Odds of plans and of releases. Each method is one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

from scheduler_core.data.database import Database
from scheduler_core.data.store import plan_odds
from scheduler_core.data.store.records import ReleaseOdds, ReleaseWithoutOdds
from scheduler_core.floor.order_odds import AssumedNoise, PlanOdds


class OddsRepository:
    """Odds by plan and assumed noise, and by release. ``runs`` and ``seed``: of ``floor.odds.odds_of``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, schedule_id: str, assumed: AssumedNoise, runs: int, seed: int) -> PlanOdds | None:
        """The odds of a plan under a noise, None while nobody has computed them."""
        with self._database.reading() as connection:
            return plan_odds.find(connection, schedule_id, assumed, runs, seed)

    def save(self, schedule_id: str, found: PlanOdds, seed: int) -> None:
        """Keep a plan's odds; those that are there already stay."""
        self._database.writing_once(lambda connection: plan_odds.save(connection, schedule_id, found, seed))

    def keep_for_release(self, approval_id: str, schedule_id: str, found: PlanOdds, seed: int) -> None:
        """Tie a release to its plan's odds, which are kept as well; the first that it was given stay."""
        self._database.writing_once(
            lambda connection: plan_odds.keep_for_release(connection, approval_id, schedule_id, found, seed)
        )

    def without(self, plant: str, span: timedelta) -> tuple[ReleaseWithoutOdds, ...]:
        """A plant's releases without odds, newest first, of plans that start no longer than ``span`` before the newest."""
        with self._database.reading() as connection:
            return plan_odds.without(connection, plant, span)

    def of_releases(self, plant: str, since: datetime) -> tuple[ReleaseOdds, ...]:
        """The odds of a plant's releases of plans that start at or after ``since`` (naive plant time), the oldest first."""
        with self._database.reading() as connection:
            return plan_odds.of_releases(connection, plant, since)
