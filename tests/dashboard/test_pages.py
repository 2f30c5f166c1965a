"""The pages as scripts: what they show of a seeded store, and that approving happens once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard import tables, words
from dashboard.aims import AIMS, OWN, OWN_WORDS, PRICES
from dashboard.drafts import Draft
from dashboard.plans import Plan, search_curve
from scheduler_core import approving, planning
from scheduler_core.data import locations
from scheduler_core.data.listener import Listener
from scheduler_core.data.records import RunState
from scheduler_core.data.store import ApprovalRequest, Store
from scheduler_core.manual_moves import Move
from scheduler_core.objectives import NAMED, Objective
from scheduler_core.why.fixes import try_fixes
from tests.dashboard.conftest import NASTY
from tests.dashboard.seeding import seed_plan, seed_run, seed_snapshot
from tests.dashboard.test_runs import no_place
from tests.plants import job, operation, plant

PAGES = ("today", "jobs", "compare", "gantt", "approve", "kpis", "monitor")
Seeded = tuple[Store, str, str]


def open_page(name: str, **query: str) -> AppTest:
    page = AppTest.from_string(
        f"from dashboard import frame\nfrom dashboard.views import {name}\nframe.top()\n{name}.show()", default_timeout=60
    )
    for key, value in query.items():
        page.query_params[key] = value
    return page.run()


def texts(page: AppTest) -> str:
    """Everything that a page shows as plain text or as a message."""
    groups = (page.text, page.title, page.subheader, page.info, page.success, page.warning, page.error, page.markdown)
    return "\n".join(str(element.value) for group in groups for element in group)


def release(store: Store, schedule_id: str, approver: str = "Ana") -> None:
    stored = store.stored_schedule(schedule_id)
    store.approve(ApprovalRequest("release-1", schedule_id, stored.content_sha256, approver, "first"), None)


# ---------------------------------------------------------------- empty states
@pytest.mark.parametrize("name", PAGES)
def test_an_empty_store_says_what_to_do(store: Store, name: str) -> None:
    page = open_page(name)
    assert not page.exception
    assert page.title[0].value == "Welcome to Shopwright"
    assert [b.label for b in page.button] == ["Pull the open jobs and make two plans"]


def test_the_first_click_pulls_the_demo_and_queues_both_engines(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locations, "var", lambda: tmp_path)
    monkeypatch.setattr(planning, "begin_next", no_place)
    page = open_page("today")
    page.button[0].click().run()
    assert not page.exception
    snapshot = store.latest_snapshot()
    assert snapshot is not None
    assert snapshot.counts.jobs_accepted + snapshot.counts.jobs_quarantined == snapshot.counts.jobs_read
    assert sorted(r.engine for r in store.runs(snapshot_id=snapshot.id)) == ["greedy", "learned"]
    assert page.subheader[0].value == "Making the first plans…"
    assert [b.label for b in page.button if b.label == "Cancel"] == ["Cancel", "Cancel"]


def test_jobs_without_a_plan_offer_to_make_two(store: Store, small_plant: object) -> None:
    snapshot_id = seed_snapshot(store, small_plant)  # type: ignore[arg-type]
    run = seed_run(store, snapshot_id, "greedy")
    store.claim_run(run.id, "test")
    store.finish_run(run.id, "test", RunState.FAILED, "the engine broke on <b>this</b>")
    page = open_page("today")
    assert page.subheader[0].value == "No plan for these jobs yet"
    assert "the engine broke on" in page.error[0].value
    assert "<b>" not in page.error[0].value
    assert "Make two plans" in [b.label for b in page.button]


# ---------------------------------------------------------------- every page
@pytest.mark.parametrize("name", PAGES)
def test_every_page_opens_on_a_seeded_store(seeded: Seeded, name: str) -> None:
    page = open_page(name)
    assert not page.exception
    assert any("Nothing released yet" in m.value for m in page.markdown)
    strip = "\n".join(m.value.replace("\\", "") for m in page.markdown)
    assert "Mon 21 Jul 08:00 Asia/Kuala_Lumpur" in strip


def test_a_database_that_is_away_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(locations.DATABASE_URL, f"sqlite:///{tmp_path}/no/such/folder/store.sqlite3")
    page = AppTest.from_file(str(Path(__file__).parents[2] / "dashboard" / "app.py"), default_timeout=60).run()
    assert not page.exception
    assert "folder" in page.error[0].value


@pytest.mark.parametrize("name", PAGES)
def test_erp_text_never_reaches_markdown_unescaped(seeded: Seeded, name: str) -> None:
    job4 = {"job": "J4", "op": "1"} if name == "gantt" else {}
    release(seeded[0], seeded[1], approver=NASTY)
    page = open_page(name, **job4)
    assert not page.exception
    for group in (page.markdown, page.caption, page.info, page.success, page.warning, page.error, page.title):
        for element in group:
            assert not re.search(r"(?<!\\)<img|\]\(", str(element.value)), element
            assert "**bold**" not in str(element.value), element
    for metric in page.metric:
        assert "<img" not in metric.label


def test_the_start_page_is_the_app_itself(seeded: Seeded) -> None:
    page = AppTest.from_file(str(Path(__file__).parents[2] / "dashboard" / "app.py"), default_timeout=60).run()
    assert not page.exception
    assert page.title[0].value == "Today"


# ---------------------------------------------------------------- today
def test_today_shows_five_figures_and_ranked_exceptions_with_their_cause(seeded: Seeded, plans: tuple[Plan, Plan]) -> None:
    store, greedy, learned = seeded
    page = open_page("today", plan=learned)
    assert [m.label for m in page.metric][:2] == ["Late jobs", "Mean days late"]
    assert len(page.metric) == 5
    assert page.metric[0].value == str(len(plans[1].late_jobs))
    assert page.metric[4].value == "–"
    table = page.dataframe[0].value
    assert list(table["Job"]) == [late.job.id for late in plans[1].late_jobs[:10]]
    assert table["Cause"].str.len().min() > 10

    release(store, greedy)
    page = open_page("today", plan=learned)
    late = len(plans[1].late_jobs) - len(plans[0].late_jobs)
    assert page.metric[0].delta == (f"{late:+d}" if late else "±0")
    assert page.metric[4].value.endswith("%")
    assert any("Released v1 by Ana" in m.value for m in page.markdown)


def test_from_a_late_order_to_its_cause_to_its_fixes_in_two_clicks(seeded: Seeded, plans: tuple[Plan, Plan]) -> None:
    plan = plans[1]
    page = open_page("today", plan=seeded[2])
    late = plan.late_jobs[0]
    shown = texts(page)
    assert words.cause_words(plan.plant, late) in shown
    assert words.possible_words(plan.plant, plan.explainer.bound(late.job)) in shown
    assert "What its end hangs on, back to the root" in shown
    chain = page.dataframe[1].value
    assert chain.iloc[0]["Op"] == late.job.operations[-1].sequence
    assert chain.iloc[0]["Job"] == tables.job_link(late.job.id)
    assert all("Fix" not in d.value for d in page.dataframe)
    page.button(key="try_fixes").click().run()
    assert not page.exception
    expected = try_fixes(plan.plant, plan.schedule, late.job.id)
    assert expected
    shown_fixes = page.dataframe[1].value
    assert list(shown_fixes["Fix"]) == [words.fix_words(plan.plant, f) for f in expected]
    assert shown_fixes["This job"].str.contains("→").all()
    # They stay while the same job is shown, and go with another plan.
    page.run()
    assert list(page.dataframe[1].value["Fix"]) == list(shown_fixes["Fix"])


def test_a_job_that_nothing_helps_says_so(store: Store) -> None:
    only = plant(job("J1", operation(60, 1), due=10))
    plan_id = seed_plan(store, seed_snapshot(store, only))
    page = open_page("today", plan=plan_id)
    page.button(key="try_fixes").click().run()
    assert not page.exception
    assert "none helps this job" in page.info[0].value
    assert "No plan can have it on time" in texts(page)


# ---------------------------------------------------------------- jobs
def test_jobs_filter_and_quarantine(seeded: Seeded) -> None:
    page = open_page("jobs")
    assert [m.label for m in page.metric] == ["Open jobs read", "Accepted", "In quarantine", "Operations to plan"]
    assert len(page.dataframe[0].value) == 5
    page.text_input(key="find").set_value("bb-").run()
    assert list(page.dataframe[0].value["Job"]) == ["J2"]
    assert "1 of 5 jobs match." in texts(page)
    page.text_input(key="find").set_value("[").run()
    assert list(page.dataframe[0].value["Job"]) == ["J4"]
    page.text_input(key="find").set_value("nothing like it").run()
    assert page.info[0].value == "No job matches: empty the filter above to see all jobs again."


# ---------------------------------------------------------------- compare
def test_compare_sets_greedy_against_rl(seeded: Seeded) -> None:
    page = open_page("compare")
    left, right = page.selectbox[1], page.selectbox[2]
    assert (left.label, right.label) == ("Left", "Right")
    assert (left.value, right.value) == (seeded[1], seeded[2])
    table = page.dataframe[0].value
    assert table.iloc[0]["Figure"] == "Late jobs"
    assert table.iloc[:, 1:3].stack().str.contains("✓").any()


def test_compare_shows_the_best_bound_of_the_snapshot_for_all_its_plans(seeded: Seeded) -> None:
    store, left, _ = seeded
    assert "No plan of these jobs" not in texts(open_page("compare"))
    snapshot_id = store.stored_schedule(left).snapshot_id
    for number, bound in enumerate((0.01, 0.02, None)):
        seed_plan(store, snapshot_id, "exact", "EDD", f"bound-{number}", bound)
    shown = texts(open_page("compare"))
    assert "No plan of these jobs can have less weighted tardiness than 0.0 d (proven)" in shown
    assert shown.count("No plan of these jobs") == 1


@pytest.mark.parametrize(
    ("show", "expected"), [("gantts", "Left: Greedy (LPT)"), ("differences", "From left (Greedy (LPT)")]
)
def test_compare_opens_at_its_deep_link(seeded: Seeded, show: str, expected: str) -> None:
    page = open_page("compare", show=show)
    assert not page.exception
    assert expected in texts(page)


def test_run_queues_what_is_chosen_and_only_once_per_click(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    store = seeded[0]
    monkeypatch.setattr(planning, "begin_next", no_place)
    page = open_page("compare")
    before = len(store.runs())
    page.button(key="run_both").click().run()
    assert not page.exception
    assert len(store.runs()) == before + 2
    cancel = [b for b in page.button if b.label == "Cancel"]
    assert len(cancel) == 2
    cancel[0].click().run()
    assert [r.state for r in store.runs(states=[RunState.CANCELLED])] == [RunState.CANCELLED]


def test_the_aim_may_be_a_mix(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    store = seeded[0]
    monkeypatch.setattr(planning, "begin_next", no_place)
    page = open_page("compare")
    assert page.selectbox(key="goal").options == [*AIMS.values(), OWN_WORDS]
    page.selectbox(key="goal").select("few-setups").run()
    page.button(key="run_both").click().run()
    assert not page.exception
    queued = store.runs(states=[RunState.QUEUED])
    assert {(r.engine, r.config.objective) for r in queued} == {(e, NAMED["few-setups"]) for e in ("greedy", "learned")}


def test_prices_of_ones_own_reach_the_engines_and_none_at_all_is_refused(
    seeded: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = seeded[0]
    monkeypatch.setattr(planning, "begin_next", no_place)
    page = open_page("compare")
    prices = [n for n in page.number_input if str(n.key).startswith("price_")]
    assert prices == []
    page.selectbox(key="goal").select(OWN).run()
    prices = [n for n in page.number_input if str(n.key).startswith("price_")]
    assert [n.label for n in prices] == [p.label for p in PRICES]
    page.number_input(key="price_tardiness").set_value(0.0).run()
    assert "a price above 0" in page.error[0].value
    page.button(key="run_both").click().run()
    assert "a price above 0 under Settings" in page.warning[0].value
    assert store.runs(states=[RunState.QUEUED]) == ()
    page.number_input(key="price_tardiness").set_value(1.0).run()
    page.number_input(key="price_setups").set_value(0.25).run()
    assert len(page.error) == 0
    page.button(key="run_both").click().run()
    assert {r.config.objective for r in store.runs(states=[RunState.QUEUED])} == {Objective(tardiness=1.0, setups=0.25)}


def test_exact_with_a_mix_is_warned_of_before_it_runs(seeded: Seeded) -> None:
    page = open_page("compare")
    page.multiselect(key="engines").set_value(["greedy", "exact"]).run()
    assert not any("refuse" in c.value for c in page.caption)
    page.selectbox(key="goal").select("even-load").run()
    assert any("refuse" in c.value for c in page.caption)


def test_an_improving_run_can_be_ended_with_its_best(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    store = seeded[0]
    monkeypatch.setattr(planning, "begin_next", no_place)
    page = open_page("compare")
    page.button(key="run_both").click().run()
    runs = {r.engine: r.id for r in store.runs(states=[RunState.QUEUED])}

    def offered() -> list[str]:
        return [str(b.key) for b in page.button if b.label == "Keep the best so far"]

    assert offered() == []
    for run_id in runs.values():
        store.claim_run(run_id, "w1")
    page.run()
    assert offered() == [], "nothing has been reported that could be kept"
    for run_id in runs.values():
        store.report_run(run_id, "w1", (0.3, "improving, 1,000 moves tried, 4.0% better"))
    page.run()
    assert offered() == [f"keep_{runs['learned']}"], "greedy only tries its rules"
    page.button(key=f"keep_{runs['learned']}").click().run()
    assert not page.exception
    assert store.run(runs["learned"]).keep_requested
    assert not store.run(runs["greedy"]).keep_requested
    page.run()
    assert page.button(key=f"keep_{runs['learned']}").disabled
    assert not page.button(key=f"cancel_{runs['learned']}").disabled


def test_runs_that_wait_tell_how_many_come_before_and_can_be_cancelled(
    seeded: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = seeded[0]
    monkeypatch.setattr(planning, "begin_next", no_place)
    snapshot_id = store.stored_schedule(seeded[1]).snapshot_id
    runs = [seed_run(store, snapshot_id, "greedy", f"waiting-{k}").id for k in range(4)]
    store.claim_run(runs[0], "w1")
    page = open_page("compare")

    def told() -> list[str]:
        return [str(element.proto.text) for element in page.get("progress")]

    assert told()[0].startswith("Greedy: running")
    assert told()[1:] == [
        "Greedy: waiting, next as soon as a run at work ends",
        "Greedy: waiting, 1 run before this one",
        "Greedy: waiting, 2 runs before this one",
    ]
    page.button(key=f"cancel_{runs[2]}").click().run()
    assert not page.exception
    assert store.run(runs[2]).state is RunState.CANCELLED
    page.run()
    assert told()[-1] == "Greedy: waiting, 1 run before this one"


def test_figures_show_how_a_searched_plan_got_better(seeded: Seeded) -> None:
    store = seeded[0]
    latest = store.latest_snapshot()
    assert latest is not None
    assert "How did the plan get better while searching?" not in texts(open_page("compare"))
    detail = {
        "samples": 7, "winning_sample": None, "winning_rule": "WATC", "moves": 900, "start_cost": 8.0,
        "curve": ((0.0, 6.0), (1.5, 4.0)),
    }  # fmt: skip
    plan_id = seed_plan(store, latest.id, "learned", "WATC", "searched", detail=detail)
    page = open_page("compare")
    assert not page.exception
    shown = texts(page)
    assert "How did the plan get better while searching?" in shown
    assert "Right: RL (best of 7). Least weighted tardiness. From 8.00 to 4.00 (50.0 % better)" in shown
    assert "Right: No RL plan was better than the rule WATC; the search went on from there." in shown
    assert search_curve(store.stored_schedule(plan_id)) == ((0.0, 8.0), (0.0, 6.0), (1.5, 4.0))
    assert "No RL plan was better than the rule WATC" in texts(open_page("gantt", plan=plan_id))


def test_compare_follows_new_plans_unless_the_planner_chose_others(seeded: Seeded) -> None:
    store, greedy_plan = seeded[0], seeded[1]
    page = open_page("compare")
    page.selectbox[2].select(greedy_plan).run()
    latest = store.latest_snapshot()
    assert latest is not None
    newer = seed_plan(store, latest.id, "greedy", "WATC", "rerun-greedy")
    seed_plan(store, latest.id, "learned", "WATC", "rerun-learned")
    page.run()
    assert (page.selectbox[1].value, page.selectbox[2].value) == (newer, greedy_plan)


# ---------------------------------------------------------------- gantt
def test_gantt_tells_an_operation_named_in_the_address(seeded: Seeded) -> None:
    page = open_page("gantt", job="J1", op="2", plan=seeded[1])
    assert not page.exception
    shown = texts(page)
    assert "AA-1 · J1" in shown
    assert "Why it starts when it does" in shown
    chain, operations = page.dataframe[0].value, page.dataframe[1].value
    assert chain.iloc[0]["Op"] == 2
    assert chain.iloc[0]["Job"] == "jobs?find=J1"
    assert list(operations["Op"]) == [1, 2]


@pytest.mark.parametrize("query", [{"job": "nobody", "op": "1"}, {"job": "J1", "op": "x"}, {"plan": "gone"}, {"view": "no"}])
def test_gantt_survives_a_wrong_address(seeded: Seeded, query: dict[str, str]) -> None:
    assert not open_page("gantt", **query).exception


# ---------------------------------------------------------------- approve
def approve_page(seeded: Seeded, approver: str = "Ana") -> AppTest:
    page = open_page("approve", plan=seeded[2])
    page.text_input(key="approver").set_value(approver).run()
    return page


def test_nothing_is_released_without_a_name_and_a_confirmation(seeded: Seeded) -> None:
    store = seeded[0]
    page = open_page("approve", plan=seeded[2])
    assert page.button(key="release").disabled
    page.text_input(key="approver").set_value("Ana").run()
    assert not page.button(key="release").disabled
    page.button(key="release").click().run()
    assert "It becomes version 1 and goes to the shop floor, approved by Ana." in texts(page)
    assert store.releases("tiny") == ()


def test_confirming_releases_once_with_approver_and_comment(seeded: Seeded) -> None:
    store, _, learned = seeded
    page = approve_page(seeded)
    page.text_area[0].set_value("for Monday").run()
    page.button(key="release").click().run()
    page.button(key="confirm").click().run()
    assert not page.exception
    (made,) = store.releases("tiny")
    assert (made.number, made.schedule_id, made.approver, made.comment) == (1, learned, "Ana", "for Monday")
    assert made.content_sha256 == store.stored_schedule(learned).content_sha256
    assert store.dispatch_rows(made.id)
    again = open_page("approve", plan=learned)
    assert "This plan is in force as version 1." in texts(again)
    assert again.button(key="release").disabled


def test_the_difference_to_the_released_plan_is_shown(seeded: Seeded) -> None:
    store, greedy, learned = seeded
    release(store, greedy)
    page = open_page("approve", plan=learned)
    assert "What changes against version 1" in texts(page)
    assert [m.label for m in page.metric] == ["Became late", "Recovered", "Operations moved", "Next 24 h moved"]
    assert "The validator found no violation" in texts(page)


def test_a_release_by_somebody_else_meanwhile_is_refused_in_words(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    page = approve_page(seeded)
    page.button(key="release").click().run()
    release(store, greedy)
    page.button(key="confirm").click().run()
    assert not page.exception
    assert len(store.releases("tiny")) == 1
    assert "Not released" in texts(page)
    assert "meanwhile" in texts(page)


def test_changed_erp_rows_ask_for_a_reason_that_is_recorded(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    from scheduler_core.data.faults import StaleSnapshot

    store = seeded[0]
    asked: list[str | None] = []

    def stale(store: Store, request: ApprovalRequest, listener: Listener) -> object:
        asked.append(request.override_reason)
        if not request.override_reason:
            raise StaleSnapshot("the ERP has changed since this snapshot")
        return store.approve(request, None)

    monkeypatch.setattr(approving, "approve", stale)
    page = approve_page(seeded)
    page.button(key="release").click().run()
    page.button(key="confirm").click().run()
    assert not page.exception
    assert "the ERP has changed" in texts(page)
    page.button(key="confirm").click().run()
    assert "Give the reason first." in texts(page)
    page.text_area(key="override").set_value("one job was only renamed").run()
    page.button(key="confirm").click().run()
    assert asked == [None, "one job was only renamed"]
    assert len(store.releases("tiny")) == 1


def test_a_newer_plan_of_the_same_jobs_is_found_after_a_restart(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    newer = seed_plan(store, store.stored_schedule(greedy).snapshot_id, "greedy", "SPT", request_id="newer")
    page = open_page("compare")
    assert page.selectbox[1].value == newer


def hand_page(seeded: Seeded, draft: Draft) -> AppTest:
    page = AppTest.from_string(
        "from dashboard import frame\nfrom dashboard.views import gantt\nframe.top()\ngantt.show()", default_timeout=120
    )
    page.query_params["plan"] = seeded[1]
    page.session_state["change_by_hand"] = True
    page.session_state[f"_draft_{seeded[1]}"] = draft
    return page.run()


def test_gantt_shows_a_changed_plan_beside_the_old_one_and_keeps_it_once(seeded: Seeded) -> None:
    store = seeded[0]
    page = hand_page(seeded, Draft((Move("J4", 1, 1, 5000),)))
    assert not page.exception
    shown = texts(page)
    assert f"Your changed plan, 1 move: {NASTY} · J4, operation 1: M1" in shown, "an ERP's text stands as it is"
    assert "Your changed plan against the one it began from" in shown
    assert "Late jobs" in shown
    page.button(key="by_hand_undo").click().run()
    assert "Your changed plan" not in texts(page)
    page.button(key="by_hand_redo").click().run()
    page.button(key="by_hand_keep").click().run()
    assert not page.exception
    (kept,) = [p for p in store.stored_schedules() if p.engine == "manual"]
    assert kept.detail["based_on"] == seeded[1]
    assert page.query_params["plan"] == kept.id
    assert "Your changed plan" not in texts(page)


# ---------------------------------------------------------------- pins
def test_an_operation_is_pinned_from_the_gantt_with_who_and_why_and_set_free(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    page = open_page("gantt", plan=greedy, job="J1", op="2")
    assert page.button(key="pin").disabled
    page.text_input(key="pin_who").set_value("Ana").run()
    page.text_input(key="pin_why").set_value(NASTY).run()
    page.button(key="pin").click().run()
    assert not page.exception
    latest = store.latest_snapshot()
    assert latest is not None
    assert store.plant(latest.id).job_by_id["J1"].operations[1].fixed is not None
    assert f"pinned by Ana: {NASTY}" in texts(page)
    page.button(key="unpin").click().run()
    assert not page.exception
    freed = store.latest_snapshot()
    assert freed is not None
    assert store.plant(freed.id).job_by_id["J1"].operations[1].fixed is None


def test_what_runs_already_cannot_be_pinned(seeded: Seeded) -> None:
    page = open_page("gantt", plan=seeded[1], job="J3", op="1")
    assert "runs already" in texts(page)
    assert not [b for b in page.button if b.key == "pin"]
