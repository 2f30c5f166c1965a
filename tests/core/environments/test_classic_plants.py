"""Random classic plants: nothing but jobs and machines, and the same plant from the same seed."""

from __future__ import annotations

import pytest

from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.greedy import schedule
from scheduler_core.environments.classic_plants import ClassicShape, classic_plant
from scheduler_core.judge.validator import violations
from scheduler_core.simulator.arrays import NEVER, pack

JOB_SHOP = ClassicShape(6, 4)
FLEXIBLE = ClassicShape(8, 5, eligible=2.5, alike=False, longest=20)


@pytest.mark.parametrize("shape", [JOB_SHOP, FLEXIBLE])
def test_nothing_stands_in_the_way_of_work(shape: ClassicShape) -> None:
    plant = classic_plant(3, shape)
    arrays = pack(plant)
    assert (arrays.job_due == NEVER).all()
    assert (arrays.job_ready == 0).all()
    assert (arrays.op_setup == 0).all()
    assert arrays.table_week.tolist() == [7 * 24 * 60] * len(arrays.table_week)
    made = schedule(plant, EngineConfig())
    assert made.schedule is not None
    assert violations(plant, made.schedule) == ()


def test_equal_seeds_give_equal_plants() -> None:
    assert classic_plant(1, FLEXIBLE) == classic_plant(1, FLEXIBLE)
    assert classic_plant(1, FLEXIBLE).jobs != classic_plant(2, FLEXIBLE).jobs


def test_a_job_shop_s_jobs_visit_every_machine_once() -> None:
    for job in classic_plant(1, JOB_SHOP).jobs:
        assert sorted(o.machines for o in job.operations) == [(1,), (2,), (3,), (4,)]


def test_a_flexible_one_has_a_choice_of_machines_with_minutes_of_their_own() -> None:
    operations = [o for job in classic_plant(1, ClassicShape(30, 6, 2.5, False, 20)).jobs for o in job.operations]
    assert sum(len(o.machines) for o in operations) / len(operations) == pytest.approx(2.5, abs=0.3)
    assert all(1 <= p <= 20 for o in operations for p in o.minutes_by_machine.values())
    alike = [o for job in classic_plant(1, ClassicShape(30, 6, 2.5)).jobs for o in job.operations]
    assert not any(o.minutes_by_machine for o in alike)
