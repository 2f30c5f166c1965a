"""**Expedite**, wherever orders are listed: the way to the dates on which an order could be delivered, and who pays."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

import streamlit as st

from dashboard import navigation
from scheduler_core.i18n.translate import t

WHAT: Final = "expedite"
"""What the address of the What-if page asks for (``what``)."""


def expedite_button(plan: str, job: str, key: str, *, primary: bool = False) -> None:
    """A button that opens the panel Expedite for the order ``job`` in the plan ``plan`` (a stored schedule's id)."""
    if st.button(
        t("Expedite"), icon=":material/fast_forward:", key=key, width="stretch", type="primary" if primary else "secondary",
        help=t("The earliest delivery that harms no other order, and what every day sooner costs the others"),
    ):  # fmt: skip
        navigation.go(navigation.WHAT_IF, plan=plan, what=WHAT, job=job)


def expedite_address(plan: str, job: str) -> str:
    """The same as a relative address, for a column of links."""
    return f"{navigation.WHAT_IF.path}?plan={quote(plan, safe='')}&what={WHAT}&job={quote(job, safe='')}"
