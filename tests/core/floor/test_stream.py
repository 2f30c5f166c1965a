"""Streams played: what is executed, that all policies meet the same events, and what counts as moved."""

from __future__ import annotations

import pytest

from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.repair import right_shift
from scheduler_core.environments.random_plants import PlantShape
from scheduler_core.floor.events import Durations, Outage, Stream, random_stream
from scheduler_core.floor.execution import WorkingHours
from scheduler_core.floor.moves import Moves, moves
from scheduler_core.floor.stream import Played, play, projected
from scheduler_core.judge.kpis import measure
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Fixed, Plant
from scheduler_core.schedule import Schedule
from tests.support.plants import at, job, machine, operation, plant, schedule

SHAPE = PlantShape(30, 10, tightness=0.8, load=5.0, simultaneous_share=0.05)


def _rule(plant: Plant, rule: str = "EDD") -> Schedule:
    made = greedy.schedule(plant, EngineConfig(rule=rule)).schedule
    assert made is not None
    return made


def _keep(plant: Plant, carried: Schedule | None, seconds: float, seed: int) -> Schedule:
    made = right_shift.schedule(plant, EngineConfig(warm_start=carried)).schedule
    assert made is not None
    return made


def _follow(plant: Plant, carried: Schedule | None, seconds: float, seed: int) -> Schedule:
    assert carried is not None
    return projected(plant, carried)


def _from_nothing(plant: Plant, carried: Schedule | None, seconds: float, seed: int) -> Schedule:
    return _rule(plant, "WATC")


@pytest.mark.parametrize("seed", range(6))
def test_without_events_the_planned_cost_is_executed_and_the_carried_plan_stays_valid(seed: int) -> None:
    stream = Stream(random_stream(seed, SHAPE, 1).plant)
    first = _rule(stream.plant)
    seen: list[tuple[Plant, Schedule]] = []

    def follow(plant: Plant, carried: Schedule | None, seconds: float, seed: int) -> Schedule:
        assert carried is not None
        seen.append((plant, carried))
        return carried

    # 17 h: the snapshots fall into shifts, breaks and nights in turn.
    played = play(stream, follow, first, 6, 17.0)
    assert set(played.executed.assignments) == set(first.assignments)
    assert played.tardiness == pytest.approx(measure(stream.plant, first).weighted_tardiness_days)
    assert played.late == sum(
        max(a.end for a in first.assignments if a.job == j.id) > j.due for j in stream.plant.jobs if j.due is not None
    )
    assert any(op.fixed for plant, _ in seen for j in plant.jobs for op in j.operations)
    assert [r.raw.moved_72h for r in played.replans] == [0] * 6


def test_every_plan_of_a_noisy_stream_obeys_the_snapshot_it_is_made_for() -> None:
    stream = random_stream(3, SHAPE, 6, 0.3, outages_a_day=3.0)
    judged: list[int] = []

    def policy(plant: Plant, carried: Schedule | None, seconds: float, seed: int) -> Schedule:
        for make in (_keep, _from_nothing, _follow):
            made = make(plant, carried, seconds, seed)
            if make is not _follow:  # which lacks the new orders
                assert violations(plant, made) == ()
        judged.append(len(plant.jobs))
        return _keep(plant, carried, seconds, seed)

    played = play(stream, policy, _rule(stream.plant), 5)
    assert len(judged) == 5
    assert played.orders == len(stream.orders_known(5 * 1440))
    assert {a.key for a in played.executed.assignments} == {
        (j.id, op.sequence) for j in stream.orders_known(5 * 1440) for op in j.operations
    }


def test_all_policies_meet_the_same_events() -> None:
    """What two policies run on the same machine has the same work, less the setup; equal policies get equal floors."""
    stream = random_stream(4, SHAPE, 4, 0.3)
    first = _rule(stream.plant)
    kept, nothing, again = (play(stream, policy, first, 3) for policy in (_keep, _from_nothing, _keep))
    assert kept.executed == again.executed
    assert kept.executed != nothing.executed
    assert kept.orders == nothing.orders
    same = _real_minutes(stream, kept).items() & _real_minutes(stream, nothing).items()
    elsewhere = sum(
        kept.executed.by_operation[key].machines != nothing.executed.by_operation[key].machines
        for key in kept.executed.by_operation
    )
    assert len(same) == len(kept.executed.assignments) - elsewhere


def _real_minutes(stream: Stream, played: Played) -> dict[tuple[str, int, tuple[int, ...]], int]:
    hours = WorkingHours(stream.world)
    return {
        (*a.key, a.machines): hours.worked(a.machines, a.start, a.end) - a.setup_minutes for a in played.executed.assignments
    }


def test_what_a_delay_costs_is_executed() -> None:
    """Two jobs of an hour on one machine, both due after two hours; the machine stands still for a day in between."""
    jobs = (job("A", operation(60), due=120), job("B", operation(60), due=120, important=True))
    stream = Stream(plant(*jobs, machines=[machine(1, initial_family="A")]), outages=(Outage(1, 60, 1440),))
    first = schedule(at("A", 1, 1, 0, 60), at("B", 1, 1, 60, 120))
    played = play(stream, _keep, first, 1, 1.0)
    assert played.executed == schedule(at("A", 1, 1, 0, 60), at("B", 1, 1, 1500, 1560))
    assert (played.tardiness, played.late, played.orders) == (3.0, 1, 2)
    assert (played.until, played.accrued) == (120, 0.0)
    (replan,) = played.replans
    assert (replan.minute, replan.operations, replan.new_orders, replan.tardiness) == (60, 1, 0, 3.0)
    # Right-shift has to move B by a day: a move from the plan in force, and none beyond right-shift.
    assert replan.raw == Moves(1, 1, 1, 1)
    assert replan.beyond_shift == Moves(0, 0, 1, 0)


def test_a_still_stream_shows_the_same_snapshot_again_and_again() -> None:
    stream = random_stream(2, SHAPE, 3, still=True)
    assert (stream.arrivals, stream.outages, stream.durations) == ((), (), Durations())
    seen = []

    def policy(plant: Plant, carried: Schedule | None, seconds: float, seed: int) -> Schedule:
        seen.append((plant, carried, seed))
        return _from_nothing(plant, carried, seconds, seed)

    first = _rule(stream.plant)
    played = play(stream, policy, first, 3, seed=7)
    assert [one[0] for one in seen] == [stream.plant] * 3
    assert [one[1] for one in seen] == [first, _rule(stream.plant, "WATC"), _rule(stream.plant, "WATC")]
    assert [one[2] for one in seen] == [8, 9, 10]
    assert played.tardiness == pytest.approx(measure(stream.plant, _rule(stream.plant, "WATC")).weighted_tardiness_days)
    assert played.replans[0].raw.moved_24h > 0
    assert [r.raw.moved_72h for r in played.replans[1:]] == [0, 0]


def test_moves_beyond_several_plans_are_those_beyond_each() -> None:
    p = plant(
        job("R", operation(10, 1, 2, fixed=Fixed((2,), 0, 10))),
        *(job(name, operation(60)) for name in "ABC"),
        machines=[machine(1), machine(2)],
    )
    before = schedule(at("R", 1, 2, 5, 15), at("A", 1, 1, 0, 60), at("B", 1, 1, 60, 120), at("C", 1, 1, 2000, 2060))
    after = schedule(at("R", 1, 2, 0, 10), at("A", 1, 1, 20, 80), at("B", 1, 1, 80, 140), at("C", 1, 1, 140, 200))
    assert moves(p, before, p, after) == Moves(2, 2, 3, 3)
    other = schedule(at("A", 1, 1, 10, 70), at("B", 1, 1, 200, 260), at("C", 1, 1, 140, 200))
    assert moves(p, before, p, after, other) == Moves(2, 1, 3, 1)
    assert moves(p, before, p, after, other).share_24h == 0.5
    assert moves(p, schedule(), p, after).share_24h is None
