"""The audit trail: one line per act, each holding the hash of the line before, so that no line can be changed unseen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextvars import ContextVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store import serialization
from scheduler_core.data.store.records import AuditEntry
from scheduler_core.data.store.tables import AUDIT, QUEUE_LOCK

USE_TOKEN = "use-token"
"""The act of the line before another one, where a program acted in a person's name: its subject is the token."""
ACCESS_TOKEN = "oidc"
"""How the trail calls access tokens of the identity provider, with the program that sent one: ``oidc:CLIENT``."""
_TOKEN: ContextVar[tuple[str, str]] = ContextVar("token", default=("", ""))


def name_token(actor: str, token: str) -> None:
    """From here on in this thread (or task), lines of ``actor`` are told to be by this token; of nobody if it is empty."""
    _TOKEN.set((actor, token))


def wait_in_line(connection: Connection) -> None:
    """Let one writer of the trail (and of releases) pass at a time, until its transaction ends.

    On SQLite a writing transaction is alone anyway. On MariaDB the row lock does it, and READ COMMITTED then shows what the
    writer before has committed.
    """
    connection.execute(sa.select(QUEUE_LOCK.c.name).where(QUEUE_LOCK.c.name == "audit").with_for_update()).one()


def record(connection: Connection, actor: str, action: str, subject: str, detail: Mapping[str, object]) -> None:
    """Add a line: as late in a transaction as can be, for from here on other writers wait. The row of a list (roles, the
    four-eyes rule, proposals, ...) comes after its line: the tables take none that the newest line does not tell of.

    A line before it tells the token, where a program acts in the actor's name (``name_token``).
    """
    wait_in_line(connection)
    owner, token = _TOKEN.get()
    if token and owner == actor:
        _add(connection, actor, USE_TOKEN, token, {"act": action, "subject": subject})
    _add(connection, actor, action, subject, detail)


def _add(connection: Connection, actor: str, action: str, subject: str, detail: Mapping[str, object]) -> None:
    last = connection.execute(
        sa.select(AUDIT.c.audit_seq, AUDIT.c.row_hash).order_by(AUDIT.c.audit_seq.desc()).limit(1)
    ).first()
    line = {
        "audit_seq": 1 if last is None else int(last.audit_seq) + 1,
        "at_us": serialization.now_us(),
        "actor": serialization.person("actor", actor),
        "act": action,
        "subject": subject,
        "detail": serialization.to_json("audit.detail", detail),
        "previous_seq": None if last is None else int(last.audit_seq),
        "previous_hash": None if last is None else str(last.row_hash),
    }
    connection.execute(sa.insert(AUDIT).values(**line, row_hash=_hash(line)))


def entries(connection: Connection, limit: int) -> tuple[AuditEntry, ...]:
    """The newest lines first."""
    rows = connection.execute(sa.select(AUDIT).order_by(AUDIT.c.audit_seq.desc()).limit(limit))
    return tuple(
        AuditEntry(
            int(r.audit_seq), serialization.from_us(r.at_us), r.actor, r.act, r.subject, json.loads(r.detail), r.row_hash
        )
        for r in rows
    )  # fmt: skip


def first_broken(connection: Connection) -> int | None:
    """Sequence of the first line that does not follow from the one before, None if all do."""
    previous: tuple[int, str] | None = None
    for row in connection.execute(sa.select(AUDIT).order_by(AUDIT.c.audit_seq)).mappings():
        line = {key: value for key, value in row.items() if key != "row_hash"}
        expected = (None, None) if previous is None else previous
        whole = (row["previous_seq"], row["previous_hash"]) == expected and row["row_hash"] == _hash(line)
        if not whole or row["audit_seq"] != (1 if previous is None else previous[0] + 1):
            return int(row["audit_seq"])
        previous = (int(row["audit_seq"]), str(row["row_hash"]))
    return None


def _hash(line: Mapping[str, object]) -> str:
    return hashlib.sha256(serialization.to_json("audit", line).encode()).hexdigest()
