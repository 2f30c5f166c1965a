"""The plant's types cannot be built wrong, and answer for themselves what the rules ask of them."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, replace
from datetime import date, datetime

import pytest
from hypothesis import given, settings

from scheduler_core.errors import InvalidValue
from scheduler_core.plant import (
    MAX_DURATION,
    Break,
    Calendar,
    Downtime,
    ExtraHours,
    Fixed,
    Holiday,
    Job,
    Machine,
    MachineType,
    Operation,
    Plant,
    SetupEntry,
    WorkWindow,
)
from tests.support.plants import ALWAYS, job, machine, operation, plant
from tests.support.strategies import plants


@pytest.mark.parametrize(
    ("build", "where", "value"),
    [
        (lambda: WorkWindow(0, 0, 60), "day", 0),
        (lambda: WorkWindow(8, 0, 60), "day", 8),
        (lambda: WorkWindow(1, -1, 60), "start", -1),
        (lambda: WorkWindow(1, 1440, 1500), "start", "24:00"),
        (lambda: WorkWindow(1, 60, 60), "end", "01:00"),
        (lambda: WorkWindow(1, 0, 1441), "end", "00:01"),
        (lambda: WorkWindow(1, 1320, 1320 + 1441), "end", "22:01"),
        (lambda: WorkWindow(1, 0, 60.5), "end", 60.5),  # type: ignore[arg-type]
        (lambda: WorkWindow(1, 0, 60, "night"), "kind", "night"),  # type: ignore[arg-type]
        (lambda: Break("tea", 600, 590), "end", "09:50"),
        (lambda: Holiday(date(2025, 12, 24), "", 720, 720), "end", "12:00"),
        (lambda: Holiday(date(2025, 12, 24), "", 720, 1500), "end", "01:00"),
        (lambda: ExtraHours(date(2025, 12, 24), 360, 300), "end", "05:00"),
        (lambda: ExtraHours(date(2025, 12, 24), 360, 420, "extra"), "kind", "extra"),  # type: ignore[arg-type]
        (lambda: Break("tea", 600, 610, day=9), "day", 9),
        (lambda: Calendar("", ()), "id", ""),
        (lambda: MachineType(1, ""), "name", ""),
        (lambda: Downtime(10, 10), "end", 10),
        (lambda: Machine(True, "M", 1, "c"), "id", True),
        (lambda: SetupEntry(1, "A", "B", -1), "minutes", -1),
        (lambda: Fixed((), 0, 1), "machines", ()),
        (lambda: Fixed((1, 1), 0, 1), "machines", (1, 1)),
        (lambda: Fixed((1,), 5, 5), "end", 5),
        (lambda: operation(0), "minutes", 0),
        (lambda: operation(1.5), "minutes", 1.5),  # type: ignore[arg-type]
        (lambda: operation(MAX_DURATION + 1), "minutes", MAX_DURATION + 1),
        (lambda: operation(5, setup_minutes=-1), "setup_minutes", -1),
        (lambda: Operation(1, "p", 5), "machines", ()),
        (lambda: operation(5, 1, machine_types=(1,), requires_all=True), "machine_types", (1,)),
        (lambda: operation(5, minutes_by_machine={1: 0}), "minutes_by_machine.1", 0),
        (lambda: Job("", (operation(5),)), "id", ""),
        (lambda: Job("J", ()), "operations", ()),
        (lambda: Job("J", (operation(5, sequence=2), operation(5, sequence=2))), "operations", 2),
        (lambda: Job("J", (operation(5, sequence=2), operation(5, sequence=1))), "operations", [2, 1]),
        (lambda: job("J", operation(5), due=0.5), "due", 0.5),
    ],
)
def test_parts_refuse_wrong_values(build: object, where: str, value: object) -> None:
    with pytest.raises(InvalidValue) as caught:
        build()  # type: ignore[operator]
    assert (caught.value.where, caught.value.value) == (where, value)


@pytest.mark.parametrize(
    ("change", "where", "value"),
    [
        ({"name": ""}, "name", ""),
        ({"timezone": "Mars/Olympus"}, "timezone", "Mars/Olympus"),
        ({"plan_start": datetime(2025, 7, 21, 8, 0, 30)}, "plan_start", datetime(2025, 7, 21, 8, 0, 30)),
        ({"machines": ()}, "machines", ()),
        ({"machines": (machine(1), machine(1))}, "machines[1].id", 1),
        ({"machines": (machine(1, type=7),)}, "machines[0].type", 7),
        ({"machines": (machine(1, calendar="nights"),)}, "machines[0].calendar", "nights"),
        ({"jobs": (job("J", operation(5)), job("J", operation(5)))}, "jobs[1].id", "J"),
        ({"jobs": (job("J", operation(5, 9)),)}, "jobs[0].operations[0].machines", 9),
        ({"jobs": (job("J", operation(5, machine_types=(9,))),)}, "jobs[0].operations[0].machine_types", 9),
        (
            {"jobs": (job("J", operation(5, minutes_by_machine={9: 4})),)},
            "jobs[0].operations[0].minutes_by_machine",
            9,
        ),
        ({"jobs": (job("J", operation(5, preferred_machine=9)),)}, "jobs[0].operations[0].preferred_machine", 9),
        (
            {"calendars": (replace(ALWAYS, holidays=(Holiday(date(2025, 8, 31)), Holiday(date(2205, 8, 31)))),)},
            "calendars[0].holidays[1].date",
            "2205-08-31",
        ),
        (
            {"calendars": (replace(ALWAYS, holidays=(Holiday(date(1, 1, 1)),)),)},
            "calendars[0].holidays[0].date",
            "0001-01-01",
        ),
        (
            {"calendars": (replace(ALWAYS, extra=(ExtraHours(date(2205, 8, 31), 0, 60),)),)},
            "calendars[0].extra[0].date",
            "2205-08-31",
        ),
        ({"setup_matrix": (SetupEntry(9, "A", "B", 5),)}, "setup_matrix[0].machine_type", 9),
        (
            {"setup_matrix": (SetupEntry(1, "A", "B", 5), SetupEntry(1, "A", "B", 6))},
            "setup_matrix[1]",
            (1, "A", "B"),
        ),
    ],
)
def test_plant_checks_every_reference(change: dict[str, object], where: str, value: object) -> None:
    with pytest.raises(InvalidValue) as caught:
        replace(plant(job("J", operation(5))), **change)  # type: ignore[arg-type]
    assert (caught.value.where, caught.value.value) == (where, value)


def fixed(machines: int | tuple[int, ...], start: int, end: int) -> Fixed:
    return Fixed((machines,) if isinstance(machines, int) else machines, start, end)


@pytest.mark.parametrize(
    ("jobs", "names"),
    [
        pytest.param(
            [job("J", operation(5, 1, fixed=fixed(2, 0, 5)))], ["job J operation 1", "not eligible"], id="ineligible"
        ),
        pytest.param(
            [job("J", operation(5, 1, 2, fixed=fixed((1, 2), 0, 5)))], ["job J operation 1", "runs on one"], id="several"
        ),
        pytest.param(
            [job("J", operation(5, 1, 2, requires_all=True, fixed=fixed(1, 0, 5)))],
            ["job J operation 1", "all the machines"],
            id="not all",
        ),
        pytest.param(
            [job("J", operation(9, fixed=fixed(1, 0, 9))), job("K", operation(9, fixed=fixed(1, 8, 17)))],
            ["machine 1", "job J operation 1", "job K operation 1"],
            id="overlap",
        ),
        pytest.param(
            [job("J", operation(9, 1, fixed=fixed(1, 0, 9)), operation(9, 2, fixed=fixed(2, 8, 17)))],
            ["operations[1].fixed.start", "job J operation 1"],
            id="before its predecessor",
        ),
    ],
)
def test_fixed_operations_that_contradict_each_other_are_named(jobs: list[Job], names: list[str]) -> None:
    with pytest.raises(InvalidValue) as caught:
        plant(*jobs, machines=[machine(1), machine(2)])
    assert all(name in str(caught.value) for name in names), caught.value


def test_fixed_operations_may_touch() -> None:
    built = plant(
        job("J", operation(9, fixed=fixed(1, -9, 0))),
        job("K", operation(9, fixed=fixed(1, 0, 9))),
    )
    assert built.operation_count == 2


def test_eligible_machines_are_the_union_of_types_and_ids() -> None:
    built = plant(
        job("J", operation(5, 4, machine_types=(2,))),
        machines=[machine(9, type=2), machine(4, type=1), machine(1, type=2)],
    )
    assert built.eligible_machines(built.jobs[0].operations[0]) == (1, 4, 9)


def test_processing_minutes_are_the_longest_over_the_machines_held() -> None:
    step = operation(30, 1, 2, minutes_by_machine={2: 50})
    assert step.processing_minutes([1]) == 30
    assert step.processing_minutes([2]) == 50
    assert step.processing_minutes([1, 2]) == 50


def test_minutes_and_wall_clock_convert_both_ways() -> None:
    built = plant(job("J", operation(5)))
    assert built.time_of(0) == datetime(2025, 7, 21, 8, 0)
    assert built.time_of(-1) == datetime(2025, 7, 21, 7, 59)
    assert built.minute_of(datetime(2025, 7, 22, 8, 30)) == 24 * 60 + 30


def test_setup_matrix_answers_only_for_what_it_holds() -> None:
    built = plant(job("J", operation(5)), setups=[SetupEntry(1, "A", "B", 45)])
    assert built.setup_matrix_minutes(1, "A", "B") == 45
    assert built.setup_matrix_minutes(1, "B", "A") is None


def test_important_jobs_weigh_three_times_as_much() -> None:
    assert job("J", operation(5), important=True).weight == 3
    assert job("J", operation(5)).weight == 1


def test_parts_are_frozen() -> None:
    step = operation(5, minutes_by_machine={1: 4})
    with pytest.raises(FrozenInstanceError):
        step.minutes = 6  # type: ignore[misc]
    with pytest.raises(TypeError):
        step.minutes_by_machine[1] = 6  # type: ignore[index]


@settings(max_examples=25, deadline=None)
@given(plants())
def test_plants_travel_to_worker_processes(original: Plant) -> None:
    assert pickle.loads(pickle.dumps(original)) == original
