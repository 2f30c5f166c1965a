"""A machine that is recorded as down is down in every snapshot from then on, until its end or its return."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest

from scheduler_core.data.store import Store
from scheduler_core.data.store.downtime_repository import DowntimeRepository
from scheduler_core.data.store.records import NewDowntime, PullNote, RecordedDowntime, RunRequest, Source
from scheduler_core.data.store_errors import NotFound, Refused
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.registry import ENGINES
from scheduler_core.errors import InvalidValue
from scheduler_core.interchange import snapshot_to_json
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Downtime, Fixed, Plant
from scheduler_core.runs.execute import execute
from scheduler_core.runs.request import submit
from scheduler_core.schedule import Assignment, Schedule
from scheduler_core.services import downtimes, pinning
from scheduler_core.services.down_machines import DOWN, planned_end
from scheduler_core.services.downtimes import Stated
from scheduler_core.services.planner_additions import ENDED, PIN, kept
from tests.support.plants import PLAN_START, job, machine, operation, plant

HOUR = timedelta(hours=1)
SHOP = plant(
    job("A", operation(60, 1), operation(30, 2), due=100), job("B", operation(60, 1, 2), due=90),
    job("R", operation(120, 1, fixed=Fixed((1,), 0, 120)), operation(10, 2)),
    machines=(machine(1), machine(2)),
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(f"sqlite:///{tmp_path}/store.sqlite3")


def pulled(store: Store, shop: Plant = SHOP, request: str = "pull") -> str:
    return store.snapshots.save(shop, request_id=request, source=Source.ERP, fingerprint="a" * 64)


def record(
    store: Store, machine: int = 1, start: datetime = PLAN_START + HOUR, end: datetime | None = PLAN_START + 3 * HOUR,
    reason: str = "spindle", now: datetime = PLAN_START, request: str = "down", actor: str = "Ana",
) -> str:  # fmt: skip
    return downtimes.record(store, Stated(machine, start, end, reason), now=now, actor=actor, request_id=request)


def latest(store: Store) -> tuple[Plant, tuple[PullNote, ...]]:
    newest = store.snapshots.latest()
    assert newest is not None
    return store.snapshots.plant(newest.id), store.snapshots.notes(newest.id)


def moved(shop: Plant, hours: int) -> Plant:
    """The same shop pulled later, in which nothing runs."""
    free = [replace(j, operations=tuple(replace(o, fixed=None) for o in j.operations)) for j in shop.jobs]
    return replace(shop, plan_start=PLAN_START + hours * HOUR, jobs=tuple(free))


def at_pull(store: Store, shop: Plant) -> tuple[Plant, tuple[PullNote, ...]]:
    found = kept(store, shop, store.snapshots.latest())
    return found.plant, found.notes


def test_the_current_snapshot_and_every_engine_plan_around_it(store: Store) -> None:
    pulled(store)
    made = record(store)
    shop, notes = latest(store)
    newest = store.snapshots.latest()
    assert newest is not None
    assert newest.id == made
    assert (newest.source, newest.fingerprint) == (Source.ERP, "a" * 64), "a release still asks whether the ERP has changed"
    assert shop.machine_by_id[1].downtime == (Downtime(60, 180, "spindle"),)
    assert shop.job_by_id["R"].operations[0].fixed == Fixed((1,), 0, 240), "what runs pauses for two hours"
    (note,) = notes
    assert (note.table, note.row) == (DOWN, "machine 1 from 2025-07-21 09:00 to 2025-07-21 11:00")
    assert note.message == "M1 is down from 2025-07-21 09:00, until 2025-07-21 11:00: spindle (recorded by Ana)"
    start = ENGINES["greedy"](shop, EngineConfig(rule="EDD")).schedule
    for name, engine in ENGINES.items():
        config = EngineConfig(rule="LPT" if name == "greedy" else None, time_limit=0.3, warm_start=start)
        found = engine(shop, config).schedule
        assert found is not None, name
        assert violations(shop, found) == (), name
        others = [a for a in found.assignments if a.machines == (1,) and a.job != "R"]
        assert all(a.start >= 240 for a in others), name


def test_every_later_pull_has_it_until_its_end_has_passed(store: Store) -> None:
    pulled(store)
    record(store)
    shop, notes = at_pull(store, moved(SHOP, 2))
    assert shop.machine_by_id[1].downtime == (Downtime(-60, 60, "spindle"),)
    assert [n.table for n in notes] == [DOWN]
    shop, notes = at_pull(store, moved(SHOP, 3))
    assert shop == moved(SHOP, 3), "it is over"
    assert [(n.table, n.message) for n in notes] == [
        (ENDED, "M1 was expected back by 2025-07-21 11:00 and is planned as working again")
    ]


def test_an_end_that_nobody_knows_is_planned_until_the_end_of_the_next_day_at_every_pull(store: Store) -> None:
    pulled(store)
    record(store, end=None)
    shop, notes = latest(store)
    assert shop.time_of(shop.machine_by_id[1].downtime[0].end) == datetime(2025, 7, 23)
    assert "its end is not known, planned as down until 2025-07-23 00:00" in notes[0].message
    shop, _ = at_pull(store, moved(SHOP, 72))
    assert shop.time_of(shop.machine_by_id[1].downtime[0].end) == datetime(2025, 7, 26)
    (ahead,) = downtimes.in_force(store, SHOP.name, PLAN_START)
    assert planned_end(replace(ahead, start=PLAN_START + 240 * HOUR), PLAN_START) == datetime(2025, 8, 2)


def test_the_end_is_changed_and_the_machine_comes_back(store: Store) -> None:
    before = snapshot_to_json(store.snapshots.plant(pulled(store)))
    record(store, end=None)
    (down,) = downtimes.in_force(store, SHOP.name, PLAN_START)
    later = PLAN_START + 5 * HOUR
    downtimes.change_end(store, down.id, later, now=PLAN_START, actor="Bob", request_id="end")
    shop, notes = latest(store)
    assert shop.machine_by_id[1].downtime == (Downtime(60, 300, "spindle"),)
    assert shop.job_by_id["R"].operations[0].fixed == Fixed((1,), 0, 360)
    assert len(notes) == 1
    downtimes.back_in_service(store, down.id, now=PLAN_START, actor="Bob", request_id="back")
    shop, notes = latest(store)
    assert (snapshot_to_json(shop), notes) == (before, ()), "as if nothing had been recorded"
    assert at_pull(store, SHOP) == (SHOP, ())
    assert downtimes.in_force(store, SHOP.name, PLAN_START) == ()
    with pytest.raises(Refused, match="back in service already"):
        downtimes.change_end(store, down.id, None, now=PLAN_START, actor="Bob", request_id="no")
    acts = [e.action for e in store.audit.newest() if e.subject == down.id]
    assert acts == ["end-downtime", "change-downtime", "record-downtime"]


def test_a_return_later_in_the_day_leaves_the_past_as_it_was(store: Store) -> None:
    pulled(store)
    record(store, end=None)
    (down,) = downtimes.in_force(store, SHOP.name, PLAN_START)
    downtimes.back_in_service(store, down.id, now=PLAN_START + 2 * HOUR, actor="Bob", request_id="back")
    assert latest(store)[0].machine_by_id[1].downtime == (Downtime(60, 120, "spindle"),)
    assert at_pull(store, moved(SHOP, 2))[0] == moved(SHOP, 2)


def test_an_end_that_has_passed_can_still_be_put_off(store: Store) -> None:
    pulled(store)
    record(store)
    now = PLAN_START + 4 * HOUR
    assert downtimes.in_force(store, SHOP.name, now) == ()
    (over,) = downtimes.just_over(store, SHOP.name, now)
    assert downtimes.just_over(store, SHOP.name, now + 30 * HOUR) == ()
    downtimes.change_end(store, over.id, None, now=now, actor="Bob", request_id="end")
    assert downtimes.just_over(store, SHOP.name, now) == ()
    assert latest(store)[0].machine_by_id[1].downtime[0].end > 240


def test_when_the_erp_says_so_too_the_two_do_not_fight(store: Store) -> None:
    pulled(store)
    record(store, end=None)
    gone = plant(job("B", operation(60, 2), due=90), machines=(machine(2),))
    said = kept(store, gone, store.snapshots.latest(), frozenset({1}))
    assert said.plant == gone
    (note,) = said.notes
    assert (note.table, note.row) == (DOWN, "machine 1")
    assert note.message.startswith("M1 is out of service in the ERP, which counts while it is")
    store.snapshots.save(gone, request_id="gone", source=Source.ERP, fingerprint="b" * 64, notes=said.notes)
    record(store, machine=2, request="other")
    kinds = [n.message.split(",")[0] for n in latest(store)[1]]
    assert kinds == ["M1 is out of service in the ERP", "M2 is down from 2025-07-21 09:00"], "the reason stays"
    vanished = kept(store, gone, store.snapshots.latest())
    assert "is no longer a machine of the ERP" in vanished.notes[0].message
    back, _ = at_pull(store, SHOP)
    assert back.machine_by_id[1].downtime, "until a planner says that it is back"


def test_a_pin_on_the_machine_ends_with_a_note(store: Store) -> None:
    snapshot = pulled(store)
    run = submit(store, RunRequest("run", snapshot, "greedy", EngineConfig(rule="EDD")))
    execute(store, run)
    plan = str(store.runs.get(run).schedule_id)
    key = ("A", 1)
    pinning.pin(store, plan, key, now=0, reason="customer", actor="Ana", request_id="pin")
    assert latest(store)[0].job_by_id["A"].operations[0].fixed is not None
    record(store, end=PLAN_START + 9 * HOUR)
    shop, notes = latest(store)
    assert shop.job_by_id["A"].operations[0].fixed is None
    assert [(n.table, n.message) for n in notes if n.table != DOWN] == [
        (ENDED, "its machine is recorded as down (pinned by Ana: customer)")
    ]
    assert not [n for n in at_pull(store, SHOP)[1] if n.table == PIN]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"machine": 9}, "machine: 9 is no machine of the latest pull"),
        ({"end": PLAN_START + HOUR}, r"end: '2025-07-21 09:00' is not after the start, 2025-07-21 09:00"),
        ({"start": PLAN_START - 3 * HOUR, "end": PLAN_START}, r"end: '2025-07-21 08:00' is past \(it is 2025-07-21 08:00\)"),
        ({"start": PLAN_START - timedelta(days=400)}, "start: '2024-06-16 08:00' is more than a year away"),
        ({"end": PLAN_START + timedelta(days=400)}, "end: '2026-08-25 08:00' is more than a year away"),
        ({"reason": " "}, "reason: ' ' is empty"),
        ({"reason": "x" * 129}, "reason: .* longer than 128"),
        ({"actor": ""}, "name: '' is empty"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_recorded(store: Store, said: dict[str, object], message: str) -> None:
    snapshot = pulled(store)
    with pytest.raises(InvalidValue, match=message):
        record(store, **said)  # type: ignore[arg-type]
    assert store.downtimes.of_plant(SHOP.name) == ()
    newest = store.snapshots.latest()
    assert newest is not None
    assert newest.id == snapshot


def test_one_machine_is_not_down_twice_at_once(store: Store) -> None:
    pulled(store)
    record(store)
    with pytest.raises(InvalidValue, match=r"recorded as down already, from 2025-07-21 09:00 to 2025-07-21 11:00"):
        record(store, start=PLAN_START + 2 * HOUR, end=None, request="again")
    record(store, start=PLAN_START + 20 * HOUR, end=PLAN_START + 21 * HOUR, request="next")
    first, _ = downtimes.in_force(store, SHOP.name, PLAN_START)
    with pytest.raises(Refused, match="recorded as down once more, from 2025-07-22 04:00"):
        downtimes.change_end(store, first.id, None, now=PLAN_START, actor="Ana", request_id="end")
    assert len(latest(store)[0].machine_by_id[1].downtime) == 2


def test_without_a_snapshot_there_is_nothing_to_record(store: Store) -> None:
    with pytest.raises(NotFound, match="pull the jobs first"):
        record(store)


def test_operations_that_stand_in_a_downtime_are_found_and_a_plan_that_goes_around_it_has_none(store: Store) -> None:
    pulled(store)
    early = Schedule(
        (Assignment("R", 1, (1,), 0, 120), Assignment("A", 1, (1,), 120, 180), Assignment("B", 1, (2,), 60, 120))
    )
    record(store, end=PLAN_START + 2 * HOUR)
    (down,) = downtimes.in_force(store, SHOP.name, PLAN_START)

    def hit(shop: Plant, plan: Schedule, known: RecordedDowntime, minute: int = 0) -> list[str]:
        return [a.job for a in downtimes.hit_by(shop, plan, known, PLAN_START + timedelta(minutes=minute))]

    assert hit(SHOP, early, down) == ["R"], "an operation on another machine, or after it, is not hit"
    assert hit(SHOP, early, replace(down, end=None)) == ["R", "A"]
    assert hit(SHOP, early, replace(down, end=None), minute=125) == ["A"], "what is past is past"
    assert hit(SHOP, early, replace(down, in_service=True)) == []
    shop, _ = latest(store)
    around = Schedule((Assignment("R", 1, (1,), 0, 180), Assignment("A", 1, (1,), 180, 240)))
    assert hit(shop, around, down) == [], "it pauses"
    assert hit(shop, around, replace(down, end=PLAN_START + 3 * HOUR)) == ["R"], "the end was put off"


def test_a_pull_that_was_overtaken_is_made_once_more(store: Store) -> None:
    pulled(store)
    record(store)
    pulled(store, request="overtaken")
    made = downtimes.bring_up_to_date(store, now=PLAN_START, actor="Ana", request_id="again")
    assert store.snapshots.plant(made).machine_by_id[1].downtime
    assert downtimes.bring_up_to_date(store, now=PLAN_START, actor="Ana", request_id="no-need") == made


def test_an_outage_of_the_erp_with_the_same_span_stays_when_the_machine_is_back(store: Store) -> None:
    first, second = SHOP.machines
    served = replace(SHOP, machines=(replace(first, downtime=(Downtime(60, 180, "yearly service"),)), second))
    pulled(store, served)
    record(store)
    assert latest(store)[0].machine_by_id[1].downtime == (Downtime(60, 180, "yearly service"), Downtime(60, 180, "spindle"))
    (down,) = downtimes.in_force(store, SHOP.name, PLAN_START)
    downtimes.back_in_service(store, down.id, now=PLAN_START, actor="Bob", request_id="back")
    assert latest(store)[0].machine_by_id[1].downtime == (Downtime(60, 180, "yearly service"),)


def test_a_reason_may_speak_of_the_erp(store: Store) -> None:
    pulled(store)
    record(store, reason="is out of service in the ERP, they say")
    record(store, machine=2, request="other")
    assert [bool(m.downtime) for m in latest(store)[0].machines] == [True, True]


def test_the_same_request_twice_records_once(store: Store) -> None:
    pulled(store)
    assert record(store) == record(store)
    assert len(downtimes.in_force(store, SHOP.name, PLAN_START)) == 1


def test_two_people_at_once_record_one_machine_once(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    pulled(store)
    both_looked, write = Barrier(2), DowntimeRepository.record

    def after_both(self: DowntimeRepository, new: NewDowntime, seen: Sequence[RecordedDowntime] | None = None) -> str:
        both_looked.wait(timeout=20)
        return write(self, new, seen)

    def say(person: str) -> str:
        try:
            return record(store, request=person, actor=person)
        except Refused as refused:
            return str(refused)

    monkeypatch.setattr(DowntimeRepository, "record", after_both)
    with ThreadPoolExecutor(2) as pool:
        said = list(pool.map(say, ("Ana", "Bob")))
    assert sum("a moment ago: look at the machines again" in one for one in said) == 1
    assert len(downtimes.in_force(store, SHOP.name, PLAN_START)) == 1
    assert store.audit.verify() is None
