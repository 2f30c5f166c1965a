"""Capacity by day, bottlenecks, spread of lateness and setup shares, each counted by hand."""

from __future__ import annotations

from datetime import date

import pytest

from scheduler_core.analysis.daily_load import daily_loads
from scheduler_core.analysis.lateness_distribution import Spread, counts, spread
from scheduler_core.analysis.load import work_centre_loads
from scheduler_core.analysis.setup_time import FamilySetup, setup_shares
from scheduler_core.causes import Explainer
from scheduler_core.causes.bottlenecks import ranked
from scheduler_core.errors import InvalidValue
from scheduler_core.plant import MINUTES_PER_DAY
from scheduler_core.simulator.open_hours import OpenHours
from tests.support.plants import at, job, machine, operation, plant, schedule


def test_daily_loads_cut_at_midnight_and_keep_the_plants_order() -> None:
    # The plan starts on Monday 08:00: 960 minutes to midnight.
    p = plant(job("a", operation(1000, 1, setup_minutes=10)), machines=[machine(1), machine(2, type=2, calendar="office")])
    s = schedule(at("a", 1, 1, 0, 1010, 10))
    first, second, third = daily_loads(p, s, OpenHours(p, s), 3)
    assert [d.day for d in (first, second, third)] == [date(2025, 7, 21), date(2025, 7, 22), date(2025, 7, 23)]
    assert [x.machine_type.id for x in second.loads] == [1, 2]
    assert [(x.open, x.setup, x.processing) for x in first.loads] == [(960, 10, 950), (540, 0, 0)]
    assert [(x.open, x.setup, x.processing) for x in second.loads] == [(1440, 0, 50), (540, 0, 0)]
    assert third.loads[1].open == 0
    with pytest.raises(InvalidValue, match="days"):
        daily_loads(p, s, OpenHours(p, s), 0)


def test_bottlenecks_rank_by_waiting_before_utilisation() -> None:
    p = plant(
        job("first", operation(60, 1)), job("second", operation(30, 1), due=80), job("alone", operation(500, 2)),
        machines=[machine(1), machine(2, type=2), machine(3, type=3)],
    )  # fmt: skip
    s = schedule(at("first", 1, 1, 0, 60), at("second", 1, 1, 60, 90), at("alone", 1, 2, 0, 500))
    loads = work_centre_loads(p, s, OpenHours(p, s), 0, 500)
    assert loads[0].machine_type.id == 2
    found = ranked(Explainer(p, s), loads)
    assert [(b.load.machine_type.id, b.waiting, b.late_waiting, b.jobs, b.late_jobs) for b in found] == [
        (1, 60, 60, 2, 1), (2, 0, 0, 1, 0),
    ]  # fmt: skip


def test_the_bottleneck_costs_the_most_late_hours_not_the_most_waiting() -> None:
    p = plant(
        job("first", operation(300, 1)), job("patient", operation(30, 1), due=9999),
        job("ahead", operation(60, 2)), job("late", operation(30, 2), due=80),
        machines=[machine(1), machine(2, type=2)],
    )  # fmt: skip
    s = schedule(
        at("first", 1, 1, 0, 300), at("patient", 1, 1, 300, 330), at("ahead", 1, 2, 0, 60), at("late", 1, 2, 60, 90)
    )
    loads = work_centre_loads(p, s, OpenHours(p, s), 0, 500)
    why = Explainer(p, s)
    assert [(b.load.machine_type.id, b.waiting, b.late_waiting) for b in ranked(why, loads)] == [(2, 60, 60), (1, 300, 0)]
    without = ranked(why, loads, {"first", "patient", "ahead"})
    assert [(b.load.machine_type.id, b.waiting, b.late_waiting) for b in without] == [(1, 300, 0), (2, 0, 0)]


def test_counts_put_a_job_on_its_edge_among_the_earlier() -> None:
    day = MINUTES_PER_DAY
    assert counts([0, 1, -day, 30 * day, -30 * day, None, 14 * day]) == (1, 0, 1, 1, 1, 0, 0, 1, 1)


def test_spread_names_real_jobs_values() -> None:
    assert spread({"a": None}) is None
    assert spread({"a": 5}) == Spread(1, 1, 5, 5, 5)
    assert spread({str(k): k - 5 for k in range(1, 11)} | {"x": None}) == Spread(10, 5, 0, 4, 5)


def test_setup_shares_count_each_operation_once() -> None:
    p = plant(
        job("a", operation(60, 1, 2, requires_all=True), family="A"), job("b", operation(90, 1), family="B"),
        job("c", operation(10, 1), family="B"), job("none", operation(5, 1), family=None), machines=[machine(1), machine(2)],
    )  # fmt: skip
    s = schedule(
        at("a", 1, (1, 2), 0, 80, 20), at("b", 1, 1, 80, 200, 30), at("c", 1, 1, 200, 210), at("none", 1, 1, 210, 215)
    )
    found = setup_shares(p, s, OpenHours(p, s))
    assert found == (FamilySetup("B", 2, 1, 30, 100), FamilySetup("A", 1, 1, 20, 60), FamilySetup(None, 1, 0, 0, 5))
    assert [f.share for f in found] == [30 / 130, 0.25, 0.0]
