"""Random plants: the same by seed, of the asked size, and with a real factory's proportions."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from scheduler_core.engines.rules import RULES, run_rule
from scheduler_core.environments.random_plants import (
    BREAKS,
    MAX_MINUTES,
    MIN_MINUTES,
    SIZES,
    Breaks,
    PlantSeed,
    PlantShape,
    random_plant,
)
from scheduler_core.interchange import snapshot_to_json
from scheduler_core.plant import MINUTES_PER_DAY, Plant
from scheduler_core.simulator import costs, kernel
from scheduler_core.simulator.arrays import new_state, pack

FULL = [random_plant(seed, SIZES["Full"]) for seed in range(4)]


def test_equal_seeds_give_equal_plants() -> None:
    for shape in (SIZES["Toy"], SIZES["Medium"]):
        assert snapshot_to_json(random_plant(7, shape)) == snapshot_to_json(random_plant(7, shape))
        assert snapshot_to_json(random_plant(7, shape)) != snapshot_to_json(random_plant(8, shape))


@pytest.mark.parametrize("machines", [1, 2, 3, 5, 10, 41, 152])
@pytest.mark.parametrize("jobs", [1, 5, 60])
def test_sizes_are_as_asked(machines: int, jobs: int) -> None:
    shape = PlantShape(jobs, machines)
    for seed in range(3):
        found = random_plant(seed, shape)
        assert (len(found.machines), len(found.jobs)) == (machines, jobs)
        pack(found)


def test_the_full_plant_has_the_factory_s_machine_park() -> None:
    sizes = Counter(m.type for m in FULL[0].machines).values()
    assert sorted(sizes, reverse=True) == [21, 21, 11, 8, 8, 7, 6, 6, 5, 4, 4, *[3] * 6, *[2] * 9, *[1] * 15]
    assert len(FULL[0].machine_types) == 41


def test_jobs_have_the_factory_s_proportions() -> None:
    jobs = [j for p in FULL for j in p.jobs]
    operations = [o for j in jobs for o in j.operations]
    lengths = [len(j.operations) for j in jobs]
    assert np.mean(lengths) == pytest.approx(3.3, abs=0.3)
    assert (min(lengths), max(lengths)) == (1, 9)
    assert np.mean([o.requires_all for o in operations]) == pytest.approx(0.02, abs=0.01)
    assert all(2 <= len(o.machines) <= 5 for o in operations if o.requires_all)
    assert np.mean([j.important for j in jobs]) == pytest.approx(0.18, abs=0.04)
    assert min(o.minutes for o in operations) >= MIN_MINUTES == 18
    assert max(o.minutes for o in operations) <= MAX_MINUTES == 65 * 60


def test_due_dates_end_days() -> None:
    for job in FULL[0].jobs:
        assert job.due is not None
        due = FULL[0].time_of(job.due)
        assert (due.hour, due.minute) == (23, 59)


def test_the_plain_due_date_rule_is_on_time_for_about_60_percent() -> None:
    shares = []
    for found in FULL:
        arrays = pack(found)
        state = new_state(arrays)
        run_rule(arrays, state, RULES["EDD"].code, 0.0, 0.0, 0.0, costs.WEIGHTED_TARDINESS, np.inf)
        shares.append(1 - kernel.late_jobs(arrays, state) / len(found.jobs))
    assert 0.5 < np.mean(shares) < 0.7


def test_tighter_shapes_have_earlier_due_dates_and_heavier_ones_more_work() -> None:
    shape = SIZES["Scaled"]
    means = [np.mean([j.due for j in random_plant(1, replace(shape, tightness=t)).jobs]) for t in (0.0, 0.5, 1.0)]
    assert all(tighter < looser - MINUTES_PER_DAY for looser, tighter in pairwise(means))
    work = [total_minutes(random_plant(1, replace(shape, load=load))) for load in (4.0, 8.0, 16.0)]
    assert all(1.5 < more / less < 2.2 for less, more in pairwise(work))


def total_minutes(found: Plant) -> int:
    return sum(o.minutes for j in found.jobs for o in j.operations)


# ---------------------------------------------------------------- breaks
def test_levels_of_breaks_take_more_and_more_of_the_day() -> None:
    minutes = [sum(b.end - b.start for b in BREAKS[level]) for level in Breaks]
    assert minutes == [0, 30, 45, 75]
    assert [b.name for b in BREAKS[Breaks.FULL]] == ["morning tea", "lunch", "afternoon tea"]


@pytest.mark.parametrize("level", Breaks)
def test_the_calendar_has_its_level_s_breaks_and_nothing_else_changes(level: Breaks) -> None:
    shape = SIZES["Medium"]
    found, usual = random_plant(3, replace(shape, breaks=level)), random_plant(3, shape)
    assert found.calendars[0].breaks == BREAKS[level]
    assert replace(found.calendars[0], breaks=BREAKS[Breaks.FULL]) == usual.calendars[0]
    assert found.jobs == usual.jobs


def test_breaks_are_kept_in_schedules() -> None:
    """More breaks, later ends: the reports of the plant that this product was made for knew three equal numbers."""
    ends = []
    for level in Breaks:
        arrays = pack(random_plant(3, replace(SIZES["Medium"], breaks=level)))
        state = new_state(arrays)
        run_rule(arrays, state, RULES["EDD"].code, 0.0, 0.0, 0.0, costs.WEIGHTED_TARDINESS, math.inf)
        ends.append(int(kernel.last_end(arrays, state)))
    assert ends == sorted(set(ends))


def test_a_plant_comes_back_from_its_seed() -> None:
    shape = SIZES["Toy"]
    assert snapshot_to_json(PlantSeed(5, shape).plant()) == snapshot_to_json(random_plant(5, shape))
