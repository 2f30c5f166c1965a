"""Reports from the floor in a plant: started, finished, scrapped."""

from __future__ import annotations

import pytest

from scheduler_core.engines import greedy
from scheduler_core.engines.config import EngineConfig
from scheduler_core.errors import InvalidValue
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Downtime, Fixed, Plant
from scheduler_core.scenarios.changes import Change, apply_all
from scheduler_core.scenarios.changes_file import changes_from_json, changes_to_json
from scheduler_core.scenarios.floor_reports import OperationFinished, OperationStarted, PiecesScrapped
from scheduler_core.scenarios.running_time import RunningTime
from tests.support.plants import job, machine, operation, plant

SHOP = plant(
    job("A", operation(60, 1, 2, setup_minutes=10), operation(30, 2), operation(100, 3), quantity=100, due=400),
    job("B", operation(50, 1)),
    job("R", operation(40, 2, fixed=Fixed((2,), 0, 40)), operation(20, 1), quantity=10),
    machines=(machine(1), machine(2), machine(3, calendar="office")),
)
EVERY: tuple[Change, ...] = (
    OperationStarted("A", 1, 1, 15), OperationStarted("B", 1, 1, -10), OperationFinished("R", 1, 30),
    OperationFinished("A", 2, -5), OperationFinished("A", 1, 25, 80, 100), OperationFinished("B", 1, 5),
    PiecesScrapped("A", 1, 20, 5), PiecesScrapped("A", 2, -20, 2.5, 100),
)  # fmt: skip


def steps(of: Plant, order: str) -> list[tuple[int, int, int, Fixed | None]]:
    """Number, setup and processing minutes and place of an order's operations."""
    return [(op.sequence, op.setup_minutes, op.minutes, op.fixed) for op in of.job_by_id[order].operations]


def test_what_started_stays_there_until_setup_and_processing_are_worked() -> None:
    found = OperationStarted("A", 1, 1, 15).apply(SHOP)
    assert steps(found, "A")[0] == (1, 10, 60, Fixed((1,), 15, 85))


def test_of_what_started_before_the_plan_only_the_rest_is_left_as_of_the_operations_that_the_erp_knows() -> None:
    found = OperationStarted("A", 1, 2, -20).apply(plant(*SHOP.jobs[:2], machines=SHOP.machines))
    assert steps(found, "A")[0] == (1, 0, 50, Fixed((2,), 0, 50)), "10 of setup and 10 of 60 minutes are done"
    overdue = OperationStarted("B", 1, 1, -500).apply(SHOP)
    assert steps(overdue, "B")[0] == (1, 0, 1, Fixed((1,), 0, 1)), "it still runs: a minute at least is left"


def test_only_working_minutes_count_before_and_after_the_start_of_the_plan() -> None:
    down = machine(3, calendar="office", downtime=(Downtime(60, 120),), available_from=600)
    shop = plant(job("C", operation(300, 3)), machines=(down,))
    # From Friday 17:00 an hour of overtime is worked, then from Monday 08:00 on, less the outage and lunch.
    friday = -(3 * 1440 - 9 * 60)
    assert (RunningTime(shop, (3,), friday).left(300).minutes, RunningTime(shop, (3,), friday).left(300).end) == (240, 360)
    assert steps(OperationStarted("C", 1, 3, friday).apply(shop), "C") == [(1, 0, 240, Fixed((3,), 0, 360))]


def test_a_start_sets_free_what_is_pinned_in_its_way_and_nothing_that_runs() -> None:
    pinned = plant(
        job("A", operation(60, 1, 2), operation(30, 2)), job("B", operation(50, 1, fixed=Fixed((1,), 50, 100))),
        machines=(machine(1), machine(2)),
    )  # fmt: skip
    found = OperationStarted("A", 1, 1, 15).apply(pinned)
    assert (steps(found, "A")[0][3], steps(found, "B")[0][3]) == (Fixed((1,), 15, 75), None)


def test_what_is_finished_leaves_its_machine_and_what_follows_may_begin() -> None:
    found = OperationFinished("R", 1, 30).apply(SHOP)
    assert steps(found, "R") == [(1, 0, 40, Fixed((2,), 0, 30)), (2, 0, 20, None)], "it ran there until then"
    early = OperationFinished("R", 1, -5).apply(SHOP)
    assert steps(early, "R") == [(2, 0, 20, None)]
    waited = OperationFinished("A", 2, 25).apply(SHOP)
    assert [op[0] for op in steps(waited, "A")] == [3], "what stood in front of it is finished too"
    assert waited.job_by_id["A"].release == 25
    assert "B" not in OperationFinished("B", 1, 5).apply(SHOP).job_by_id, "an order without anything left to do is done"


def test_a_start_and_its_end_are_what_the_machine_did() -> None:
    found = apply_all(
        SHOP, (OperationStarted("A", 1, 1, 15), OperationFinished("A", 1, 120), OperationStarted("B", 1, 1, 120))
    )
    assert (steps(found, "A")[0][3], steps(found, "B")[0][3]) == (Fixed((1,), 15, 120), Fixed((1,), 120, 170))


def test_fewer_good_pieces_shorten_what_follows() -> None:
    found = OperationFinished("A", 1, 25, 80, 100).apply(SHOP)
    assert [(n, minutes) for n, _, minutes, _ in steps(found, "A")] == [(2, 24), (3, 80)]
    assert found.job_by_id["A"].quantity == 80
    again = PiecesScrapped("A", 2, 30, 20).apply(found)
    assert [(n, minutes) for n, _, minutes, _ in steps(again, "A")] == [(2, 24), (3, 60)]
    assert again.job_by_id["A"].quantity == 60
    assert OperationFinished("A", 1, 25, 120).apply(SHOP).job_by_id["A"].quantity == 100, "more than ordered is not needed"


def test_scrap_costs_its_own_operation_its_time_and_shortens_those_behind() -> None:
    found = PiecesScrapped("A", 1, 20, 5).apply(OperationStarted("A", 1, 1, 15).apply(SHOP))
    assert [(n, minutes) for n, _, minutes, _ in steps(found, "A")] == [(1, 60), (2, 29), (3, 95)]
    assert found.job_by_id["A"].quantity == 95


@pytest.mark.parametrize(
    ("report", "message"),
    [
        (OperationStarted("X", 1, 1, 0), "job: 'X' is not a known job"),
        (OperationStarted("A", 7, 1, 0), "sequence: 7 is no open operation of order A: it has 1, 2, 3"),
        (OperationStarted("A", 1, 9, 0), "machine: 9 is not a known machine"),
        (OperationStarted("A", 1, 3, 0), "machine: 3 cannot run operation 1 of A: M1, M2 can"),
        (OperationStarted("A", 2, 2, 50), "sequence: 2 follows operation 1, which is not finished"),
        (OperationStarted("R", 2, 1, 20), "follows operation 1, which runs until 2025-07-21 08:40 in the plan: report that"),
        (
            OperationStarted("A", 1, 2, 20),
            "machine: 2 (M2) is at work on operation 1 of R until 2025-07-21 08:40: report that",
        ),
        (OperationFinished("A", 9, 0), "sequence: 9 is no open operation of order A"),
        (OperationFinished("A", 0, 0), "sequence: 0 is no open operation of order A"),
        (OperationFinished("B", 1, 0, 5), "good: 5 cannot be counted: order B states no quantity"),
        (OperationFinished("A", 1, 0, 0), "good: 0 leaves nothing to make"),
        (PiecesScrapped("B", 1, 0, 1), "job: 'B' states no quantity: how many good pieces are left is not known"),
        (PiecesScrapped("A", 4, 0, 1), "sequence: 4 is no open operation of order A"),
        (PiecesScrapped("A", 1, 0, 100), "pieces: 100 are all of the 100 that order A has left"),
    ],
)
def test_a_report_that_cannot_be_is_refused_by_its_field(report: Change, message: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        report.apply(SHOP)
    assert message in str(caught.value)


def test_the_last_order_is_not_taken_out() -> None:
    with pytest.raises(InvalidValue, match="the only one"):
        OperationFinished("B", 1, 0).apply(plant(job("B", operation(50, 1))))


@pytest.mark.parametrize("pieces", [-1, float("nan"), float("inf"), 0])
def test_scrapped_pieces_are_a_number_above_zero(pieces: float) -> None:
    with pytest.raises(InvalidValue, match="pieces"):
        PiecesScrapped("A", 1, 0, pieces)


def test_reports_go_through_json_and_back() -> None:
    text = changes_to_json(SHOP, EVERY)
    assert changes_from_json(text, SHOP, "changes") == EVERY
    assert '"of"' not in changes_to_json(SHOP, (OperationFinished("A", 1, 0),))


@pytest.mark.parametrize("report", EVERY, ids=lambda c: f"{type(c).__name__}{c.job}{c.at}")
def test_plans_with_a_report_pass_the_judge(report: Change) -> None:
    changed = report.apply(SHOP)
    found = greedy.schedule(changed, EngineConfig(rule="EDD")).schedule
    assert found is not None
    assert violations(changed, found) == ()
