"""Version 16: programs that ask and plan: their tokens and requests, what runs by itself, and whom it told."""

from __future__ import annotations

from collections.abc import Sequence

from scheduler_core.data.database import Dialect

_TOKENS: tuple[str, ...] = ()
_REQUESTS: tuple[str, ...] = (
    """CREATE TABLE IF NOT EXISTS api_answer(
 request_key {NAME} NOT NULL PRIMARY KEY, caller {NAME} NOT NULL, asked_sha256 {HASH} NOT NULL,
 status {INT} NOT NULL CHECK(status BETWEEN 200 AND 299), headers {LONG} NOT NULL, content {LONG} NOT NULL,
 kept_us {INT} NOT NULL){END}""",
)
"""What the HTTP API has answered to a request with a key, so that the same request again is answered the same."""
_AUTOMATION: tuple[str, ...] = ()
_ALERTS: tuple[str, ...] = ()
_FACTS: tuple[str, ...] = ()

_APPEND_ONLY: tuple[str, ...] = ("api_answer",)
"""Tables in which no row is changed or deleted."""

_SQLITE = dict.fromkeys(("ID", "LONG", "HASH", "NAME"), "TEXT") | {"INT": "INTEGER", "END": " STRICT"}
_MARIADB = {
    "ID": "CHAR(32) CHARACTER SET ascii COLLATE ascii_nopad_bin",
    "LONG": "LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
    "NAME": "VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
    "HASH": "CHAR(64) CHARACTER SET ascii COLLATE ascii_nopad_bin",
    "INT": "BIGINT",
    "END": " ENGINE=InnoDB",
}


def statements(dialect: Dialect) -> Sequence[str]:
    """The SQL of this version, in order; every statement can be run again after a crash without harm."""
    words = _SQLITE if dialect == "sqlite" else _MARIADB
    return (
        *(text.format(**words) for text in (*_TOKENS, *_REQUESTS, *_AUTOMATION, *_ALERTS, *_FACTS)),
        *(_append_only(dialect, table, verb) for table in _APPEND_ONLY for verb in ("UPDATE", "DELETE")),
    )


def _append_only(dialect: Dialect, table: str, verb: str) -> str:
    head = f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
    message = f"{table} is append-only"
    if dialect == "sqlite":
        return f"{head} BEGIN SELECT RAISE(ABORT,'{message}'); END"
    return f"{head} FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT='{message}'"
