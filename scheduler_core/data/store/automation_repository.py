"""Automation: its acts, and the lease of the host that acts. Each method is one transaction."""

from __future__ import annotations

from scheduler_core.data.database import Database
from scheduler_core.data.store import automation_acts
from scheduler_core.data.store.records import AutomationAct, AutomationHost


class AutomationRepository:
    """What automation did, by plant, and who does it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, act: AutomationAct) -> int:
        """Note that something was done; returns the number of the act."""
        return self._database.writing_once(lambda connection: automation_acts.record(connection, act))

    def newest(self, plant: str | None = None, limit: int = 20) -> tuple[AutomationAct, ...]:
        """The newest acts first, of one plant or of all."""
        with self._database.reading() as connection:
            return automation_acts.newest(connection, plant, limit)

    def newest_of_kinds(self, plant: str) -> tuple[AutomationAct, ...]:
        """The newest act of each kind of a plant."""
        with self._database.reading() as connection:
            return automation_acts.newest_of_kinds(connection, plant)

    def host(self) -> AutomationHost | None:
        """The host that holds the lease; None where none ever did."""
        with self._database.reading() as connection:
            return automation_acts.host(connection)

    def beat(self, owner: str, said: str = "") -> bool:
        """Renew the lease that ``owner`` holds, and say what is wrong (nothing: empty); False if it holds it no longer."""
        return self._database.writing(lambda connection: automation_acts.beat(connection, owner, said))

    def take(self, owner: str, seen: AutomationHost | None) -> bool:
        """Take the lease over from the host as it was ``seen`` last; False if it has given a sign since."""
        return self._database.writing_once(lambda connection: automation_acts.take(connection, owner, seen))

    def leave(self, owner: str) -> None:
        """Give the lease back."""
        self._database.writing(lambda connection: automation_acts.leave(connection, owner))
