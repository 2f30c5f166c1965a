"""The dashboard's entry: ``streamlit run dashboard/app.py``. Navigation and the frame that every page shares."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard import frame, navigation
from dashboard.views import approve, compare, gantt, jobs, today

FOLDER = Path(__file__).parent

st.set_page_config(page_title="Shopwright", page_icon=str(FOLDER / "icon.png"), layout="wide")
st.logo(FOLDER / "logo.svg", size="large")
navigation.run(
    {
        navigation.TODAY: today.show,
        navigation.JOBS: jobs.show,
        navigation.COMPARE: compare.show,
        navigation.GANTT: gantt.show,
        navigation.APPROVE: approve.show,
    },
    frame.top,
)
