"""Whether everything works, in a planner's words. Looks in the background: no page waits for a database out of reach."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock, Thread

import streamlit as st

from dashboard.presentation import safe_text
from dashboard.state.plant_context import utc_now
from scheduler_core.alerts.settings_check import whole_health
from scheduler_core.data.export.config import has_receiver
from scheduler_core.i18n.translate import t
from scheduler_core.monitoring.health import Check, Level

EVERY = timedelta(seconds=60)
TICK_SECONDS = 5.0
"""How often the page looks at what is known, which costs nothing."""


@dataclass(frozen=True)
class HealthReport:
    """The newest look's outcome; None before the first has ended."""

    checks: tuple[Check, ...] | None = None
    at: datetime | None = None


class HealthPoller:
    """One look at a time for the whole server; shared by all sessions."""

    def __init__(self, look: Callable[[], tuple[Check, ...]] = whole_health) -> None:
        self._look = look
        self._lock = Lock()
        self._begun: datetime | None = None
        self._busy = False
        self._seen = HealthReport()

    def see(self, now: datetime) -> HealthReport:
        """What is known; begins a look if the last one began a minute ago and none is under way."""
        with self._lock:
            # A last look that lies in the future began before the clock was set back.
            if not self._busy and not (self._begun is not None and timedelta(0) <= now - self._begun < EVERY):
                self._busy, self._begun = True, now
                Thread(target=self._work, name="health", daemon=True).start()
            return self._seen

    def _work(self) -> None:
        # An error that nobody foresaw is told by the thread's own trace, and the next look begins a minute later.
        try:
            found = self._look()
            with self._lock:
                self._seen = HealthReport(found, utc_now())
        finally:
            with self._lock:
                self._busy = False


@st.cache_resource(max_entries=1)
def health_poller() -> HealthPoller:
    """The one of this server process."""
    return HealthPoller()


def show() -> None:
    """Draws what is known."""
    st.subheader(t("Is everything working?"))
    with st.container():  # as around the runs at work, see page_shell.show_runs
        _panel()
    if not has_receiver():
        st.info(
            t(
                "No receiver is configured, so versions are not sent to the ERP automatically: configure one in "
                "{file}, see {manual}.",
                file="`configs/export.yaml`",
                manual="`docs/export.md`",
            ),
            icon=":material/info:",
        )


@st.fragment(run_every=TICK_SECONDS)
def _panel() -> None:
    now = utc_now()
    report = health_poller().see(now)
    if report.checks is None or report.at is None:
        st.caption(t("Checking the database, the ERP, the disk, the models and the runs…"))
        return
    fine = [check for check in report.checks if check.level is Level.OK]
    for check in report.checks:
        if check.level is Level.OK:
            continue
        box = st.error if check.level is Level.FAULT else st.warning
        icon = ":material/error:" if check.level is Level.FAULT else ":material/warning:"
        box(safe_text.escape_markdown(f"{sentence(check)} {check.do}"), icon=icon)
    ago = round((now - report.at).total_seconds())
    names = ", ".join(check.name for check in fine)
    all_of_it = (
        t("All is well: {names}.", names=names) if len(fine) == len(report.checks) else t("Fine: {names}.", names=names)
    )
    st.caption(safe_text.escape_markdown(t("{all_of_it} Checked {ago} s ago.", all_of_it=all_of_it, ago=ago)))


def sentence(check: Check) -> str:
    """What was found, as a sentence."""
    said = check.said.rstrip(".")
    return f"{check.name[:1].upper()}{check.name[1:]}: {said}."
