"""The page Approve: a plan is released once, by name, and only as it was seen."""

from __future__ import annotations

import pytest

from scheduler_core.data.read_progress import ReadProgress
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ApprovalRequest
from scheduler_core.services import releasing
from tests.support.opening import Seeded, approve_page, open_page, release, texts
from tests.support.seeding import seed_plan


def test_nothing_is_released_without_a_name_and_a_confirmation(seeded: Seeded) -> None:
    store = seeded[0]
    page = open_page("approve", plan=seeded[2])
    page.button(key="release").click().run()
    assert "Enter your name first." in [e.value for e in page.error]
    assert "The plan becomes version 1" not in texts(page)
    # The name and the click arrive together, as from a field that a click leaves.
    page.text_input(key="approver").set_value("Ana")
    page.button(key="release").click().run()
    assert "The plan becomes version 1 and goes to the shop floor, approved by Ana." in texts(page)
    assert store.releases.newest("tiny") == ()


def test_confirming_releases_once_with_approver_and_comment(seeded: Seeded) -> None:
    store, _, learned = seeded
    page = approve_page(seeded)
    page.text_area[0].set_value("for Monday").run()
    page.button(key="release").click().run()
    page.button(key="confirm").click().run()
    assert not page.exception
    (made,) = store.releases.newest("tiny")
    assert (made.number, made.schedule_id, made.approver, made.comment) == (1, learned, "Ana", "for Monday")
    assert made.content_sha256 == store.schedules.get(learned).content_sha256
    assert store.releases.dispatch_rows(made.id)
    assert (page.text_input(key="approver").value, page.text_area[0].value) == ("", "")
    assert "Version 1 is released. Next: give the lists to the shop floor." in texts(page)
    assert {"next_print", "next_today"} <= {b.key for b in page.button}
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
    assert len(store.releases.newest("tiny")) == 1
    assert "Not released" in texts(page)
    assert "meanwhile" in texts(page)


def test_changed_erp_rows_ask_for_a_reason_that_is_recorded(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    from scheduler_core.data.store_errors import StaleSnapshot

    store = seeded[0]
    asked: list[str | None] = []

    def stale(store: Store, request: ApprovalRequest, listener: ReadProgress) -> object:
        asked.append(request.override_reason)
        if not request.override_reason:
            raise StaleSnapshot("the ERP has changed since this snapshot")
        return store.releases.approve(request, None)

    monkeypatch.setattr(releasing, "approve", stale)
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
    assert len(store.releases.newest("tiny")) == 1


def test_a_newer_plan_of_the_same_jobs_is_found_after_a_restart(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    newer = seed_plan(store, store.schedules.get(greedy).snapshot_id, "greedy", "SPT", request_id="newer")
    page = open_page("compare")
    assert page.selectbox[1].value == newer
