"""The SQL that makes the three accounts on a MariaDB server, each with no more rights than it needs."""

from __future__ import annotations

from pathlib import Path


def sql(account: str) -> str:
    """The statements for ``erp_reader``, ``store_migrator`` or ``store_app``; to be edited before use."""
    return (Path(__file__).parent / f"{account}.sql").read_text(encoding="utf-8")
