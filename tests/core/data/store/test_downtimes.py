"""Recorded downtimes and answers to assumptions in the store, on both databases: append-only, the newest counts, audited."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from scheduler_core.data.database import open_store
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import DowntimeChange, NewDowntime, NewScenario
from scheduler_core.data.store_errors import NotFound, Refused, RequestConflict
from scheduler_core.errors import InvalidValue
from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.scenarios.changes import apply_all
from scheduler_core.scenarios.changes_file import changes_to_json
from tests.support.guards import lift_guards_of_additions
from tests.support.sample_plans import fresh, planned, small_plant

SIX = datetime(2025, 7, 21, 6)
HOUR = timedelta(hours=1)


def recorded(store: Store, request: str = "first", **more: object) -> str:
    said = {"start": SIX, "end": None, "reason": "spindle", "actor": "Ann"} | more
    return store.downtimes.record(NewDowntime(request, "tiny", 2, "M2", **said))  # type: ignore[arg-type]


def test_the_newest_line_counts_and_each_is_in_the_trail(store: Store) -> None:
    down = recorded(store)
    assert recorded(store) == down, "the same request is the same downtime"
    assert store.downtimes.change(DowntimeChange("later", down, SIX + 9 * HOUR, False, "Bob"))
    assert not store.downtimes.change(DowntimeChange("same", down, SIX + 9 * HOUR, False, "Bob")), "that is known"
    assert not store.downtimes.change(DowntimeChange("later", down, SIX + 9 * HOUR, False, "Bob")), "the request was served"
    with pytest.raises(RequestConflict, match="until: '2025-07-21T15:00:00' there, '2025-07-21T16:00:00' here"):
        store.downtimes.change(DowntimeChange("later", down, SIX + 10 * HOUR, False, "Bob"))
    with pytest.raises(RequestConflict, match="reason: 'spindle' there, 'belt' here"):
        recorded(store, reason="belt")
    (found,) = store.downtimes.of_plant("tiny")
    assert (found.machine, found.machine_name, found.start, found.end) == (2, "M2", SIX, SIX + 9 * HOUR)
    assert (found.reason, found.recorded_by, found.changed_by, found.in_service) == ("spindle", "Ann", "Bob", False)
    assert (found.is_down(SIX - HOUR), found.is_down(SIX), found.is_down(SIX + 9 * HOUR)) == (False, True, False)
    assert found.in_force(SIX - HOUR)
    assert store.downtimes.change(DowntimeChange("back", down, SIX + HOUR, True, "Cid"))
    assert not store.downtimes.change(DowntimeChange("again", down, SIX + HOUR, True, "Cid"))
    assert not store.downtimes.get(down).in_force(SIX)
    with pytest.raises(Refused, match="M2 is back in service already"):
        store.downtimes.change(DowntimeChange("no", down, None, False, "Bob"))
    trail = [(e.actor, e.action, e.subject, e.detail["end"]) for e in store.audit.newest(limit=3)]
    assert trail == [
        ("Cid", "end-downtime", down, "2025-07-21T07:00:00"), ("Bob", "change-downtime", down, "2025-07-21T15:00:00"),
        ("Ann", "record-downtime", down, None),
    ]  # fmt: skip
    assert store.audit.verify() is None
    assert store.downtimes.of_plant("other") == ()


def test_what_is_unknown_or_has_no_words_is_refused(store: Store) -> None:
    with pytest.raises(NotFound):
        store.downtimes.change(DowntimeChange("x", "0" * 32, None, True, "Ann"))
    for field in ("reason", "actor"):
        with pytest.raises(InvalidValue, match=field):
            recorded(store, **{field: " "})
    assert store.downtimes.of_plant("tiny") == ()


@pytest.mark.parametrize(
    "statement",
    ["UPDATE recorded_downtime SET ends=NULL", "DELETE FROM recorded_downtime",
     "INSERT INTO recorded_downtime VALUES(9,'{id}','r9','tiny',2,'M2','2025-07-21T06:00','2025-07-21T06:00',0,'x','e',0)",
     "INSERT INTO recorded_downtime VALUES(9,'{id}','r9','tiny',2,'M2','2025-07-21T06:00:00',NULL,1,'x','e',0)",
     "INSERT INTO recorded_downtime VALUES(9,'{id}','first','tiny',2,'M2','2025-07-21T06:00:00',NULL,0,'x','e',0)",
     "UPDATE assumption_answer SET came_true=0", "DELETE FROM assumption_answer",
     "INSERT INTO assumption_answer VALUES(9,'unknown',0,1,'eve',0)",
     "INSERT INTO assumption_answer VALUES(9,'{scenario}',-1,1,'eve',0)"],
)  # fmt: skip
def test_the_tables_refuse_what_must_not_be(store: Store, database_url: str, statement: str) -> None:
    down, made = recorded(store), scenario(store)
    store.scenarios.answer(made, 0, came_true=True, actor="Ann", told={})
    lift_guards_of_additions(database_url)
    engine = open_store(database_url).engine
    with pytest.raises(sa.exc.DBAPIError), engine.begin() as connection:
        connection.exec_driver_sql(statement.format(id=down, scenario=made))
    engine.dispose()
    assert store.downtimes.get(down).end is None
    assert store.scenarios.answers([made])[made, 0].came_true


def scenario(store: Store) -> str:
    changes = (Breakdown(1, 0, 60),)
    plant, text = apply_all(small_plant(), changes), changes_to_json(small_plant(), changes)
    return store.scenarios.save(NewScenario(fresh(), planned(store).schedule, plant, text, 0, 0))


def test_an_answer_may_be_corrected_and_the_trail_has_both(store: Store) -> None:
    made = scenario(store)
    assert store.scenarios.answers([]) == store.scenarios.answers([made]) == {}
    assert store.scenarios.answer(made, 0, came_true=True, actor="Ann", told={"recorded": False})
    assert not store.scenarios.answer(made, 0, came_true=True, actor="Bob", told={}), "that is the answer already"
    assert store.scenarios.answer(made, 0, came_true=False, actor="Bob", told={})
    (answer,) = store.scenarios.answers([made]).values()
    assert (answer.came_true, answer.actor) == (False, "Bob")
    trail = [(e.actor, e.action, e.subject) for e in store.audit.newest(limit=2)]
    assert trail == [("Bob", "refute-assumption", made), ("Ann", "confirm-assumption", made)]
    with pytest.raises(NotFound):
        store.scenarios.answer("0" * 32, 0, came_true=True, actor="Ann", told={})


def test_a_request_sent_again_may_write_the_name_otherwise(store: Store) -> None:
    down = recorded(store, actor="Ann  Lee")
    assert recorded(store, actor="Ann Lee") == recorded(store, actor="Ann  Lee") == down
    later = DowntimeChange("later", down, SIX + 9 * HOUR, False, "Ann  Lee")
    assert store.downtimes.change(later)
    assert not store.downtimes.change(later)
