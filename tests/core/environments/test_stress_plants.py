"""Plants at the edge: each is as extreme as its name says, and every engine plans all of it without breaking a rule."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest

from scheduler_core.comparison.spec import parse_spec
from scheduler_core.comparison.trial import run_trial
from scheduler_core.environments.stress_plants import (
    CASES,
    CLOSED_DAYS,
    GIANT_OPERATIONS,
    LATEST_RELEASE,
    ONE_OPERATION_JOBS,
)
from scheduler_core.interchange import snapshot_to_json
from scheduler_core.objectives import Objective
from scheduler_core.plant import MINUTES_PER_DAY, Operation, Plant

JOBS = 20
ENGINES = ("greedy", "learned samples=8", "learned time_limit=0.6")


def small(name: str) -> Plant:
    return CASES[name](3, JOBS)


def operations(plant: Plant) -> Iterator[Operation]:
    return (o for job in plant.jobs for o in job.operations)


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", CASES)
def test_every_engine_plans_all_of_it(name: str, engine: str) -> None:
    found = run_trial(parse_spec(engine), small(name), Objective.TARDINESS)
    assert (found.violations, found.completion) == (0, 1.0)
    assert found.value is not None
    assert math.isfinite(found.value)


@pytest.mark.parametrize("name", CASES)
def test_it_is_drawn_from_its_seed_and_of_the_asked_size(name: str) -> None:
    assert snapshot_to_json(small(name)) == snapshot_to_json(small(name))
    assert snapshot_to_json(small(name)) != snapshot_to_json(CASES[name](4, JOBS))
    assert len(small(name).jobs) == JOBS


def test_the_great_one_is_planned_at_full_size() -> None:
    plant = CASES["a thousand one-operation jobs"](0)
    assert len(plant.jobs) == plant.operation_count == ONE_OPERATION_JOBS == 1000
    found = run_trial(parse_spec("learned samples=2"), plant, Objective.TARDINESS)
    assert (found.violations, found.completion) == (0, 1.0)


# ---------------------------------------------------------------- as extreme as their names
def test_dates() -> None:
    today = small("all due today")
    assert {today.time_of(j.due or 0).date() for j in today.jobs} == {today.plan_start.date()}
    late = small("all released late")
    assert all(j.release == LATEST_RELEASE and j.due is not None and j.due < j.release for j in late.jobs)
    for job in small("zero slack").jobs:
        assert job.due == max(0, job.release) + sum(o.minutes for o in job.operations)


def test_machines() -> None:
    assert len(small("one machine").machines) == 1
    alike = small("one type")
    assert len(alike.machine_types) == 1
    assert all(len(alike.eligible_machines(o)) == len(alike.machines) > 1 for o in operations(alike) if not o.requires_all)
    many = small("30 % simultaneous")
    share = sum(o.requires_all for o in operations(many)) / many.operation_count
    assert 0.15 < share < 0.45


def test_nothing_runs_while_everything_is_closed() -> None:
    plant = small("all on holiday")
    found = run_trial(parse_spec("greedy rule=EDD"), plant, Objective.MAKESPAN)
    assert found.value is not None
    assert found.value * 60 > (CLOSED_DAYS - 1) * MINUTES_PER_DAY


def test_jobs_and_families() -> None:
    assert all(j.important for j in small("all important").jobs)
    assert all(len(j.operations) == 1 for j in small("a thousand one-operation jobs").jobs)
    sizes = sorted(len(j.operations) for j in small("one giant job").jobs)
    assert sizes[-1] == GIANT_OPERATIONS > 5 * sizes[-2]
    without = run_trial(parse_spec("greedy rule=EDD"), small("one family"), Objective.TARDINESS).kpis
    assert without is not None
    assert without.setup_hours == 0.0
    differing = small("all families differ")
    assert len({j.family for j in differing.jobs}) == JOBS
