"""What takes long tells how far it is and can be called off: then nothing comes of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.background import progress
from dashboard.background.background_task import BackgroundTask
from dashboard.state import supervision
from scheduler_core.data.read_progress import ReadProgress
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ApprovalRequest
from scheduler_core.errors import Cancelled
from scheduler_core.runs.supervisor import Supervisor
from scheduler_core.services import pulling, releasing
from scheduler_core.settings import locations
from tests.support.opening import Seeded, approve_page, open_page, texts


class Slow:
    """Work that reads until it is let go on, and then stores something."""

    def __init__(self, real: Callable[..., Any] | None = None) -> None:
        self.begun, self.go_on, self.stored = Event(), Event(), Event()
        self._real = real

    def __call__(self, *arguments: Any, listener: ReadProgress, **more: Any) -> Any:
        listener.rows(1000, 4000)
        self.begun.set()
        assert self.go_on.wait(30)
        if self._real is not None:
            return self._real(*arguments, listener=listener, **more)
        listener.keeps()
        self.stored.set()
        return "done"


def test_called_off_while_it_reads_nothing_comes_of_it() -> None:
    slow = Slow()
    task = BackgroundTask(lambda listener: slow(listener=listener))
    assert slow.begun.wait(30)
    assert task.seen == (1000, 4000)
    assert not task.wait(0.01)
    assert task.call_off()
    slow.go_on.set()
    assert task.wait(30)
    assert not slow.stored.is_set()
    with pytest.raises(Cancelled):
        task.result()


def test_once_it_is_stored_it_cannot_be_called_off() -> None:
    stored, go_on = Event(), Event()

    def work(listener: ReadProgress) -> str:
        listener.keeps()
        stored.set()
        assert go_on.wait(30)
        return "done"

    task = BackgroundTask(work)
    assert stored.wait(30)
    assert task.kept
    assert not task.call_off()
    go_on.set()
    assert task.wait(30)
    assert task.result() == "done"
    assert not task.call_off()


@pytest.fixture
def slow_pull(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[Slow]:
    """The demo's ERP, which answers when it is let."""
    monkeypatch.setattr(locations, "var", lambda: tmp_path)
    monkeypatch.setattr(progress, "AT_ONCE_SECONDS", 0.05)
    idle = SimpleNamespace(poll=lambda: None, kill=lambda: None)
    monkeypatch.setattr(
        supervision, "new_supervisor", lambda store: Supervisor(store, start=lambda store, run_id, owner: idle)
    )
    slow = Slow(pulling.pull)
    monkeypatch.setattr(pulling, "pull", slow)
    yield slow
    slow.go_on.set()


@pytest.fixture
def slow_release(monkeypatch: pytest.MonkeyPatch) -> Slow:
    """The look before a release, which answers when it is let."""
    monkeypatch.setattr(progress, "AT_ONCE_SECONDS", 0.05)
    slow = Slow(releasing.approve)
    monkeypatch.setattr(releasing, "approve", slow)
    return slow


def until_quiet(page: AppTest) -> AppTest:
    """The page once what it waited for has ended."""
    page.session_state["_waits_for"].task.wait(60)
    return page.run()


def test_a_long_pull_shows_its_progress_and_is_finished_by_a_later_run(store: Store, slow_pull: Slow) -> None:
    page = open_page("today")
    page.button[0].click().run()
    assert not page.exception
    assert store.snapshots.latest() is None
    assert next(b for b in page.button if b.label.startswith("Pull")).disabled, "one pull at a time"
    assert not page.button(key="cancel_waiting").disabled
    slow_pull.go_on.set()
    until_quiet(page)
    assert not page.exception
    snapshot = store.snapshots.latest()
    assert snapshot is not None
    assert sorted(r.engine for r in store.runs.newest(snapshot_id=snapshot.id)) == ["greedy", "learned"]
    assert not [b for b in page.button if b.key == "cancel_waiting"]


def test_a_long_pull_can_be_cancelled_and_asked_for_again(store: Store, slow_pull: Slow) -> None:
    page = open_page("today")
    page.button[0].click().run()
    task = page.session_state["_waits_for"].task
    page.button(key="cancel_waiting").click().run()
    assert "Reading the ERP was cancelled: nothing has changed." in texts(page)
    slow_pull.go_on.set()
    assert task.wait(60)
    assert store.snapshots.latest() is None
    page.button[0].click().run()
    if "_waits_for" in page.session_state:
        until_quiet(page)
    assert store.snapshots.latest() is not None


def test_a_release_is_called_off_while_the_erp_is_looked_at(seeded: Seeded, slow_release: Slow) -> None:
    store = seeded[0]
    page = approve_page(seeded)
    page.button(key="release").click().run()
    page.button(key="confirm").click().run()
    assert not page.exception
    assert not [b for b in page.button if b.key == "confirm"], "the question stands in the way"
    task = page.session_state["_waits_for"].task
    page.button(key="cancel_waiting").click().run()
    assert "Cancelled: nothing was released." in texts(page)
    assert not [b for b in page.button if b.key == "confirm"]
    slow_release.go_on.set()
    assert task.wait(60)
    assert store.releases.newest("tiny") == ()
    page.button(key="release").click().run()
    page.button(key="confirm").click().run()
    if "_waits_for" in page.session_state:
        until_quiet(page)
    assert not page.exception
    assert [r.number for r in store.releases.newest("tiny")] == [1]


def test_why_a_long_release_was_refused_is_told(seeded: Seeded, slow_release: Slow) -> None:
    store, greedy, learned = seeded
    page = approve_page(seeded)
    page.button(key="release").click().run()
    page.button(key="confirm").click().run()
    other = greedy if page.query_params["plan"] != [greedy] else learned
    stored = store.schedules.get(other)
    store.releases.approve(ApprovalRequest("other", other, stored.content_sha256, "Bea"), None)
    slow_release.go_on.set()
    until_quiet(page)
    assert not page.exception
    assert "Not released" in texts(page)
    assert not [b for b in page.button if b.key == "confirm"]
    assert [r.approver for r in store.releases.newest("tiny")] == ["Bea"]


def _page_with_an_outcome() -> None:
    import streamlit as st

    from dashboard.background import progress

    st.session_state["drawn"] = st.session_state.get("drawn", 0) + 1
    progress.show_here("reader")
    st.text(f"outcome, drawn {st.session_state['drawn']} times")


def test_progress_whose_wait_is_over_does_not_draw_the_outcome_away() -> None:
    page = AppTest.from_function(_page_with_an_outcome, default_timeout=30).run()
    assert [text.value for text in page.text] == ["outcome, drawn 1 times"]
