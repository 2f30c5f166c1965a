"""The product's own store, on SQLite or MariaDB. ``Store`` is its door."""
