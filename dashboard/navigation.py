"""The pages and how to get from one to another; a page's address carries what it shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NoReturn

import streamlit as st

from scheduler_core.i18n.translate import mark, t


@dataclass(frozen=True)
class Place:
    """A page: its address, title and icon."""

    path: str
    title: str
    icon: str


TODAY: Final = Place("today", mark("Today"), ":material/today:")
JOBS: Final = Place("jobs", mark("Jobs"), ":material/list_alt:")
COMPARE: Final = Place("compare", mark("Compare"), ":material/compare_arrows:")
GANTT: Final = Place("gantt", mark("Gantt"), ":material/view_timeline:")
WHAT_IF: Final = Place("what-if", mark("What-if"), ":material/alt_route:")
FACTS: Final = Place("facts", mark("Facts"), ":material/fact_check:")
APPROVE: Final = Place("approve", mark("Approve"), ":material/verified:")
DISPATCH: Final = Place("dispatch", mark("Dispatch"), ":material/print:")
SUMMARY: Final = Place("summary", mark("Summary"), ":material/summarize:")
KPIS: Final = Place("kpis", mark("KPIs"), ":material/bar_chart:")
MONITOR: Final = Place("monitor", mark("Monitor"), ":material/monitoring:")
MODELS: Final = Place("models", mark("Models"), ":material/model_training:")
PEOPLE: Final = Place("people", mark("People"), ":material/group:")

PRODUCT: Final = "Shopwright"
_PAGES: Final = "_pages"
_ROOT: Final = "start"
"""A name for the landing page that nobody types: Streamlit wants one for each page."""


def run(views: dict[Place, Callable[[], None]], before_page: Callable[[], None]) -> None:
    """Draw the navigation, name the browser's tab, then draw what every page begins with, then the page."""
    pages = {
        place.path: st.Page(
            view,
            title=t(place.title),
            icon=place.icon,
            url_path=_ROOT if place is TODAY else place.path,
            default=place is TODAY,
        )
        for place, view in views.items()
    }
    st.session_state[_PAGES] = pages
    # The landing page answers at the root of the address only; its own name leads there.
    named = st.Page(_to_today, title=TODAY.title, url_path=TODAY.path, visibility="hidden")
    page = st.navigation([*pages.values(), named], position="top")
    if page is named:
        _to_today()
    st.set_page_config(page_title=f"{page.title} – {PRODUCT}")
    before_page()
    page.run()


def go(place: Place, **parameters: str) -> NoReturn:
    """Open another page, with its address's parameters."""
    st.switch_page(st.session_state[_PAGES][place.path], query_params=parameters)
    raise AssertionError("switch_page does not return")


def _to_today() -> None:
    go(TODAY, **dict(st.query_params.items()))
