"""Work that nobody waits for any more is given up; a connection that breaks off for a moment does not count."""

from __future__ import annotations

import time

import pytest

from dashboard.background.open_session import gone_after
from scheduler_core.errors import Cancelled


def test_a_closed_browser_ends_the_work_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now, connected = [100.0], [True]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    ask = gone_after(lambda: connected[0], 10.0)
    for second in range(30):
        now[0] = 100.0 + second
        ask()
    connected[0] = False
    now[0] += 9.0
    ask()
    connected[0] = True
    ask()
    connected[0] = False
    now[0] += 9.0
    ask()
    now[0] += 2.0
    with pytest.raises(Cancelled):
        ask()
