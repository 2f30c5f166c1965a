"""The product's own store, on SQLite or MariaDB. ``Store`` is its door; what it keeps is told in ``records``."""

from scheduler_core.data.store.store import Store

__all__ = ["Store"]
