"""Successive pulls compared: no moment is told more exactly than the pulls tell it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from scheduler_core.actuals.from_pulls import PlanInForce, Pull, actuals_from_pulls, progress
from scheduler_core.actuals.operation_actual import Between, Evidence, Minutes, OperationActual
from scheduler_core.floor.events import Outage, Stream
from scheduler_core.floor.execution import Floor
from scheduler_core.floor.snapshot import snapshot
from scheduler_core.plant import Downtime, Fixed, Plant
from scheduler_core.schedule import Schedule
from tests.support.plants import PLAN_START, at, job, machine, operation, plant, schedule

SHOP = plant(
    job("A", operation(60, 1, setup_minutes=10, process="mill"), operation(90, 2, process="grind"), due=300, quantity=60),
    job("B", operation(60, 1, process="mill"), operation(30, 1, 2, process="grind"), quantity=60),
    machines=[machine(1), machine(2)],
)
PLAN = schedule(at("A", 1, 1, 0, 70, 10), at("A", 2, 2, 70, 160), at("B", 1, 1, 70, 130), at("B", 2, 1, 130, 160))
REAL = schedule(at("A", 1, 1, 15, 100, 10), at("A", 2, 2, 100, 220), at("B", 1, 1, 100, 180), at("B", 2, 2, 220, 245))
IN_FORCE = PlanInForce("plan", SHOP.clock, PLAN)


def _time(minute: int) -> datetime:
    return PLAN_START + timedelta(minutes=minute)


def _seen(minute: int, stream: Stream | None = None, real: Schedule = REAL) -> Plant:
    """What a pull shows at a minute of the real schedule."""
    stream = stream or Stream(SHOP)
    begun = Schedule(tuple(a for a in real.assignments if a.start < minute))
    return snapshot(stream, Floor(stream.world, stream.durations), begun, minute)


def _pulls(*minutes: int) -> list[Pull]:
    return [Pull(_seen(m), IN_FORCE) for m in minutes]


def _by_key(actuals: tuple[OperationActual, ...]) -> dict[tuple[str, int], OperationActual]:
    assert len({a.key for a in actuals}) == len(actuals)
    return {a.key: a for a in actuals}


def test_beginnings_and_ends_lie_between_two_pulls() -> None:
    found = _by_key(actuals_from_pulls(_pulls(0, 60, 120, 180, 240)))
    mill = found["A", 1]
    # Ten minutes of setup and one for the first of 60 pieces may have passed before the pull that showed it waiting.
    assert (mill.began, mill.ended) == (Between(_time(-11), _time(60)), Between(_time(60), _time(120)))
    assert (mill.machines, mill.evidence, mill.minutes, mill.interrupted) == ((1,), Evidence.RUNNING, 60, False)
    assert (mill.worked, mill.start_late, mill.end_late) == (Minutes(0, 131), Minutes(-11, 60), Minutes(-10, 50))
    grind = found["A", 2]
    assert (grind.worked, grind.last, grind.due) == (Minutes(60, 180), True, _time(300))
    assert found["B", 2].machines == (2,)
    assert found["B", 2].planned is not None
    assert found["B", 2].planned.machines == (1,)
    assert (found["B", 2].ended, found["B", 2].end_late) == (None, None)


def test_the_truth_lies_within_what_any_spacing_of_pulls_tells() -> None:
    truth = REAL.by_operation
    for spacing in (7, 25, 60, 130):
        found = actuals_from_pulls(_pulls(*range(0, 400, spacing)))
        assert len(found) == 4
        for one in found:
            real = truth[one.key]
            assert one.began.after is not None
            assert one.began.after <= _time(real.start) <= one.began.until
            assert one.ended is not None
            assert one.ended.after is not None
            assert one.ended.after <= _time(real.end) <= one.ended.until
            if one.worked is not None:
                assert one.worked.low is not None
                assert one.worked.high is not None
                assert one.worked.low <= real.end - real.start <= one.worked.high


def test_what_begins_and_ends_between_two_pulls_is_finished_while_its_order_is_open() -> None:
    found = _by_key(actuals_from_pulls(_pulls(0, 200)))
    assert found["A", 1].evidence is Evidence.FINISHED
    assert found["A", 1].machines == (1,)
    assert found["A", 1].worked == Minutes(0, 211)


def test_of_an_order_that_is_gone_only_what_was_seen_at_work_has_surely_run() -> None:
    found = _by_key(actuals_from_pulls(_pulls(0, 120, 400)))
    assert found["A", 2].certain
    assert found["A", 2].ended == Between(_time(120), _time(400))
    assert not found["B", 2].certain
    assert found["B", 2].machines == (), "either machine could have been it"
    assert found["B", 2].worked is None


def test_what_ran_at_the_first_pull_has_an_unknown_beginning_and_no_plan() -> None:
    found = _by_key(actuals_from_pulls(_pulls(20, 120)))
    assert found["A", 1].began == Between(None, _time(20))
    assert (found["A", 1].planned, found["A", 1].worked, found["A", 1].minutes) == (None, None, None)


def test_orders_that_are_open_and_hidden_have_neither_ended_nor_vanished() -> None:
    first, second, third = _pulls(0, 60, 90)
    without = replace(second.plant, jobs=tuple(j for j in second.plant.jobs if j.id != "A"))
    found = _by_key(actuals_from_pulls([first, Pull(without, IN_FORCE, frozenset({"A"})), third]))
    assert set(found) == {("A", 1)}
    assert (found["A", 1].began, found["A", 1].planned) == (Between(None, _time(90)), None)
    again = _by_key(actuals_from_pulls([first, *_pulls(40), Pull(without, IN_FORCE, frozenset({"A"})), *_pulls(120)]))
    assert again["A", 1].ended == Between(None, _time(120))
    assert again["A", 1].interrupted


def test_an_interrupted_operation_has_begun_and_has_no_duration() -> None:
    first, second = _pulls(0, 60)
    a = second.plant.job_by_id["A"]
    stopped = replace(a, operations=(replace(a.operations[0], fixed=None), *a.operations[1:]))
    paused = replace(second.plant, plan_start=_time(75), jobs=(stopped, *second.plant.jobs[1:]))
    found = _by_key(actuals_from_pulls([first, second, Pull(paused), *_pulls(90, 120)]))
    assert found["A", 1].interrupted
    assert found["A", 1].ended is not None
    assert found["A", 1].began == Between(_time(-11), _time(60))


def _running(minutes: int, **job_fields: object) -> Plant:
    """At minute 60 the first operation of A runs, with so many planned minutes left."""
    later = _seen(60)
    a = replace(later.job_by_id["A"], **job_fields)  # type: ignore[arg-type]
    front = replace(a.operations[0], minutes=minutes, fixed=Fixed((1,), 0, minutes))
    return replace(later, jobs=(replace(a, operations=(front, *a.operations[1:])), *later.jobs[1:]))


def test_an_operation_may_have_begun_unseen_before_its_first_piece_was_reported() -> None:
    def began(shop: Plant, later: Plant) -> Between:
        return progress(shop, (), Pull(later)).running[0].began

    assert began(SHOP, _running(59)) == Between(_time(-11), _time(60))
    assert began(SHOP, _running(60)) == Between(_time(0), _time(60)), "the ERP tells that it is at work before any piece"
    few = replace(SHOP, jobs=(replace(SHOP.job_by_id["A"], quantity=2), SHOP.job_by_id["B"]))
    assert began(few, _running(30)) == Between(_time(-40), _time(60))
    huge = replace(SHOP.job_by_id["A"].operations[0], minutes=30_000)
    long = replace(SHOP, jobs=(replace(SHOP.job_by_id["A"], operations=(huge,), quantity=1), SHOP.job_by_id["B"]))
    assert began(long, _running(500)) == Between(None, _time(60)), "more than two weeks are not looked back"


def test_an_operation_behind_another_one_has_not_begun_unseen() -> None:
    found = _by_key(actuals_from_pulls(_pulls(0, 60, 120, 180, 240)))
    assert found["A", 2].began.after == _time(60), "the operation in front of it was open then"
    assert found["B", 1].began.after == _time(60), "its machine was at work then"


def test_a_pinned_operation_is_not_at_work() -> None:
    first = _pulls(0)[0]
    a = SHOP.job_by_id["A"]
    pinned = replace(a, operations=(replace(a.operations[0], fixed=Fixed((1,), 10, 80)), a.operations[1]))
    later = replace(SHOP, plan_start=_time(5), jobs=(pinned, SHOP.job_by_id["B"]))
    assert progress(first.plant, (), Pull(later)).running == ()


def test_an_operation_that_keeps_its_machine_behind_a_running_one_has_begun() -> None:
    b = SHOP.job_by_id["B"]
    front = replace(b.operations[0], setup_minutes=0, fixed=Fixed((1,), 0, 40))
    behind = replace(b.operations[1], fixed=Fixed((2,), 40, 60))
    overlapping = (SHOP.job_by_id["A"], replace(b, operations=(front, behind)))
    machines = (SHOP.machines[0], replace(SHOP.machines[1], available_from=40))
    later = replace(SHOP, plan_start=_time(30), jobs=overlapping, machines=machines)
    assert [a.key for a in progress(SHOP, (), Pull(later)).running] == [("B", 1), ("B", 2)]


def test_time_in_which_the_machine_is_down_does_not_count_as_work() -> None:
    stream = Stream(SHOP, outages=(Outage(1, 20, 30),))
    pulls = [Pull(_seen(m, stream), IN_FORCE) for m in (0, 40, 120)]
    found = _by_key(actuals_from_pulls(pulls))
    assert found["A", 1].worked == Minutes(0, 90), "in its setup at minute 40: at work before any piece"
    down = replace(SHOP.machines[0], downtime=(Downtime(20, 50),))
    told = replace(SHOP, machines=(down, SHOP.machines[1]))
    assert progress(told, (), Pull(_seen(60))).running[0].worked == Minutes(0, 41)


def test_a_plan_in_force_counts_from_its_own_start() -> None:
    earlier = replace(SHOP, plan_start=PLAN_START - timedelta(minutes=30))
    rows = Schedule(tuple(replace(a, start=a.start + 30, end=a.end + 30) for a in PLAN.assignments))
    pulls = [Pull(_seen(m), PlanInForce("older", earlier.clock, rows)) for m in (0, 60, 120)]
    found = _by_key(actuals_from_pulls(pulls))
    assert found["A", 1].planned is not None
    assert (found["A", 1].planned.start, found["A", 1].planned.end) == (_time(0), _time(70))
    assert found["A", 1].start_late == Minutes(-11, 60)


def test_a_pull_without_passing_time_tells_nothing() -> None:
    first, second = _pulls(0, 60)
    assert actuals_from_pulls([first, first, second]) == actuals_from_pulls([first, second])
    assert actuals_from_pulls([first, first]) == ()


def test_a_repeated_hour_of_the_clock_counts() -> None:
    start = datetime(2025, 10, 26, 1, 30)
    berlin = replace(SHOP, timezone="Europe/Berlin", plan_start=start)
    later = replace(_seen(60), timezone="Europe/Berlin", plan_start=datetime(2025, 10, 26, 2, 30).replace(fold=1))
    found = progress(berlin, (), Pull(later, PlanInForce("plan", berlin.clock, PLAN)))
    assert found.running[0].start_late == Minutes(-11, 120)
    assert found.running[0].worked == Minutes(0, 131)
