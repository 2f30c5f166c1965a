"""Is the four-eyes rule, for each plant, what the audit trail last said of it?"""

from __future__ import annotations

import json
from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from scheduler_core.data.store.records import Broken
from scheduler_core.data.store.tables import AUDIT, PLANT_RULE

FOUR_EYES = "four-eyes"
"""The act of a line that switches the rule on or off; its subject is the plant."""


def differences(connection: Connection) -> Iterator[Broken]:
    """Of each plant whose rule is another one than its newest line tells."""
    told: dict[str, tuple[int, int]] = {}
    lines = sa.select(AUDIT.c.audit_seq, AUDIT.c.subject, AUDIT.c.detail).where(AUDIT.c.act == FOUR_EYES)
    for line in connection.execute(lines.order_by(AUDIT.c.audit_seq)):
        told[line.subject] = (int(line.audit_seq), int(json.loads(line.detail)["four_eyes"]))
    rows = {row.plant: int(row.four_eyes) for row in connection.execute(sa.select(PLANT_RULE).order_by(PLANT_RULE.c.plant))}
    for plant, four_eyes in rows.items():
        if plant not in told or told[plant][1] != four_eyes:
            state = {1: "on", 0: "off"}.get(four_eyes, f"{four_eyes}")
            yield Broken(None, f"no line tells that the rule of two names is {state} for {plant}, as plant_rule says")
    for plant, (sequence, _) in told.items():
        if plant not in rows:
            yield Broken(sequence, f"{FOUR_EYES} of {plant}: its row in plant_rule is gone")
