"""What planners know is in every snapshot from then on, until it is over or undone, and then leaves no trace."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import NewScenario, PullNote, Source
from scheduler_core.data.store_errors import NotFound, Refused, RequestConflict, Superseded
from scheduler_core.errors import InvalidValue, Unschedulable
from scheduler_core.interchange import snapshot_to_json
from scheduler_core.interchange.job_sheet import read_jobs
from scheduler_core.interchange.snapshot_reading import MAX_MINUTES
from scheduler_core.plant import Downtime, Fixed, Plant
from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.scenarios.changes import Change, DueChanged, ImportanceChanged, MaterialLate, QuantityChanged, apply_all
from scheduler_core.scenarios.changes_file import changes_to_json
from scheduler_core.scenarios.days import Days, on
from scheduler_core.scenarios.floor_changes import Noted
from scheduler_core.scenarios.hour_changes import Group, HoursAdded, HoursClosed, MachineLimited
from scheduler_core.scenarios.order_changes import OrderHeld
from scheduler_core.scenarios.single_changes import Expedited, HoursOpened, Pinned
from scheduler_core.schedule import Assignment, Schedule
from scheduler_core.services import facts, job_import, pinning
from scheduler_core.services.facts import Origin, Standing, Stated, effect_of_undoing
from scheduler_core.services.planner_additions import PIN, kept
from scheduler_core.services.planner_facts import recording
from scheduler_core.services.planner_facts.layering import layers
from tests.support.plants import OFFICE, PLAN_START, job, machine, operation, plant
from tests.support.random_plants import schedulable
from tests.support.sample_plans import fresh, planned

HOUR = timedelta(hours=1)
SATURDAY = date(2025, 7, 26)
SHOP = plant(
    job("A", operation(60, 1), operation(30, 2), due=100, quantity=4), job("B", operation(60, 1, 2), due=90),
    job("R", operation(120, 1, fixed=Fixed((1,), 0, 120)), operation(10, 2)),
    machines=(machine(1, calendar="office"), machine(2, calendar="office"), machine(3, 2, calendar="office")),
    calendars=(OFFICE,),
)  # fmt: skip
PLAN = Schedule((
    Assignment("R", 1, (1,), 0, 120), Assignment("A", 1, (1,), 120, 180), Assignment("B", 1, (2,), 0, 60),
    Assignment("R", 2, (2,), 120, 130), Assignment("A", 2, (2,), 180, 210),
))  # fmt: skip
EVERY: tuple[Change, ...] = (
    HoursAdded(on(SATURDAY), 360, 840, Group((2,))), HoursClosed(on(date(2025, 7, 28)), name="Raya"),
    HoursAdded(Days(date(2025, 8, 1), None, (7,)), 480, 720, Group((), (1,))),
    MachineLimited(3, Days(SATURDAY), 480, 720), ImportanceChanged("A", True), DueChanged("B", 4000), OrderHeld("A", 600),
    MaterialLate("B", 300), Noted("call before 10", job="A"), Noted("loud", machine=2),
    Pinned("A", 2, (2,), 1500, 1530, "x"),
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path}/store.sqlite3")
    yield opened
    opened.close()


def pulled(store: Store, shop: Plant = SHOP) -> str:
    return store.snapshots.save(shop, request_id=fresh(), source=Source.ERP, fingerprint="a" * 64)


def say(
    store: Store, change: Change, reason: str = "seen", now: datetime = PLAN_START, since: datetime | None = None,
    until: datetime | None = None, request: str | None = None,
) -> str:  # fmt: skip
    stated = Stated(change, PLAN_START, reason, since, until)
    return facts.record(store, stated, now=now, actor=" Ana ", request_id=request or fresh()).fact_id


def latest(store: Store) -> tuple[Plant, tuple[PullNote, ...]]:
    newest = store.snapshots.latest()
    assert newest is not None
    return store.snapshots.plant(newest.id), store.snapshots.notes(newest.id)


def at_pull(store: Store, shop: Plant) -> facts.Applied:
    """A pull of this plant, as it is stored."""
    extra = kept(store, shop, store.snapshots.latest())
    applied = facts.put_in(extra.plant, facts.in_force(store.facts.of_plant(shop.name), extra.plant, shop.plan_start))
    made = layers(extra.plant, facts.in_force(store.facts.of_plant(shop.name), extra.plant, shop.plan_start))
    assert made.plant == applied.plant
    store.snapshots.save(
        made.plant, request_id=fresh(), source=Source.ERP, fingerprint="b" * 64, notes=extra.notes, before=made.before,
        facts=made.facts,
    )  # fmt: skip
    return applied


def moved(shop: Plant, hours: int) -> Plant:
    """The same shop pulled later, at the same moments of the wall clock, in which nothing runs any more."""

    def minute(of: int | None) -> int | None:
        return None if of is None else of - 60 * hours

    jobs = tuple(
        replace(j, operations=tuple(replace(o, fixed=None) for o in j.operations), due=minute(j.due)) for j in shop.jobs
    )
    return replace(shop, plan_start=shop.plan_start + hours * HOUR, jobs=jobs)


def test_what_is_known_acts_in_the_snapshot_and_undone_leaves_no_trace(store: Store) -> None:
    pulled(store)
    before = snapshot_to_json(latest(store)[0])
    ids = [say(store, change) for change in EVERY]
    shop, notes = latest(store)
    assert shop == apply_all(SHOP, EVERY), "the code of a what-if puts them in"
    assert notes == ()
    listed = facts.known(store, shop, PLAN_START)
    assert [fact.change for fact in reversed(listed)] == list(EVERY)
    assert {(f.recorded_by, f.reason, f.standing(PLAN_START), f.origin) for f in listed} == {
        ("Ana", "seen", Standing.ACTIVE, Origin.FACT)
    }
    for fact_id in (*ids[1::2], *ids[::2]):
        facts.undo(store, fact_id, now=PLAN_START, actor="Bob", request_id=fresh())
    assert snapshot_to_json(latest(store)[0]) == before, "byte for byte"
    assert {f.standing(PLAN_START) for f in facts.known(store, shop, PLAN_START)} == {Standing.UNDONE}
    with pytest.raises(Refused, match="undone already, by Bob"):
        facts.undo(store, ids[0], now=PLAN_START, actor="Bob", request_id=fresh())
    assert store.audit.verify() is None


def test_every_later_pull_has_it_until_it_is_over(store: Store) -> None:
    pulled(store)
    say(store, HoursAdded(on(SATURDAY), 360, 840, Group((2,))))
    say(store, ImportanceChanged("A", True), until=PLAN_START + 24 * HOUR)
    say(store, DueChanged("B", 4000), since=PLAN_START + 10 * HOUR)
    shop, _ = latest(store)
    assert (shop.job_by_id["A"].important, shop.job_by_id["B"].due) == (True, 90)
    coming = next(f for f in facts.known(store, shop, PLAN_START) if f.kind == "due")
    assert coming.standing(PLAN_START) is Standing.COMING
    later = at_pull(store, moved(SHOP, 12)).plant
    assert (later.job_by_id["A"].important, later.time_of(later.job_by_id["B"].due or 0)) == (
        True,
        PLAN_START + 4000 * HOUR / 60,
    )
    assert later.calendar_by_id["office: M2"].extra == latest(store)[0].calendar_by_id["office: M2"].extra != ()
    at_last = at_pull(store, moved(SHOP, 6 * 24)).plant
    assert not at_last.job_by_id["A"].important
    assert [c.id for c in at_last.calendars] == ["office"], "Saturday is over"
    standing = {f.kind: f.standing(at_last.plan_start) for f in facts.known(store, at_last, at_last.plan_start)}
    assert standing == {"hours-added": Standing.EXPIRED, "importance": Standing.EXPIRED, "due": Standing.ACTIVE}


def test_a_note_is_read_at_once_and_makes_no_new_snapshot(store: Store) -> None:
    snapshot = pulled(store)
    note = say(store, Noted("call them", job="A"), now=PLAN_START + HOUR)
    newest = store.snapshots.latest()
    assert newest is not None
    assert newest.id == snapshot, "plans of the snapshot stay on the pages"
    assert [fact.change for fact in facts.acting(store, snapshot).jobs["A"]] == [Noted("call them", job="A")]
    over = facts.acting(store, snapshot, PLAN_START + HOUR, SHOP)
    assert [fact.id for fact in over.jobs["A"]] == [note]
    facts.undo(store, note, now=PLAN_START + HOUR, actor="Bob", request_id=fresh())
    assert facts.acting(store, snapshot).jobs == {}
    at_pull(store, replace(moved(SHOP, 1), jobs=moved(SHOP, 1).jobs[1:]))
    say(store, Noted("loud", machine=2), now=PLAN_START + HOUR)
    assert [fact.kind for fact in facts.acting(store, snapshot).machines[2]] == ["note"]


def test_a_fact_about_what_is_no_longer_there_is_kept_and_told(store: Store) -> None:
    pulled(store)
    say(store, OrderHeld("B", 6000), "customer does not answer")
    say(store, MachineLimited(3, Days(SATURDAY), 480, 720))
    later = moved(SHOP, 1)
    gone = replace(later, jobs=tuple(j for j in later.jobs if j.id != "B"), machines=later.machines[:2])
    found = at_pull(store, gone)
    assert found.plant == gone
    assert [one.idle for one in found.outcomes] == ["B is not a known job", "machine 3 is not a known machine"]
    newest = store.snapshots.latest()
    assert newest is not None
    acting = facts.acting(store, newest.id)
    assert [one.idle for one in acting.idle] == ["B is not a known job", "machine 3 is not a known machine"]
    assert (acting.jobs, acting.machines) == ({}, {})
    back = at_pull(store, moved(SHOP, 2))
    assert [one.idle for one in back.outcomes] == [None, None], "both are back, and so are the facts"
    assert back.plant.job_by_id["B"].release == 6000 - 120


def test_what_runs_at_the_pull_is_neither_moved_nor_held_by_what_was_said_before(store: Store) -> None:
    pulled(store)
    say(store, Pinned("B", 1, (1,), 600, 660, "tools"))
    say(store, MaterialLate("A", 3000))
    say(store, OrderHeld("B", 900))
    runs = moved(SHOP, 1)
    begun = tuple(
        replace(j, operations=(replace(j.operations[0], fixed=Fixed((k,), 0, 60)), *j.operations[1:]))
        for k, j in enumerate(runs.jobs[:2], 1)
    )
    running = replace(runs, jobs=(*begun, *runs.jobs[2:]))
    found = at_pull(store, running)
    assert found.plant == running
    assert [one.idle for one in found.outcomes] == [
        "sequence 1 has begun: it stays where it is", "A has begun: its material is there",
        "B has begun: split off what is left, and hold that",
    ]  # fmt: skip


def test_pages_learn_what_acts_on_what(store: Store) -> None:
    pulled(store)
    say(store, HoursAdded(on(SATURDAY), 360, 840, Group((3,), (1,))))
    say(store, HoursClosed(on(date(2025, 7, 28))))
    say(store, Noted("call them", job="A"), reason="")
    facts.record(store, Stated(Breakdown(2, 60, 60), PLAN_START, "spindle"), now=PLAN_START, actor="Ana", request_id=fresh())
    schedule = planned(store, PLAN, store.snapshots.latest().id).schedule  # type: ignore[union-attr]
    snapshot = pinning.pin(store, schedule, ("A", 1), now=0, reason="why", actor="Ana", request_id=fresh())
    newest = store.snapshots.latest()
    assert newest is not None
    found = facts.acting(store, newest.id)
    assert [fact.kind for fact in found.plant] == ["hours-closed"]
    assert {m: [fact.kind for fact in known] for m, known in found.machines.items()} == {
        3: ["hours-added"], 1: ["hours-added"], 2: ["hours-added", "breakdown"]
    }  # fmt: skip
    assert [fact.kind for fact in found.machine_types[1]] == ["hours-added"]
    assert sorted(fact.kind for fact in found.jobs["A"]) == ["note", "pinned"]
    assert found.idle == ()
    assert snapshot


def test_machines_down_and_pins_stand_in_the_same_list_and_are_undone_there(store: Store) -> None:
    pulled(store)
    bare = snapshot_to_json(latest(store)[0])
    important = say(store, ImportanceChanged("A", True))
    down = say(store, Breakdown(2, 600, None), "spindle")
    newest = store.snapshots.latest()
    assert newest is not None
    plan = planned(store, PLAN, newest.id).schedule
    pinning.pin(store, plan, ("B", 1), now=0, reason="tools", actor="Ana", request_id=fresh())
    shop, notes = latest(store)
    listed = {fact.origin: fact for fact in facts.known(store, shop, PLAN_START)}
    assert listed[Origin.DOWNTIME].change == Breakdown(2, 600, None, reason="spindle")
    assert listed[Origin.PIN].change == Pinned("B", 1, (2,), 0, 60)
    assert shop.job_by_id["A"].important
    assert shop.machine_by_id[2].downtime[0].reason == "spindle"
    assert [n.table for n in notes if n.table == PIN] == [PIN]
    facts.undo(store, listed[Origin.PIN].id, now=PLAN_START, actor="Bob", request_id=fresh())
    assert latest(store)[0].job_by_id["B"].operations[0].fixed is None
    facts.undo(store, down, now=PLAN_START, actor="Bob", request_id=fresh())
    assert latest(store)[0].machine_by_id[2].downtime == ()
    assert facts.known(store, shop, PLAN_START)[-1].undone_by is None
    facts.undo(store, important, now=PLAN_START, actor="Bob", request_id=fresh())
    assert snapshot_to_json(latest(store)[0]) == bare
    with pytest.raises(NotFound):
        facts.undo(store, "0" * 32, now=PLAN_START, actor="Bob", request_id=fresh())
    with pytest.raises(InvalidValue, match="pinned by no planner"):
        facts.undo(store, "pin:1:A", now=PLAN_START, actor="Bob", request_id=fresh())


def test_jobs_from_tables_stay_as_they_came(store: Store) -> None:
    first = pulled(store)
    say(store, DueChanged("A", 4000))
    rows = b"job,family,operation,process,minutes,setup_minutes,machines\nN1,F,1,Cut,5,0,M1\n"
    with_facts = store.snapshots.latest()
    assert with_facts is not None
    assert with_facts.id != first
    job_import.add_jobs(store, with_facts.id, read_jobs(rows, "more.csv", latest(store)[0]), request_id="add")
    made = say(store, ImportanceChanged("N1", True))
    assert latest(store)[0].job_by_id["N1"].important
    assert latest(store)[0].job_by_id["A"].due == 4000
    at_pull(store, moved(SHOP, 1))
    assert latest(store)[0].job_by_id["N1"].important, "the next pull has the job and the fact"
    facts.undo(store, made, now=PLAN_START + HOUR, actor="Bob", request_id=fresh())
    assert not latest(store)[0].job_by_id["N1"].important, "as the table had it"


def test_a_what_if_becomes_facts_once_it_is_true(store: Store) -> None:
    snapshot = pulled(store)
    plan = planned(store, PLAN, snapshot).schedule
    changes = (
        ImportanceChanged("A", True),
        Breakdown(2, 600, 60, reason="spindle"),
        Expedited("B", 90),
        OrderHeld("B", 600),
    )
    asked = apply_all(SHOP, changes)
    text = changes_to_json(SHOP, changes)
    scenario = store.scenarios.save(NewScenario(fresh(), plan, asked, text, 0, 0))
    at_pull(store, moved(SHOP, 1))
    request = fresh()
    for _ in range(2):
        made = facts.from_what_if(
            store, scenario, reason="it is so", now=PLAN_START + HOUR, actor="Ana", request_id=request
        )  # fmt: skip
    assert len(made) == 3, "an expedited order is a decision"
    shop, _ = latest(store)
    assert shop.job_by_id["A"].important
    assert shop.job_by_id["B"].release == 540, "the same moment, of a pull an hour later"
    assert shop.machine_by_id[2].downtime == (Downtime(540, 600, "it is so"),)
    listed = facts.known(store, shop, PLAN_START + HOUR)
    assert [(f.origin, f.scenario_id) for f in listed if f.origin is Origin.FACT] == [(Origin.FACT, scenario)] * 2
    assert {a.came_true for a in store.scenarios.answers([scenario]).values()} == {True}
    assert set(store.scenarios.answers([scenario])) == {(scenario, n) for n in (0, 1, 3)}, "what it assumed is confirmed"
    only = store.scenarios.save(NewScenario(fresh(), plan, asked, changes_to_json(SHOP, (Expedited("B", 90),)), 0, 0))
    with pytest.raises(InvalidValue, match="holds no change that can be a fact"):
        facts.from_what_if(store, only, reason="it is so", now=PLAN_START, actor="Ana", request_id=fresh())


def test_hours_of_a_what_if_are_those_of_their_date(store: Store) -> None:
    pulled(store)
    say(store, HoursOpened((2,), 5, 360, 840))
    (fact,) = facts.known(store, SHOP, PLAN_START)
    assert fact.change == HoursAdded(on(SATURDAY), 360, 840, Group((2,)))
    later = moved(SHOP, 24 * 30)
    assert facts.known(store, later, later.plan_start)[0].standing(later.plan_start) is Standing.EXPIRED


@pytest.mark.parametrize(
    ("change", "more", "words"),
    [
        (ImportanceChanged("Z", True), {}, "job: 'Z' is not a known job"),
        (OrderHeld("R", 600), {}, "job: 'R' has begun: split off what is left, and hold that"),
        (QuantityChanged("A", 9), {}, "change: 'quantity' is the ERP's to say: pieces that are reported already"),
        (ImportanceChanged("A", True), {"reason": " "}, "reason: ' ' is empty or longer than 500 characters"),
        (ImportanceChanged("A", True), {"reason": "x" * 501}, "is empty or longer than 500 characters"),
        (ImportanceChanged("A", True), {"until": PLAN_START}, "until: '2025-07-21 08:00' is past (it is 2025-07-21 08:00)"),
        (ImportanceChanged("A", True), {"since": PLAN_START + 2 * HOUR, "until": PLAN_START + HOUR}, "not after its begin"),
        (ImportanceChanged("A", True), {"since": datetime(2045, 1, 1)}, "since: '2045-01-01 00:00' is more than ten years"),
        (Breakdown(9, 0, 60), {}, "machine: 9 is no machine of the latest pull"),
        (MachineLimited(3, on(date(9999, 12, 31)), 480, 720), {}, "until: '9999-12-31 23:59' is more than ten years away"),
        (HoursAdded(on(date(9999, 12, 31)), 1320, 1800), {}, "until: '9999-12-31 23:59' is more than ten years away"),
        (DueChanged("A", 10**11), {}, "change: 'DueChanged' names a moment that no calendar has"),
        (OrderHeld("A", -(10**10)), {}, "change: 'OrderHeld' names a moment that no calendar has"),
        (Breakdown(1, 10**12, 60), {}, "change: 'Breakdown' names a moment that no calendar has"),
        (Noted("half a \ud800 character", job="A"), {}, "holds half a character (a lone surrogate)"),
        (HoursClosed(on(SATURDAY), name="\udcff"), {}, "holds half a character (a lone surrogate)"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_before_it_is_recorded(
    store: Store, change: Change, more: dict[str, datetime | str], words: str
) -> None:  # fmt: skip
    pulled(store)
    with pytest.raises(InvalidValue) as refused:
        say(store, change, **more)  # type: ignore[arg-type]
    assert words in str(refused.value)
    assert store.facts.of_plant("tiny") == ()
    assert store.downtimes.of_plant("tiny") == ()
    assert len(store.snapshots.newest()) == 1


def test_a_fact_with_which_no_plan_exists_is_refused_and_one_that_becomes_so_is_left_out(store: Store) -> None:
    with pytest.raises(NotFound, match="pull the jobs first"):
        say(store, Noted("x", machine=1))
    pulled(store)
    never = HoursClosed(Days(PLAN_START.date()), group=Group((1, 2)))
    with pytest.raises(Unschedulable):
        say(store, never)
    one = replace(SHOP, jobs=tuple(j for j in SHOP.jobs if j.id == "B"))
    pulled(store, one)
    say(store, HoursClosed(Days(PLAN_START.date()), group=Group((1,))))
    found = at_pull(store, SHOP)
    assert found.plant == SHOP
    assert found.outcomes[0].idle is not None
    assert "A" in found.outcomes[0].idle or "R" in found.outcomes[0].idle


def test_a_fact_is_read_wherever_a_later_pull_begins(store: Store) -> None:
    """What is recorded stays for good: an offset of another time zone, or a distance that no file may name, stops no
    pull."""
    free = replace(moved(SHOP, 0), timezone="Europe/Berlin", plan_start=datetime(2026, 10, 25, 2, 30))
    pulled(store, free)
    for change in (DueChanged("A", 60), DueChanged("B", -MAX_MINUTES)):
        stated = Stated(change, free.plan_start, "told by phone")
        facts.record(store, stated, now=free.plan_start, actor="Ana", request_id=fresh())
    assert '"due":"2026-10-25T02:30+01:00"' in store.facts.of_plant(free.name)[0].change
    elsewhere = at_pull(store, replace(free, timezone="Asia/Kuala_Lumpur"))
    assert [one.idle for one in elsewhere.outcomes] == [None, None]
    assert elsewhere.plant.job_by_id["A"].due == 0, "half past two by the plant's clock"
    later = at_pull(store, replace(free, plan_start=free.plan_start + 24 * HOUR))
    assert later.plant.job_by_id["A"].due == -24 * 60
    far = f"due {-MAX_MINUTES - 25 * 60} is not between {-MAX_MINUTES} and {MAX_MINUTES}"
    assert [one.idle for one in later.outcomes] == [None, far], "kept and told"
    assert len(facts.known(store, later.plant, later.plant.plan_start)) == 2


def test_minutes_count_from_the_second_of_two_equal_times(store: Store) -> None:
    first = replace(moved(SHOP, 0), timezone="Europe/Berlin", plan_start=datetime(2026, 10, 25, 2, 30))
    second = replace(first, plan_start=first.plan_start.replace(fold=1))
    pulled(store, second)
    stated = Stated(DueChanged("A", 120), first.plan_start, "told by phone")
    facts.record(store, stated, now=second.plan_start, actor="Ana", request_id=fresh())
    assert latest(store)[0].job_by_id["A"].due == 60


def test_two_planners_at_once_lose_neither_a_fact_nor_a_pin(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(store, PLAN, pulled(store)).schedule
    keep = pinning.save_changed

    def while_somebody_records(*args: Any, **more: Any) -> str:
        monkeypatch.setattr(pinning, "save_changed", keep)
        say(store, DueChanged("B", 4000))
        return keep(*args, **more)

    monkeypatch.setattr(pinning, "save_changed", while_somebody_records)
    with pytest.raises(Superseded, match="changed by somebody else meanwhile"):
        pinning.pin(store, plan, ("B", 1), now=0, reason="tools", actor="Bob", request_id=fresh())
    assert latest(store)[0].job_by_id["B"].due == 4000, "the fact stays"

    newest = store.snapshots.latest()
    assert newest is not None
    plan = planned(store, PLAN, newest.id).schedule

    def while_somebody_pins(*args: Any, **more: Any) -> str:
        monkeypatch.setattr(recording, "save_changed", keep)
        pinning.pin(store, plan, ("B", 1), now=0, reason="tools", actor="Bob", request_id=fresh())
        return keep(*args, **more)

    monkeypatch.setattr(recording, "save_changed", while_somebody_pins)
    say(store, ImportanceChanged("A", True))
    shop, notes = latest(store)
    assert shop.job_by_id["A"].important
    assert shop.job_by_id["B"].operations[0].fixed == Fixed((2,), 0, 60), "the pin is taken over"
    assert [n.table for n in notes] == [PIN]


def test_the_same_request_and_the_same_words_record_nothing_more(store: Store) -> None:
    pulled(store)
    first = say(store, ImportanceChanged("A", True), request="once")
    count = len(store.snapshots.newest())
    assert say(store, ImportanceChanged("A", True), request="once") == first
    with pytest.raises(RequestConflict, match="was used for something else: a fact of "):
        say(store, ImportanceChanged("A", False), request="once")
    with pytest.raises(RequestConflict, match="reason: 'seen' there, 'heard' here"):
        say(store, ImportanceChanged("A", True), "heard", request="once")
    assert len(store.snapshots.newest()) == count
    with pytest.raises(InvalidValue, match="is recorded already, in the same words"):
        say(store, ImportanceChanged("A", True))
    acts = [e.action for e in store.audit.newest() if e.subject == first]
    assert acts == ["record-fact"]


def test_the_effect_on_late_orders_is_seen_before_anything_is_recorded(store: Store) -> None:
    snapshot = pulled(store)
    plan = planned(store, PLAN, snapshot).schedule
    lost = facts.effect(store, plan, (HoursClosed(on(PLAN_START.date()), 540, 780, Group((2,))),), now=PLAN_START)
    assert (lost.late_before, lost.late_after, lost.refused) == (1, 1, None)
    # At 13:00 machine 2 goes on with ten minutes for R, and then with the thirty for A.
    assert [(o.job, o.before, o.after) for o in lost.orders] == [("A", 110, 240)]
    assert lost.weighted_days_after - lost.weighted_days_before == pytest.approx(130 / 1440)
    early = (HoursAdded(on(PLAN_START.date()), 1080, 1440),)
    assert facts.effect(store, plan, early, now=PLAN_START).orders == ()
    none = facts.effect(store, plan, (HoursClosed(Days(PLAN_START.date())),), now=PLAN_START)
    assert none.refused is not None
    assert store.facts.of_plant("tiny") == ()


def test_the_effect_on_a_plan_counts_facts_recorded_since_on_both_sides(store: Store) -> None:
    plan = planned(store, PLAN, pulled(store)).schedule
    say(store, HoursClosed(on(PLAN_START.date()), 540, 780, Group((2,))))
    lost = facts.effect(store, plan, (HoursClosed(on(PLAN_START.date()), 780, 840, Group((2,))),), now=PLAN_START)
    assert [(o.job, o.before, o.after) for o in lost.orders] == [("A", 240, 300)]


def test_an_effect_needs_a_snapshot_and_a_plan(store: Store) -> None:
    with pytest.raises(NotFound, match="there is no snapshot yet: pull the jobs first"):
        facts.effect(store, "none", (), now=PLAN_START)
    pulled(store)
    with pytest.raises(NotFound):
        facts.effect(store, "none", (), now=PLAN_START)


def test_the_effect_of_undoing_is_seen_before_it_is_undone(store: Store) -> None:
    snapshot = pulled(store)
    plan = planned(store, PLAN, snapshot).schedule
    closed = say(store, HoursClosed(on(PLAN_START.date()), 540, 780, Group((2,))))
    down = say(store, Breakdown(3, 0, 240))
    known = {one.id: one for one in facts.known(store, SHOP, PLAN_START)}
    found = effect_of_undoing(store, plan, known[closed], now=PLAN_START)
    assert [(o.job, o.before, o.after) for o in found.orders] == [("A", 240, 110)]
    assert effect_of_undoing(store, plan, known[down], now=PLAN_START).orders == (), "nothing runs on machine 3"
    longer = say(store, Breakdown(2, 120, 240))
    known = {one.id: one for one in facts.known(store, SHOP, PLAN_START)}
    both = effect_of_undoing(store, plan, known[longer], now=PLAN_START)
    assert [one.job for one in both.orders] == ["A"]
    assert both.orders[0].after == 240 < both.orders[0].before, "the closed hours still count"
    assert [one.standing(PLAN_START) for one in known.values()].count(Standing.UNDONE) == 0


def test_others_go_first_while_an_order_is_held(store: Store) -> None:
    loose = replace(SHOP, jobs=tuple(replace(j, operations=tuple(replace(o, fixed=None) for o in j.operations), due=None if
                                             j.id == "R" else 200) for j in SHOP.jobs if j.id != "R"))  # fmt: skip
    snapshot = pulled(store, loose)
    plan = Schedule((
        Assignment("A", 1, (1,), 0, 60), Assignment("B", 1, (1,), 60, 120), Assignment("A", 2, (2,), 60, 90),
    ))  # fmt: skip
    found = facts.effect(store, planned(store, plan, snapshot).schedule, (OrderHeld("A", 1500),), now=PLAN_START)
    assert [one.job for one in found.orders] == ["A"], "B does not wait behind it"


def drawn(dice: random.Random, shop: Plant) -> Change:
    """Anything that a planner may know of the shop; some of it does not fit."""
    order, row = dice.choice(shop.jobs), dice.choice(shop.machines)
    day = shop.plan_start.date() + timedelta(days=dice.randrange(20))
    days = dice.choice((on(day), Days(day, day + timedelta(days=9), (1, 4, 6)), Days(day, None, (2, 5, 7))))
    start = dice.randrange(0, 1380, 60)
    group = dice.choice((Group(), Group((row.id,)), Group((), (row.type,))))
    at = dice.randrange(1, 6000)
    return dice.choice((
        HoursAdded(days, start, start + dice.randrange(60, 900, 60), group), HoursClosed(days, start, start + 60, group),
        MachineLimited(row.id, days, 360, 840), ImportanceChanged(order.id, dice.random() < 0.5), DueChanged(order.id, at),
        OrderHeld(order.id, at), MaterialLate(order.id, at), Noted("seen", machine=row.id), Breakdown(row.id, at, 300),
    ))  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
def test_undone_in_any_order_they_leave_the_pulled_plant_byte_for_byte(store: Store, seed: int) -> None:
    dice, shop = random.Random(seed), moved(schedulable(4)[seed], 0)
    pulled(store, shop)
    before = snapshot_to_json(latest(store)[0])
    ids = []
    for _ in range(14):
        try:
            stated = Stated(drawn(dice, shop), shop.plan_start, "seen")
            made = facts.record(store, stated, now=shop.plan_start, actor="Ana", request_id=fresh())
        except (InvalidValue, Unschedulable):
            continue
        ids.append(made.fact_id)
    assert len(ids) > 4
    assert snapshot_to_json(latest(store)[0]) != before
    dice.shuffle(ids)
    for fact_id in ids:
        facts.undo(store, fact_id, now=shop.plan_start, actor="Bob", request_id=fresh())
    assert snapshot_to_json(latest(store)[0]) == before
    assert store.audit.verify() is None
