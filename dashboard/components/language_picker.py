"""The language of one browser: chosen by hand, named in the address (``?lang=ms``), kept in a cookie, or its own."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from scheduler_core.i18n import translate
from scheduler_core.i18n.translate import ENGLISH, LANGUAGES, t

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

ADDRESS: Final = "lang"
COOKIE: Final = "shopwright_language"
_CHOSEN: Final = "_language"
_WIDGET: Final = "language"

_SCRIPT: Final = """
export default function ({ data }) {
  document.documentElement.lang = data.language.replace("_", "-");
  if (data.cookie) document.cookie = data.cookie + "=" + data.language + "; path=/; max-age=31536000; SameSite=Lax";
}
"""


def of_session() -> str:
    """What this browser session speaks; English where no page is being drawn."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return ENGLISH
    known = st.session_state.get(_CHOSEN)
    return str(known) if known in LANGUAGES else ENGLISH


def begin() -> None:
    """Settle the language before a page is drawn. An address that names one wins, once; a choice by hand stays."""
    translate.ask(of_session)
    named = translate.best_match(st.query_params.get(ADDRESS))
    if named is not None:
        st.session_state[_CHOSEN] = named
    elif st.session_state.get(_CHOSEN) not in LANGUAGES:
        wishes = (st.context.cookies.get(COOKIE), st.context.locale)
        st.session_state[_CHOSEN] = next((found for w in wishes if (found := translate.best_match(w))), ENGLISH)
    translate.use(st.session_state[_CHOSEN])


def choose() -> None:
    """The list of languages, each by its own name, and what the browser is told: its page's language and the cookie."""
    spoken = translate.language()
    # Its code, as the strip is full: the names stand in the list.
    code = spoken.split("_")[0].upper()
    with st.popover(code, icon=":material/language:", type="tertiary", help=t("Language")):
        st.session_state[_WIDGET] = spoken
        st.radio(t("Language"), list(LANGUAGES), format_func=LANGUAGES.__getitem__, key=_WIDGET, on_change=_take)
    # Outside the list, which is not drawn before it is opened.
    _teller()(key="language_teller", data={"language": spoken, "cookie": COOKIE})


def _take() -> None:
    st.session_state[_CHOSEN] = st.session_state[_WIDGET]
    st.query_params.pop(ADDRESS, None)


@cache
def _teller() -> ComponentRenderer:
    return st.components.v2.component("shopwright_language", html="<span></span>", js=_SCRIPT)
