"""Moves by hand keep every rule, keep the others' sequences, and say why where they are not legal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunRequest, RunState, Source
from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.judge.kpis import measure
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Fixed, Plant
from scheduler_core.runs.execute import execute
from scheduler_core.runs.manual import keep_moves
from scheduler_core.runs.request import submit
from scheduler_core.scenarios.manual_moves import IllegalChange, Move, PlanEditor, Unchangeable, change
from scheduler_core.schedule import Schedule
from tests.support.plants import job, machine, operation, plant
from tests.support.random_plants import schedulable


def two_machines() -> Plant:
    """A and C run on machine 1 or 2, B first on 1 and then on 2, D is fixed on 1 until minute 30 and E on 2 from 600 on."""
    return plant(
        job("A", operation(60, 1, 2)),
        job("B", operation(60, 1), operation(60, 2)),
        job("C", operation(60, 1, 2), release=100),
        job("D", operation(30, 1, fixed=Fixed((1,), 0, 30))),
        job("E", operation(30, 2, fixed=Fixed((2,), 600, 630))),
        machines=[machine(1), machine(2), machine(3)],
    )


def planned(given: Plant) -> Schedule:
    made = greedy.schedule(given, EngineConfig(rule="FIFO")).schedule
    assert made is not None
    return made


def span(schedule: Schedule, job_id: str, sequence: int = 1) -> tuple[tuple[int, ...], int, int]:
    a = schedule.by_operation[job_id, sequence]
    return a.machines, a.start, a.end


def test_an_operation_goes_to_another_machine_and_time_and_waits_there_for_what_runs() -> None:
    given = two_machines()
    begun = planned(given)
    moved = change(given, begun, [Move("A", 1, 1, 10)])
    assert span(moved.schedule, "A") == ((1,), 30, 90), "behind D, which began before minute 10"
    assert span(moved.schedule, "B") == ((1,), 90, 150)
    later = change(given, begun, [Move("A", 1, 1, 10), Move("A", 1, 2, 400)])
    assert span(later.schedule, "A") == ((2,), 400, 460)
    assert later.before == measure(given, begun)
    assert later.after == measure(given, later.schedule)
    assert violations(given, later.schedule) == ()
    assert later.moved >= 1


def test_no_moves_leave_every_operation_where_it_is() -> None:
    for given in [two_machines(), *schedulable(10)]:
        begun = planned(given)
        same = change(given, begun, [])
        assert same.moved == 0
        assert same.before == same.after


def test_a_wait_on_purpose_stays_and_a_gap_left_behind_is_closed() -> None:
    given = plant(
        job("A", operation(60, 1, 2)),
        job("B", operation(60, 1)),
        job("C", operation(60, 2)),
        machines=[machine(1), machine(2)],
    )
    begun = change(given, planned(given), [Move("A", 1, 1, 0), Move("B", 1, 1, 30), Move("C", 1, 2, 200)]).schedule
    assert (span(begun, "A"), span(begun, "B"), span(begun, "C")) == (((1,), 0, 60), ((1,), 60, 120), ((2,), 200, 260))
    again = change(given, begun, [Move("A", 1, 2, 0)]).schedule
    assert span(again, "C") == ((2,), 200, 260), "a plan moved by hand keeps what was asked when it is moved again"
    assert span(again, "B") == ((1,), 0, 60), "nothing but A kept it waiting"


@pytest.mark.parametrize(
    ("move", "reason"),
    [
        (Move("X", 1, 1, 0), "no such operation"),
        (Move("A", 7, 1, 0), "no such operation"),
        (Move("D", 1, 1, 200), "is fixed"),
        (Move("A", 1, 3, 200), "cannot run on M3"),
        (Move("A", 1, 99, 200), "cannot run on machine 99"),
        (Move("A", 1, 1, -1), "before the plan begins"),
        (Move("C", 1, 1, 99), "not released before Mon 21 Jul 09:40"),
        (Move("B", 2, 2, 0), "operation before it, 1, ends on"),
        (Move("A", 1, 2, 560), "not room enough before an operation that is fixed"),
    ],
)
def test_an_illegal_move_is_refused_with_its_reason(move: Move, reason: str) -> None:
    given = two_machines()
    with pytest.raises(IllegalChange, match=reason) as refused:
        change(given, planned(given), [move])
    assert refused.value.move == move


def test_an_operation_cannot_go_behind_what_waits_for_it() -> None:
    given = plant(
        job("A", operation(60, 1), operation(60, 2)),
        job("B", operation(60, 2), operation(60, 1)),
        machines=[machine(1), machine(2)],
    )
    begun = planned(given)
    # B's first goes behind A's second, and then A's first behind B's second: each would wait for the other.
    with pytest.raises(IllegalChange, match="waits for this very operation"):
        change(given, begun, [Move("B", 1, 2, 70), Move("A", 1, 1, 10_000)])


def test_what_comes_before_a_fixed_operation_stays() -> None:
    given = plant(
        job("A", operation(60, 1), operation(60, 2, fixed=Fixed((2,), 300, 360)), operation(60, 1)),
        machines=[machine(1), machine(2)],
    )
    begun = planned(given)
    with pytest.raises(IllegalChange, match="an operation after it in the same job is fixed"):
        change(given, begun, [Move("A", 1, 1, 100)])
    assert span(change(given, begun, [Move("A", 3, 1, 500)]).schedule, "A", 3) == ((1,), 500, 560)
    elsewhere = tuple(replace(a, start=a.start + 5, end=a.end + 5) if a.sequence == 1 else a for a in begun.assignments)
    with pytest.raises(Unchangeable, match="A operation 1 comes before a fixed one"):
        change(given, Schedule(elsewhere), [Move("A", 3, 1, 500)])


def test_every_legal_move_on_random_plants_gives_a_valid_plan() -> None:
    rng = np.random.default_rng(5)
    legal = 0
    for given in schedulable(25):
        begun = planned(given)
        for a in begun.assignments[:6]:
            operation_ = next(o for o in given.job_by_id[a.job].operations if o.sequence == a.sequence)
            machine_id = int(rng.choice(given.eligible_machines(operation_)))
            try:
                made = change(given, begun, [Move(a.job, a.sequence, machine_id, int(a.start + rng.integers(-60, 900)))])
            except IllegalChange:
                continue
            legal += 1
            assert violations(given, made.schedule) == ()
    assert legal > 30


def test_a_changed_plan_is_stored_like_any_other(tmp_path: Path) -> None:
    given = two_machines()
    store = Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    snapshot = store.snapshots.save(given, request_id="s", source=Source.FILE)
    run = submit(store, RunRequest("r", snapshot, "greedy", EngineConfig(rule="FIFO")))
    execute(store, run)
    base = store.runs.get(run).schedule_id
    assert base is not None
    kept = keep_moves(store, base, [Move("A", 1, 2, 400)], "by-hand")
    assert keep_moves(store, base, [Move("A", 1, 2, 400)], "by-hand") == kept
    stored = store.schedules.get(kept)
    assert (stored.engine, stored.rejected, stored.detail["based_on"]) == ("manual", False, base)
    assert stored.detail["moved_by_hand"] == [["A", 1, 2, 400]]
    assert span(store.schedules.load(kept), "A") == ((2,), 400, 460)
    assert store.runs.get(stored.run_id).state is RunState.OK
    with pytest.raises(IllegalChange):
        keep_moves(store, base, [Move("D", 1, 1, 400)], "by-hand-2")
    assert len(store.runs.newest()) == 2
    store.close()


def test_an_editor_goes_on_from_the_moves_it_knows_with_the_same_result_as_from_the_beginning() -> None:
    given = two_machines()
    schedule = planned(given)
    editor = PlanEditor(given, schedule)
    moves = (Move("A", 1, 2, 400), Move("C", 1, 1, 500), Move("A", 1, 1, 700))
    for n in (1, 2, 3):
        assert editor.change(moves[:n]) == change(given, schedule, moves[:n])
    with pytest.raises(IllegalChange):
        editor.change((*moves, Move("D", 1, 1, 400)))
    assert editor.change(moves[:1]) == change(given, schedule, moves[:1]), "later moves have left the first one alone"
