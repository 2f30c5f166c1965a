"""Who says something: who signed in, else the name that is typed."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard.auth import current_user
from dashboard.presentation import safe_text
from scheduler_core.errors import InvalidValue, ShopwrightError
from scheduler_core.i18n.translate import t
from scheduler_core.people.person_names import person_named
from scheduler_core.roles import Actor, refuse_automation


def ask(key: str) -> Actor:
    """Who signed in; where nobody does, a field for the name, which the session remembers under ``key``."""
    person = current_user.actor()
    if not person.unrestricted:
        return person
    typed = st.text_input(t("Your name"), key=key, max_chars=100, persist_state="session")
    return replace(person, name=typed.strip())


def name_missing(typed: str) -> str | None:
    """Why a typed name cannot be used, as Markdown: it is missing or breaks the rule of names. None where it can."""
    if not typed.strip():
        return t("Enter your name first.")
    try:
        refuse_automation(person_named(typed, t("Your name")), t("Your name"))
    except InvalidValue as invalid:
        return safe_text.escape_markdown(str(invalid))
    return None


def refusal(error: ShopwrightError) -> str:
    """What is said of a refused act: a name is called what its field is called."""
    if isinstance(error, InvalidValue) and error.where in ("actor", "person"):
        return str(InvalidValue(t("Your name"), error.value, error.reason))
    return str(error)


def known(key: str) -> Actor:
    """The same without a question: the name that was typed before, if one was."""
    person = current_user.actor()
    typed = str(st.session_state.get(key, "")).strip()
    return replace(person, name=typed) if person.unrestricted and typed else person
