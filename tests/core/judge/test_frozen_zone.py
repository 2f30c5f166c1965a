"""What the judge counts in a frozen zone: hand-made cases, and a broken zone that breaks no hard constraint."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scheduler_core.engines import pinned_zone
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.pinned_zone import Pinned
from scheduler_core.engines.registry import ALL_ENGINES
from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.judge.frozen_zone import frozen_zone
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Downtime, Fixed, Plant, SetupEntry
from scheduler_core.schedule import Assignment, Schedule
from tests.support.plants import at, job, machine, operation, plant, schedule

SHOP = plant(
    job("A", operation(60, 1), operation(30, 3)), job("B", operation(60, 1, 2)), job("C", operation(40, 2)),
    machines=(machine(1), machine(2), machine(3, type=2)),
)  # fmt: skip
OLD = schedule(at("A", 1, 1, 0, 60), at("A", 2, 3, 60, 90), at("B", 1, 1, 60, 120), at("C", 1, 2, 200, 240))
FOUR = {1: 4.0, 2: 4.0}


def with_row(row: Assignment) -> Schedule:
    return Schedule(tuple(row if a.key == row.key else a for a in OLD.assignments))


def down(number: int, start: int, end: int) -> Plant:
    return replace(
        SHOP,
        machines=tuple(replace(m, downtime=(Downtime(start, end),)) if m.id == number else m for m in SHOP.machines),
    )


def test_the_same_plan_keeps_it() -> None:
    zone = frozen_zone(SHOP, OLD, OLD, FOUR)
    assert zone.could_stay == (("A", 1), ("A", 2), ("B", 1), ("C", 1))
    assert (zone.moved, zone.released) == ((), ())
    assert frozen_zone(SHOP, OLD, OLD, {}).could_stay == ()


@pytest.mark.parametrize(
    "row", [at("B", 1, 2, 60, 120), at("C", 1, 2, 201, 241), at("C", 1, 2, 199, 239), at("C", 1, 2, 0, 40)]
)
def test_a_minute_or_another_machine_is_a_move_and_breaks_no_hard_constraint(row: Assignment) -> None:
    new = with_row(row)
    assert violations(SHOP, new) == ()
    assert frozen_zone(SHOP, OLD, new, FOUR).moved == (row.key,)


def test_only_what_starts_within_the_hours_of_its_centre_counts() -> None:
    new = with_row(at("C", 1, 2, 0, 40))
    assert frozen_zone(SHOP, OLD, new, {1: 3.0, 2: 3.0}).moved == ()
    assert frozen_zone(SHOP, OLD, new, {1: 0.0, 2: 24.0}).moved == ()
    assert frozen_zone(SHOP, OLD, new, {1: 200 / 60, 2: 0.0}).moved == ()
    assert frozen_zone(SHOP, OLD, new, {1: 201 / 60, 2: 0.0}).moved == (("C", 1),)


def test_what_comes_before_a_frozen_operation_belongs_to_the_zone() -> None:
    """Only type 2 is frozen: A's second step on machine 3, and with it the first one on machine 1."""
    assert frozen_zone(SHOP, OLD, OLD, {2: 2.0}).could_stay == (("A", 1), ("A", 2))


def test_what_cannot_stay_is_released_and_its_followers_are_not() -> None:
    """Machine 1 is down until minute 50: A could begin then, 50 minutes late. B behind it still could begin at 60."""
    hit = down(1, 0, 50)
    new = schedule(at("B", 1, 1, 60, 120), at("A", 1, 1, 120, 180), at("A", 2, 3, 180, 210), at("C", 1, 2, 200, 240))
    assert violations(hit, new) == ()
    zone = frozen_zone(hit, OLD, new, FOUR)
    assert (zone.could_stay, zone.moved) == ((("B", 1), ("C", 1)), ())
    assert zone.released == (("A", 1), ("A", 2))
    pushed = schedule(at("A", 1, 1, 50, 110), at("A", 2, 3, 110, 140), at("B", 1, 1, 110, 170), at("C", 1, 2, 200, 240))
    assert violations(hit, pushed) == ()
    assert frozen_zone(hit, OLD, pushed, FOUR).moved == (("B", 1),)


def test_a_quarter_of_an_hour_late_is_staying_but_no_later_than_need_be() -> None:
    hit = down(1, 0, 15)
    new = schedule(at("A", 1, 1, 15, 75), at("A", 2, 3, 75, 105), at("B", 1, 1, 75, 135), at("C", 1, 2, 200, 240))
    zone = frozen_zone(hit, OLD, new, FOUR)
    assert (zone.moved, zone.released) == ((), ())
    later = Schedule(tuple(at("B", 1, 1, 76, 136) if a.job == "B" else a for a in new.assignments))
    assert violations(hit, later) == ()
    assert frozen_zone(hit, OLD, later, FOUR).moved == (("B", 1),)
    assert frozen_zone(down(1, 0, 16), OLD, new, FOUR).released == (("A", 1), ("A", 2))


def test_lost_machines_new_steps_late_material_and_what_has_left() -> None:
    first = SHOP.jobs[0]
    lost = replace(SHOP, jobs=(replace(first, operations=(replace(first.operations[0], machines=(2,)),)), *SHOP.jobs[1:]))
    assert frozen_zone(lost, OLD, OLD, FOUR).released == (("A", 1),)
    longer = job("A", operation(5, 2, sequence=1), operation(60, 1, sequence=2), operation(30, 3, sequence=3))
    stepped = replace(SHOP, jobs=(longer, *SHOP.jobs[1:]))
    renamed = Schedule(tuple(replace(a, sequence=a.sequence + 1) if a.job == "A" else a for a in OLD.assignments))
    assert frozen_zone(stepped, renamed, renamed, FOUR).released == (("A", 2), ("A", 3))
    late = replace(SHOP, jobs=(replace(first, release=40), *SHOP.jobs[1:]))
    assert frozen_zone(late, OLD, OLD, FOUR).released == (("A", 1), ("A", 2))
    without = replace(SHOP, jobs=SHOP.jobs[1:])
    zone = frozen_zone(without, OLD, Schedule(OLD.assignments[2:]), FOUR)
    assert (zone.could_stay, zone.moved, zone.released) == ((("B", 1), ("C", 1)), (), ())


def test_what_has_begun_is_in_no_zone_and_pushes_what_follows() -> None:
    begun = replace(SHOP.jobs[0].operations[0], fixed=Fixed((1,), -10, 100))
    running = replace(SHOP, jobs=(replace(SHOP.jobs[0], operations=(begun, SHOP.jobs[0].operations[1])), *SHOP.jobs[1:]))
    new = schedule(at("A", 1, 1, -10, 100), at("A", 2, 3, 100, 130), at("B", 1, 1, 100, 160), at("C", 1, 2, 200, 240))
    assert violations(running, new) == ()
    zone = frozen_zone(running, OLD, new, FOUR)
    assert (zone.could_stay, zone.released) == ((("C", 1),), (("A", 2), ("B", 1)))


def test_a_setup_that_grows_pushes_what_follows() -> None:
    """With A gone, B runs first and needs the setup of 20 minutes after the family that stands on the machine."""
    shop = plant(
        job("A", operation(60, 1)), job("B", operation(60, 1)), job("D", operation(60, 1)),
        machines=(machine(1, initial_family="Z"),), setups=(SetupEntry(1, "Z", "A", 20),),
    )  # fmt: skip
    old = schedule(
        Assignment("A", 1, (1,), 0, 80, 20), at("B", 1, 1, 80, 140), at("D", 1, 1, 140, 200)
    )  # fmt: skip
    assert violations(shop, old) == ()
    without = replace(shop, jobs=shop.jobs[1:])
    new = schedule(Assignment("B", 1, (1,), 80, 160, 20), at("D", 1, 1, 160, 220))
    assert violations(without, new) == ()
    zone = frozen_zone(without, old, new, {1: 8.0})
    assert (zone.could_stay, zone.moved, zone.released) == ((("B", 1),), (), (("D", 1),))


def test_an_engine_that_loses_frozen_operations_is_caught_by_the_judge_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The corruption: the engines' own zone forgets its last operations. Every hard constraint holds."""
    shop = random_plant(5, PlantShape(60, 20, tightness=0.6, load=8.0))
    old = ALL_ENGINES["greedy"](shop, EngineConfig(rule="LPT")).schedule
    assert old is not None
    config = EngineConfig(warm_start=old, workers=1, frozen_hours=48.0)
    hours = {kind.id: 48.0 for kind in shop.machine_types}
    honest = ALL_ENGINES["greedy"](shop, config).schedule
    assert honest is not None
    assert frozen_zone(shop, old, honest, hours).moved == ()
    pin = pinned_zone.pin_zone

    def forgetful(of: Plant, asked: EngineConfig) -> Pinned:
        whole = pin(of, asked)
        last = {a.key for a in sorted(whole.places.values(), key=lambda a: (a.start, a.key))[-5:]}
        without = Schedule(tuple(a for a in old.assignments if a.key not in last))
        return pin(of, replace(asked, warm_start=without))

    monkeypatch.setattr(pinned_zone, "pin_zone", forgetful)
    corrupt = ALL_ENGINES["greedy"](shop, config).schedule
    assert corrupt is not None
    assert violations(shop, corrupt) == ()
    assert frozen_zone(shop, old, corrupt, hours).moved
