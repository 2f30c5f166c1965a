"""Compare replans from the plan in force: keep, calm and best, what they move, and which is recommended."""

from __future__ import annotations

import pytest

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ApprovalRequest, Run, RunState
from scheduler_core.runs.execute import PLAN_STAYS, execute
from tests.support.opening import open_page, texts
from tests.support.page_runs import no_workers

__all__ = ["no_workers"]

Seeded = tuple[Store, str, str]


@pytest.fixture
def released(seeded: Seeded) -> Seeded:
    """The first seeded plan is in force."""
    store, greedy, _ = seeded
    store.releases.approve(ApprovalRequest("release-1", greedy, store.schedules.get(greedy).content_sha256, "Ana"), None)
    return seeded


def run_all(store: Store) -> dict[str, Run]:
    waiting = store.runs.newest(states=[RunState.QUEUED])
    for run in waiting:
        execute(store, run.id)
    return {run.engine: store.runs.get(run.id) for run in waiting}


def test_run_replans_from_the_plan_in_force(released: Seeded) -> None:
    store, greedy, _ = released
    page = open_page("compare")
    assert page.radio("start_from").value == "in_force"
    page.number_input("seconds").set_value(1).run()
    page.number_input("most_moves").set_value(2).run()
    page.number_input("frozen_all").set_value(3).run()
    page.button("run_both").click().run()
    assert not page.exception
    waiting = {r.engine: r.config for r in store.runs.newest(states=[RunState.QUEUED])}
    assert sorted(waiting) == ["best", "repair", "right_shift"]
    calm = waiting["repair"]
    assert calm.warm_start is not None
    assert calm.warm_start.by_operation == store.schedules.load(greedy).by_operation
    assert (calm.most_moves, calm.frozen_hours, calm.time_limit) == (2, 3.0, 1.0)


def test_the_answers_stand_side_by_side_with_a_recommendation(released: Seeded) -> None:
    store, _, _ = released
    page = open_page("compare")
    page.number_input("seconds").set_value(1).run()
    page.button("run_both").click().run()
    ended = run_all(store)
    assert all((run.state is RunState.OK) is (run.message != PLAN_STAYS) for run in ended.values())
    assert ended["right_shift"].message == PLAN_STAYS
    assert ended["right_shift"].schedule_id is None
    page = open_page("compare", show="replans")
    assert not page.exception
    if any(run.schedule_id for run in ended.values()):
        assert any("Recommended:" in m.value for m in page.markdown)
        table = page.dataframe[0].value
        assert {"Moves in the next 72 h", "Mean shift of starts", "Neighbours swapped, next 72 h"} <= set(table["Figure"])
    else:
        assert "No replan of the latest jobs yet" in texts(page)


def test_from_nothing_stays_a_choice(released: Seeded) -> None:
    store, _, _ = released
    page = open_page("compare")
    page.radio("start_from").set_value("nothing").run()
    page.button("run_both").click().run()
    assert sorted(r.engine for r in store.runs.newest(states=[RunState.QUEUED])) == ["greedy", "learned"]


def test_without_a_release_nothing_asks_where_to_start(seeded: Seeded) -> None:
    page = open_page("compare")
    assert "start_from" not in {radio.key for radio in page.radio}
    assert "Nothing is released yet" in texts(open_page("compare", show="replans"))
