"""Do the append-only lists of the store hold exactly what the audit trail says was added to them, in the same order?

A transaction that adds a row waits for the trail (``audit.wait_in_line``) and adds one line to it, so the rows of a list and
its lines in the trail have the same order. The newest row counts in each of these lists: one that was slipped in,
changed, put in another place or taken away would change who may do what, which programs may, what is frozen, which machines
are down, and what plans take for true.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store.records import Broken
from scheduler_core.data.store.tables import (
    ALERT_ACKNOWLEDGEMENT,
    ASSUMPTION_ANSWER,
    AUDIT,
    FACT,
    FROZEN_ZONE,
    RECORDED_DOWNTIME,
    RELEASE_EPOCH,
    ROLE_CHANGE,
    SERVICE_TOKEN,
    TOKEN_REVOKED,
    WITHDRAWAL,
)

UNTOLD = object()
"""Stands for what a line of an older version does not hold."""
Act: TypeAlias = tuple[str, str, str, tuple[object, ...]]
"""(act, subject, actor, what the trail holds of it beside): the same of a row and of its line."""


@dataclass(frozen=True)
class _List:
    """A list: its table in the order of ``number``, the acts that add to it, what a row says, and what of a line's detail
    is compared (the keys, in the order of the row's)."""

    table: sa.Table
    number: str
    acts: frozenset[str]
    said: Callable[[Sequence[Mapping[str, Any]]], Iterator[Act]]
    keys: tuple[str, ...] = ()


def differences(connection: Connection) -> Iterator[Broken]:
    """Of each list the first row that no line tells of, or the first line whose row is not there or not in its place."""
    for one in _LISTS:
        query = sa.select(AUDIT).where(AUDIT.c.act.in_(one.acts)).order_by(AUDIT.c.audit_seq)
        lines: list[tuple[int, Act]] = []
        for line in connection.execute(query):
            detail = json.loads(line.detail)
            said = tuple(detail.get(key, UNTOLD) for key in one.keys)
            lines.append((int(line.audit_seq), (line.act, line.subject, line.actor, said)))
        held = connection.execute(sa.select(one.table).order_by(one.table.c[one.number])).mappings()
        rows = [dict(row) for row in held]
        found = _first(tuple(one.said(rows)), lines, one.table.name)
        if found is not None:
            yield found


def covered(act: str, detail: Mapping[str, Any]) -> bool:
    """Whether a line of this act holds all that is compared; one of an older version may hold less."""
    return all(key in detail for key in KEYS[act])


def _same(row: Act, told: Act) -> bool:
    """What an older line does not tell is not compared."""
    return row[:3] == told[:3] and all(b is UNTOLD or a == b for a, b in zip(row[3], told[3], strict=True))


def _first(rows: Sequence[Act], lines: Sequence[tuple[int, Act]], name: str) -> Broken | None:
    for n, (sequence, told) in enumerate(lines):
        if n < len(rows) and _same(rows[n], told):
            continue
        if n < len(rows) and not any(_same(rows[n], act) for _, act in lines[n:]):
            return Broken(None, f"no line tells of {rows[n][0]} of {rows[n][1]}, which stands in {name}")
        return Broken(sequence, f"{told[0]} of {told[1]}: its row in {name} is gone, or has been changed or moved")
    if len(rows) > len(lines):
        act, subject, _, _ = rows[len(lines)]
        return Broken(None, f"no line tells of {act} of {subject}, which stands in {name}")
    return None


def _either(flag: int, yes: str, no: str) -> str:
    """The truth value in a column of 0 and 1; any other number is neither."""
    return {1: yes, 0: no}.get(flag, f"{flag}")


def _downtimes(rows: Sequence[Mapping[str, Any]]) -> Iterator[Act]:
    known = set[str]()
    for row in rows:
        open_ended = "change-downtime" if row["downtime_id"] in known else "record-downtime"
        act = _either(row["in_service"], "end-downtime", open_ended)
        known.add(row["downtime_id"])
        said = tuple(row[key] for key in ("plant", "machine_id", "machine_name", "starts", "ends", "reason"))
        yield act, row["downtime_id"], row["actor"], said


def _facts(rows: Sequence[Mapping[str, Any]]) -> Iterator[Act]:
    for row in rows:
        said = tuple(row[key] for key in _FACT_KEYS)
        yield _either(row["undone"], "undo-fact", "record-fact"), row["fact_id"], row["actor"], said


def _answers(rows: Sequence[Mapping[str, Any]]) -> Iterator[Act]:
    for row in rows:
        act = _either(row["came_true"], "confirm-assumption", "refute-assumption")
        yield act, row["scenario_id"], row["actor"], (row["position"],)


def _zones(rows: Sequence[Mapping[str, Any]]) -> Iterator[Act]:
    for row in rows:
        yield "set-frozen-zone", row["plant"], row["actor"], (row["change_no"], row["frozen_min"])


def _roles(rows: Sequence[Mapping[str, Any]]) -> Iterator[Act]:
    for row in rows:
        yield _either(row["granted"], "grant-role", "revoke-role"), row["person"], row["actor"], (row["role"],)


def _acknowledgements(rows: Sequence[Mapping[str, Any]]) -> Iterator[Act]:
    for row in rows:
        yield "acknowledge-alert", row["incident_id"], row["actor"], (row["change_no"],)


def _epochs(rows: Sequence[Mapping[str, Any]]) -> Iterator[Act]:
    for row in rows:
        yield "begin-epoch", str(row["epoch"]), row["actor"], (row["first_no"],)


def _withdrawals(rows: Sequence[Mapping[str, Any]]) -> Iterator[Act]:
    for row in rows:
        what, subject = ("plan", row["schedule_id"]) if row["schedule_id"] else ("scenario", row["scenario_id"])
        yield f"{_either(row['withdrawn'], 'withdraw', 'return')}-{what}", subject, row["actor"], ()


def _tokens(rows: Sequence[Mapping[str, Any]]) -> Iterator[Act]:
    for row in rows:
        yield "make-token", row["token_id"], row["actor"], tuple(row[key] for key in TOKEN_KEYS)


def _revoked(rows: Sequence[Mapping[str, Any]]) -> Iterator[Act]:
    for row in rows:
        yield "revoke-token", row["token_id"], row["actor"], (row["change_no"],)


TOKEN_KEYS = ("name", "owner", "roles", "secret_sha256", "expires_us")
"""What the line of a new service token tells of it."""
_FACT_KEYS = ("plant", "kind", "content", "starts", "ends", "reason", "scenario_id")
_LISTS = (
    _List(FACT, "line_no", frozenset({"record-fact", "undo-fact"}), _facts, _FACT_KEYS),
    _List(RECORDED_DOWNTIME, "change_no", frozenset({"record-downtime", "change-downtime", "end-downtime"}), _downtimes,
          ("plant", "machine", "machine_name", "start", "end", "reason")),
    _List(ASSUMPTION_ANSWER, "answer_no", frozenset({"confirm-assumption", "refute-assumption"}), _answers, ("position",)),
    _List(FROZEN_ZONE, "change_no", frozenset({"set-frozen-zone"}), _zones, ("change_no", "frozen_min")),
    _List(ROLE_CHANGE, "change_no", frozenset({"grant-role", "revoke-role"}), _roles, ("role",)),
    _List(RELEASE_EPOCH, "epoch", frozenset({"begin-epoch"}), _epochs, ("first_no",)),
    _List(SERVICE_TOKEN, "change_no", frozenset({"make-token"}), _tokens, TOKEN_KEYS),
    _List(TOKEN_REVOKED, "change_no", frozenset({"revoke-token"}), _revoked, ("change_no",)),
    _List(WITHDRAWAL, "change_no",
          frozenset({"withdraw-plan", "return-plan", "withdraw-scenario", "return-scenario"}), _withdrawals),
    _List(ALERT_ACKNOWLEDGEMENT, "change_no", frozenset({"acknowledge-alert"}), _acknowledgements, ("change_no",)),
)  # fmt: skip
KEYS: Mapping[str, tuple[str, ...]] = {act: one.keys for one in _LISTS for act in one.acts}
"""Of each act that adds to a list, what of its line is compared."""
