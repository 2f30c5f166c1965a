"""Outlasting a database that is out of reach for a while: a run at work would be lost otherwise."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError

from scheduler_core.data.database import DatabaseUnavailable, MissingRight, RefusedAccount, lacks_right, said_by

T = TypeVar("T")
LOG = logging.getLogger(__name__)
PAUSE_SECONDS = 0.5


def outlasting(seconds: float, work: Callable[[], T]) -> T:
    """What ``work`` returns, which is tried again for so many seconds while the database is out of reach.

    ``work`` must be something that may be done twice: an attempt may have taken effect before its answer was lost. Raises
    what the last attempt raised, and anything at once that an outage does not explain.
    """
    until, told = time.monotonic() + seconds, False
    while True:
        try:
            return work()
        except (OperationalError, InterfaceError, DatabaseUnavailable) as failure:
            for_good = isinstance(failure, MissingRight | RefusedAccount) or lacks_right(failure)
            if for_good or time.monotonic() >= until:
                raise
            if not told:
                LOG.warning("the database is out of reach", extra={"reason": said_by(failure)})
            told = True
            time.sleep(PAUSE_SECONDS)
