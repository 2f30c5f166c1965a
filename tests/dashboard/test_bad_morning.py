"""A bad morning in a real browser: two machines failed overnight and a material is late.

The planner reads it on Today, replans calmly, expedites an order and sees who pays, releases the plan with the
acknowledgement of the orders that leave it, and prints the lists. What the pages say is compared with figures computed from
the store and from the ERP.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from dashboard.components.table_height import ROW
from dashboard.loaded_plan import Plan, build_plan, counted_moves, moved_next_day, newest_of, over_the_same_jobs
from dashboard.presentation import formatting, replan_words
from scheduler_core.analysis.dispatch_lists import current_shift, dispatch_lists, shifts
from scheduler_core.analysis.plan_diff import JobChangeKind, plan_diff
from scheduler_core.data import erp
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ApprovalRequest, RunState, StoredSchedule
from scheduler_core.engines.registry import REPAIR_CHOICES
from scheduler_core.judge.kpis import job_lateness
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Job, Plant
from scheduler_core.schedule import Schedule
from scheduler_core.services import pulling
from tests.support.browsing import RUNS_WITHIN, SECOND, seed, served, settled
from tests.support.night import break_down, delay_material, pass_night
from tests.support.paths import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

MORNING = datetime(2025, 7, 22, 6, 30)
MATERIAL_ARRIVES = datetime(2025, 7, 26)
FAILED = ("DD01", "LC01")
"""The only machine of its kind, and one of six."""


@dataclass(frozen=True)
class Morning:
    """A served dashboard on the morning after: its store, version 1 in force, and the order whose material is late."""

    address: str
    store: Store
    released: Plan
    delayed: Job
    erp: Path


def load(store: Store, stored: StoredSchedule) -> Plan:
    return build_plan(
        stored, store.snapshots.get(stored.snapshot_id), store.snapshots.plant(stored.snapshot_id),
        store.schedules.load(stored.id),
    )  # fmt: skip


def late_jobs(plant: Plant, plan: Schedule, jobs: set[str]) -> int:
    """How many of these jobs the plan delivers late."""
    return sum((late or 0) > 0 for job, late in job_lateness(plant, plan).items() if job in jobs)


@pytest.fixture
def morning(tmp_path: Path) -> Iterator[Morning]:
    """Version 1 was released on Monday; the shop floor worked by it until Tuesday, 06:30."""
    with served(tmp_path, SHOPWRIGHT_POLL_SECONDS="5") as address:
        store = seed(tmp_path)
        stored = newest_of(store.schedules.newest(), "learned")
        assert stored is not None
        fingerprint = store.snapshots.get(stored.snapshot_id).fingerprint
        store.releases.approve(ApprovalRequest("evening", stored.id, stored.content_sha256, "Aisyah", "Monday"), fingerprint)
        released, ours = load(store, stored), tmp_path / "erp.sqlite3"
        pass_night(ours, released.plant, released.schedule, MORNING)
        break_down(ours, FAILED)
        minute, arrives = (released.plant.minute_of(when) for when in (MORNING, MATERIAL_ARRIVES))
        starts = {
            j.id: min(released.schedule.by_operation[j.id, o.sequence].start for o in j.operations)
            for j in released.plant.jobs
            if j.release <= 0 and j.due is not None and j.due > arrives + 1440
        }
        delayed = min((job for job, start in starts.items() if start > minute), key=lambda job: (starts[job], job))
        delay_material(ours, delayed, MATERIAL_ARRIVES)
        yield Morning(address, store, released, released.plant.job_by_id[delayed], ours)
        store.close()


def unplannable(plan: Plan, now: Plant) -> set[str]:
    """Orders of the plan that the ERP's plant of now does not have because of the failed machines, computed anew here."""
    missing = {m.id for m in plan.plant.machines} - {m.id for m in now.machines}
    assert {plan.plant.machine_by_id[m].name for m in missing} == set(FAILED)
    minute = plan.plant.minute_of(now.plan_start)
    found = set()
    for job in plan.plant.jobs:
        if job.id in now.job_by_id:
            continue
        for o in job.operations:
            able = set(plan.plant.eligible_machines(o))
            a = plan.schedule.by_operation[job.id, o.sequence]  # what has ended by then was reported as finished
            stopped = bool(able & missing) if o.requires_all else able <= missing
            if a.end > minute and (stopped or (a.start < minute and set(a.machines) & missing)):
                found.add(job.id)
    return found


def metric(page: Page, label: str) -> Locator:
    """The value of a key figure."""
    cell = page.get_by_test_id("stMetric").filter(has=page.get_by_text(label, exact=True))
    return cell.get_by_test_id("stMetricValue").first


def click_row(page: Page, row: int) -> None:
    page.get_by_test_id("stDataFrame").filter(visible=True).first.click(position={"x": 120, "y": (row + 1.5) * ROW})
    settled(page)


@pytest.mark.slow
def test_two_machines_down_and_a_late_material_before_the_shift(page: Page, morning: Morning) -> None:
    store, v1 = morning.store, morning.released
    settings = erp.load_config(ROOT / "configs" / "demo_erp.yaml")
    now = pulling.look(v1.info, f"sqlite:///{morning.erp}", settings)
    assert now is not None
    stranded = unplannable(v1, now)
    assert len(stranded) > 20

    # Today, before anything is pulled: in red, first on the page, with the orders; the plan shown is the one in force.
    page.goto(morning.address)
    alarm = page.get_by_test_id("stAlert").first
    expect(alarm).to_have_text(re.compile(rf"2 machines down: DD01, LC01\. {len(stranded)} orders cannot be planned\."))
    expect(alarm.get_by_test_id("stAlertContentError")).to_be_in_viewport()
    expect(page.get_by_text(f"Orders that cannot be planned ({len(stranded)})")).to_be_in_viewport()
    above = [page.get_by_role("heading", name="Today").bounding_box(), alarm.bounding_box()]
    assert above[0] is not None
    assert above[1] is not None
    assert above[1]["y"] < above[0]["y"]
    expect(page.get_by_text("2 machines down (DD01, LC01) · ")).to_be_visible()
    expect(
        page.get_by_text(re.compile(r"\d+ changes since release v1: 2 machines down, 1 material date changed"))
    ).to_be_visible()
    expect(metric(page, "Late jobs")).to_have_text(str(len(v1.late_jobs)))

    # Replan: keep, calm and best; one of them is recommended.
    page.get_by_role("button", name="Pull and replan").click()
    expect(page.get_by_text(re.compile(r"(Keep|Calm|Best): (running|waiting|queued)")).first).to_be_visible()
    expect(page.locator(".st-key-runs_at_work")).to_have_count(0, timeout=RUNS_WITHIN)
    snapshot = store.snapshots.latest()
    assert snapshot is not None
    assert snapshot.plan_start == MORNING
    assert {(r.engine, r.state) for r in store.runs.newest(snapshot_id=snapshot.id)} == {
        (engine, RunState.OK) for engine in REPAIR_CHOICES
    }
    answers = {
        engine: load(store, plan)
        for engine in REPAIR_CHOICES
        if (plan := newest_of(store.schedules.newest(snapshot_id=snapshot.id), engine)) is not None
    }
    for answer in answers.values():
        assert violations(answer.plant, answer.schedule) == ()
    moves = {engine: counted_moves(v1, plan) for engine, plan in answers.items()}
    chosen = replan_words.choice(answers, moves)
    recommended = answers[chosen.name]
    expect(alarm).to_have_text(re.compile(rf"2 machines down: DD01, LC01\. {len(stranded)} orders cannot be planned\."))
    line = page.locator(".st-key-better_plan")
    days = formatting.number(recommended.kpis.weighted_tardiness_days, 0)
    expect(line).to_contain_text(f"Recommended: {formatting.engine_name(chosen.name)}, {days} d late")

    # What moves: the three beside each other, compared over the jobs that both plans have.
    line.get_by_role("button", name="Compare").click()
    page.wait_for_url("**/compare**show=replans**")
    expect(page.get_by_text(f"Recommended: {formatting.engine_name(chosen.name)}.")).to_be_visible()
    if chosen.gain > 0:
        amount = moves[chosen.name].moved_in_a_day
        expect(
            page.get_by_text(f"{formatting.percent(chosen.gain)} less late than Keep; it moves {amount} of ")
        ).to_be_visible()
    both = set(v1.plant.job_by_id) & set(recommended.plant.job_by_id)
    expect(page.get_by_text(f"Figures are of the {len(both)} orders in both plans.").first).to_be_visible()
    settled(page)
    page.get_by_role("button", name="What differs").or_(page.get_by_text("What differs")).first.click()
    found = plan_diff(v1.plant, v1.schedule, recommended.plant, recommended.schedule)
    expect(metric(page, "Operations moved")).to_have_text(str(found.moved))
    expect(metric(page, "Became late")).to_have_text(str(found.count(JobChangeKind.BECAME_LATE)))

    # The recommended plan on Today: figures against version 1 over the common jobs, and no green change.
    page.get_by_role("link", name="Today").click()
    settled(page)
    page.locator(".st-key-better_plan").get_by_role("button", name="Show").click()
    expect(page.get_by_text("Not in force: ").first).to_be_visible()
    settled(page)
    expect(metric(page, "Late jobs")).to_have_text(str(len(recommended.late_jobs)))
    old, new = over_the_same_jobs(v1, recommended)
    assert len(old.late_jobs) == late_jobs(v1.plant, v1.schedule, both)
    change = formatting.metric_change(len(new.late_jobs) - len(old.late_jobs), 0, "")
    card = page.get_by_test_id("stMetric").filter(has=page.get_by_text("Late jobs", exact=True))
    expect(card.get_by_test_id("stMetricDelta")).to_contain_text(change.lstrip("-−+"))
    left = len(v1.plant.jobs) - len(both)
    expect(
        page.get_by_text(f"Changes are of the {len(both)} orders in both plans. {left} orders are only in v1.")
    ).to_be_visible()

    # The order whose material is late starts after it has come.
    begins = min(a.start for a in recommended.schedule.assignments if a.job == morning.delayed.id)
    assert recommended.plant.time_of(begins) >= MATERIAL_ARRIVES

    # Expedite an order of the list that can be sooner, and see who pays.
    wanted = next(
        row
        for row, late in enumerate(recommended.late_jobs[:7])
        if (late.lead_time.lateness or 0) > 3 * 1440 and (bound := recommended.explainer.bound(late.job)) is not None
        and late.job.due is not None and bound.completion < late.job.due
    )  # fmt: skip
    order = recommended.late_jobs[wanted].job
    click_row(page, wanted)
    expect(page.get_by_role("button", name="Expedite").first).to_be_in_viewport()
    page.get_by_role("button", name="Expedite").first.click()
    page.wait_for_url("**/what-if?*what=expedite*")
    expect(page.get_by_role("combobox", name="Order")).to_have_value(re.compile(f"^{re.escape(formatting.job_name(order))}"))
    expect(metric(page, "Harms nobody")).to_be_visible(timeout=120 * SECOND)
    assert order.due is not None
    expect(metric(page, "Wanted by")).to_have_text(formatting.stamp(recommended.plant.time_of(order.due)))
    end = max(a.end for a in recommended.schedule.assignments if a.job == order.id)
    expect(metric(page, "In the current plan")).to_have_text(formatting.stamp(recommended.plant.time_of(end)))
    settled(page)
    points = page.get_by_role("radiogroup", name="Delivery").get_by_role("paragraph")
    assert points.count() >= 2
    words = points.first.inner_text()
    points.first.click()
    expect(page.get_by_text(re.compile(r"\d+ orders? pays? "))).to_be_visible()
    expect(page.get_by_text("Who pays", exact=True)).to_be_visible()
    settled(page)
    said = page.get_by_text(re.compile(r"\d+ orders? pays? ")).inner_text()
    page.get_by_role("button", name="Submit for approval").click()
    page.get_by_role("dialog").get_by_role("button", name="Submit").click()
    expect(page.get_by_text("Submitted for approval.")).to_be_visible()
    (stored,) = store.scenarios.promoted_schedules(snapshot.id)
    expedited = load(store, stored)
    sooner = max(a.end for a in expedited.schedule.assignments if a.job == order.id)
    assert sooner < end
    assert words.startswith(formatting.stamp(expedited.plant.time_of(sooner)))
    before, after = (job_lateness(p.plant, p.schedule) for p in (recommended, expedited))
    paying = {job for job, late in after.items() if job != order.id and late is not None and late > max(0, before[job] or 0)}
    assert said.split(". ")[1].startswith(f"{len(paying)} order")
    newly = sum((before[job] or 0) <= 0 for job in paying)
    assert f"newly late: {newly}" in said

    # Approve: the submitted plan, the orders that leave with it, and the acknowledgement, without which nothing is released.
    page.get_by_role("button", name="Open Approve").click()
    page.wait_for_url("**/approve**")
    expect(page.get_by_role("combobox", name="Plan to release")).to_have_value(re.compile("expedited"))
    expect(page.get_by_text(f"No longer in this plan: {len(stranded)} orders of version 1.")).to_be_visible()
    expect(metric(page, "Next 24 h moved")).to_have_text(
        formatting.percent(moved_next_day(v1, expedited, expedited.plant.plan_start) or 0.0)
    )
    settled(page)
    page.get_by_label("Approver").fill("Aisyah")
    release = page.get_by_role("button", name="Release as version 2")
    release.click()
    settled(page)
    assert len(store.releases.newest("Demo plant")) == 1, "not without the acknowledgement"
    page.get_by_text("I confirm that these orders leave the plan (recorded)").click()
    settled(page)
    release.click()
    page.get_by_role("dialog").get_by_role("button", name="Release").click()
    expect(page.get_by_text("In force, v2: ").first).to_be_visible(timeout=60 * SECOND)
    current = store.releases.current("Demo plant")
    assert current is not None
    assert (current.number, current.schedule_id, current.approver) == (2, expedited.id, "Aisyah")
    assert set(store.releases.acknowledged(current.id)) == stranded

    # The lists for the shop floor.
    page.get_by_role("button", name="Print the lists on Dispatch").click()
    page.wait_for_url("**/dispatch**")
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    settled(page)
    with page.context.expect_page() as waiting:
        page.keyboard.press("p")
    paper = waiting.value
    expect(paper.get_by_text("Version 2, released").first).to_be_attached()
    running = current_shift(shifts(expedited.plant, 0, 7 * 1440), 0)
    assert running is not None
    lines = [line for one in dispatch_lists(expedited.plant, expedited.schedule, running, after) for line in one.lines]
    assert lines
    paper.wait_for_load_state("load")
    expect(paper.locator("body")).to_contain_text(lines[-1].job.id)  # the lists come work centre by work centre
    printed = paper.locator("body").inner_text()
    for line_ in lines:
        assert line_.job.id in printed
    assert not any(machine in printed for machine in FAILED)
    assert page.get_by_text("2 machines down").count() == 0, "Dispatch says what to do; Today says what is wrong"
