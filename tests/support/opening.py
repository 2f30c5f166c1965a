"""Opens pages as scripts, and reads what they show."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import ApprovalRequest

PAGES = ("today", "jobs", "compare", "gantt", "approve", "kpis", "monitor")
Seeded = tuple[Store, str, str]


def open_page(name: str, **query: str) -> AppTest:
    page = AppTest.from_string(
        f"from dashboard.components import page_shell\nfrom dashboard.views import {name}\npage_shell.top()\n{name}.show()",
        default_timeout=60,
    )
    for key, value in query.items():
        page.query_params[key] = value
    return page.run()


def texts(page: AppTest) -> str:
    """Everything that a page shows as plain text or as a message."""
    groups = (page.text, page.title, page.subheader, page.info, page.success, page.warning, page.error, page.markdown)
    return "\n".join(str(element.value) for group in groups for element in group)


def release(store: Store, schedule_id: str, approver: str = "Ana") -> None:
    stored = store.schedules.get(schedule_id)
    store.releases.approve(ApprovalRequest("release-1", schedule_id, stored.content_sha256, approver, "first"), None)


def approve_page(seeded: Seeded, approver: str = "Ana") -> AppTest:
    page = open_page("approve", plan=seeded[2])
    page.text_input(key="approver").set_value(approver).run()
    return page
