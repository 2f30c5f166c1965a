"""The ERP read with what planners know of machines that it has out of service: which are expected back, and which are asked
for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from scheduler_core.data import erp
from scheduler_core.data.database import Database
from scheduler_core.data.read_progress import NULL_PROGRESS, ReadProgress
from scheduler_core.data.store.records import StoredFact
from scheduler_core.scenarios.floor_changes import out_until
from scheduler_core.services.planner_facts.questions import RETURNS, expected_back, waiting_notes


def read(
    database: Database, config: erp.ErpConfig, facts: Sequence[StoredFact], listener: ReadProgress = NULL_PROGRESS
) -> erp.Pull:
    """Everything that a pull reads, with a note on each order that waits for a machine and nobody knows how long.

    ``facts``: those of the plant. Machines that are expected back are in the plant, down until then. Raises as ``erp.read``.
    """
    pulled = expecting(database, config, facts, listener)
    if not pulled.alone or not pulled.quarantine:
        return pulled
    # Which orders wait for these machines, and for nothing else, shows when they are read as if the machines worked.
    others = (*pulled.returned, *(machine.id for machine in pulled.alone))
    as_if = erp.read(database, config, pulled.plant.plan_start, returning=others)
    return replace(pulled, notes=(*pulled.notes, *waiting_notes(pulled.plant, as_if.plant, pulled.alone)))


def expecting(
    database: Database, config: erp.ErpConfig, facts: Sequence[StoredFact], listener: ReadProgress = NULL_PROGRESS
) -> erp.Pull:
    """Everything that a pull reads, with the machines in the plant that are expected back, down until then; no question is
    asked. Raises as ``erp.read``."""
    start = erp.time_now(database, config) if any(one.kind == RETURNS for one in facts) else None
    returning = {} if start is None else expected_back(facts, start)
    pulled = erp.read(database, config, start, listener, tuple(returning))
    plant = pulled.plant
    for machine in sorted(pulled.returned):
        plant = out_until(plant, machine, plant.minute_of(returning[machine]))
    return replace(pulled, plant=plant)
