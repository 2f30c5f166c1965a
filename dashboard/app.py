"""The dashboard's entry: ``streamlit run dashboard/app.py``. Navigation and the frame that every page shares."""

from __future__ import annotations

import logging
from pathlib import Path

import streamlit as st

from dashboard import frame, language, navigation, people, words
from dashboard.session import open_store
from dashboard.views import approve, compare, dispatch, gantt, jobs, kpis, models, monitor, today, what_if
from dashboard.views import people as people_view
from scheduler_core import logs, services
from scheduler_core.data import locations
from scheduler_core.data.database import DatabaseFailure
from scheduler_core.errors import ShopwrightError
from scheduler_core.roles import Action

FOLDER = Path(__file__).parent
LOG = logging.getLogger("dashboard.app")

logs.set_up("dashboard", locations.var() / "log")
language.begin()
st.set_page_config(page_title="Shopwright", page_icon=str(FOLDER / "icon.png"), layout="wide")
st.logo(FOLDER / "logo.svg", size="large")
VIEWS = {
    navigation.TODAY: today.show,
    navigation.JOBS: jobs.show,
    navigation.COMPARE: compare.show,
    navigation.GANTT: gantt.show,
    navigation.WHAT_IF: what_if.show,
    navigation.APPROVE: approve.show,
    navigation.DISPATCH: dispatch.show,
    navigation.KPIS: kpis.show,
    navigation.MONITOR: monitor.show,
    navigation.MODELS: models.show,
}
try:
    person = people.enter(open_store())
    if not person.unrestricted and services.may(open_store(), person, Action.MANAGE_ROLES):
        VIEWS[navigation.PEOPLE] = people_view.show
    navigation.run(VIEWS, frame.top)
except ShopwrightError as error:
    # A database that is away or settings that are wrong: the planner is told what and where, in the error's own words.
    st.error(words.escape_markdown(str(error)), icon=":material/error:")
except DatabaseFailure as failure:
    LOG.exception("the database failed")
    st.error(words.escape_markdown(words.database_gone(failure)), icon=":material/error:")
