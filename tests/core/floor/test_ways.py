"""Ways to run a floor: what each does, worked out by hand; what they all meet alike; and replans on the way."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.errors import InvalidValue
from scheduler_core.floor.events import Arrival, Cancellation, LateMaterial, Outage, Stream, random_stream
from scheduler_core.floor.executions import EXECUTIONS, Guide
from scheduler_core.floor.floor_arrays import FloorArrays
from scheduler_core.floor.noise import DurationNoise
from scheduler_core.floor.price_training import prices_on_floors
from scheduler_core.floor.real_plant import real_plant
from scheduler_core.floor.ways import NoisyFloor, Replanning, Turnout, Way, way_named
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule
from scheduler_core.simulator.arrays import NEVER
from tests.support.plants import at, job, machine, operation, plant, schedule

STILL = DurationNoise(0.0)
TWO = plant(
    job("A", operation(60, 1), operation(30, 2), due=200),
    job("B", operation(60, 1), operation(30, 2), due=100),
    machines=[machine(1, initial_family="A"), machine(2, initial_family="A")],
)
PLAN = schedule(at("A", 1, 1, 10, 70), at("B", 1, 1, 70, 130), at("A", 2, 2, 90, 120), at("B", 2, 2, 130, 160))


def _spans(stream: Stream, way: str, plan: Schedule = PLAN) -> dict[tuple[str, int], tuple[int, int]]:
    found = NoisyFloor(stream, STILL).play(0, way_named(way), Guide(plan)).executed
    return {a.key: (a.start, a.end) for a in found.assignments}


def test_right_shift_keeps_planned_starts_and_order_alone_does_not() -> None:
    assert _spans(Stream(TWO), "starts") == {a.key: (a.start, a.end) for a in PLAN.assignments}
    assert _spans(Stream(TWO), "order") == {
        ("A", 1): (0, 60), ("A", 2): (60, 90), ("B", 1): (60, 120), ("B", 2): (120, 150),
    }  # fmt: skip


def test_an_idle_machine_waits_in_order_or_begins_what_is_ready_next() -> None:
    late = Stream(TWO, late_material=(LateMaterial(0, "A", 50),))
    assert _spans(late, "order")["B", 1] == (110, 170)
    assert _spans(late, "next") == {
        ("B", 1): (0, 60), ("A", 1): (60, 120), ("B", 2): (60, 90), ("A", 2): (120, 150),
    }  # fmt: skip


def test_only_a_loosely_followed_plan_changes_the_machine() -> None:
    p = plant(job("A", operation(60, 1, 2)), job("B", operation(60, 1, 2)), machines=[machine(1), machine(2)])
    plan = schedule(at("A", 1, 1, 0, 60), at("B", 1, 1, 60, 120))
    assert _spans(Stream(p), "next", plan)["B", 1] == (60, 120)
    assert _spans(Stream(p), "any", plan)["B", 1] == (0, 60)


def test_a_rule_decides_by_expected_durations_and_prices_need_no_plan() -> None:
    p = plant(job("A", operation(60)), job("B", operation(20)))
    floor = NoisyFloor(Stream(p), STILL)
    assert floor.play(0, way_named("rule SPT"), Guide()).executed.by_operation["B", 1].start == 0
    assert len(floor.play(0, way_named("prices"), Guide()).executed.assignments) == 2


def test_a_cancelled_order_holds_its_place_until_it_is_cancelled_and_no_longer() -> None:
    waiting = Stream(TWO, late_material=(LateMaterial(0, "A", 500),), cancellations=(Cancellation(40, "A"),))
    assert _spans(waiting, "order") == {("B", 1): (40, 100), ("B", 2): (100, 130)}
    assert _spans(waiting, "any") == {("B", 1): (0, 60), ("B", 2): (60, 90)}
    begun = Stream(TWO, cancellations=(Cancellation(30, "A"),))
    assert ("A", 1) in _spans(begun, "rule FIFO")
    assert ("A", 2) not in _spans(begun, "rule FIFO")


def test_a_breakdown_is_not_foreseen_by_a_decision() -> None:
    p = plant(job("A", operation(60, 1, 2, preferred_machine=1)), machines=[machine(1), machine(2)])
    broken = Stream(p, outages=(Outage(1, 30, 1000),))
    found = NoisyFloor(broken, STILL).play(0, way_named("rule SPT"), Guide()).executed.assignments
    assert found == (at("A", 1, 1, 0, 1060),)
    known = Stream(p, outages=(Outage(1, 0, 1000),))
    assert NoisyFloor(known, STILL).play(0, way_named("rule SPT"), Guide()).executed.assignments == (at("A", 1, 2, 0, 60),)


def test_tardiness_is_of_all_orders_but_cancelled_ones() -> None:
    turnout = NoisyFloor(Stream(TWO), STILL).play(0, way_named("order"), Guide(PLAN))
    assert (turnout.tardiness, turnout.late, turnout.orders) == (pytest.approx(50 / 1440), 1, 2)
    gone = Stream(TWO, cancellations=(Cancellation(1, "B"),))
    turnout = NoisyFloor(gone, STILL).play(0, way_named("order"), Guide(PLAN))
    assert (turnout.tardiness, turnout.late, turnout.orders) == (0.0, 0, 1)


SHAPE = PlantShape(25, 8, tightness=0.9, load=4.0)
NOISE = DurationNoise(0.3)


def _first(p: Plant) -> Guide:
    return Guide(greedy.schedule(p, EngineConfig(rule="WATC")).schedule)


def _lively() -> Stream:
    stream = random_stream(5, SHAPE, 4, 0.0)
    coming = [a.job.id for a in stream.arrivals]
    return replace(
        stream,
        cancellations=(Cancellation(700, stream.plant.jobs[3].id), Cancellation(4000, coming[0])),
        late_material=(LateMaterial(100, stream.plant.jobs[4].id, stream.plant.jobs[4].release + 5000),),
    )


def test_replans_come_every_few_hours_and_if_asked_for_at_breakdowns() -> None:
    stream = Stream(TWO, outages=(Outage(1, 0, 10), Outage(2, 130, 10), Outage(1, 240, 10), Outage(1, 9000, 10)))
    regular = Replanning("repair", 2, 1.0, until=400)
    assert regular.minutes(stream) == (120, 240, 360)
    assert replace(regular, at_breakdowns=True).minutes(stream) == (120, 130, 240, 360)
    assert way_named("calm 8h/breakdowns 1s + any").replanning == Replanning("repair", 8, 1.0, at_breakdowns=True)
    evenings = way_named("calm/shift 3h@2h 1s + order").replanning
    assert evenings == Replanning("repair", 3, 1.0, shift=True, first=2)
    assert replace(evenings, until=400).minutes(stream) == (120, 300)


@pytest.mark.parametrize(
    "way", ["keep 24h/breakdowns 0s + order", "keep 12h 0s + any", "keep 12h 0s + next", "keep 24h 0s + prices"]
)
def test_replans_take_up_new_orders_and_the_judge_finds_nothing_wrong(way: str) -> None:
    stream = _lively()
    floor = NoisyFloor(stream, NOISE)
    turnout = floor.play(1, way_named(way), _first(stream.plant))
    assert len(turnout.replans) >= 4
    assert violations(real_plant(stream, NOISE, 1, turnout.executed), turnout.executed) == ()
    assert turnout.orders == len(stream.plant.jobs) + len(stream.arrivals) - 2


def test_a_searched_replan_says_what_it_moved() -> None:
    stream = random_stream(6, SHAPE, 2, 0.0, arrivals=0.0)
    way = Way("order", Replanning("repair", 24, 0.05, until=2 * 1440))
    turnout = NoisyFloor(stream, NOISE).play(2, way, _first(stream.plant))
    assert len(turnout.replans) == 2
    assert all(0 <= replan.moved <= replan.due for replan in turnout.replans)
    assert sum(replan.due for replan in turnout.replans) > 0


def test_a_calm_replan_of_the_shift_moves_one_in_twenty_of_its_starts_at_most() -> None:
    """What is due and what moves is counted from where the floor would go on, and what runs is not due any more."""
    stream = random_stream(6, PlantShape(60, 20, tightness=0.8, load=6.0), 2, 0.0)
    way = Way("order", Replanning("repair", 6, 0.02, until=2 * 1440, shift=True))
    turnout = NoisyFloor(stream, NOISE).play(2, way, _first(stream.plant))
    assert violations(real_plant(stream, NOISE, 2, turnout.executed), turnout.executed) == ()
    assert max(replan.due for replan in turnout.replans) > 10
    assert all(replan.moved <= 0.05 * replan.due for replan in turnout.replans)


def test_equal_floors_play_alike_and_others_do_not() -> None:
    floor, guide = NoisyFloor(_lively(), NOISE), _first(_lively().plant)

    def played(seed: int) -> Turnout:
        return floor.play(seed, way_named("keep 24h 0s + order"), guide)

    assert played(3).executed == played(3).executed
    assert played(3).executed != played(4).executed


def test_prices_trained_on_floors_are_the_same_again_and_change_decisions() -> None:
    floor = NoisyFloor(Stream(random_plant(2, SHAPE)), NOISE)
    prices = prices_on_floors(floor, range(100, 102), generations=4)
    assert prices == prices_on_floors(floor, range(100, 102), generations=4)
    trained = [floor.play(seed, way_named("prices"), Guide(prices=prices)).tardiness for seed in range(100, 102)]
    usual = [floor.play(seed, way_named("prices"), Guide()).tardiness for seed in range(100, 102)]
    assert sum(trained) < sum(usual)


def test_an_order_that_arrives_after_the_last_replan_is_planned_at_their_end_where_only_planned_ones_begin() -> None:
    stream = Stream(replace(TWO, jobs=TWO.jobs[:1]), arrivals=(Arrival(80, TWO.jobs[1]),))
    way = Way("order", Replanning("right_shift", 2, 0.0, first=1, until=90))
    assert way.replan_minutes(stream) == (60, 90)
    assert replace(way, execution="any").replan_minutes(stream) == (60,)
    plan = Schedule(tuple(a for a in PLAN.assignments if a.job == "A"))
    assert NoisyFloor(stream, STILL).play(0, way, Guide(plan)).executed.by_operation["B", 1].start == 90


def test_prices_are_tuned_on_floors_that_nobody_plays_and_need_no_plan() -> None:
    stream = _lively()
    way = way_named("tuned 24h 0.05s + prices")
    turnout = NoisyFloor(stream, NOISE).play(3, way, Guide())
    assert not way.needs_plan
    assert violations(real_plant(stream, NOISE, 3, turnout.executed), turnout.executed) == ()
    assert len(turnout.replans) >= 4
    assert sum(replan.due + replan.moved for replan in turnout.replans) == 0
    assert turnout.executed != NoisyFloor(stream, NOISE).play(3, way_named("prices"), Guide()).executed


def test_a_search_of_prices_begins_at_the_first_ones_and_ends_with_its_seconds() -> None:
    floor = NoisyFloor(Stream(random_plant(2, SHAPE)), NOISE)
    found = prices_on_floors(floor, range(100, 101), generations=2)
    assert prices_on_floors(floor, range(100, 101), generations=1000, first=found, cpu_seconds=0.0) == found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("hope", "must end with one of"),
        ("calm 4h + any", "must be"),
        ("magic 4h 1s + any", "must be"),
        ("calm 0h 1s + any", "more than 0"),
        ("calm 4h -1s + any", "at least 0"),
    ],
)
def test_a_way_that_is_none_is_refused(text: str, reason: str) -> None:
    with pytest.raises(InvalidValue, match=reason):
        way_named(text)


def test_a_way_says_whether_it_needs_a_plan_and_is_refused_without() -> None:
    assert [name for name in EXECUTIONS if way_named(name).needs_plan] == ["starts", "order", "next", "any"]
    assert way_named("calm 4h 1s + prices").needs_plan
    floor = NoisyFloor(Stream(TWO), STILL)
    for way in ("order", "calm 4h 1s + prices"):
        with pytest.raises(InvalidValue, match="is missing"):
            floor.play(0, way_named(way), Guide())


def test_a_plan_that_the_floor_cannot_follow_is_refused() -> None:
    floor = NoisyFloor(Stream(TWO), STILL)
    wrong = {
        "no operation": schedule(at("X", 1, 1, 0, 60)),
        "none of its own": schedule(at("A", 1, 2, 0, 60)),
        "has to follow": schedule(at("A", 2, 2, 0, 30), at("A", 1, 1, 30, 90)),
        "plan lacks": schedule(at("A", 1, 1, 0, 60), at("A", 2, 2, 60, 90)),
    }
    for reason, plan in wrong.items():
        with pytest.raises(InvalidValue, match=reason):
            floor.play(0, way_named("order"), Guide(plan))


def test_orders_that_arrive_begin_no_sooner() -> None:
    stream = Stream(replace(TWO, jobs=TWO.jobs[:1]), arrivals=(Arrival(45, TWO.jobs[1]),))
    floor = FloorArrays(stream)
    assert floor.job_ready.tolist() == [0, 45]
    assert NoisyFloor(stream, STILL).play(0, way_named("rule EDD"), Guide()).executed.by_operation["B", 1].start >= 45


def test_500_orders_on_152_machines_take_less_than_50_ms() -> None:
    p = random_plant(8, PlantShape(500, 152, tightness=0.8))
    floor, guide = NoisyFloor(Stream(p), NOISE), _first(p)
    truth = floor.truth(0)
    for name in ("order", "any", "rule WATC", "prices"):
        taken = []
        for _ in range(6):
            begun, before = floor.arrays.nothing_begun(), time.thread_time()
            EXECUTIONS[name](floor.arrays, truth, guide, begun, 0, NEVER)
            taken.append(time.thread_time() - before)
            assert (begun.pair >= 0).all()
        assert min(taken) < 0.05, name
