"""The frozen zone in the store, on both databases: the newest change counts, no line can be changed, the trail tells all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from scheduler_core.data.database import open_store
from scheduler_core.data.store import Store
from scheduler_core.errors import InvalidValue
from scheduler_core.roles import Actor, Forbidden
from scheduler_core.services import authorized
from tests.support.guards import lift_guards_of_additions


def test_the_newest_change_of_a_plant_counts(store: Store) -> None:
    assert store.frozen_zones.of("tiny") is None
    assert store.frozen_zones.set_zone("tiny", 8, {7: 24, 3: 0}, "Ann")
    assert store.frozen_zones.set_zone("other", 1.5, {}, "Bob")
    first = store.frozen_zones.of("tiny")
    assert first is not None
    assert (first.hours, first.by_type, first.actor, first.empty) == (8.0, ((3, 0.0), (7, 24.0)), "Ann", False)
    assert not store.frozen_zones.set_zone("tiny", 8, {3: 0, 7: 24}, "Bob"), "it is so already"
    assert store.frozen_zones.set_zone("tiny", 0, {}, "Bob")
    second, other = store.frozen_zones.of("tiny"), store.frozen_zones.of("other")
    assert second is not None
    assert other is not None
    assert (second.hours, second.by_type, second.actor, second.empty) == (0.0, (), "Bob", True)
    assert second.at >= first.at
    assert other.hours == 1.5
    assert [(e.actor, e.action, e.subject) for e in store.audit.newest()] == [
        ("Bob", "set-frozen-zone", "tiny"), ("Bob", "set-frozen-zone", "other"), ("Ann", "set-frozen-zone", "tiny"),
    ]  # fmt: skip
    assert store.audit.verify() is None


def test_a_zone_of_no_hours_is_no_change_where_none_was_set(store: Store) -> None:
    assert not store.frozen_zones.set_zone("tiny", 0, {}, "Ann")
    assert store.audit.newest() == ()


def test_many_at_once_set_it_once(store: Store) -> None:
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda n: store.frozen_zones.set_zone("tiny", 8, {7: 24}, f"planner {n}"), range(12)))
    assert done.count(True) == 1
    assert [e.action for e in store.audit.newest()] == ["set-frozen-zone"]


@pytest.mark.parametrize("hours", [-1.0, 240.5, float("nan"), float("inf")])
def test_hours_that_cannot_be_are_refused(store: Store, hours: float) -> None:
    with pytest.raises(InvalidValue, match="is not between 0 and 240"):
        store.frozen_zones.set_zone("tiny", hours, {}, "Ann")
    with pytest.raises(InvalidValue, match="hours of machine type 7"):
        store.frozen_zones.set_zone("tiny", 8, {7: hours}, "Ann")
    assert store.frozen_zones.of("tiny") is None


@pytest.mark.parametrize(
    "statement",
    ["UPDATE frozen_zone SET frozen_min=0", "DELETE FROM frozen_zone", "UPDATE frozen_centre SET frozen_min=0",
     "DELETE FROM frozen_centre", "INSERT INTO frozen_zone VALUES(1,'tiny',0,'eve',0)",
     "INSERT INTO frozen_zone VALUES(9,'tiny',14401,'eve',0)", "INSERT INTO frozen_zone VALUES(9,'tiny',-1,'eve',0)",
     "INSERT INTO frozen_zone VALUES(9,'tiny',0,'',0)", "INSERT INTO frozen_centre VALUES(9,7,60)",
     "INSERT INTO frozen_centre VALUES(1,7,60)"],
)  # fmt: skip
def test_the_tables_refuse_what_must_not_be(store: Store, database_url: str, statement: str) -> None:
    store.frozen_zones.set_zone("tiny", 8, {7: 24}, "Ann")
    lift_guards_of_additions(database_url)
    engine = open_store(database_url).engine
    with pytest.raises(sa.exc.DBAPIError), engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
    found = store.frozen_zones.of("tiny")
    assert found is not None
    assert (found.hours, found.by_type) == (8.0, ((7, 24.0),))


@pytest.mark.parametrize(
    ("statement", "fault"),
    [("INSERT INTO frozen_centre VALUES(1,9,600)", "the hours of its work centres have been changed"),
     ("INSERT INTO frozen_zone VALUES(2,'other',60,'eve',0)", "no line tells of set-frozen-zone of other")],
)  # fmt: skip
def test_what_was_slipped_in_past_the_trail_is_found(
    store: Store, database_url: str, statement: str, fault: str
) -> None:  # fmt: skip
    store.frozen_zones.set_zone("tiny", 8, {7: 24}, "Ann")
    lift_guards_of_additions(database_url)
    engine = open_store(database_url).engine
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()
    broken = store.audit.verify()
    assert broken is not None
    assert fault in broken.reason


def test_who_may_not_plan_may_not_set_it(store: Store) -> None:
    store.roles.grant("ann@example.org", "viewer", "boss")
    with pytest.raises(Forbidden, match="takes the role planner"):
        authorized.set_frozen_zone(store, Actor("ann@example.org"), "tiny", 8, {})
    assert store.frozen_zones.of("tiny") is None
    store.roles.grant("ann@example.org", "planner", "boss")
    assert authorized.set_frozen_zone(store, Actor("ann@example.org"), "tiny", 8, {})
    found = store.frozen_zones.of("tiny")
    assert found is not None
    assert found.actor == "ann@example.org"
