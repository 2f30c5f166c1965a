"""Alerts on Today and Monitor: what nobody has acknowledged, as plain text, and who acknowledges it."""

from __future__ import annotations

from datetime import UTC, datetime

from streamlit.testing.v1 import AppTest

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import IncidentChanges, NewIncident
from tests.support.hostile_text import NASTY
from tests.support.opening import open_page, texts

NOW = datetime(2026, 3, 4, 5, 30, tzinfo=UTC)


def captions(page: AppTest) -> str:
    return "\n".join(caption.value for caption in page.caption)


def begin(store: Store) -> None:
    late = [
        NewIncident("late_order", f"J{n}", {"order": f"J{n}", "product": NASTY, "hours": n, "important": True})
        for n in range(5)
    ]
    down = NewIncident("machine_down", "1", {"machine": 1, "name": NASTY, "until": None})
    store.alerts.change(IncidentChanges(begun=(*late, down)), NOW)


def test_today_shows_few_and_what_is_acknowledged_no_more(seeded: tuple[Store, str, str]) -> None:
    store, _, _ = seeded
    begin(store)
    page = open_page("today")
    said = texts(page)
    assert f"Important order J4 ({NASTY}) is now 4.0 h late. Since " in said
    assert "J1 (" not in said
    assert "2 more alerts are on Monitor." in captions(page)
    assert "1 open alert is about what is told above." in captions(page)
    assert "is down. Since" not in said, "the page tells of the machine itself"
    newest = next(i for i in store.alerts.opened() if i.about == "J4")
    page.button(key=f"acknowledge_{newest.id}").click().run()
    page.button(key="acknowledge_above").click().run()
    assert not page.exception
    seen = {i.about for i in store.alerts.opened() if i.acknowledged_by == "planner"}
    assert seen == {"J4", "1"}
    assert "J4 (" not in texts(page)
    assert "J1 (" in texts(page)
    monitor = open_page("monitor")
    said = texts(monitor)
    assert "is down. Since" in said
    assert "Acknowledged by planner, " in said
    assert "No receiver is configured, so alerts are shown here only" in captions(monitor)
    assert len([button for button in monitor.button if str(button.key).startswith("acknowledge_")]) == 4


def test_without_alerts_today_says_nothing_of_them(seeded: tuple[Store, str, str]) -> None:
    page = open_page("today")
    assert not [button for button in page.button if str(button.key).startswith("acknowledge")]
    assert "lert" not in texts(page)
