"""Roles in the store, on both databases: no line can be changed, and many at once leave one order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from scheduler_core.data.database import open_store
from scheduler_core.data.store.store import Store
from scheduler_core.errors import InvalidValue
from scheduler_core.roles import Role


def test_roles_add_up_and_the_newest_line_counts(store: Store) -> None:
    assert store.roles_of("ann@example.org") == frozenset()
    for role in ("viewer", "planner"):
        store.grant_role("ann@example.org", role, "boss")
    store.revoke_role("ann@example.org", "viewer", "boss")
    store.grant_role("bob@example.org", "admin", "boss")
    assert store.roles_of("ann@example.org") == {Role.PLANNER}
    assert [(g.person, g.role, g.actor) for g in store.granted_roles()] == [
        ("ann@example.org", Role.PLANNER, "boss"), ("bob@example.org", Role.ADMIN, "boss"),
    ]  # fmt: skip
    assert store.first_broken_audit() is None


def test_names_are_told_apart_sign_by_sign(store: Store) -> None:
    store.grant_role("ann", "admin", "boss")
    assert [store.roles_of(name) for name in ("Ann", "ánn", "ann ", "ann\u0000")] == [frozenset()] * 4


def test_many_at_once_give_a_role_once(store: Store) -> None:
    with ThreadPoolExecutor(6) as pool:
        given = list(pool.map(lambda n: store.grant_role("ann", "planner", f"boss {n}"), range(12)))
    assert given.count(True) == 1
    assert [e.action for e in store.audit()] == ["grant-role"]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE role_change SET role='admin'", "DELETE FROM role_change",
     "INSERT INTO role_change VALUES(9,'eve','owner',1,'eve',0)",
     "INSERT INTO role_change VALUES(1,'eve','admin',1,'eve',0)"],
)  # fmt: skip
def test_the_tables_refuse_what_must_not_be(store: Store, database_url: str, statement: str) -> None:
    store.grant_role("ann", "viewer", "boss")
    engine = open_store(database_url).engine
    with pytest.raises(sa.exc.DBAPIError), engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
    assert [(g.person, g.role) for g in store.granted_roles()] == [("ann", Role.VIEWER)]


def test_an_unknown_role_is_refused(store: Store) -> None:
    with pytest.raises(InvalidValue, match="'owner' is none of viewer, planner, approver, admin"):
        store.grant_role("ann", "owner", "boss")
    assert store.audit() == ()
