"""Roles in the store, on both databases: no line can be changed, and many at once leave one order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from scheduler_core.data.database import open_store
from scheduler_core.data.store import Store, role_grants
from scheduler_core.data.store_errors import Refused
from scheduler_core.errors import InvalidValue
from scheduler_core.roles import Role
from tests.support.guards import lift_guards_of_additions


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


def test_the_last_admin_stays_whoever_asks(store: Store) -> None:
    store.roles.grant("ann", "admin", "boss")
    store.roles.grant("ann", "planner", "boss")
    store.roles.grant("bob", "planner", "boss")
    for actor in ("ann", "bob", "command line: root"):
        with pytest.raises(Refused, match="ann is the last admin"):
            store.roles.revoke("ann", "admin", actor)
    assert store.roles.revoke("ann", "planner", "ann"), "other roles of the last admin go as before"
    assert not store.roles.revoke("bob", "admin", "ann"), "who is none loses nothing"
    store.roles.grant("bob", "admin", "ann")
    assert store.roles.revoke("ann", "admin", "ann")
    assert store.roles.of("bob") == {Role.PLANNER, Role.ADMIN}
    assert store.audit.newest()[0].action == "revoke-role"


def test_two_admins_who_remove_each_other_at_once_leave_one(store: Store) -> None:
    def revoked(name: str) -> bool:
        try:
            return store.roles.revoke(name, "admin", "boss")
        except Refused:
            return False

    for name in ("ann", "bob"):
        store.roles.grant(name, "admin", "boss")
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(revoked, ("ann", "bob"))) == [False, True]
    assert len(store.roles.granted()) == 1


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
    lift_guards_of_additions(database_url)
    engine = open_store(database_url).engine
    with pytest.raises(sa.exc.DBAPIError), engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
    assert [(g.person, g.role) for g in store.roles.granted()] == [("ann", Role.VIEWER)]


def test_an_unknown_role_is_refused(store: Store) -> None:
    with pytest.raises(InvalidValue, match="'owner' must be one of viewer, planner, approver, admin"):
        store.roles.grant("ann", "owner", "boss")
    assert store.audit.newest() == ()


def test_a_role_under_a_name_that_is_refused_today_can_be_seen_and_taken(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = "bob\u3164"
    with monkeypatch.context() as earlier:
        earlier.setattr(role_grants, "person_named", str)
        store.roles.grant(old, "approver", "boss")
    with pytest.raises(InvalidValue, match=r"holds U\+1160 HANGUL JUNGSEONG FILLER, which cannot be seen"):
        store.roles.grant(old, "planner", "boss")
    with pytest.raises(InvalidValue, match=r"actor: .* cannot be seen"):
        store.roles.revoke(old, "approver", "boss\u200b")
    assert [g.person for g in store.roles.granted()] == [old]
    assert store.roles.revoke(old, "approver", "boss")
    assert store.roles.granted() == ()
