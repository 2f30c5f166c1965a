"""What ``app.py`` serves to each browser: navigation and the frame that every page shares."""

from __future__ import annotations

import logging
from pathlib import Path

import streamlit as st

from dashboard import navigation
from dashboard.auth import current_user
from dashboard.components import language_picker, page_shell
from dashboard.presentation import formatting, safe_text
from dashboard.state.plant_context import open_store
from dashboard.views import approve, compare, dispatch, facts, gantt, jobs, kpis, models, monitor, summary, today, what_if
from dashboard.views import people as people_view
from scheduler_core import logs
from scheduler_core.data.database import DatabaseFailure
from scheduler_core.errors import ShopwrightError
from scheduler_core.settings import locations

FOLDER = Path(__file__).parent
LOG = logging.getLogger("dashboard.board")

logs.set_up("dashboard", locations.var() / "log")
language_picker.begin()
st.set_page_config(page_title=navigation.PRODUCT, page_icon=str(FOLDER / "icon.png"), layout="wide")
st.logo(FOLDER / "logo.svg", size="large")
VIEWS = {
    navigation.TODAY: today.show,
    navigation.JOBS: jobs.show,
    navigation.COMPARE: compare.show,
    navigation.GANTT: gantt.show,
    navigation.WHAT_IF: what_if.show,
    navigation.FACTS: facts.show,
    navigation.APPROVE: approve.show,
    navigation.DISPATCH: dispatch.show,
    navigation.SUMMARY: summary.show,
    navigation.KPIS: kpis.show,
    navigation.MONITOR: monitor.show,
    navigation.MODELS: models.show,
}
try:
    person = current_user.enter(open_store())
    if not person.unrestricted:
        VIEWS[navigation.PEOPLE] = people_view.show
    navigation.run(VIEWS, page_shell.top)
except ShopwrightError as error:
    # A database that is away or settings that are wrong: the planner is told what and where, in the error's own words.
    st.error(safe_text.escape_markdown(str(error)), icon=":material/error:")
except DatabaseFailure as failure:
    LOG.exception("the database failed")
    st.error(safe_text.escape_markdown(formatting.database_gone(failure)), icon=":material/error:")
