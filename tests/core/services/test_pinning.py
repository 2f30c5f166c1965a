"""A pinned operation stays in every engine's plan and through the next pull, says who and why, and can be set free."""

from __future__ import annotations

from pathlib import Path

import pytest

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunRequest, Source
from scheduler_core.data.store_errors import Refused
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.registry import ENGINES
from scheduler_core.errors import InvalidValue
from scheduler_core.interchange.job_sheet import read_jobs
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Fixed, Plant
from scheduler_core.runs.execute import execute
from scheduler_core.runs.request import submit
from scheduler_core.services import pinning
from scheduler_core.services.job_import import add_jobs, remove_job
from scheduler_core.services.planner_additions import ENDED, PIN, kept, pins
from tests.support.plants import job, machine, operation, plant

SHOP = plant(
    job("A", operation(60, 1), operation(30, 2), due=100), job("B", operation(60, 1, 2), due=90),
    machines=(machine(1), machine(2)),
)  # fmt: skip
SHEET = b"job,family,operation,process,minutes,setup_minutes,machines\nN1,F,1,Cut,5,0,M1\n"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(f"sqlite:///{tmp_path}/store.sqlite3")


def pulled(store: Store, shop: Plant = SHOP, request: str = "pull") -> str:
    return store.snapshots.save(shop, request_id=request, source=Source.ERP, fingerprint="a" * 64)


def planned(store: Store, snapshot_id: str) -> str:
    run = submit(store, RunRequest(f"run-{snapshot_id}", snapshot_id, "greedy", EngineConfig(rule="EDD")))
    execute(store, run)
    return str(store.runs.get(run).schedule_id)


def pin(store: Store, plan: str, operation: tuple[str, int] = ("A", 2), reason: str = "customer looks on") -> str:
    return pinning.pin(store, plan, operation, now=0, reason=reason, actor="Ana", request_id="pin-" + operation[0])


def test_every_engine_keeps_to_a_pin_and_the_plan_goes_on(store: Store) -> None:
    plan = planned(store, pulled(store))
    place = store.schedules.load(plan).by_operation["A", 2]
    carried = pin(store, plan)
    latest = store.snapshots.latest()
    assert latest is not None
    pinned = store.snapshots.plant(latest.id)
    assert store.schedules.get(carried).snapshot_id == latest.id
    assert store.schedules.load(carried).assignments == store.schedules.load(plan).assignments
    (found,) = pins(pinned, store.snapshots.notes(latest.id))
    assert (found.job, found.sequence, found.words) == ("A", 2, "pinned by Ana: customer looks on")
    for name, engine in ENGINES.items():
        config = EngineConfig(
            rule="LPT" if name == "greedy" else None, time_limit=0.3, warm_start=store.schedules.load(plan)
        )
        made = engine(pinned, config).schedule
        assert made is not None, name
        assert violations(pinned, made) == (), name
        after = made.by_operation["A", 2]
        assert (after.machines, after.start, after.end) == (place.machines, place.start, place.end), name


def test_unpinned_it_is_free_again(store: Store) -> None:
    plan = pin(store, planned(store, pulled(store)))
    free = pinning.unpin(store, plan, ("A", 2), actor="Ana", request_id="off")
    assert free is not None
    snapshot = store.schedules.get(free).snapshot_id
    assert store.snapshots.plant(snapshot).jobs == SHOP.jobs
    assert not [n for n in store.snapshots.notes(snapshot) if n.table == PIN]
    with pytest.raises(InvalidValue, match="pinned by no planner"):
        pinning.unpin(store, free, ("A", 2), actor="Ana", request_id="twice")


def test_what_cannot_be_pinned_is_refused(store: Store) -> None:
    old = planned(store, pulled(store))
    with pytest.raises(InvalidValue, match="reason: ' '"):
        pin(store, old, reason=" ")
    with pytest.raises(InvalidValue, match="no operation of the plan"):
        pin(store, old, ("A", 9))
    plan = pin(store, old)
    with pytest.raises(InvalidValue, match="fixed already"):
        pinning.pin(store, plan, ("A", 2), now=0, reason="x", actor="Ana", request_id="other")
    with pytest.raises(Refused, match="older jobs"):
        pin(store, old, ("B", 1))


def test_a_pull_takes_jobs_and_pins_over_until_they_are_done_or_delivered(store: Store) -> None:
    base = pulled(store)
    with_job = add_jobs(store, base, read_jobs(SHEET, "more.csv", SHOP), request_id="add")
    pin(store, planned(store, with_job))
    before = store.snapshots.latest()
    assert before is not None
    place = next(o.fixed for o in store.snapshots.plant(before.id).job_by_id["A"].operations if o.sequence == 2)
    assert place is not None

    same = kept(store, SHOP, before)
    assert ([j.id for j in same.plant.jobs], same.jobs) == (["A", "B", "N1"], 1)
    assert same.plant.job_by_id["A"].operations[1].fixed == place
    assert [(n.table, n.job) for n in same.notes] == [("table of jobs", "N1"), (PIN, "A")]

    delivered = kept(store, plant(*SHOP.jobs, job("N1", operation(9, 2)), machines=SHOP.machines), before)
    assert (delivered.jobs, delivered.plant.job_by_id["N1"].operations[0].minutes) == (0, 9)
    assert [n.message for n in delivered.notes if n.table == ENDED] == ["is delivered by the ERP now, whose data count"]

    begun = plant(job("A", operation(30, 2, fixed=Fixed((2,), 0, 30)), due=100), SHOP.jobs[1], machines=SHOP.machines)
    ended = kept(store, begun, before)
    assert ended.plant.job_by_id["A"] == begun.job_by_id["A"]
    assert any(n.table == ENDED and n.job == "A" and "is done or gone" in n.message for n in ended.notes)

    gone = kept(store, plant(job("B", operation(60, 2)), machines=(machine(2),)), before)
    assert [j.id for j in gone.plant.jobs] == ["B"]
    assert any("could not be kept" in n.message and n.job == "N1" for n in gone.notes)


def test_a_pin_that_no_plan_can_keep_ends_with_a_note(store: Store) -> None:
    pin(store, planned(store, pulled(store)))
    before = store.snapshots.latest()
    assert before is not None
    longer = plant(job("A", operation(500, 1), operation(30, 2), due=100), SHOP.jobs[1], machines=SHOP.machines)
    found = kept(store, longer, before)
    assert found.plant == longer
    assert [n.table for n in found.notes] == [ENDED]


def test_an_imported_job_is_removed_and_an_erp_job_is_not(store: Store) -> None:
    made = add_jobs(store, pulled(store), read_jobs(SHEET, "more.csv", SHOP), request_id="add")
    with pytest.raises(InvalidValue, match="came from no table"):
        remove_job(store, made, "A", request_id="off")
    less = remove_job(store, made, "N1", request_id="off")
    assert store.snapshots.plant(less).jobs == SHOP.jobs
    assert store.snapshots.get(less).counts.jobs_accepted == store.snapshots.get(made).counts.jobs_accepted - 1
    assert store.snapshots.notes(less) == ()
