"""Frames say what the core says, part and date before ids, and keep hostile text as plain cell text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dashboard.loaded_plan import Plan, best_of, compare, newest_of, version_of
from dashboard.presentation import difference_words, formatting, tables
from dashboard.views.approve.versions import releases_frame
from scheduler_core.data.store.records import PullNote, QuarantinedRow, Release
from tests.support.hostile_text import NASTY
from tests.support.table_words import read


@pytest.mark.parametrize(
    ("left", "right", "lower", "better"),
    [
        (1.0, 2.0, True, tables.Better.LEFT),
        (1.0, 2.0, False, tables.Better.RIGHT),
        (1.04, 1.03, True, tables.Better.EQUAL),
        (None, 2.0, True, tables.Better.EQUAL),
        (1.0, 2.0, None, tables.Better.EQUAL),
    ],
)
def test_the_better_side_is_judged_as_shown(
    left: float | None, right: float | None, lower: bool | None, better: tables.Better
) -> None:
    assert tables.Figure("x", left, right, " d", 1, lower).better is better


def test_figures_hold_both_plans_and_mark_the_better_one(plans: tuple[Plan, Plan]) -> None:
    left, right = plans
    rows = tables.figures(left, right)
    by_words = {f.words: f for f in rows}
    assert by_words["Late jobs"].left == len(left.late_jobs)
    assert by_words["Weighted tardiness"].right == right.kpis.weighted_tardiness_days
    frame = tables.figures_frame(rows, "L", "R")
    assert list(frame.columns) == ["Figure", "L", "R", "Change"]
    assert list(frame["L"].astype(object).where(frame["L"].notna(), None)) == [f.left for f in rows]
    words = read(frame)
    for k, figure in enumerate(rows):
        assert ("✓" in words["L"][k]) == (figure.better is tables.Better.LEFT)
        assert ("✓" in words["R"][k]) == (figure.better is tables.Better.RIGHT)


def test_exceptions_put_part_and_date_first(plans: tuple[Plan, Plan]) -> None:
    plan = plans[0]
    assert plan.late_jobs
    frame = tables.exceptions_frame(plan.plant, plan.late_jobs)
    assert list(frame.columns) == ["Part", "Job", "", "Due", "Late by", "Cause"]
    assert list(frame["Late by"]) == [timedelta(minutes=late.lead_time.lateness or 0) for late in plan.late_jobs]
    assert all(word.startswith("+") for word in read(frame)["Late by"])
    assert len(frame) == len(plan.late_jobs)


def test_lead_time_parts_add_up(plans: tuple[Plan, Plan]) -> None:
    for late in plans[0].late_jobs:
        parts = formatting.lead_time_parts(plans[0].plant, late.lead_time)
        assert sum(minutes for _, minutes in parts) == late.lead_time.end - late.lead_time.start


def test_all_jobs_are_listed_by_due_date_with_hostile_text_untouched(plans: tuple[Plan, Plan]) -> None:
    frame = tables.jobs_frame(plans[0].plant, plans[0])
    assert list(frame["Job"]) == ["J1", "J2", "J4", "J3", "J5"]
    assert NASTY in set(frame["Part"])
    assert frame.set_index("Job").loc["J5", "Status"] == "no due date"
    assert bool(frame.set_index("Job").loc["J3", "Running"]) is True
    assert [type(v) for v in frame["Quantity"] if v is not None] == [int], "one job without a quantity makes no fractions"
    without = tables.jobs_frame(plans[0].plant, None)
    assert set(without["Status"]) == {"–"}
    assert without["Done in the plan"].isna().all()


def test_quarantine_and_notes_keep_reason_and_place() -> None:
    row = QuarantinedRow("tbl_jo_process", "TxnId_i=7, RowId_i=2", "LeadTime_d", "-3", "is negative", "JOST1")
    frame = tables.quarantine_frame([row])
    assert frame.iloc[0].to_dict() == {
        "Job": "JOST1", "What is wrong": "Operation 2: the lead time is negative (-3)",
        "What to do": "Correct the lead time in the ERP; then pull.", "Table": "tbl_jo_process",
        "Row": "TxnId_i=7, RowId_i=2", "Field": "LeadTime_d", "Value": "-3",
    }  # fmt: skip
    assert tables.notes_frame([PullNote("t", "r", "no due date")]).iloc[0]["Note"] == "no due date"
    assert tables.quarantine_frame([]).empty


def test_differences_are_counted_and_listed(plans: tuple[Plan, Plan]) -> None:
    found = compare(*plans)
    assert not found.is_empty
    assert {what: amount for what, amount, _ in difference_words.counts(found)}["Operations moved"] == found.moved
    said = difference_words.sentence(found)
    assert (
        f"Of {found.compared} operations compared, {found.moved} moved: {found.changed_machine} to another machine" in said
    )
    jobs = tables.job_changes_frame(found.jobs)
    order = [k.value for k in tables.CHANGE_ORDER]
    ranks = [order.index(what) for what in jobs["What"]]
    assert ranks == sorted(ranks)
    operations = tables.operation_changes_frame(plans[0].plant, plans[1].plant, found.operations)
    assert len(operations) == len(found.operations)
    assert {"Machine before", "Machine after", "Shift"} <= set(operations.columns)


def test_one_job_and_its_chain(plans: tuple[Plan, Plan]) -> None:
    plan = plans[0]
    job = plan.plant.job_by_id["J1"]
    frame = tables.operations_frame(plan, job)
    assert list(frame["Op"]) == [1, 2]
    last = plan.schedule.by_operation["J1", 2]
    chain = plan.explainer.chain(last)
    assert len(tables.chain_frame(plan.plant, chain)) == len(chain)


def test_releases_are_told_in_plant_time() -> None:
    when = datetime(2025, 7, 21, 0, 30, tzinfo=UTC)
    release = Release("id", "tiny", 2, "schedule", "snapshot", "f" * 64, "Ana", "go", when, None)
    frame = releases_frame([release], {"schedule": "Greedy"}, ZoneInfo("Asia/Kuala_Lumpur"))
    assert frame.iloc[0].to_dict() == {
        "Version": 2, "Released": datetime(2025, 7, 21, 8, 30), "By": "Ana", "Comment": "go", "Plan": "Greedy",
        "Released despite": "", "Check code": "f" * 12,
    }  # fmt: skip
    assert read(frame)["Released"] == ["Mon 21 Jul 2025 08:30"], "a moment of the wall clock has its year"
    assert version_of("schedule", [release]) == 2
    assert version_of("other", [release]) is None


def test_the_proposed_plan_is_the_one_with_the_least_tardiness(plans: tuple[Plan, Plan]) -> None:
    stored = [p.stored for p in plans]
    best = best_of(stored)
    assert best is not None
    assert best.kpis is not None
    assert best.kpis.weighted_tardiness_days == min(p.kpis.weighted_tardiness_days for p in plans)
    assert newest_of(stored, "greedy") is stored[0]
    assert newest_of(stored, "exact") is None
    assert best_of([]) is None
