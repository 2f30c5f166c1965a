"""Actual bars: what pulls tell, on the rows of machines and of jobs, and nothing where they tell nothing."""

from __future__ import annotations

from datetime import timedelta

from dashboard.gantt import payload
from dashboard.gantt.actual_bars import PLANNED, RUNNING, UNKNOWN_BEGINNING, ActualBar, actual_bars
from dashboard.gantt.request import GanttRequest
from dashboard.gantt.rows import GanttView
from dashboard.loaded_plan import Plan
from scheduler_core.actuals.operation_actual import Between, Evidence, OperationActual, PlannedPlace
from scheduler_core.plant import Plant
from tests.support.gantt_bytes import unpack


def _actuals(plant: Plant) -> tuple[OperationActual, ...]:
    def at(minute: int) -> Between:
        start = plant.plan_start
        return Between(start + timedelta(minutes=minute), start + timedelta(minutes=minute + 60))

    planned = PlannedPlace(
        "plan", (1,), plant.plan_start, plant.plan_start + timedelta(minutes=90), 0, 0, 480
    )  # fmt: skip
    return (
        OperationActual("J1", 1, "cut", (1,), at(-120), at(120), Evidence.RUNNING, planned=planned),
        OperationActual("J2", 1, "cut", (2,), Between(None, plant.plan_start), None, Evidence.RUNNING),
        OperationActual("gone", 7, "turn", (1, 3), at(-300), at(-300), Evidence.FINISHED),
        OperationActual("J2", 2, "turn", (), at(0), at(0), Evidence.FINISHED),
        OperationActual("J1", 2, "turn", (1,), at(0), at(0), Evidence.ORDER_GONE),
    )


def test_bars_are_counted_from_the_plans_start_and_what_may_be_cancelled_has_none(plans: tuple[Plan, Plan]) -> None:
    plant = plans[0].plant
    first, second, third, fourth = actual_bars(plant, _actuals(plant), 30)
    assert first == ActualBar("J1", 1, "cut", (1,), -120, -60, 120, 180, False, (0, 90))
    assert (second.after, second.begun, second.until, second.ended, second.running) == (None, 0, 30, 30, True)
    assert (third.begun, third.until) == (-240, -300)
    assert fourth.machines == ()


def test_they_stand_on_the_rows_of_their_machines_or_jobs(plans: tuple[Plan, Plan]) -> None:
    plan = plans[0]
    bars = actual_bars(plan.plant, _actuals(plan.plant), 30)
    head, columns = unpack(payload.pack(plan.plant, plan.schedule, plan.hours, GanttRequest(actuals=bars)))
    assert head["has_actuals"] is True
    drawn = [
        (head["rows"][r]["label"], head["actual_names"][n], flags)
        for r, n, flags in zip(columns["actual_row"], columns["actual_name"], columns["actual_flags"], strict=True)
    ]
    assert drawn == [
        ("M1", "gone · 7 · turn", 0), ("M1", "J1 · 1 · cut", PLANNED), ("M2", "J2 · 1 · cut", UNKNOWN_BEGINNING | RUNNING),
        ("M3", "gone · 7 · turn", 0),
    ]  # fmt: skip
    assert (columns["actual_planned_start"].tolist()[1], columns["actual_planned_end"].tolist()[1]) == (0, 90)
    by_job = GanttRequest(view=GanttView.JOB, actuals=bars, jobs=frozenset({"J2"}))
    head, columns = unpack(payload.pack(plan.plant, plan.schedule, plan.hours, by_job))
    assert head["actual_names"] == ["J2 · 1 · cut", "J2 · 2 · turn"]


def test_without_actuals_nothing_is_drawn(plans: tuple[Plan, Plan]) -> None:
    plan = plans[0]
    head, columns = unpack(payload.pack(plan.plant, plan.schedule, plan.hours))
    assert (head["has_actuals"], len(columns["actual_row"])) == (False, 0)
