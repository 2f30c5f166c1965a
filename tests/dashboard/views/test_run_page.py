"""What starts, follows and ends a run on the pages."""

from __future__ import annotations

import pytest

from dashboard.presentation.objective_labels import NAMED_OBJECTIVES, OWN_PRICES, OWN_PRICES_LABEL, PRICE_INPUTS
from dashboard.state import supervision
from scheduler_core.data.store.records import RunRequest, RunState
from scheduler_core.engines.config import EngineConfig
from scheduler_core.objectives import NAMED, Objective
from tests.support.opening import Seeded, open_page, texts
from tests.support.page_runs import without_slots
from tests.support.seeding import seed_run


def test_run_queues_what_is_chosen_and_only_once_per_click(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    store = seeded[0]
    monkeypatch.setattr(supervision, "new_supervisor", without_slots)
    page = open_page("compare")
    before = len(store.runs.newest())
    page.button(key="run_both").click().run()
    assert not page.exception
    assert len(store.runs.newest()) == before + 2
    cancel = [b for b in page.button if b.label == "Cancel"]
    assert len(cancel) == 2
    cancel[0].click().run()
    assert [r.state for r in store.runs.newest(states=[RunState.CANCELLED])] == [RunState.CANCELLED]


def test_the_aim_may_be_a_mix_and_the_plan_robust(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    store = seeded[0]
    monkeypatch.setattr(supervision, "new_supervisor", without_slots)
    page = open_page("compare")
    assert page.selectbox(key="goal").options == [*NAMED_OBJECTIVES.values(), OWN_PRICES_LABEL]
    page.selectbox(key="goal").select("few-setups").run()
    page.number_input(key="variation").set_value(20).run()
    page.button(key="run_both").click().run()
    assert not page.exception
    queued = store.runs.newest(states=[RunState.QUEUED])
    assert {r.engine: r.config.variation for r in queued} == {"greedy": 0.0, "learned": 0.2}
    assert {(r.engine, r.config.objective) for r in queued} == {(e, NAMED["few-setups"]) for e in ("greedy", "learned")}


def test_prices_of_ones_own_reach_the_engines_and_none_at_all_is_refused(
    seeded: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = seeded[0]
    monkeypatch.setattr(supervision, "new_supervisor", without_slots)
    page = open_page("compare")
    prices = [n for n in page.number_input if str(n.key).startswith("price_")]
    assert prices == []
    page.selectbox(key="goal").select(OWN_PRICES).run()
    prices = [n for n in page.number_input if str(n.key).startswith("price_")]
    assert [n.label for n in prices] == [p.label for p in PRICE_INPUTS]
    page.number_input(key="price_tardiness").set_value(0.0).run()
    assert "weight above 0" in page.error[0].value
    page.button(key="run_both").click().run()
    assert "weight above 0 in Settings" in page.warning[0].value
    assert store.runs.newest(states=[RunState.QUEUED]) == ()
    page.number_input(key="price_tardiness").set_value(1.0).run()
    page.number_input(key="price_setups").set_value(0.25).run()
    assert len(page.error) == 0
    page.button(key="run_both").click().run()
    assert {r.config.objective for r in store.runs.newest(states=[RunState.QUEUED])} == {
        Objective(tardiness=1.0, setups=0.25)
    }


def test_exact_with_a_mix_is_warned_of_before_it_runs(seeded: Seeded) -> None:
    page = open_page("compare")
    page.multiselect(key="engines").set_value(["greedy", "exact"]).run()
    assert not any("does not support" in c.value for c in page.caption)
    page.selectbox(key="goal").select("even-load").run()
    assert any("does not support" in c.value for c in page.caption)


def test_an_improving_run_can_be_ended_with_its_best(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    store = seeded[0]
    monkeypatch.setattr(supervision, "new_supervisor", without_slots)
    page = open_page("compare")
    page.button(key="run_both").click().run()
    runs = {r.engine: r.id for r in store.runs.newest(states=[RunState.QUEUED])}

    def offered() -> list[str]:
        return [str(b.key) for b in page.button if b.label == "Keep the best so far"]

    assert offered() == []
    for run_id in runs.values():
        store.runs.claim(run_id, "w1")
    page.run()
    assert offered() == [], "nothing has been reported that could be kept"
    for run_id in runs.values():
        store.runs.report(run_id, "w1", (0.3, "improving, 1,000 moves tried, 4.0% better"))
    page.run()
    assert offered() == [f"keep_{runs['learned']}"], "greedy only tries its rules"
    page.button(key=f"keep_{runs['learned']}").click().run()
    assert not page.exception
    assert store.runs.get(runs["learned"]).keep_requested
    assert not store.runs.get(runs["greedy"]).keep_requested
    page.run()
    assert page.button(key=f"keep_{runs['learned']}").disabled
    assert not page.button(key=f"cancel_{runs['learned']}").disabled


def test_runs_that_wait_tell_how_many_come_before_and_can_be_cancelled(
    seeded: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = seeded[0]
    monkeypatch.setattr(supervision, "new_supervisor", without_slots)
    snapshot_id = store.schedules.get(seeded[1]).snapshot_id
    runs = [seed_run(store, snapshot_id, "greedy", f"waiting-{k}").id for k in range(4)]
    store.runs.claim(runs[0], "w1")
    page = open_page("compare")

    def told() -> list[str]:
        return [str(element.proto.text) for element in page.get("progress")]

    assert told()[0].startswith("Greedy: running")
    assert told()[1:] == [
        "Greedy: queued, next in line",
        "Greedy: queued, 1 run before it",
        "Greedy: queued, 2 runs before it",
    ]
    page.button(key=f"cancel_{runs[2]}").click().run()
    assert not page.exception
    assert store.runs.get(runs[2]).state is RunState.CANCELLED
    page.run()
    assert told()[-1] == "Greedy: queued, 1 run before it"


def test_two_tabs_start_the_same_pair_once_and_all_is_cancelled_at_once(
    seeded: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = seeded[0]
    monkeypatch.setattr(supervision, "new_supervisor", without_slots)
    first, second = open_page("compare"), open_page("compare")
    first.button(key="run_both").click().run()
    second.button(key="run_both").click().run()
    assert not second.exception
    assert sorted(r.engine for r in store.runs.newest(states=[RunState.QUEUED])) == ["greedy", "learned"]
    second.button(key="cancel_all").click().run()
    assert store.runs.newest(states=[RunState.QUEUED]) == ()
    second.run()
    assert "Greedy, RL were cancelled" in texts(second) or "RL, Greedy were cancelled" in texts(second)
    second.button(key="close_ended").click().run()
    assert "cancelled" not in texts(second)


def test_a_full_rerun_is_called_so_and_tells_the_time_left(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    store = seeded[0]
    monkeypatch.setattr(supervision, "new_supervisor", without_slots)
    config = EngineConfig(time_limit=20.0, warm_start=store.schedules.load(seeded[1]))
    snapshot_id = store.schedules.get(seeded[1]).snapshot_id
    run = store.runs.submit(RunRequest("rerun", snapshot_id, "learned", config))
    store.runs.claim(run, "w1")
    store.runs.report(run, "w1", (0.25, "improving"))
    (told,) = [str(element.proto.text) for element in open_page("compare").get("progress")]
    assert told.startswith("Full rerun: running")
    assert "about 15 s left" in told
