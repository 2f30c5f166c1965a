"""Roles in the store, on both databases: no line can be changed, and many at once leave one order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from scheduler_core.data.database import open_store
from scheduler_core.data.store import Store
from scheduler_core.errors import InvalidValue
from scheduler_core.roles import Role


def test_roles_add_up_and_the_newest_line_counts(store: Store) -> None:
    assert store.roles.of("ann@example.org") == frozenset()
    for role in ("viewer", "planner"):
        store.roles.grant("ann@example.org", role, "boss")
    store.roles.revoke("ann@example.org", "viewer", "boss")
    store.roles.grant("bob@example.org", "admin", "boss")
    assert store.roles.of("ann@example.org") == {Role.PLANNER}
    assert [(g.person, g.role, g.actor) for g in store.roles.granted()] == [
        ("ann@example.org", Role.PLANNER, "boss"), ("bob@example.org", Role.ADMIN, "boss"),
    ]  # fmt: skip
    assert store.audit.first_broken() is None


def test_names_are_told_apart_sign_by_sign(store: Store) -> None:
    store.roles.grant("ann", "admin", "boss")
    assert [store.roles.of(name) for name in ("Ann", "ánn", "ann ", "ann\u0000")] == [frozenset()] * 4


def test_many_at_once_give_a_role_once(store: Store) -> None:
    with ThreadPoolExecutor(6) as pool:
        given = list(pool.map(lambda n: store.roles.grant("ann", "planner", f"boss {n}"), range(12)))
    assert given.count(True) == 1
    assert [e.action for e in store.audit.newest()] == ["grant-role"]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE role_change SET role='admin'", "DELETE FROM role_change",
     "INSERT INTO role_change VALUES(9,'eve','owner',1,'eve',0)",
     "INSERT INTO role_change VALUES(1,'eve','admin',1,'eve',0)"],
)  # fmt: skip
def test_the_tables_refuse_what_must_not_be(store: Store, database_url: str, statement: str) -> None:
    store.roles.grant("ann", "viewer", "boss")
    engine = open_store(database_url).engine
    with pytest.raises(sa.exc.DBAPIError), engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
    assert [(g.person, g.role) for g in store.roles.granted()] == [("ann", Role.VIEWER)]


def test_an_unknown_role_is_refused(store: Store) -> None:
    with pytest.raises(InvalidValue, match="'owner' is none of viewer, planner, approver, admin"):
        store.roles.grant("ann", "owner", "boss")
    assert store.audit.newest() == ()
