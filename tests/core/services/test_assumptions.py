"""What a plan assumes is open until a planner has said whether it came true, or until its time has passed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from scheduler_core.data.store import Store
from scheduler_core.errors import InvalidValue
from scheduler_core.plant import Fixed, Plant
from scheduler_core.scenarios.assumed import is_assumed, passes_at
from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.scenarios.changes import Change, DueChanged, JobDropped, MaterialLate
from scheduler_core.scenarios.order_changes import OrderHeld
from scheduler_core.scenarios.single_changes import Expedited, HoursOpened, Pinned
from scheduler_core.services import what_if
from scheduler_core.services.assumptions import Answer, Standing, answer, assumptions_of
from tests.support.plants import PLAN_START, job, machine, operation, plant
from tests.support.seeding import seed_plan, seed_snapshot

DAY = timedelta(days=1)


def shop() -> Plant:
    jobs = [job(f"J{i}", operation(60 + 7 * i, 1, 2), due=200 + 60 * i) for i in range(4)]
    return plant(*jobs, machines=(machine(1), machine(2)))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")


def asked(
    store: Store, *changes: Change, base: str | None = None, request: str = "q1", of: Plant | None = None
) -> tuple[str, str]:
    """The scenario's id and a plan of it."""
    on = base or seed_plan(store, seed_snapshot(store, of or shop()), "greedy", "EDD")
    scenario = what_if.keep(store, what_if.Question(request, on, changes))
    return scenario.id, seed_plan(store, scenario.snapshot_id)


def standings(store: Store, plan: str, days: float = 0) -> list[Standing]:
    found = assumptions_of(store, store.schedules.get(plan).snapshot_id)
    return [a.standing(PLAN_START + days * DAY) for a in found]


def test_an_assumption_is_open_until_it_is_answered_or_has_passed(store: Store) -> None:
    made, plan = asked(store, Breakdown(1, 60, 1380), JobDropped("J3"))
    assert standings(store, plan) == [Standing.OPEN, Standing.OPEN]
    assert standings(store, plan, 1) == [Standing.LAPSED, Standing.OPEN], "the machine is back after a day"
    assert answer(store, Answer(plan, made, 1, False), now=PLAN_START, actor="Ana", request_id="a") is None
    assert standings(store, plan, 1) == [Standing.LAPSED, Standing.REFUTED]
    answer(store, Answer(plan, made, 0, True), now=PLAN_START, actor="Ana", request_id="b")
    answer(store, Answer(plan, made, 1, True), now=PLAN_START, actor="Bob", request_id="c")
    assert standings(store, plan, 2) == [Standing.CONFIRMED, Standing.CONFIRMED], "an answer stays, and may be corrected"
    found = assumptions_of(store, store.schedules.get(plan).snapshot_id)
    assert [a.answer.actor for a in found if a.answer] == ["Ana", "Bob"]
    assert store.downtimes.of_plant(shop().name) == (), "confirming alone records no downtime"


def test_a_plan_assumes_what_the_scenarios_below_it_assume(store: Store) -> None:
    lower, plan = asked(store, Breakdown(1, 0, None))
    upper, higher = asked(store, DueChanged("J1", 900), base=plan, request="q2")
    found = assumptions_of(store, store.schedules.get(higher).snapshot_id)
    assert [(a.scenario_id, a.position, type(a.change)) for a in found] == [(lower, 0, Breakdown), (upper, 0, DueChanged)]
    answer(store, Answer(higher, lower, 0, True), now=PLAN_START, actor="Ana", request_id="a")
    assert standings(store, higher) == [Standing.CONFIRMED, Standing.OPEN]
    assert standings(store, plan) == [Standing.CONFIRMED], "it is the same assumption"


def test_a_confirmed_breakdown_becomes_a_recorded_downtime_and_the_plan_goes_on(store: Store) -> None:
    made, plan = asked(store, Breakdown(1, 60, 120))
    kept = answer(store, Answer(plan, made, 0, True, record=True), now=PLAN_START, actor="Ana", request_id="a")
    newest = store.snapshots.latest()
    assert newest is not None
    (down,) = store.downtimes.of_plant(shop().name)
    assert (down.machine, down.recorded_by, down.end) == (1, "Ana", PLAN_START + timedelta(hours=3))
    assert store.snapshots.plant(newest.id).machine_by_id[1].downtime
    assert kept is not None
    assert store.schedules.get(kept).snapshot_id == newest.id
    assert store.schedules.load(kept).assignments == store.schedules.load(plan).assignments
    assert standings(store, kept) == [], "nothing is assumed any more"
    trail = [e.action for e in store.audit.newest()]
    assert trail.index("confirm-assumption") < trail.index("record-downtime")
    assert store.audit.verify() is None


def test_what_runs_at_the_plans_start_pauses_over_an_assumed_and_over_a_recorded_breakdown_alike(store: Store) -> None:
    running = job("J9", operation(90, 1, fixed=Fixed((1,), 0, 90)), due=400)
    made, plan = asked(store, Breakdown(1, 0, 120), of=replace(shop(), jobs=(running, *shop().jobs)))
    paused = store.snapshots.plant(store.schedules.get(plan).snapshot_id).job_by_id["J9"].operations[0].fixed
    assert paused == Fixed((1,), 0, 210), "90 minutes are left when the machine is back"
    kept = answer(store, Answer(plan, made, 0, True, record=True), now=PLAN_START, actor="Ana", request_id="a")
    assert kept is not None
    recorded = store.snapshots.plant(store.schedules.get(kept).snapshot_id)
    assert recorded.job_by_id["J9"].operations[0].fixed == paused
    assert store.schedules.load(kept).assignments == store.schedules.load(plan).assignments


def test_a_plan_with_another_assumption_does_not_lose_it(store: Store) -> None:
    made, plan = asked(store, Breakdown(1, 60, 120), DueChanged("J1", 900))
    assert answer(store, Answer(plan, made, 0, True, record=True), now=PLAN_START, actor="Ana", request_id="a") is None
    assert standings(store, plan) == [Standing.CONFIRMED, Standing.OPEN]
    assert len(store.downtimes.of_plant(shop().name)) == 1


def test_what_does_not_fit_is_refused_and_nothing_is_answered(store: Store) -> None:
    made, plan = asked(store, Breakdown(1, 60, 120), DueChanged("J1", 900))
    for said, message in (
        (Answer(plan, made, 2, True), "is no assumption of this plan"),
        (Answer(plan, "0" * 32, 0, True), "is no assumption of this plan"),
        (Answer(plan, made, 1, True, record=True), "a breakdown that came true"),
        (Answer(plan, made, 0, False, record=True), "a breakdown that came true"),
    ):
        with pytest.raises(InvalidValue, match=message):
            answer(store, said, now=PLAN_START, actor="Ana", request_id="a")
    with pytest.raises(InvalidValue, match=r"end: .* is past"):
        answer(store, Answer(plan, made, 0, True, record=True), now=PLAN_START + DAY, actor="Ana", request_id="a")
    assert standings(store, plan) == [Standing.OPEN, Standing.OPEN]
    assert store.downtimes.of_plant(shop().name) == ()


def test_what_is_assumed_and_when_it_has_passed() -> None:
    made = shop()
    friday = HoursOpened((1,), (date(2025, 7, 25) - made.plan_start.date()).days, 18 * 60, 20 * 60)
    assert not any(is_assumed(change) for change in (Expedited("J1", 90), Pinned("J1", 1, (1,), 0, 60)))
    for change, passes in (
        (Breakdown(1, 60, 120), 180), (Breakdown(1, 60), None), (MaterialLate("J1", 500), 500), (JobDropped("J1"), None),
        (OrderHeld("J1", 700), 700), (OrderHeld("J1", None), None), (friday, 4 * 1440 + 12 * 60),
    ):  # fmt: skip
        assert is_assumed(change)
        assert passes_at(made, change) == passes, change
