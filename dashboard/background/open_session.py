"""Whether somebody still looks: work that nobody waits for any more is given up."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from scheduler_core.errors import Cancelled

GRACE_SECONDS: Final = 10.0
"""A connection that breaks off for a moment comes back within this time."""


def watch_session() -> Callable[[], None]:
    """A question about the session of the page that runs now, which any thread may put again and again.

    It raises Cancelled once the session's browser has been gone for ``GRACE_SECONDS``.
    """
    context = get_script_run_ctx(suppress_warning=True)
    if context is None or not runtime.exists():
        return lambda: None
    server, session = runtime.get_instance(), context.session_id
    return gone_after(lambda: server.is_active_session(session), GRACE_SECONDS)


def gone_after(connected: Callable[[], bool], grace: float) -> Callable[[], None]:
    """A question that raises Cancelled once ``connected`` has been false for ``grace`` seconds without a break."""
    last = time.monotonic()

    def ask() -> None:
        nonlocal last
        now = time.monotonic()
        if connected():
            last = now
        elif now - last > grace:
            raise Cancelled("the browser is closed")

    return ask
