"""Runs whose worker has died are marked as failed also where no dashboard page looks at them."""

from __future__ import annotations

import logging
from contextlib import closing

from scheduler_core.data import migrations
from scheduler_core.data.database import DatabaseFailure, open_store
from scheduler_core.data.store import Store, store_stats
from scheduler_core.errors import ShopwrightError
from scheduler_core.logs.redaction import masked_text

LOG = logging.getLogger(__name__)


def end_expired_runs(url: str) -> tuple[str, ...]:
    """Marks them as pages do (see ``Store.runs.end_lost``) and returns their ids.

    A store that is not there or has another version's tables is left alone, and so are its runs where it cannot be written:
    whoever only looks may have an account that reads. What is wrong with the store is for ``health`` to say.
    """
    if not store_stats.is_there(url):
        return ()
    try:
        with closing(open_store(url)) as database:
            with database.reading() as connection:
                if migrations.version(connection) != len(migrations.MIGRATIONS):
                    return ()
            return Store(database).runs.end_lost()
    except (ShopwrightError, DatabaseFailure) as failure:
        LOG.warning("lost runs stay as they are: %s", masked_text(str(failure)))
        return ()
