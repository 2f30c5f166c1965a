"""Scenarios in the store, on both databases: kept, stacked, named once, promoted, and never mistaken for a pull."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from scheduler_core.data.database import open_store
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import NewScenario
from scheduler_core.data.store_errors import NotFound, Refused
from scheduler_core.errors import InvalidValue
from scheduler_core.scenarios.changes import DueChanged, apply_all
from scheduler_core.scenarios.changes_file import changes_from_json, changes_to_json
from tests.support.sample_plans import (
    FINGERPRINT,
    Planned,
    approval,
    fresh,
    overlapping_schedule,
    planned,
    small_plant,
    snapshot,
)

CHANGES = (DueChanged("JOB-1", 700),)


def scenario(store: Store, base: Planned, request: str | None = None, parent: str | None = None) -> str:
    plant = apply_all(small_plant(), CHANGES)
    text = changes_to_json(small_plant(), CHANGES)
    return store.scenarios.save(
        NewScenario(request or fresh(), base.schedule, plant, text, 5, 90, (("JOB-1", 2),), parent, "Ann")
    )  # fmt: skip


@pytest.fixture
def base(store: Store) -> Planned:
    return planned(store)


def test_a_scenario_is_found_as_it_was_kept(store: Store, base: Planned) -> None:
    found = store.scenarios.get(scenario(store, base))
    assert (found.base_snapshot_id, found.base_schedule_id, found.name) == (base.snapshot, base.schedule, None)
    assert (found.now, found.frozen_minutes, found.pins, found.actor) == (5, 90, (("JOB-1", 2),), "Ann")
    assert changes_from_json(found.changes, small_plant(), "scenario") == CHANGES
    assert store.snapshots.plant(found.snapshot_id).job_by_id["JOB-1"].due == 700


def test_the_same_request_makes_one_scenario(store: Store, base: Planned) -> None:
    assert scenario(store, base, "r1") == scenario(store, base, "r1")


def test_a_derived_snapshot_is_no_pull_and_keeps_its_fingerprint(store: Store) -> None:
    base = planned(store, snapshot_id=snapshot(store, FINGERPRINT))
    made = store.scenarios.get(scenario(store, base))
    latest = store.snapshots.latest()
    assert latest is not None
    assert latest.id == base.snapshot
    assert made.snapshot_id not in {s.id for s in store.snapshots.newest()}
    assert store.snapshots.get(made.snapshot_id).fingerprint == FINGERPRINT


def test_names_are_given_once_and_to_one(store: Store, base: Planned) -> None:
    first, second = scenario(store, base), scenario(store, base)
    store.scenarios.give_name(first, " Press down ")
    store.scenarios.give_name(first, "Press down")
    assert [s.name for s in store.scenarios.named(base.snapshot)] == ["Press down"]
    with pytest.raises(Refused, match="kept already, as 'Press down'"):
        store.scenarios.give_name(first, "Other")
    with pytest.raises(InvalidValue, match="name: 'Press down' is the name of another"):
        store.scenarios.give_name(second, "Press down")
    with pytest.raises(InvalidValue, match="name: '' is empty"):
        store.scenarios.give_name(second, "  ")
    with pytest.raises(NotFound):
        store.scenarios.give_name("0" * 32, "x")


def test_scenarios_stack_on_one_base(store: Store, base: Planned) -> None:
    parent = scenario(store, base)
    assert store.scenarios.get(scenario(store, base, parent=parent)).parent_id == parent
    with pytest.raises(Refused, match="begins with another plan"):
        scenario(store, planned(store), parent=parent)
    with pytest.raises(Refused, match="begins with a plan"):
        scenario(store, planned(store, overlapping_schedule()))


def test_a_scenario_plan_is_promoted_and_the_release_stays(store: Store, base: Planned) -> None:
    release = store.releases.approve(approval(base), None)
    made = store.scenarios.get(scenario(store, base))
    plan = planned(store, snapshot_id=made.snapshot_id)
    assert store.scenarios.promoted_schedules(base.snapshot) == ()
    store.scenarios.promote(plan.schedule)
    store.scenarios.promote(plan.schedule)
    assert [s.id for s in store.scenarios.promoted_schedules(base.snapshot)] == [plan.schedule]
    current = store.releases.current("tiny")
    assert current is not None
    assert current.id == release.id
    assert store.releases.approve(approval(plan, on_top_of=1), None).number == 2
    with pytest.raises(Refused, match="belongs to no scenario"):
        store.scenarios.promote(base.schedule)
    with pytest.raises(Refused, match="was rejected"):
        store.scenarios.promote(planned(store, overlapping_schedule(), made.snapshot_id).schedule)


@pytest.fixture
def names(store: Store, base: Planned) -> dict[str, object]:
    made = store.scenarios.get(scenario(store, base))
    store.scenarios.give_name(made.id, "one")
    bad = planned(store, overlapping_schedule(), made.snapshot_id)
    return {
        "made": made.id, "derived": made.snapshot_id, "base": base.schedule, "content": base.content, "snap": base.snapshot,
        "bad": bad.schedule, "bad_content": bad.content, "id": "0" * 32,
    }  # fmt: skip


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE scenario SET changes='x' WHERE scenario_id=:made",
        "DELETE FROM scenario_name WHERE scenario_id=:made",
        "UPDATE scenario_name SET name='two' WHERE scenario_id=:made",
        "INSERT INTO scenario_name VALUES(:made,:snap,'again','A',1)",
        # a base that is not a plan, a scenario that is its own base, a promotion of a rejected or a base plan
        "INSERT INTO scenario VALUES(:id,'q',:derived,:bad,:bad_content,0,NULL,:derived,'x',0,0,'[]','A',1)",
        "INSERT INTO scenario VALUES(:id,'q',:snap,:base,:content,0,NULL,:snap,'x',0,0,'[]','A',1)",
        "INSERT INTO promotion VALUES(:bad,:bad_content,:derived,0,'A',1)",
        "INSERT INTO promotion VALUES(:base,:content,:snap,0,'A',1)",
    ],
)
def test_the_tables_refuse_what_must_not_be(
    store: Store, database_url: str, names: dict[str, object], statement: str
) -> None:  # fmt: skip
    database = open_store(database_url)
    try:
        with pytest.raises(DBAPIError, match=r"(?i)constraint|append-only|duplicate"), database.engine.begin() as connection:
            connection.execute(sa.text(statement), names)
    finally:
        database.close()


def test_a_stored_plan_of_a_scenario_is_its_own(store: Store, base: Planned) -> None:
    made = store.scenarios.get(scenario(store, base))
    plan = planned(store, snapshot_id=made.snapshot_id)
    assert [s.id for s in store.schedules.newest(snapshot_id=made.snapshot_id)] == [plan.schedule]
    assert store.schedules.load(plan.schedule) == store.schedules.load(base.schedule)
