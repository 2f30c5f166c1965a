"""Who has which role. Each method is one transaction."""

from __future__ import annotations

from scheduler_core.data.database import Database
from scheduler_core.data.store import role_grants
from scheduler_core.data.store.records import Granted
from scheduler_core.roles import Role, role_named


class RoleRepository:
    """Roles by person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, person: str) -> frozenset[Role]:
        """The roles that a person has now; none for somebody who is not known."""
        with self._database.reading() as connection:
            return frozenset(one.role for one in role_grants.granted(connection, person))

    def granted(self) -> tuple[Granted, ...]:
        """Every role in force, by person and role."""
        with self._database.reading() as connection:
            return role_grants.granted(connection)

    def grant(self, person: str, role: str, actor: str) -> bool:
        """Give a role; False if the person has it already. Raises InvalidValue for a name or role that cannot be."""
        wanted = role_named(role)
        return self._database.writing(lambda connection: role_grants.change(connection, person, wanted, True, actor))

    def revoke(self, person: str, role: str, actor: str) -> bool:
        """Take a role away; False if the person does not have it.

        Raises InvalidValue as ``grant``, and Refused for the role of the last admin.
        """
        wanted = role_named(role)
        return self._database.writing(lambda connection: role_grants.change(connection, person, wanted, False, actor))
