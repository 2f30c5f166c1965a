"""What runs again by itself must not take its place from the page.

When a fragment begins to run again, Streamlit drops what the fragment has drawn from the messages that still wait for the
browser, and sends the rest. The browser refuses a message for the third place of a container that has only one so far, and
shows nothing more from then on. A busy server gets there: the page still waits when the timer asks for the fragment.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.testing.v1.local_script_runner import LocalScriptRunner

from dashboard.components import page_shell
from dashboard.state import supervision
from scheduler_core.data.store import Store
from tests.support.opening import Seeded, open_page
from tests.support.page_runs import without_slots
from tests.support.seeding import seed_run


def refused(messages: Iterable[ForwardMsg]) -> list[list[int]]:
    """RunSlots at which a browser that has nothing yet would refuse to draw."""
    children = {(root,): 0 for root in range(4)}
    found = []
    for message in messages:
        place = tuple(message.metadata.delta_path)
        parent, index = place[:-1], place[-1]
        if parent not in children or index > children[parent]:
            found.append(list(place))
            continue
        children[parent] = max(children[parent], index + 1)
        if message.delta.WhichOneof("type") == "add_block":
            children.setdefault(place, 0)
    return found


def forwarded(monkeypatch: pytest.MonkeyPatch, kind: str) -> list[ForwardMsg]:
    """The messages of one kind that the last run of a page has sent to the browser."""
    messages: list[ForwardMsg] = []
    forward = LocalScriptRunner.forward_msgs

    def kept(runner: LocalScriptRunner) -> list[ForwardMsg]:
        every = forward(runner)
        messages[:] = [m for m in every if m.WhichOneof("type") == kind]
        return every

    monkeypatch.setattr(LocalScriptRunner, "forward_msgs", kept)
    return messages


@pytest.fixture
def reruns(monkeypatch: pytest.MonkeyPatch) -> list[ForwardMsg]:
    """What asks the browser to have parts of the page drawn anew."""
    return forwarded(monkeypatch, "auto_rerun")


def test_runs_are_followed_closely_only_by_who_asked_for_them(
    seeded: Seeded, reruns: list[ForwardMsg], monkeypatch: pytest.MonkeyPatch
) -> None:
    store: Store = seeded[0]
    monkeypatch.setattr(supervision, "new_supervisor", without_slots)
    seed_run(store, store.schedules.get(seeded[1]).snapshot_id, "learned", "of-others")
    page = open_page("compare")
    assert [m.auto_rerun.interval for m in reruns] == [page_shell.OTHERS_SECONDS]
    page.button(key="run_both").click().run()
    assert not page.exception
    assert [m.auto_rerun.interval for m in reruns] == [page_shell.OWN_SECONDS]
    assert page_shell.OWN_SECONDS <= 1 < page_shell.OTHERS_SECONDS <= 5


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[ForwardMsg]:
    """What the last run of a page sends to the browser to draw."""
    return forwarded(monkeypatch, "delta")


@pytest.mark.parametrize("name", ["compare", "today", "what_if", "jobs", "monitor"])
def test_a_page_stands_without_what_its_fragments_drew(
    seeded: Seeded, sent: list[ForwardMsg], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store: Store = seeded[0]
    monkeypatch.setattr(supervision, "new_supervisor", without_slots)
    seed_run(store, store.schedules.get(seeded[1]).snapshot_id, "learned", "at-work")
    assert not open_page(name).exception
    assert refused(sent) == []
    fragments = {m.delta.fragment_id for m in sent} - {""}
    assert fragments
    for fragment in fragments:
        assert refused(m for m in sent if m.delta.fragment_id != fragment) == []
    assert refused(m for m in sent if tuple(m.metadata.delta_path) != (0, 0)) != [], "a place that is missing is seen"


def test_a_machine_is_recorded_as_down_from_the_page_itself(seeded: Seeded, sent: list[ForwardMsg]) -> None:
    """The page draws the question: a button inside a fragment would run that fragment only, and no question would open."""
    assert not open_page("today").exception
    assert {m.delta.fragment_id for m in sent} - {""}, "the page has fragments"
    buttons = {m.delta.new_element.button.label: m.delta.fragment_id for m in sent if m.delta.new_element.HasField("button")}
    assert buttons["A machine is down…"] == ""
