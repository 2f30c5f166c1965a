"""Plans carried out, against times that were worked out by hand, and to the minute where nothing disturbs them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.errors import InvalidValue
from scheduler_core.floor.events import Durations, Outage, Stream
from scheduler_core.floor.execution import Floor
from scheduler_core.judge.kpis import measure
from scheduler_core.plant import Operation, Plant, SetupEntry
from scheduler_core.schedule import Schedule
from tests.support.plants import DAY, HOUR, at, job, machine, operation, plant, schedule

NOTHING = Schedule(())


@dataclass(frozen=True)
class _Known(Durations):
    """Real minutes by (job, sequence); all others as planned."""

    real: tuple[tuple[tuple[str, int], int], ...] = ()

    def minutes(self, job: str, operation: Operation, machines: object) -> int:
        return dict(self.real).get((job, operation.sequence), operation.minutes)


def _followed(
    p: Plant, plan: Schedule, real: dict[tuple[str, int], int] | None = None
) -> dict[tuple[str, int], tuple[int, ...]]:
    found = Floor(p, _Known(real=tuple((real or {}).items()))).follow(NOTHING, plan, 0)
    return {a.key: (a.start, a.end, a.setup_minutes) for a in found.assignments}


TWO = plant(
    job("A", operation(60, 1), operation(30, 2)),
    job("B", operation(60, 1), operation(30, 2)),
    machines=[machine(1, initial_family="A"), machine(2, initial_family="A")],
)
PLAN = schedule(at("A", 1, 1, 0, 60), at("B", 1, 1, 60, 120), at("A", 2, 2, 60, 90), at("B", 2, 2, 120, 150))


def test_without_noise_the_plan_is_carried_out_to_the_minute() -> None:
    assert _followed(TWO, PLAN) == {a.key: (a.start, a.end, 0) for a in PLAN.assignments}


def test_a_delay_pushes_what_follows_on_the_machine_and_in_the_job() -> None:
    assert _followed(TWO, PLAN, {("A", 1): 90}) == {
        ("A", 1): (0, 90, 0), ("A", 2): (90, 120, 0), ("B", 1): (90, 150, 0), ("B", 2): (150, 180, 0),
    }  # fmt: skip


def test_what_ends_early_lets_the_next_begin_before_its_planned_start() -> None:
    assert _followed(TWO, PLAN, {("A", 1): 40})["B", 1] == (40, 100, 0)


def test_a_machine_waits_for_the_next_of_its_order_although_another_is_ready() -> None:
    turned = schedule(at("B", 1, 1, 0, 60), at("A", 1, 1, 60, 120), at("A", 2, 2, 120, 150), at("B", 2, 2, 150, 180))
    assert _followed(TWO, turned, {("A", 1): 200})["B", 2] == (290, 320, 0)


def test_a_release_holds_a_job_back() -> None:
    p = replace(TWO, jobs=(replace(TWO.jobs[0], release=30), TWO.jobs[1]))
    assert _followed(p, PLAN)["A", 1] == (30, 90, 0)


def test_an_outage_interrupts_and_no_operation_begins_within_it() -> None:
    p = Stream(TWO, outages=(Outage(1, 20, 100),)).world
    assert _followed(p, PLAN) == {
        ("A", 1): (0, 160, 0), ("A", 2): (160, 190, 0), ("B", 1): (160, 220, 0), ("B", 2): (220, 250, 0),
    }  # fmt: skip
    late = Stream(TWO, outages=(Outage(2, 60, 100),)).world
    assert _followed(late, PLAN)["A", 2] == (160, 190, 0)


def test_work_pauses_at_night() -> None:
    p = plant(job("A", operation(11 * HOUR)), machines=[machine(1, calendar="office")])
    # Monday 08:00 to 18:00 less an hour of lunch, then Tuesday from 08:00 on.
    assert _followed(p, schedule(at("A", 1, 1, 0, 1)))["A", 1] == (0, DAY + 2 * HOUR, 0)


def test_setups_follow_the_matrix_and_the_order() -> None:
    p = plant(
        job("A", operation(60, setup_minutes=20), family="A"),
        job("B", operation(60, setup_minutes=25), family="B"),
        job("C", operation(60, setup_minutes=30), family="B"),
        setups=[SetupEntry(1, "A", "B", 7)],
    )
    plan = schedule(at("A", 1, 1, 0, 1), at("B", 1, 1, 1, 2), at("C", 1, 1, 2, 3))
    assert _followed(p, plan) == {("A", 1): (0, 80, 20), ("B", 1): (80, 147, 7), ("C", 1): (147, 207, 0)}
    turned = schedule(at("A", 1, 1, 2, 3), at("B", 1, 1, 0, 1), at("C", 1, 1, 1, 2))
    assert _followed(p, turned) == {("B", 1): (0, 85, 25), ("C", 1): (85, 145, 0), ("A", 1): (145, 225, 20)}


def test_several_machines_at_once_wait_for_each_other() -> None:
    p = plant(
        job("A", operation(60, 1)),
        job("B", operation(30, 1, 2, requires_all=True)),
        machines=[machine(1, initial_family="A"), machine(2, initial_family="A")],
    )
    plan = schedule(at("A", 1, 1, 0, 60), at("B", 1, (1, 2), 60, 90))
    assert _followed(p, plan, {("A", 1): 75})["B", 1] == (75, 105, 0)


def test_only_what_begins_before_the_end_has_begun() -> None:
    floor = Floor(TWO, Durations())
    begun = floor.follow(NOTHING, PLAN, 0, 60)
    assert begun.assignments == (at("A", 1, 1, 0, 60),)
    more = floor.follow(begun, PLAN, 60, 61)
    assert {a.key for a in more.assignments} == {("A", 1), ("B", 1), ("A", 2)}
    assert set(floor.follow(more, PLAN, 61).assignments) == set(PLAN.assignments)


def test_nothing_begins_before_now_and_what_has_begun_stays() -> None:
    floor = Floor(TWO, Durations())
    begun = schedule(at("A", 1, 1, 0, 200))
    found = floor.follow(begun, PLAN, 100).by_operation
    assert found["A", 1] == at("A", 1, 1, 0, 200)
    assert found["B", 1].start == 200
    assert floor.follow(NOTHING, PLAN, 100).by_operation["A", 1].start == 100


def test_a_plan_that_the_floor_cannot_follow_is_refused() -> None:
    floor = Floor(TWO, Durations())
    with pytest.raises(InvalidValue, match="no operation"):
        floor.follow(NOTHING, schedule(at("X", 1, 1, 0, 60)), 0)
    with pytest.raises(InvalidValue, match="has to follow"):
        floor.follow(NOTHING, schedule(at("A", 2, 2, 0, 30)), 0)


@pytest.mark.parametrize("seed", range(8))
def test_random_plants_plans_are_carried_out_to_the_minute(seed: int) -> None:
    """With downtime, breaks, holidays and operations on several machines."""
    p = random_plant(seed, PlantShape(40, 15, load=8.0, simultaneous_share=0.1, downtime_share=0.5))
    plan = greedy.schedule(p, EngineConfig(rule=("EDD", "SPT", "WATC")[seed % 3])).schedule
    assert plan is not None
    real = Floor(p, Durations()).follow(NOTHING, plan, 0)
    assert set(real.assignments) == set(plan.assignments)
    assert measure(p, real) == measure(p, plan)
    noisy = Floor(p, Durations(seed, 0.2)).follow(NOTHING, plan, 0)
    assert set(noisy.assignments) != set(plan.assignments)
    order = {m: [a.key for a in rows] for m, rows in plan.by_machine.items()}
    assert {m: [a.key for a in rows] for m, rows in noisy.by_machine.items()} == order
