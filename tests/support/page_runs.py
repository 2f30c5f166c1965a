"""Runs of pages in tests: they wait, or are executed in the test's own process."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.state import supervision
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import RunState
from scheduler_core.runs.execute import execute as execute_run
from scheduler_core.runs.supervisor import Supervisor
from scheduler_core.services import what_if
from scheduler_core.settings.run_slots import RunSlots
from tests.support.opening import open_page


def without_slots(store: Store) -> Supervisor:
    """Stands for ``supervision.new_supervisor`` where runs shall wait."""
    return Supervisor(store, slots=lambda: RunSlots(0))


@pytest.fixture(autouse=True)
def no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs wait until a test executes them in its own process."""
    monkeypatch.setattr(supervision, "new_supervisor", without_slots)
    monkeypatch.setattr(what_if, "REPAIR_SECONDS", 0.2)


def ask_breakdown(page: AppTest) -> AppTest:
    page.selectbox("machine_Machine").set_value(2)
    page.selectbox("breakdown_minutes").set_value("8 hours")
    return page.button("ask_what_if").click().run()


def asked(page: AppTest) -> str:
    """Id of the scenario that the page shows."""
    value = page.query_params["scenario"]
    return value if isinstance(value, str) else value[0]


def execute(store: Store) -> None:
    waiting = store.runs.newest(states=[RunState.QUEUED])
    assert sorted(r.engine for r in waiting) == ["best", "repair", "right_shift"]
    for run in waiting:
        execute_run(store, run.id)
        assert store.runs.get(run.id).state is RunState.OK


def answered(store: Store, plan: str) -> AppTest:
    page = ask_breakdown(open_page("what_if", plan=plan))
    assert not page.exception
    execute(store)
    return open_page("what_if", plan=plan, scenario=asked(page))
