"""The page Gantt: what its address names, changes by hand, and pins."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.views.gantt import manual_edit
from dashboard.views.gantt.edit_history import EditHistory
from scheduler_core.scenarios.manual_moves import Move
from tests.support.hostile_text import NASTY
from tests.support.opening import Seeded, open_page, texts


def test_gantt_tells_an_operation_named_in_the_address(seeded: Seeded) -> None:
    page = open_page("gantt", job="J1", op="2", plan=seeded[1])
    assert not page.exception
    shown = texts(page)
    assert "AA-1 · J1" in shown
    assert "Why it starts when it does" in shown
    chain, operations = page.dataframe[0].value, page.dataframe[1].value
    assert chain.iloc[0]["Op"] == 2
    assert chain.iloc[0]["Job"] == "jobs?job=J1"
    assert list(operations["Op"]) == [1, 2]


@pytest.mark.parametrize("query", [{"job": "nobody", "op": "1"}, {"job": "J1", "op": "x"}, {"plan": "gone"}, {"view": "no"}])
def test_gantt_survives_a_wrong_address(seeded: Seeded, query: dict[str, str]) -> None:
    assert not open_page("gantt", **query).exception


def hand_page(seeded: Seeded, draft: EditHistory) -> AppTest:
    page = AppTest.from_string(
        "from dashboard.components import page_shell\nfrom dashboard.views import gantt\npage_shell.top()\ngantt.show()",
        default_timeout=120,
    )
    page.query_params["plan"] = seeded[1]
    page.session_state["change_by_hand"] = True
    page.session_state[f"_draft_{seeded[1]}"] = draft
    return page.run()


def test_gantt_shows_a_changed_plan_beside_the_old_one_and_keeps_it_once(seeded: Seeded) -> None:
    store = seeded[0]
    page = hand_page(seeded, EditHistory((Move("J4", 1, 1, 5000),)))
    assert not page.exception
    shown = texts(page)
    assert f"Your changed plan, 1 move: {NASTY} · J4, operation 1: M1" in shown, "an ERP's text stands as it is"
    assert "Your changed plan against the one it began from" in shown
    assert "Late jobs" in shown
    page.session_state["_by_hand_said"] = manual_edit.Message("what the move did", number=1)
    page.button(key="by_hand_undo").click().run()
    assert "Your changed plan" not in texts(page)
    assert page.session_state["_by_hand_said"] == manual_edit.Message(number=2), "what was undone is no longer said"
    page.button(key="by_hand_redo").click().run()
    page.button(key="by_hand_keep").click().run()
    assert not page.exception
    (kept,) = [p for p in store.schedules.newest() if p.engine == "manual"]
    assert kept.detail["based_on"] == seeded[1]
    assert page.query_params["plan"] == kept.id
    assert "Your changed plan" not in texts(page)


def test_an_operation_is_pinned_from_the_gantt_with_who_and_why_and_set_free(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    page = open_page("gantt", plan=greedy, job="J1", op="2")
    assert page.button(key="pin").disabled
    page.text_input(key="pin_who").set_value("Ana").run()
    page.text_input(key="pin_why").set_value(NASTY).run()
    page.button(key="pin").click().run()
    assert not page.exception
    latest = store.snapshots.latest()
    assert latest is not None
    assert store.snapshots.plant(latest.id).job_by_id["J1"].operations[1].fixed is not None
    assert f"pinned by Ana: {NASTY}" in texts(page)
    page.button(key="unpin").click().run()
    assert not page.exception
    freed = store.snapshots.latest()
    assert freed is not None
    assert store.snapshots.plant(freed.id).job_by_id["J1"].operations[1].fixed is None


def test_what_runs_already_cannot_be_pinned(seeded: Seeded) -> None:
    page = open_page("gantt", plan=seeded[1], job="J3", op="1")
    assert "The operation is already running" in texts(page)
    assert not [b for b in page.button if b.key == "pin"]
