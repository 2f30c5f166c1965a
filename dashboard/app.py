"""The server's entry: ``streamlit run dashboard/app.py``. What every request passes before the pages of ``board.py``.

``make run`` and an operator's service start this file; started on its own, ``board.py`` would be served without the guards.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from dashboard.auth.framing import NoForeignFrames
from dashboard.auth.origins import OwnOriginsOnly
from scheduler_core import logs
from scheduler_core.settings import locations

logs.set_up("dashboard", locations.var() / "log")


def _public_address() -> str | None:
    """The board's public name. Asked for every connection, as Streamlit does: its settings are read again when the file
    changes, and both have to go by the same one."""
    address = st.get_option("browser.serverAddress")
    return address if isinstance(address, str) else None


app = st.App(
    Path(__file__).with_name("board.py"),
    middleware=[Middleware(NoForeignFrames), Middleware(OwnOriginsOnly, public_address=_public_address)],
)
