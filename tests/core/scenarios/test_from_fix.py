"""A fix asked as a what-if: the same change, planned by a repair and judged."""

from __future__ import annotations

from scheduler_core.causes.fixes import try_fixes
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.repair import right_shift
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.scenarios.changes import apply_all
from scheduler_core.scenarios.from_fix import changes_of
from scheduler_core.scenarios.frozen_zone import freeze
from scheduler_core.scenarios.single_changes import HoursOpened, Pinned
from scheduler_core.schedule import Schedule
from tests.support.plants import at, job, machine, operation, plant, schedule


def repaired(of: Plant, current: Schedule) -> Schedule:
    found = right_shift.schedule(of, EngineConfig(warm_start=current)).schedule
    assert found is not None
    assert violations(of, found) == ()
    return found


def test_a_swap_pins_the_job_before_the_one_in_the_way() -> None:
    p = plant(job("slow", operation(300, 1), due=2000), job("urgent", operation(60, 1), due=100))
    s = schedule(at("slow", 1, 1, 0, 300), at("urgent", 1, 1, 300, 360))
    (fix,) = try_fixes(p, s, "urgent")
    (change,) = changes_of(fix, "urgent")
    assert change == Pinned("urgent", 1, (1,), 0, 60, "On M1 put operation 1 before job slow")
    found = repaired(apply_all(freeze(p, s, 0), (change,)), s)
    assert {a.job: (a.start, a.end) for a in found.assignments} == {"urgent": (0, 60), "slow": (60, 360)}


def test_overtime_opens_the_hours_of_that_date() -> None:
    p = plant(job("long", operation(600, 1), due=700), machines=[machine(1, calendar="office")])
    s = schedule(at("long", 1, 1, 0, 1440 + 60))
    (fix,) = try_fixes(p, s, "long")
    (change,) = changes_of(fix, "long")
    assert change == HoursOpened((1,), 0, 18 * 60, 21 * 60)
    # Eight in the morning to seven in the evening less an hour of lunch.
    assert repaired(apply_all(p, (change,)), s).by_operation["long", 1].end == 660
