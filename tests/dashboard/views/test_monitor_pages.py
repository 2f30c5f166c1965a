"""KPIs and Monitor: what they show of a seeded store."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
import streamlit as st

from dashboard.loaded_plan import Plan
from dashboard.presentation import trend_charts
from scheduler_core.analysis.daily_load import daily_loads
from scheduler_core.automation.host_status import HostStatus
from scheduler_core.comparison.over_time import engine_records, pairs
from scheduler_core.data.erp import load_config
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import AutomationAct, AutomationKind, RunState, Source
from scheduler_core.plant import Plant
from scheduler_core.reports import Fallback, GreedyReport, LearnedReport
from scheduler_core.runs.execute import PLAN_STAYS
from scheduler_core.settings import environment, locations
from tests.support.opening import open_page, release, texts
from tests.support.seeding import history, seed_plan, seed_run, seed_snapshot

Seeded = tuple[Store, str, str]


def test_kpis_answer_four_questions_of_the_plan_in_the_address_and_one_of_the_floor(
    seeded: Seeded, plans: tuple[Plan, Plan]
) -> None:
    page = open_page("kpis", plan=seeded[2])
    assert not page.exception
    assert page.selectbox[0].value == seeded[2]
    assert [s.value for s in page.subheader] == [
        "Do we deliver on time?", "Which work centres hold the plan up?", "Which work centres are full this week?",
        "How late are the jobs?", "Which families cost the most setup?",
    ]  # fmt: skip
    table = page.dataframe[0].value
    assert set(table["Work centre"]) == {"Press", "Lathe"}
    assert f"{len(plans[1].late_jobs)} of 4 jobs late" in texts(page)


def test_monitor_says_what_to_do_until_there_is_a_history(store: Store, small_plant: Plant) -> None:
    seed_snapshot(store, small_plant)
    page = open_page("monitor")
    assert not page.exception
    told = [i.value.split(":")[0] for i in page.info]
    assert told[0].startswith("No receiver is configured")
    assert told[1:] == [
        "These jobs come from a file. Only pulls from an ERP show what the shop floor did", "Nothing is released yet",
        "No jobs have been planned by both engines yet", "No run has ended yet",
    ]  # fmt: skip


def test_monitor_shows_releases_engines_and_how_runs_ended(seeded: Seeded, plans: tuple[Plan, Plan]) -> None:
    store, greedy, _ = seeded
    release(store, greedy)
    snapshot = store.snapshots.latest()
    assert snapshot is not None
    failed = seed_run(store, snapshot.id, "learned", "failing")
    store.runs.claim(failed.id, "w")
    store.runs.finish(failed.id, "w", RunState.FAILED, "no <b>model</b>")
    page = open_page("monitor")
    assert not page.exception
    releases, engines, why, runs = (d.value for d in page.dataframe)
    assert list(releases["Version"]) == [1]
    assert list(releases["Jobs"]) == [5]
    assert list(engines["Greedy"]) == [plans[0].kpis.weighted_tardiness_days]
    assert list(engines["RL"]) == [plans[1].kpis.weighted_tardiness_days]
    assert list(runs["Engine"]) == ["Greedy", "RL"]
    assert list(runs["Failed"]) == [0, 1]
    assert list(why["Why"]) == ["no <b>model</b>"]
    assert list(why["How it ended"]) == ["failed"]
    said = texts(page)
    assert "1 of 3 runs ended without a plan of their engine." in said
    assert "A trend needs a second pull that both have planned." in said, "one pull is told in words"


def test_two_pulls_are_a_trend_and_no_failure_is_said(store: Store, small_plant: Plant) -> None:
    for name in ("one", "two"):
        snapshot = seed_snapshot(store, small_plant, name)
        seed_plan(store, snapshot, "greedy", "LPT")
        seed_plan(store, snapshot, "learned", "WATC")
    page = open_page("monitor")
    said = texts(page)
    assert "A trend needs a second pull" not in said
    assert "None: all 4 runs that ended gave a plan." in said


def test_every_end_without_a_plan_has_its_why(store: Store, small_plant: Plant) -> None:
    snapshot = seed_snapshot(store, small_plant)
    seed_plan(store, snapshot, "greedy", "LPT")
    for name, state, reason in (
        ("a", RunState.FAILED, "no model"), ("b", RunState.FAILED, "no model"), ("c", RunState.CANCELLED, PLAN_STAYS),
        ("d", RunState.CANCELLED, "cancelled"), ("e", RunState.TIMEOUT, "stopped after 600 s"),
    ):  # fmt: skip
        run = seed_run(store, snapshot, "learned", name)
        store.runs.claim(run.id, "w")
        store.runs.finish(run.id, "w", state, reason)
    report = Fallback("learned", "it crashed", GreedyReport("EDD", 0.0, 0.0, 1))
    seed_plan(store, snapshot, "learned", "EDD", "stands-in", report=report)
    found = open_page("monitor").dataframe[0].value
    why = {(how, reason): runs for how, reason, runs in zip(found["How it ended"], found["Why"], found["Runs"], strict=True)}
    assert why == {
        ("failed", "no model"): 2,
        ("cancelled", "nothing better was found: the plan stays"): 1,
        ("cancelled", "somebody cancelled it"): 1,
        ("took too long", "stopped after 600 s"): 1,
        ("another engine replaced it", "it crashed"): 1,
    }
    assert found["Why"].iloc[0] == "no model", "the most frequent first"


def test_pairs_need_both_engines_and_take_the_newest(store: Store, small_plant: Plant) -> None:
    first, second = (seed_snapshot(store, small_plant, name) for name in ("one", "two"))
    seed_plan(store, first, "greedy", "LPT")
    seed_plan(store, second, "greedy", "LPT")
    assert pairs(*history(store), store.snapshots.newest()) == ()  # type: ignore[arg-type]
    seed_plan(store, second, "learned", "LPT", "old")
    newest = seed_plan(
        store, second, "learned", "WATC", "new", report=LearnedReport("standard", "0" * 64, 1, winning_rule="WATC")
    )
    (pair,) = pairs(*history(store), store.snapshots.newest())  # type: ignore[arg-type]
    assert (pair.snapshot_id, pair.learned.plan.id) == (second, newest)
    assert pair.ratio == pair.learned.value / pair.greedy.value
    greedy, learned = engine_records(*history(store))  # type: ignore[arg-type]
    assert (greedy.engine, greedy.runs, greedy.ok, greedy.fallbacks) == ("greedy", 2, 2, 0)
    assert (learned.runs, learned.fallbacks, learned.violations) == (2, 1, 0)
    assert store.snapshots.get(first).source is Source.FILE


def test_today_names_the_better_plan_where_another_was_chosen(seeded: Seeded) -> None:
    store = seeded[0]
    latest = store.snapshots.latest()
    assert latest is not None
    for rule in ("SPT", "LWKR", "MOPNR", "WEDD"):
        seed_plan(store, latest.id, "greedy", rule, f"rule-{rule}")
    late = {p.id: p.kpis.weighted_tardiness_days for p in store.schedules.newest() if p.kpis}
    worst, least = max(late, key=late.__getitem__), min(late.values())
    assert late[worst] > least + 0.1
    page = open_page("today", plan=worst)
    assert "is better:" in texts(page).replace("\\", "")
    page.button(key="show_better").click().run()
    assert late[page.selectbox[0].value] == least
    assert "is better:" not in texts(page).replace("\\", "")


def test_today_moves_on_when_a_better_plan_becomes_ready(store: Store, small_plant: Plant) -> None:
    snapshot = seed_snapshot(store, small_plant)
    first = seed_plan(store, snapshot, "greedy", "LPT")
    page = open_page("today")
    assert page.selectbox[0].value == first
    second = seed_plan(store, snapshot, "learned", "WATC")
    page.run()
    assert page.selectbox[0].value == second


def test_capacity_chart_has_a_row_per_work_centre(plans: tuple[Plan, Plan]) -> None:
    plan = plans[0]
    days = daily_loads(plan.plant, plan.schedule, plan.hours, 2)
    figure = trend_charts.capacity_chart(days)
    loads = {name: [next(x for x in d.loads if x.machine_type.name == name) for d in days] for name in ("Press", "Lathe")}
    week = {name: sum(x.processing + x.setup for x in found) / sum(x.open for x in found) for name, found in loads.items()}
    assert list(figure.layout.yaxis.ticktext) == sorted(loads, key=lambda name: -week[name])
    for row, name in enumerate(figure.layout.yaxis.ticktext):
        for column, load in enumerate(loads[name]):
            in_black, in_white = (figure.data[k].z[row][column] for k in (0, 1))
            (used,) = {in_black, in_white} - {None}
            assert used == pytest.approx(load.utilization * 100)
            assert {figure.data[k].text[row][column] for k in (0, 1)} == {f"{used:.0f} %", ""}
    assert figure.layout.uirevision == "fixed"


def test_capacity_chart_tells_used_and_open_hours(plans: tuple[Plan, Plan]) -> None:
    plan = plans[0]
    days = daily_loads(plan.plant, plan.schedule, plan.hours, 2)
    load = days[0].loads[0]
    figure = trend_charts.capacity_chart(days)
    told = figure.data[0].customdata[list(figure.layout.yaxis.ticktext).index("Press")][0]
    assert told == f"Press: {(load.processing + load.setup) / 60:.1f} of {load.open / 60:.1f} open h used"


def test_monitor_tells_what_runs_automatically_and_what_it_waits_for(
    store: Store, small_plant: Plant, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    snapshot = seed_snapshot(store, small_plant)
    assert "pulls and plans are made by hand" in texts(open_page("monitor"))
    settings = tmp_path / "automation.yaml"
    settings.write_text("enabled: true\nstanding_search: {enabled: true}\n")
    monkeypatch.setenv(environment.AUTOMATION, str(settings))
    plant = load_config(locations.erp_config()).plant
    store.automation.record(AutomationAct(0, plant, AutomationKind.PULL, "at 05:45", datetime.now(UTC), snapshot))
    assert "no server does it" in texts(open_page("monitor"))
    store.automation.take("host-1", None)
    store.automation.beat("host-1", HostStatus({"plan": "no <b>disk</b>"}).as_text())
    st.cache_data.clear()
    page = open_page("monitor")
    assert not page.exception
    assert "nothing is released automatically" in texts(page)
    assert "Plan the new pull failed and is tried again" in texts(page)
    assert "<b>" not in "".join(w.value for w in page.warning)
    found = page.dataframe[0].value
    assert list(found["What"])[:2] == ["Pull the jobs", "Plan the new pull"]
    assert next(iter(found["Why"])) == "at 05:45"
    assert list(found["State"])[-1] == "there is no plan of the newest pull"
    settings.write_text("enabeld: true\n")
    assert "is not a known setting" in texts(open_page("monitor"))
