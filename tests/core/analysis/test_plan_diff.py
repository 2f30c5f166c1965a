"""What differs between two schedules, on numbers that can be checked by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler_core.analysis.plan_diff import JobChangeKind, plan_diff, share_moved
from scheduler_core.plant import Plant
from tests.support.plants import PLAN_START, at, job, machine, operation, plant, schedule

MACHINES = [machine(1), machine(2)]


def two_jobs() -> Plant:
    return plant(
        job("a", operation(60, 1, 2), operation(60, 1, 2), due=200),
        job("b", operation(60, 1, 2), due=100),
        machines=MACHINES,
    )


BEFORE = schedule(at("a", 1, 1, 0, 60), at("a", 2, 1, 120, 180), at("b", 1, 1, 60, 120))


def test_the_same_schedule_differs_in_nothing() -> None:
    p = two_jobs()
    found = plan_diff(p, BEFORE, p, BEFORE)
    assert found.is_empty
    assert (found.moved, found.changed_machine, found.compared, found.jobs) == (0, 0, 3, ())


def test_moves_machine_changes_recoveries_and_new_lateness_are_counted() -> None:
    p = two_jobs()
    after = schedule(at("a", 1, 1, 0, 60), at("a", 2, 1, 180, 240), at("b", 1, 2, 0, 60))
    found = plan_diff(p, BEFORE, p, after)
    assert [(o.job, o.sequence, o.shift_minutes, o.changed_machine) for o in found.operations] == [
        ("a", 2, 60, False),
        ("b", 1, -60, True),
    ]
    assert (found.moved, found.changed_machine, found.compared) == (2, 1, 3)
    kinds = {c.job.id: (c.kind, c.before_lateness, c.after_lateness, c.machines_changed) for c in found.jobs}
    assert kinds == {
        "a": (JobChangeKind.BECAME_LATE, -20, 40, 0),
        "b": (JobChangeKind.RECOVERED, 20, -40, 1),
    }
    assert found.count(JobChangeKind.BECAME_LATE) == 1


def test_every_compared_operation_is_counted_once() -> None:
    p = plant(*(job(name, operation(60, 1, 2)) for name in "abcde"), machines=MACHINES)
    before = schedule(*(at(name, 1, 1, 100 * k, 100 * k + 60) for k, name in enumerate("abcde")))
    after = schedule(
        at("a", 1, 1, 0, 60), at("b", 1, 1, 115, 175), at("c", 1, 1, 216, 276), at("d", 1, 2, 300, 360),
        at("e", 1, 2, 405, 465),
    )  # fmt: skip
    found = plan_diff(p, before, p, after)
    assert (found.compared, found.unchanged, found.shifted, found.other_time, found.changed_machine) == (5, 1, 1, 1, 2)
    assert found.moved == found.changed_machine + found.other_time == 3
    assert found.changed == found.moved + found.shifted
    assert found.compared == found.changed + found.unchanged
    assert share_moved(p, before, p, after, PLAN_START) == found.moved / found.compared, "the day's share counts the same"


@pytest.mark.parametrize(("end", "kind"), [(170, JobChangeKind.EARLIER), (190, JobChangeKind.LATER)])
def test_a_shift_that_changes_no_lateness_is_later_or_earlier(end: int, kind: JobChangeKind) -> None:
    p = two_jobs()
    after = schedule(at("a", 1, 1, 0, 60), at("a", 2, 1, end - 60, end), at("b", 1, 1, 60, 120))
    assert [(c.job.id, c.kind, c.shift_minutes) for c in plan_diff(p, BEFORE, p, after).jobs] == [("a", kind, end - 180)]


def test_plans_of_different_moments_are_compared_on_the_wall_clock() -> None:
    p = two_jobs()
    later = replace(
        p, plan_start=PLAN_START + timedelta(minutes=30), jobs=tuple(replace(j, due=(j.due or 0) - 30) for j in p.jobs)
    )
    same_clock = schedule(*(replace(a, start=a.start - 30, end=a.end - 30) for a in BEFORE.assignments))
    assert plan_diff(p, BEFORE, later, same_clock).is_empty


def test_finished_operations_are_no_change_and_new_jobs_are() -> None:
    p = two_jobs()
    rest = plant(
        job("a", operation(60, 1, 2, sequence=2), due=200),
        job("b", operation(60, 1, 2), due=100),
        job("c", operation(5), due=999),
        machines=MACHINES,
    )
    after = schedule(at("a", 2, 1, 120, 180), at("b", 1, 1, 60, 120), at("c", 1, 2, 0, 5))
    found = plan_diff(p, BEFORE, rest, after)
    assert [(o.job, o.before, o.moved) for o in found.operations] == [("c", None, False)]
    assert [(c.job.id, c.kind) for c in found.jobs] == [("c", JobChangeKind.NEW)]
    gone = plan_diff(rest, after, two_jobs(), BEFORE)
    assert ("c", JobChangeKind.GONE) in [(c.job.id, c.kind) for c in gone.jobs]


def test_share_moved_looks_only_at_the_next_hours_and_forgives_a_quarter_of_an_hour() -> None:
    p = two_jobs()
    after = schedule(at("a", 1, 1, 15, 75), at("a", 2, 1, 136, 196), at("b", 1, 1, 76, 136))
    # a/1 shifts by 15 minutes (forgiven), b/1 and a/2 by 16.
    assert share_moved(p, BEFORE, p, after, PLAN_START) == pytest.approx(2 / 3)
    assert share_moved(p, BEFORE, p, after, PLAN_START + timedelta(minutes=100)) == pytest.approx(1.0)
    assert share_moved(p, BEFORE, p, after, PLAN_START, hours=1) == 0.0
    assert share_moved(p, BEFORE, p, after, PLAN_START + timedelta(days=2)) is None
    other_machine = schedule(at("a", 1, 2, 0, 60), at("a", 2, 1, 120, 180), at("b", 1, 1, 60, 120))
    assert share_moved(p, BEFORE, p, other_machine, PLAN_START) == pytest.approx(1 / 3)
