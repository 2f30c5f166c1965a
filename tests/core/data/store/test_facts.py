"""Facts in the store, on both databases: append-only, undone by a second line, audited; the plant before them stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from scheduler_core.data.database import open_store
from scheduler_core.data.store import Store, fact_repository
from scheduler_core.data.store.records import AppliedFact, NewFact, Source, StoredFact
from scheduler_core.data.store_errors import NotFound, Refused, RequestConflict
from scheduler_core.errors import InvalidValue
from scheduler_core.interchange import snapshot_to_json
from tests.support.sample_plans import FINGERPRINT, fresh, small_plant

SIX = datetime(2025, 7, 21, 6)
HOUR = timedelta(hours=1)
SAID = '{"change":"note","machine":2,"text":"Öl 😀"}'


def recorded(store: Store, request: str = "first", **more: object) -> str:
    said = {"since": SIX, "until": None, "reason": "é", "actor": "Ann"} | more
    return store.facts.record(NewFact(request, "tiny", "note", SAID, **said))  # type: ignore[arg-type]


def test_a_request_sent_again_may_write_the_name_otherwise(store: Store) -> None:
    fact = recorded(store, actor="Ann  Lee")
    assert recorded(store, actor="Ann Lee") == recorded(store, actor="Ann  Lee") == fact
    assert store.facts.undo(fact, request_id="undo", actor="Ann  Lee")
    assert not store.facts.undo(fact, request_id="undo", actor="Ann  Lee")


def test_a_second_line_undoes_a_fact_and_both_are_in_the_trail(store: Store, database_url: str) -> None:
    fact, other = recorded(store), recorded(store, "other", until=SIX + HOUR)
    assert recorded(store) == fact, "the same request is the same fact"
    assert store.facts.undo(fact, request_id="undo", actor="Bob")
    assert not store.facts.undo(fact, request_id="undo", actor="Bob"), "the request was served"
    for asked in ({"reason": "other"}, {"actor": "Cid"}):
        with pytest.raises(RequestConflict, match="was used for something else: a fact of 'tiny'"):
            recorded(store, **asked)
        with pytest.raises(RequestConflict, match="was used for something else: a fact of 'tiny'"):
            store.facts.undo(fact, request_id="undo", **{"actor": "Bob", **asked})
    with pytest.raises(Refused, match="undone already, by Bob"):
        store.facts.undo(fact, request_id="again", actor="Cid")
    first, second = store.facts.of_plant("tiny")
    assert (first.id, first.change, first.since, first.until, first.reason) == (fact, SAID, SIX, None, "é")
    assert (first.recorded_by, first.undone_by, second.undone_by) == ("Ann", "Bob", None)
    assert (store.facts.get(other), second.until) == (second, SIX + HOUR)
    assert store.facts.served("other") == other
    trail = [(e.actor, e.action, e.subject, e.detail["content"]) for e in store.audit.newest(limit=3)]
    assert trail == [
        ("Bob", "undo-fact", fact, SAID),
        ("Ann", "record-fact", other, SAID),
        ("Ann", "record-fact", fact, SAID),
    ]
    assert store.audit.verify() is None
    assert store.facts.of_plant("else") == ()
    assert fact_repository.look(database_url, "tiny") == (first, second)


def test_what_is_unknown_or_has_no_life_is_refused(store: Store) -> None:
    with pytest.raises(NotFound):
        store.facts.undo("0" * 32, request_id="x", actor="Ann")
    with pytest.raises(InvalidValue, match="until: '2025-07-21 06:00' is not after 2025-07-21 06:00, its begin"):
        recorded(store, until=SIX)
    with pytest.raises(InvalidValue, match="actor"):
        recorded(store, actor=" ")
    assert store.facts.of_plant("tiny") == ()


@pytest.mark.parametrize("statement", ["UPDATE {} SET {}='x'", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["fact.reason", "snapshot_before_facts.document", "fact_applied.idle"])
def test_no_line_is_ever_changed(store: Store, database_url: str, table: str, statement: str) -> None:
    snapshot_with_facts(store)
    database = open_store(database_url)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), database.engine.begin() as connection:
        connection.exec_driver_sql(statement.format(*table.split(".")))
    database.close()


def snapshot_with_facts(store: Store) -> tuple[str, str]:
    fact = recorded(store)
    shop = replace(small_plant(), jobs=small_plant().jobs[:1])
    made = store.snapshots.save(
        shop, request_id="pull", source=Source.ERP, fingerprint=FINGERPRINT, before=small_plant(),
        facts=(AppliedFact(fact, None), AppliedFact("f" * 32, "is gone 😀")),
    )  # fmt: skip
    return made, fact


def test_a_snapshot_keeps_the_plant_before_its_facts(store: Store) -> None:
    made, fact = snapshot_with_facts(store)
    assert len(store.snapshots.plant(made).jobs) == 1
    assert snapshot_to_json(store.snapshots.plant_before_facts(made)) == snapshot_to_json(small_plant())
    assert store.snapshots.facts(made) == (AppliedFact(fact, None), AppliedFact("f" * 32, "is gone 😀"))
    without = store.snapshots.save(small_plant(), request_id=fresh(), source=Source.FILE)
    assert store.snapshots.facts(without) == ()
    assert store.snapshots.plant_before_facts(without) == store.snapshots.plant(without)
    assert store.audit.verify() is None
    assert isinstance(store.facts.get(fact), StoredFact)
