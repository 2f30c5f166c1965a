"""Load of the work centres, on numbers that can be checked by hand."""

from __future__ import annotations

from scheduler_core.analysis.load import work_centre_loads
from scheduler_core.plant import Downtime, Machine
from scheduler_core.schedule import Schedule
from scheduler_core.simulator.open_hours import OpenHours
from tests.support.plants import at, job, machine, operation, plant, schedule


def presses() -> list[Machine]:
    return [machine(1), machine(2, downtime=(Downtime(0, 40, "belt"),)), machine(3, type=2)]


def test_load_counts_open_machine_minutes_setup_and_processing_inside_the_span() -> None:
    p = plant(job("a", operation(60, 1, setup_minutes=20)), job("b", operation(60, 3)), machines=presses())
    s = schedule(at("a", 1, 1, 0, 80, 20), at("b", 1, 3, 90, 150))
    first, second = work_centre_loads(p, s, OpenHours(p, s), 0, 100)
    assert (first.machine_type.id, first.machines, first.open) == (1, 2, 160)
    assert (first.setup, first.processing) == (20, 60)
    assert first.utilization == 0.5
    assert (second.machine_type.id, second.processing, second.utilization) == (2, 10, 0.1)


def test_an_operation_on_several_machines_loads_each_of_them() -> None:
    p = plant(job("a", operation(30, 1, 3, requires_all=True)), machines=presses())
    s = schedule(at("a", 1, (1, 3), 0, 30))
    assert [x.processing for x in work_centre_loads(p, s, OpenHours(p, s), 0, 60)] == [30, 30]


def test_a_work_centre_without_open_time_is_used_by_nobody() -> None:
    p = plant(job("a", operation(30, 1)), machines=[machine(1, downtime=(Downtime(0, 500, "fire"),))])
    loads = work_centre_loads(p, Schedule(()), OpenHours(p, Schedule(())), 0, 60)
    assert (loads[0].open, loads[0].utilization) == (0, 0.0)
