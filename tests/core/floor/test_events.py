"""The events of a stream: equal for all who meet them, steady in load, and refused where they cannot be played."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from scheduler_core.environments.random_plants import PlantShape, random_plant
from scheduler_core.errors import InvalidValue
from scheduler_core.floor.events import (
    Arrival,
    Cancellation,
    Durations,
    LateMaterial,
    Outage,
    Stream,
    random_stream,
)
from scheduler_core.plant import MINUTES_PER_DAY, Fixed
from tests.support.plants import at, job, machine, operation, plant

SHAPE = PlantShape(60, 12, tightness=0.7, load=6.0)


def test_a_real_duration_depends_on_names_and_on_nothing_else() -> None:
    op = operation(100, 1, 2, sequence=1, minutes_by_machine={2: 200})
    drawn = Durations(7, 0.2)
    first = drawn.minutes("J1", op, (1,))
    drawn.minutes("J2", op, (1,))
    assert drawn.minutes("J1", op, (1,)) == first == Durations(7, 0.2).minutes("J1", op, (1,))
    others = {drawn.factor("J1", 1, (2,)), drawn.factor("J1", 2, (1,)), drawn.factor("J2", 1, (1,))}
    others |= {Durations(8, 0.2).factor("J1", 1, (1,)), drawn.factor("J1", 1, (1,))}
    assert len(others) == 5
    assert drawn.factor("J1", 1, (2, 1)) == drawn.factor("J1", 1, (1, 2))


def test_real_durations_have_the_mean_of_the_plan_and_the_given_variation() -> None:
    factors = [Durations(0, 0.2).factor(f"J{i}", 1, (1,)) for i in range(20_000)]
    assert np.mean(factors) == pytest.approx(1.0, abs=0.005)
    assert np.std(factors) == pytest.approx(0.2, abs=0.005)
    assert np.median(factors) < 1.0
    assert Durations(0, 0.0).minutes("J1", operation(37, sequence=1), (1,)) == 37
    assert Durations(3, 2.0).minutes("J1", operation(1, sequence=1), (1,)) >= 1


def test_a_random_stream_is_drawn_from_its_arguments() -> None:
    stream = random_stream(5, SHAPE, 10, outages_a_day=2.0)
    assert stream == random_stream(5, SHAPE, 10, outages_a_day=2.0)
    assert stream != random_stream(6, SHAPE, 10, outages_a_day=2.0)
    assert len(stream.plant.jobs) == SHAPE.jobs
    assert stream.arrivals
    assert stream.outages
    assert len({j.id for j in stream.world.jobs}) == SHAPE.jobs + len(stream.arrivals)
    assert all(0 <= a.minute < 10 * MINUTES_PER_DAY for a in stream.arrivals)
    assert all(0 <= o.start < 10 * MINUTES_PER_DAY for o in stream.outages)


def test_arriving_orders_are_of_the_plant_s_kind_and_keep_its_load() -> None:
    """Over many seeds: an order's work and slack are what they are in a plant of the same shape without arrivals."""

    def work_and_slack(jobs: list[tuple[int, object]]) -> tuple[float, float]:
        work = [sum(o.minutes for o in j.operations) for _, j in jobs]  # type: ignore[attr-defined]
        slack = [j.due - max(j.release, day * MINUTES_PER_DAY) for day, j in jobs]  # type: ignore[attr-defined]
        return float(np.mean(work)), float(np.mean(slack))

    alone, initial, coming, days = [], [], [], 28
    for seed in range(40):
        stream = random_stream(seed, SHAPE, days)
        alone += [(0, j) for j in random_plant(seed, SHAPE).jobs]
        initial += [(0, j) for j in stream.plant.jobs]
        coming += [(a.minute // MINUTES_PER_DAY, a.job) for a in stream.arrivals]
    # As many orders as the bottlenecks have days of work, five days a week.
    assert len(coming) / 40 == pytest.approx(days * 5 / 7 * SHAPE.jobs / SHAPE.load, rel=0.05)
    expected = work_and_slack(alone)
    for orders in (initial, coming):
        assert work_and_slack(orders) == pytest.approx(expected, rel=0.1)


def test_fewer_orders_arrive_where_that_is_asked_for() -> None:
    usual, few, none = (len(random_stream(1, SHAPE, 200, arrivals=rate).arrivals) for rate in (1.0, 0.5, 0.0))
    assert few == pytest.approx(usual / 2, rel=0.1)
    assert none == 0


def test_what_is_known_grows_with_time() -> None:
    stream = Stream(
        plant(job("A", operation(10)), machines=[machine(1), machine(2)]),
        (Arrival(100, job("B", operation(10))),),
        (Outage(2, 50, 30),),
    )
    assert [j.id for j in stream.orders_known(99)] == ["A"]
    assert [j.id for j in stream.orders_known(100)] == ["A", "B"]
    assert stream.outages_known(49) == ()
    assert stream.outages_known(50) == stream.outages
    assert [(d.start, d.end) for d in stream.world.machine_by_id[2].downtime] == [(50, 80)]


def test_what_the_plant_has_running_has_begun() -> None:
    p = plant(job("A", operation(10, fixed=Fixed((1,), 0, 10)), operation(5)))
    assert Stream(p).running_at_start.assignments == (at("A", 1, 1, 0, 10),)


def test_pins_are_refused() -> None:
    pinned = job("A", operation(10, fixed=Fixed((1,), 5, 15)))
    with pytest.raises(InvalidValue, match="pinned"):
        Stream(plant(pinned))
    with pytest.raises(InvalidValue, match="pinned"):
        Stream(plant(job("B", operation(10))), (Arrival(0, pinned),))


def test_outages_strike_different_machines() -> None:
    stream = random_stream(1, SHAPE, 200, outages_a_day=1.0)
    struck = Counter(o.machine for o in stream.outages)
    assert len(struck) == SHAPE.machines
    assert sum(struck.values()) == pytest.approx(200, rel=0.3)


def test_a_cancelled_order_loses_its_due_date_and_late_material_is_known_from_its_minute_on() -> None:
    p = plant(job("A", operation(10), due=500), job("B", operation(10), due=600))
    stream = Stream(p, cancellations=(Cancellation(50, "A"),), late_material=(LateMaterial(80, "B", 300),))
    assert stream.world.job_by_id["B"].release == 300
    known = {minute: [(j.release, j.due) for j in stream.orders_known(minute)] for minute in (0, 50, 80)}
    assert known == {0: [(0, 500), (0, 600)], 50: [(0, None), (0, 600)], 80: [(0, None), (300, 600)]}


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ({"cancellations": (Cancellation(0, "X"),)}, "must be an order"),
        ({"cancellations": (Cancellation(0, "A"), Cancellation(5, "A"))}, "is duplicated"),
        ({"late_material": (LateMaterial(0, "A", -10),)}, "must not be before"),
    ],
)
def test_events_of_orders_that_cannot_be_are_refused(events: dict[str, object], reason: str) -> None:
    with pytest.raises(InvalidValue, match=reason):
        Stream(plant(job("A", operation(10))), **events)  # type: ignore[arg-type]
