"""Looks at runs that many streams follow: streams of the same run share them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Final

from starlette.concurrency import run_in_threadpool

from scheduler_core.data.store.records import Run

KEPT_SECONDS: Final = 60.0
"""A look that is older is forgotten with the next one."""


@dataclass(frozen=True)
class _Look:
    began: float
    answer: asyncio.Future[Run]


class RunLooks:
    """The latest look at each run. Used in the event loop only."""

    def __init__(self, get: Callable[[str], Run]) -> None:
        self._get = get
        self._latest: dict[str, _Look] = {}

    async def at(self, run_id: str, fresh_seconds: float) -> Run:
        """The run as it is, or was at most so many seconds ago. Raises what reading it raises."""
        now = monotonic()
        look = self._latest.get(run_id)
        if look is None or now - look.began >= fresh_seconds:
            look = _Look(now, asyncio.ensure_future(run_in_threadpool(self._get, run_id)))
            self._latest = {known: one for known, one in self._latest.items() if now - one.began < KEPT_SECONDS}
            self._latest[run_id] = look
        return await asyncio.shield(look.answer)  # a stream that breaks off leaves the look to the others
