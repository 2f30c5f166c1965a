"""A planner whose browser costs nothing: asks a server for one page after the other and notes how long each took.

What it waits for is the server's share of a page's time; what the others wait for beyond that, their browsers take.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from page_runs import PAGES, open_page, session

EVERY = 2.0
"""Seconds between two pages."""


@dataclass
class WithoutBrowser:
    """Works in a thread until it is left."""

    address: str
    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    _end: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> WithoutBrowser:
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _work(self) -> None:
        with session(self.address) as line:
            number = 0
            while not self._end.wait(EVERY):
                began = time.perf_counter()
                try:
                    open_page(line, PAGES[number % len(PAGES)])
                except (RuntimeError, TimeoutError) as error:
                    self.errors.append(f"without a browser: {error}")
                self.seconds.append(time.perf_counter() - began)
                number += 1
