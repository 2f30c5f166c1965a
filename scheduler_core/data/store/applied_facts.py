"""What became of planners' facts in a snapshot, and the plant as it was before them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core import interchange
from scheduler_core.data.store import audit, serialization
from scheduler_core.data.store.records.facts import AppliedFact
from scheduler_core.data.store.tables import BEFORE_FACTS, FACT_APPLIED
from scheduler_core.plant import Plant


def save(connection: Connection, snapshot_id: str, before: Plant | None, facts: Sequence[AppliedFact], actor: str) -> None:
    """Insert what became of the facts, and the plant without them (None: they change nothing), with a line in the audit
    trail."""
    sha256 = None
    if before is not None:
        document = interchange.snapshot_to_json(before)
        sha256 = interchange.sha256_of(document)
        connection.execute(sa.insert(BEFORE_FACTS).values(snapshot_id=snapshot_id, document=document, sha256=sha256))
    rows = [
        {"snapshot_id": snapshot_id, "position": i, "fact_id": fact.fact_id,
         "idle": None if fact.idle is None else serialization.printable(fact.idle)}
        for i, fact in enumerate(facts)
    ]  # fmt: skip
    connection.execute(sa.insert(FACT_APPLIED), rows)
    told = {"before_sha256": sha256, "facts_sha256": digest(of_snapshot(connection, snapshot_id))}
    audit.record(connection, actor, "apply-facts", snapshot_id, told)


def of_snapshot(connection: Connection, snapshot_id: str) -> tuple[AppliedFact, ...]:
    """The facts that a snapshot knows, in the order in which they were put in."""
    query = sa.select(FACT_APPLIED).where(FACT_APPLIED.c.snapshot_id == snapshot_id).order_by(FACT_APPLIED.c.position)
    return tuple(AppliedFact(row.fact_id, row.idle) for row in connection.execute(query))


def before(connection: Connection, snapshot_id: str) -> Plant | None:
    """The snapshot's plant without facts; None for a snapshot that knows none."""
    query = sa.select(BEFORE_FACTS.c.document).where(BEFORE_FACTS.c.snapshot_id == snapshot_id)
    document = connection.execute(query).scalar()
    if document is None:
        return None
    return interchange.snapshot_from_json(str(document), f"snapshot {snapshot_id} before facts")


def digest(facts: Sequence[AppliedFact]) -> str:
    """SHA-256 of what became of facts, for the audit trail."""
    text = json.dumps([[fact.fact_id, fact.idle] for fact in facts], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def changed(connection: Connection, snapshot_id: str, told: Mapping[str, str | None]) -> str | None:
    """What no longer is as the audit trail tells; None if all is."""
    row = connection.execute(sa.select(BEFORE_FACTS).where(BEFORE_FACTS.c.snapshot_id == snapshot_id)).first()
    found = None if row is None else interchange.sha256_of(str(row.document))
    if found != told["before_sha256"] or (row is not None and row.sha256 != found):
        return "the plant before its facts is gone or has been changed"
    if digest(of_snapshot(connection, snapshot_id)) != told["facts_sha256"]:
        return "what became of its facts has been changed"
    return None
