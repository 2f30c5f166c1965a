"""One small scenario per sentence of the hard constraints: what they allow passes, what they forbid has their name."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scheduler_core.judge.validator import JUDGES, Rule, violations
from scheduler_core.plant import Downtime, Fixed, Plant, SetupEntry
from scheduler_core.schedule import Assignment, Schedule
from tests.support.plants import DAY, HOUR, at, job, machine, operation, plant, schedule


def broken(plant: Plant, *assignments: Assignment) -> set[str]:
    """Names of the rules that these assignments break."""
    return {v.rule.value for v in violations(plant, schedule(*assignments))}


def test_the_rules_have_their_numbers() -> None:
    assert [(r.number, r.value) for r in Rule] == [
        (1, "completeness"), (2, "eligibility"), (3, "working-time"), (4, "duration"), (5, "setup"), (6, "no-overlap"),
        (7, "precedence"), (8, "release"), (9, "fixed"),
    ]  # fmt: skip
    assert [j.__name__.replace("_", "-") for j in JUDGES] == [r.value for r in Rule]


# ------------------------------------------------------------------------------------------------ one plan, all rules
OFFICE = [machine(m, calendar="office") for m in (1, 2, 3)]
SHOP = plant(
    job("J", operation(300, 1, setup_minutes=30), operation(120, 2)),
    job("K", operation(200, 1, setup_minutes=99), family="B", release=2 * HOUR),
    job("L", operation(60, 2, fixed=Fixed((2,), 600, 660))),
    machines=OFFICE,
    setups=[SetupEntry(1, "A", "B", 45)],
)
J1, J2 = at("J", 1, 1, 0, 390, 30), at("J", 2, 2, 390, 510)
K1, L1 = at("K", 1, 1, 390, 1475, 45), at("L", 1, 2, 600, 660)


def test_a_valid_plan_is_not_blamed() -> None:
    assert violations(SHOP, schedule(L1, K1, J2, J1)) == ()


@pytest.mark.parametrize(
    ("rows", "rules"),
    [
        pytest.param([J1, J2, L1], {"completeness"}, id="missing"),
        pytest.param([J1, J2, K1, L1, K1], {"completeness"}, id="twice"),
        pytest.param([J1, J2, K1, L1, at("X", 1, 3, 0, 10)], {"completeness"}, id="unknown job"),
        pytest.param([J1, J2, K1, L1, at("J", 3, 3, 0, 10)], {"completeness"}, id="unknown operation"),
        pytest.param([J1, replace(J2, machines=(3,)), K1, L1], {"eligibility"}, id="another machine"),
        pytest.param([J1, replace(J2, machines=(2, 3)), K1, L1], {"eligibility"}, id="too many machines"),
        pytest.param([J1, replace(J2, machines=(2, 2)), K1, L1], {"eligibility"}, id="a machine twice"),
        pytest.param([J1, replace(J2, machines=(9,)), K1, L1], {"eligibility", "completeness"}, id="unknown machine"),
        pytest.param([J1, replace(J2, machines=()), K1, L1], {"eligibility", "completeness"}, id="no machine"),
        pytest.param([J1, J2, replace(K1, end=1476), L1], {"duration"}, id="too long"),
        pytest.param([J1, J2, replace(K1, end=1474), L1], {"duration"}, id="too short"),
        pytest.param([J1, J2, replace(K1, setup_minutes=99), L1], {"setup"}, id="wrong setup"),
        pytest.param([J1, replace(J2, start=389, end=509), K1, L1], {"precedence"}, id="too early in the job"),
        pytest.param([J1, J2, K1, replace(L1, start=601, end=661)], {"fixed"}, id="moved"),
        pytest.param([J1, J2, K1, replace(L1, machines=(3,))], {"fixed", "eligibility"}, id="moved away"),
        pytest.param([J1, J2, K1], {"completeness"}, id="fixed one missing"),
        pytest.param(
            [J1, replace(J2, start=570, end=1470), K1, L1], {"no-overlap", "duration"}, id="overlapping a fixed one"
        ),
    ],
)
def test_each_corruption_is_caught_under_its_rule(rows: list[Assignment], rules: set[str]) -> None:
    assert broken(SHOP, *rows) == rules


def test_a_violation_says_what_where_and_when() -> None:
    (found,) = violations(SHOP, schedule(J1, replace(J2, start=389, end=509), K1, L1))
    assert (found.rule, found.job, found.sequence, found.machine) == (Rule.PRECEDENCE, "J", 2, 2)
    assert found.message == ("job J operation 2 starts at 2025-07-21 14:29, before operation 1 ends at 2025-07-21 14:30")


def test_an_empty_schedule_misses_every_operation() -> None:
    found = violations(SHOP, Schedule(()))
    assert {(v.job, v.sequence) for v in found} == {("J", 1), ("J", 2), ("K", 1), ("L", 1)}
    assert {v.rule for v in found} == {Rule.COMPLETENESS}


def test_times_beyond_the_calendar_are_judged_too() -> None:
    shop = plant(job("J", operation(10)), job("K", operation(10)))
    far = 10**10
    found = violations(shop, schedule(at("J", 1, 1, far, far + 10), at("K", 1, 1, far + 5, far + 15)))
    assert {v.rule for v in found} == {Rule.NO_OVERLAP}


# --------------------------------------------------------------------------------------------------- 2 eligibility
def test_any_machine_of_the_types_or_of_the_list_may_run_it() -> None:
    shop = plant(
        job("J", operation(10, 3, machine_types=(1,))), machines=[machine(1), machine(2), machine(3, 2), machine(4, 2)]
    )
    for number in (1, 2, 3):
        assert broken(shop, at("J", 1, number, 0, 10)) == set()
    assert broken(shop, at("J", 1, 4, 0, 10)) == {"eligibility"}


def test_requires_all_means_every_one_at_once() -> None:
    shop = plant(job("J", operation(10, 1, 2, requires_all=True)), machines=[machine(m) for m in (1, 2, 3)])
    assert broken(shop, at("J", 1, (2, 1), 0, 10)) == set()
    assert broken(shop, at("J", 1, 1, 0, 10)) == {"eligibility"}
    assert broken(shop, at("J", 1, (1, 3), 0, 10)) == {"eligibility"}
    assert broken(shop, at("J", 1, (1, 2, 3), 0, 10)) == {"eligibility"}


# -------------------------------------------------------------------------------------------------- 3 working time
def one_office_job(minutes: int, **more: Any) -> Plant:
    return plant(job("J", operation(minutes)), machines=[machine(1, calendar="office", **more)])


def test_an_operation_pauses_over_lunch_and_resumes() -> None:
    assert broken(one_office_job(120), at("J", 1, 1, 3 * HOUR, 6 * HOUR)) == set()


def test_an_operation_pauses_over_the_night_and_a_holiday() -> None:
    # Tuesday 17:00 to 18:00 and, Wednesday being off, Thursday 08:00 to 09:00.
    assert broken(one_office_job(120), at("J", 1, 1, DAY + 9 * HOUR, 3 * DAY + HOUR)) == set()


def test_an_operation_starts_in_a_working_minute() -> None:
    shop = one_office_job(60)
    assert broken(shop, at("J", 1, 1, 5 * HOUR, 6 * HOUR)) == set()
    assert broken(shop, at("J", 1, 1, 5 * HOUR - 1, 6 * HOUR)) == {"working-time"}
    assert broken(shop, at("J", 1, 1, 4 * HOUR, 6 * HOUR)) == {"working-time"}


def test_an_operation_ends_right_after_its_last_working_minute() -> None:
    shop = one_office_job(4 * HOUR)
    assert broken(shop, at("J", 1, 1, 0, 4 * HOUR)) == set()
    assert broken(shop, at("J", 1, 1, 0, 4 * HOUR + 1)) == {"working-time"}
    assert broken(shop, at("J", 1, 1, 0, 5 * HOUR)) == {"working-time"}


def test_overtime_is_working_time() -> None:
    assert broken(one_office_job(60), at("J", 1, 1, 9 * HOUR, 10 * HOUR)) == set()


def test_downtime_is_not() -> None:
    shop = one_office_job(60, downtime=(Downtime(30, 90),))
    assert broken(shop, at("J", 1, 1, 0, 2 * HOUR)) == set()
    assert broken(shop, at("J", 1, 1, 60, 150)) == {"working-time"}


def test_a_machine_that_is_not_available_yet_does_not_work() -> None:
    shop = one_office_job(60, available_from=90)
    assert broken(shop, at("J", 1, 1, 90, 150)) == set()
    assert broken(shop, at("J", 1, 1, 89, 150)) == {"working-time"}


def test_with_requires_all_a_minute_works_only_if_it_works_for_every_machine() -> None:
    shop = plant(
        job("J", operation(90, 1, 2, requires_all=True)),
        machines=[machine(1, calendar="office"), machine(2, downtime=(Downtime(HOUR, 2 * HOUR),))],
    )
    assert broken(shop, at("J", 1, (1, 2), 0, 150)) == set()
    assert broken(shop, at("J", 1, (1, 2), HOUR, 210)) == {"working-time"}
    assert broken(shop, at("J", 1, (1, 2), 3 * HOUR, 270)) == {"working-time", "duration"}


@pytest.mark.parametrize("end", [0, -5, 60])
def test_an_operation_ends_after_its_start(end: int) -> None:
    shop = plant(job("J", operation(60)))
    assert broken(shop, at("J", 1, 1, 60, end)) == {"working-time", "duration"}


# ------------------------------------------------------------------------------------------------------ 4 duration
def test_processing_takes_what_the_machine_takes() -> None:
    shop = plant(job("J", operation(60, 1, 2, minutes_by_machine={2: 40})), machines=[machine(1), machine(2)])
    assert broken(shop, at("J", 1, 1, 0, 60)) == set()
    assert broken(shop, at("J", 1, 2, 0, 40)) == set()
    assert broken(shop, at("J", 1, 2, 0, 60)) == {"duration"}


def test_with_requires_all_processing_takes_the_slowest_machine() -> None:
    step = operation(60, 1, 2, requires_all=True, minutes_by_machine={2: 40})
    shop = plant(job("J", step), machines=[machine(1), machine(2)])
    assert broken(shop, at("J", 1, (1, 2), 0, 60)) == set()
    assert broken(shop, at("J", 1, (1, 2), 0, 40)) == {"duration"}


# --------------------------------------------------------------------------------------------------------- 5 setup
MATRIX = [SetupEntry(1, "A", "B", 45), SetupEntry(1, "B", "B", 77), SetupEntry(2, "A", "B", 5)]


@pytest.mark.parametrize(
    ("initial", "family", "expected"),
    [
        pytest.param("B", "B", 0, id="same family, whatever the matrix says"),
        pytest.param("A", "B", 45, id="matrix"),
        pytest.param("C", "B", 10, id="no entry"),
        pytest.param(None, "B", 10, id="nothing known before"),
        pytest.param("A", None, 10, id="no family"),
    ],
)
def test_setup_of_the_first_operation_on_a_machine(initial: str | None, family: str | None, expected: int) -> None:
    shop = plant(
        job("J", operation(60, setup_minutes=10), family=family),
        machines=[machine(1, initial_family=initial)],
        setups=MATRIX,
    )
    assert broken(shop, at("J", 1, 1, 0, 60 + expected, expected)) == set()
    assert broken(shop, at("J", 1, 1, 0, 61 + expected, expected + 1)) == {"setup", "duration"}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [("A", "A", 0), ("A", "B", 45), ("B", "A", 10), (None, "A", 10), ("A", None, 10), (None, None, 0)],
)
def test_setup_after_another_operation(before: str | None, after: str | None, expected: int) -> None:
    shop = plant(
        job("J", operation(60), family=before),
        job("K", operation(60, setup_minutes=10), family=after),
        machines=[machine(1, initial_family=before)],
        setups=MATRIX,
    )
    end = 120 + expected
    assert broken(shop, at("K", 1, 1, 60, end, expected), at("J", 1, 1, 0, 60)) == set()


def test_a_fixed_operation_sets_its_machine_up() -> None:
    shop = plant(
        job("J", operation(60, setup_minutes=10, fixed=Fixed((1,), -30, 60)), family="A"),
        job("K", operation(60, setup_minutes=10), family="B"),
        setups=MATRIX,
    )
    assert broken(shop, at("J", 1, 1, -30, 60), at("K", 1, 1, 60, 165, 45)) == set()


def test_with_requires_all_setup_takes_the_longest_over_the_machines() -> None:
    shop = plant(
        job("J", operation(60, 1, 2, 3, setup_minutes=10, requires_all=True), family="B"),
        machines=[
            machine(1, initial_family="B"),
            machine(2, type=2, initial_family="A"),
            machine(3, initial_family="A"),
        ],
        setups=MATRIX,
    )
    assert broken(shop, at("J", 1, (1, 2, 3), 0, 105, 45)) == set()
    assert broken(shop, at("J", 1, (1, 2, 3), 0, 65, 5)) == {"setup", "duration"}


def test_setup_needs_the_job_to_be_there() -> None:
    shop = plant(job("J", operation(60, 1), operation(60, 2, setup_minutes=10)), machines=[machine(1), machine(2)])
    assert broken(shop, at("J", 1, 1, 0, 60), at("J", 2, 2, 60, 130, 10)) == set()
    assert broken(shop, at("J", 1, 1, 0, 60), at("J", 2, 2, 50, 120, 10)) == {"precedence"}


# ---------------------------------------------------------------------------------------------------- 6 no overlap
def test_operations_may_touch_but_not_overlap() -> None:
    shop = plant(job("J", operation(60)), job("K", operation(60)))
    assert broken(shop, at("J", 1, 1, 0, 60), at("K", 1, 1, 60, 120)) == set()
    assert broken(shop, at("J", 1, 1, 0, 60), at("K", 1, 1, 59, 119)) == {"no-overlap"}


def test_a_short_operation_within_a_long_one_and_one_after_it_both_overlap() -> None:
    shop = plant(job("J", operation(100)), job("K", operation(10)), job("L", operation(10)))
    found = violations(shop, schedule(at("J", 1, 1, 0, 100), at("K", 1, 1, 20, 30), at("L", 1, 1, 50, 60)))
    assert [(v.rule, v.job, v.machine) for v in found] == [(Rule.NO_OVERLAP, "K", 1), (Rule.NO_OVERLAP, "L", 1)]


def test_a_paused_operation_still_holds_its_machines() -> None:
    # Machine 2 works over lunch, but waits for machine 1 with the operation that holds both.
    shop = plant(
        job("J", operation(120, 1, 2, requires_all=True)),
        job("K", operation(60, 2)),
        machines=[machine(1, calendar="office"), machine(2)],
    )
    assert broken(shop, at("J", 1, (1, 2), 3 * HOUR, 6 * HOUR), at("K", 1, 2, 6 * HOUR, 7 * HOUR)) == set()
    assert broken(shop, at("J", 1, (1, 2), 3 * HOUR, 6 * HOUR), at("K", 1, 2, 4 * HOUR, 5 * HOUR)) == {"no-overlap"}


# ---------------------------------------------------------------------------------------------------- 7 precedence
def test_operations_follow_their_sequence_over_gaps() -> None:
    steps = [operation(10, m, sequence=s) for m, s in ((1, 2), (2, 5), (3, 9))]
    shop = plant(job("J", *steps), machines=[machine(m) for m in (1, 2, 3)])
    assert broken(shop, at("J", 2, 1, 0, 10), at("J", 5, 2, 10, 20), at("J", 9, 3, 20, 30)) == set()
    assert broken(shop, at("J", 2, 1, 0, 10), at("J", 5, 2, 10, 20), at("J", 9, 3, 15, 25)) == {"precedence"}
    assert broken(shop, at("J", 2, 1, 20, 30), at("J", 5, 2, 0, 10), at("J", 9, 3, 10, 20)) == {"precedence"}


def test_precedence_looks_past_an_operation_that_is_missing() -> None:
    steps = [operation(10, m) for m in (1, 2, 3)]
    shop = plant(job("J", *steps), machines=[machine(m) for m in (1, 2, 3)])
    assert broken(shop, at("J", 1, 1, 0, 10), at("J", 3, 3, 5, 15)) == {"precedence", "completeness"}


# ------------------------------------------------------------------------------------------------------- 8 release
def test_a_job_waits_for_its_release() -> None:
    shop = plant(job("J", operation(10, 1), operation(10, 2), release=60), machines=[machine(1), machine(2)])
    assert broken(shop, at("J", 1, 1, 60, 70), at("J", 2, 2, 70, 80)) == set()
    assert broken(shop, at("J", 1, 1, 59, 69), at("J", 2, 2, 70, 80)) == {"release"}


def test_nothing_starts_before_the_plan_even_if_released() -> None:
    shop = plant(job("J", operation(10), release=-1000))
    assert broken(shop, at("J", 1, 1, 0, 10)) == set()
    assert broken(shop, at("J", 1, 1, -1, 9)) == {"release"}


# --------------------------------------------------------------------------------------------------------- 9 fixed
def test_a_fixed_operation_is_not_held_to_time_duration_setup_or_release() -> None:
    given = Fixed((1,), -100, 7)
    shop = plant(
        job("J", operation(60, setup_minutes=10, fixed=given), release=500), machines=[machine(1, calendar="office")]
    )
    assert broken(shop, at("J", 1, 1, -100, 7, 3)) == set()


@pytest.mark.parametrize(("start", "end"), [(-29, 60), (-30, 61), (0, 90)])
def test_a_fixed_operation_does_not_move(start: int, end: int) -> None:
    shop = plant(job("J", operation(60, fixed=Fixed((1,), -30, 60))))
    assert broken(shop, at("J", 1, 1, -30, 60)) == set()
    assert broken(shop, at("J", 1, 1, start, end)) == {"fixed"}


def test_everything_else_respects_a_fixed_operation() -> None:
    given = Fixed((1,), 60, 120)
    shop = plant(
        job("J", operation(60, 2), operation(60, 1, fixed=given), operation(60, 2)),
        job("K", operation(60, 1)),
        machines=[machine(1), machine(2)],
    )
    mid = at("J", 2, 1, 60, 120)
    first, last, other = at("J", 1, 2, 0, 60), at("J", 3, 2, 120, 180), at("K", 1, 1, 0, 60)
    assert broken(shop, first, mid, last, other) == set()
    assert broken(shop, replace(first, start=1, end=61), mid, last, other) == {"precedence"}
    assert broken(shop, first, mid, replace(last, start=119, end=179), other) == {"precedence"}
    assert broken(shop, first, mid, last, replace(other, start=90, end=150)) == {"no-overlap"}
