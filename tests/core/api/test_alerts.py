"""Alerts over the API: the open ones, all of them, one, and acknowledging."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import IncidentChanges, NewIncident
from tests.support.api import planner, problem
from tests.support.hostile_text import NASTY

AT = datetime(2026, 3, 4, 5, 30, tzinfo=UTC)


def begin(store: Store, *about: str) -> None:
    new = tuple(NewIncident("late_order", one, {"order": one, "hours": 2.5, "important": True}, ("ann",)) for one in about)
    store.alerts.change(IncidentChanges(begun=new), AT)


def test_alerts_are_listed_open_or_all_in_pages_with_their_deliveries(store: Store) -> None:
    begin(store, "A", NASTY, "C")
    first = store.alerts.opened()[0]
    message = store.alerts.write("ann", "a title", "a body", [first.order], AT)
    assert message is not None
    store.alerts.tried(message.id, arrived=False, reason="nobody answers", now=AT)
    store.alerts.change(IncidentChanges(over=(store.alerts.opened()[2].id,)), AT + timedelta(hours=1))
    asks = planner(store)
    page = asks.get("/v1/alerts?limit=1").json()
    assert [one["about"] for one in page["items"]] == [NASTY]
    rest = asks.get("/v1/alerts", params={"limit": 1, "cursor": page["next"]}).json()
    assert [(one["about"], rest["next"]) for one in rest["items"]] == [("A", None)]
    (told,) = rest["items"]
    assert told["headline"] == "Important order A is now 2.5 h late."
    assert told["deliveries"] == [
        {
            "receiver": "ann", "title": "a title", "written_at": "2026-03-04T05:30:00Z", "arrived": False, "attempts": 1,
            "tried_at": "2026-03-04T05:30:00Z", "reason": "nobody answers",
        }
    ]  # fmt: skip
    everything = asks.get("/v1/alerts?all=true").json()["items"]
    assert [(one["about"], one["over_at"]) for one in everything] == [
        ("C", "2026-03-04T06:30:00Z"), (NASTY, None), ("A", None),
    ]  # fmt: skip
    assert asks.get(f"/v1/alerts/{first.id}").json() == told


def test_an_alert_is_acknowledged_once_and_not_when_it_is_over(store: Store) -> None:
    begin(store, "A", "B")
    asks, (a, b) = planner(store), store.alerts.opened()
    for _ in range(2):
        assert asks.post(f"/v1/alerts/{a.id}:acknowledge").json()["acknowledged_by"] == "the planner"
    assert [line.actor for line in store.audit.newest() if line.action == "acknowledge-alert"] == ["the planner"]
    store.alerts.change(IncidentChanges(over=(b.id,)), AT)
    assert problem(asks.post(f"/v1/alerts/{b.id}:acknowledge"), 409) == "refused"
    assert problem(asks.post(f"/v1/alerts/{'0' * 32}:acknowledge"), 404) == "not-found"
