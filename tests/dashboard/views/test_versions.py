"""Approve: the second name, the way back, deliveries; Today: what did not reach the ERP or could not be saved."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy.exc import OperationalError
from streamlit.testing.v1 import AppTest

from dashboard.components.release_alerts import failed_saves, undelivered
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ApprovalRequest, Delivery, DeliveryState
from scheduler_core.data.store.release_repository import ReleaseRepository
from scheduler_core.scenarios.days import on
from scheduler_core.scenarios.hour_changes import Group, HoursClosed
from scheduler_core.services import facts
from scheduler_core.services.facts import Stated
from tests.support.opening import Seeded, approve_page, open_page, release, texts
from tests.support.plants import PLAN_START

NOW = datetime(2025, 7, 21, 8, tzinfo=UTC)


def delivery(number: int, state: DeliveryState, error: str | None = None, minutes: int = 1) -> Delivery:
    confirmed = NOW if state is DeliveryState.CONFIRMED else None
    return Delivery("r", "tiny", number, state, 1, NOW - timedelta(minutes=minutes), confirmed, None, error)


@pytest.fixture(autouse=True)
def _forget() -> None:
    failed_saves().clear("tiny")


def release_second(store: Store, schedule_id: str) -> None:
    stored = store.schedules.get(schedule_id)
    store.releases.approve(ApprovalRequest("release-2", schedule_id, stored.content_sha256, "Ana", "second", 1), None)


def test_an_alarm_says_what_the_shop_floor_has() -> None:
    first = delivery(1, DeliveryState.CONFIRMED)
    dead = undelivered([delivery(2, DeliveryState.DEAD, "it is broken"), first], True, NOW)
    assert dead is not None
    assert "Version 2 could not be delivered to the ERP: it is broken. The shop floor still has version 1." in dead
    assert "retried automatically" in str(undelivered([delivery(2, DeliveryState.PENDING, "x"), first], True, NOW))
    late = delivery(2, DeliveryState.PENDING, minutes=16)
    assert "--watch" in str(undelivered([late], True, NOW))
    assert undelivered([late], False, NOW) is None
    assert undelivered([delivery(2, DeliveryState.PENDING)], True, NOW) is None
    assert undelivered([delivery(2, DeliveryState.CONFIRMED, "once"), first], True, NOW) is None
    assert undelivered([], True, NOW) is None


def test_a_version_waits_for_the_erp_only_where_a_receiver_is_set_up(
    seeded: Seeded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, greedy, _ = seeded
    release(store, greedy)
    page = approve_page(seeded)
    assert list(versions(page)["ERP"]) == ["not sent"]
    assert not any("configs/export.yaml" in i.value for i in page.info)
    health = open_page("monitor")
    assert any("docs/export.md" in i.value and "configs/export.yaml" in i.value for i in health.info)
    (tmp_path / "export.yaml").write_text("receiver: webhook")
    monkeypatch.setenv("SHOPWRIGHT_EXPORT_CONFIG", str(tmp_path / "export.yaml"))
    page = approve_page(seeded)
    assert list(versions(page)["ERP"]) == ["waiting"]
    assert not any("docs/export.md" in i.value for i in page.info)


def versions(page: AppTest) -> pd.DataFrame:
    return next(d.value for d in page.dataframe if "ERP" in d.value.columns)


def test_what_was_not_delivered_is_an_alarm_and_can_be_retried(seeded: Seeded) -> None:
    store, greedy, _ = seeded
    release(store, greedy)
    (one,) = store.deliveries.newest("tiny")
    store.deliveries.claim("x", 60, 1)
    store.deliveries.fail(one.release_id, "x", "<b>broken</b>", attempts=1, wait_seconds=0)
    assert any("could not be delivered" in e.value for e in open_page("today").error)
    page = approve_page(seeded)
    page.button(key=f"retry_{one.release_id}").click().run()
    assert not page.exception
    assert store.deliveries.newest("tiny")[0].state is DeliveryState.PENDING
    assert store.audit.newest()[0].action == "retry-delivery"


def test_a_release_that_cannot_be_saved_is_an_alarm_until_one_is(seeded: Seeded, monkeypatch: pytest.MonkeyPatch) -> None:
    store, greedy, _ = seeded
    release(store, greedy)

    def away(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("disk full"))

    with monkeypatch.context() as broken:
        broken.setattr(ReleaseRepository, "approve", away)
        page = approve_page(seeded)
        page.button(key="release").click().run()
        page.button(key="confirm").click().run()
    assert "disk full" in texts(page)
    assert [r.number for r in store.releases.newest("tiny")] == [1]
    alarm = [e.value for e in open_page("today").error]
    assert any("was not saved" in a and "Version 1 stays in force" in a for a in alarm)
    page.button(key="confirm").click().run()
    assert [r.number for r in store.releases.newest("tiny")] == [2, 1]
    assert not any("was not saved" in e.value for e in open_page("today").error)


def test_going_back_asks_for_a_reason_and_a_confirmation(seeded: Seeded) -> None:
    store, greedy, learned = seeded
    release(store, greedy)
    release_second(store, learned)
    page = approve_page(seeded)
    page.button(key="go_back").click().run()
    assert page.button(key="back_yes").label == "Release version 1 again", "“Go back” beside “Back” could mean either"
    page.button(key="back_yes").click().run()
    assert "Give the reason first." in texts(page)
    page.text_area(key="back_reason").set_value("wrong plan").run()
    page.button(key="back_yes").click().run()
    assert not page.exception
    newest = store.releases.current("tiny")
    assert newest is not None
    assert (newest.number, newest.schedule_id, newest.comment, newest.approver) == (3, greedy, "wrong plan", "Ana")
    assert store.releases.rolled_back("tiny") == {3: 1}


def test_going_back_names_the_facts_that_the_earlier_version_does_not_know(seeded: Seeded) -> None:
    store, greedy, learned = seeded
    release(store, greedy)
    release_second(store, learned)
    page = approve_page(seeded)
    page.button(key="go_back").click().run()
    assert not any("recorded after this plan was made" in w.value for w in page.warning)
    change = HoursClosed(on(date(2025, 7, 25)), 780, 1440, Group(), "Fair")
    facts.record(store, Stated(change, PLAN_START, "Fair"), now=PLAN_START, actor="Ana", request_id="fair")
    page = approve_page(seeded)
    before = [w.value for w in page.warning]
    assert any("The jobs have been changed on the board since" in w for w in before)
    assert not any("A newer pull exists" in w for w in before), "nothing was pulled: a fact was recorded"
    page.button(key="go_back").click().run()
    assert not page.exception
    said = [w.value for w in page.warning if "1 fact was recorded after this plan was made" in w.value]
    assert len(said) == len([w for w in before if "1 fact was recorded after" in w]) + 1, "the question itself says so"


@pytest.fixture
def two_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = tmp_path / "release.yaml"
    rules.write_text("four_eyes: [tiny]")
    monkeypatch.setenv("SHOPWRIGHT_RELEASE_CONFIG", str(rules))


def test_one_asks_and_another_one_releases(seeded: Seeded, two_names: None) -> None:
    store, _, learned = seeded
    page = approve_page(seeded)
    assert "release" not in [b.key for b in page.button]
    page.button(key="propose").click().run()
    assert not page.exception
    (asked,) = store.releases.waiting_proposals("tiny")
    assert (asked.proposer, asked.schedule_id) == ("Ana", learned)
    assert "another person has to approve it" in texts(page)
    assert store.releases.newest("tiny") == ()
    second: AppTest = approve_page(seeded, "Bea")
    assert "Ana asks for a second approver" in texts(second).replace("\\", "")
    second.button(key="release").click().run()
    second.button(key="confirm").click().run()
    (made,) = store.releases.newest("tiny")
    assert made.approver == "Bea"
    assert store.audit.verify() is None
