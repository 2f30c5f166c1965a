"""Who has which role: an append-only list of grants and revocations, of which the newest for a person and role counts."""

from __future__ import annotations

import json

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import audit, serialization
from scheduler_core.data.store.records import Granted
from scheduler_core.data.store.tables import AUDIT, ROLE_CHANGE
from scheduler_core.data.store_errors import Refused
from scheduler_core.people.person_names import person_named
from scheduler_core.roles import Role, refuse_automation

_GRANT, _REVOKE = "grant-role", "revoke-role"


def granted(connection: Connection, person: str | None = None) -> tuple[Granted, ...]:
    """The roles in force, of one person or of all, by person and role.

    A role is in force if the newest row about it gives it, and so does the newest line of the audit trail: a row that was
    added to the table past the trail gives nobody a right.
    """
    newest = sa.select(sa.func.max(ROLE_CHANGE.c.change_no)).group_by(ROLE_CHANGE.c.person, ROLE_CHANGE.c.role)
    if person is not None:
        newest = newest.where(ROLE_CHANGE.c.person == person)
    query = sa.select(ROLE_CHANGE).where(ROLE_CHANGE.c.change_no.in_(newest), ROLE_CHANGE.c.granted == 1)
    rows = connection.execute(query.order_by(ROLE_CHANGE.c.person, ROLE_CHANGE.c.role)).all()
    told = _told(connection, person) if rows else frozenset()
    return tuple(
        Granted(r.person, Role(r.role), r.actor, serialization.from_us(r.changed_us))
        for r in rows
        if (r.person, r.role) in told
    )


def _told(connection: Connection, person: str | None) -> frozenset[tuple[str, str]]:
    """Person and role of what the newest lines of the trail give."""
    lines = sa.select(AUDIT.c.act, AUDIT.c.subject, AUDIT.c.detail).where(AUDIT.c.act.in_((_GRANT, _REVOKE)))
    if person is not None:
        lines = lines.where(AUDIT.c.subject == person)
    newest = {
        (r.subject, str(json.loads(r.detail)["role"])): r.act for r in connection.execute(lines.order_by(AUDIT.c.audit_seq))
    }
    return frozenset(about for about, act in newest.items() if act == _GRANT)


def change(connection: Connection, person: str, role: Role, give: bool, actor: str) -> bool:
    """Give or take a role, with its line in the audit trail; False if nothing was to be changed.

    A role can be taken from everybody who has one, also under a name that could not be given one today. Raises Refused for
    taking the role of the last admin.
    """
    name = person if not give and granted(connection, person) else refuse_automation(person_named(person))
    # One at a time: the number of the line and what is in force are read before the line is written.
    audit.wait_in_line(connection)
    if any(one.role is role for one in granted(connection, name)) == give:
        return False
    if role is Role.ADMIN and not give:
        _leave_an_admin(connection, name)
    audit.record(connection, actor, _GRANT if give else _REVOKE, name, {"role": role.value})
    last = connection.execute(sa.select(sa.func.max(ROLE_CHANGE.c.change_no))).scalar()
    connection.execute(
        sa.insert(ROLE_CHANGE).values(
            change_no=(last or 0) + 1, person=name, role=role.value, granted=int(give),
            actor=serialization.person("actor", actor), changed_us=serialization.now_us(),
        )
    )  # fmt: skip
    return True


def _leave_an_admin(connection: Connection, name: str) -> None:
    """Raises Refused where nobody else could hand out roles afterwards."""
    if not any(one.role is Role.ADMIN and one.person != name for one in granted(connection)):
        raise Refused(
            f"{name} is the last admin, and without one nobody can give or take roles on the board: make somebody else "
            "admin first (on the page People, or with: shopwright roles grant PERSON admin)"
        )
