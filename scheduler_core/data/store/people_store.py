"""The store's side of people and roles; part of ``Store``, each method one transaction."""

from __future__ import annotations

from collections.abc import Mapping

from scheduler_core.data.database import Database
from scheduler_core.data.store import audit, role_grants
from scheduler_core.roles import Role, role_named


class PeopleStore:
    """Roles by person. ``_database`` is the store's."""

    _database: Database

    def roles_of(self, person: str) -> frozenset[Role]:
        """The roles that a person has now; none for somebody who is not known."""
        with self._database.reading() as connection:
            return frozenset(one.role for one in role_grants.granted(connection, person))

    def granted_roles(self) -> tuple[role_grants.Granted, ...]:
        """Every role in force, by person and role."""
        with self._database.reading() as connection:
            return role_grants.granted(connection)

    def grant_role(self, person: str, role: str, actor: str) -> bool:
        """Give a role; False if the person has it already. Raises InvalidValue for a name or role that cannot be."""
        wanted = role_named(role)
        return self._database.writing(lambda connection: role_grants.change(connection, person, wanted, True, actor))

    def revoke_role(self, person: str, role: str, actor: str) -> bool:
        """Take a role away; False if the person does not have it. Raises InvalidValue as ``grant_role``."""
        wanted = role_named(role)
        return self._database.writing(lambda connection: role_grants.change(connection, person, wanted, False, actor))

    def note_act(self, actor: str, action: str, subject: str, detail: Mapping[str, object]) -> None:
        """A line in the audit trail for an act that leaves no other trace in the store, such as choosing a checkpoint."""
        self._database.writing(lambda connection: audit.record(connection, actor, action, subject, detail))
