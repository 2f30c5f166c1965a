"""**Expedite**, wherever orders are listed: the way to the dates on which an order could be delivered, and who pays."""

from __future__ import annotations

from typing import Final, Literal, NoReturn

import streamlit as st

from dashboard import navigation
from scheduler_core.i18n.translate import t

WHAT: Final = "expedite"
"""What the address of the What-if page asks for (``what``)."""


def expedite_button(plan: str, job: str, key: str, *, width: Literal["stretch", "content"] = "stretch") -> None:
    """A button that opens the panel Expedite for the order ``job`` in the plan ``plan`` (a stored schedule's id)."""
    if st.button(
        t("Expedite"), icon=":material/fast_forward:", key=key, width=width,
        help=t("When could it be done sooner, and which orders would pay for it?"),
    ):  # fmt: skip
        go(plan, job)


def go(plan: str, job: str) -> NoReturn:
    """Open the panel Expedite for the order ``job`` in the plan ``plan`` (a stored schedule's id)."""
    navigation.go(navigation.WHAT_IF, plan=plan, what=WHAT, job=job)
