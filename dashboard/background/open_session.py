"""Whether the browser of a page is still connected: work for a closed browser is cancelled."""

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
    """A check of the session of the page that runs now. Any thread may call it, as often as it likes.

    It raises Cancelled once the session's browser has been gone for ``GRACE_SECONDS``.
    """
    context = get_script_run_ctx(suppress_warning=True)
    if context is None or not runtime.exists():
        return lambda: None
    server, session = runtime.get_instance(), context.session_id
    return gone_after(lambda: server.is_active_session(session), GRACE_SECONDS)


def gone_after(connected: Callable[[], bool], grace: float) -> Callable[[], None]:
    """A check that raises Cancelled once ``connected`` has been false for ``grace`` seconds without a break."""
    last = time.monotonic()

    def check() -> None:
        nonlocal last
        now = time.monotonic()
        if connected():
            last = now
        elif now - last > grace:
            raise Cancelled("the browser is closed")

    return check
