"""Version 2: a planner may ask a running run to end now and to keep the best schedule that it has."""

from __future__ import annotations

from collections.abc import Sequence

from scheduler_core.data.database import Dialect

_COLUMN = "keep_requested {INT} NOT NULL DEFAULT 0 CHECK(keep_requested IN(0,1))"


def statements(dialect: Dialect) -> Sequence[str]:
    """The SQL of this version. SQLite knows no IF NOT EXISTS here and needs none: there an upgrade is one transaction."""
    if dialect == "sqlite":
        return ("ALTER TABLE run ADD COLUMN " + _COLUMN.format(INT="INTEGER"),)
    return ("ALTER TABLE run ADD COLUMN IF NOT EXISTS " + _COLUMN.format(INT="BIGINT"),)
