"""Times in which the ERP says that a machine does not work. A row that cannot be used is left out and named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from scheduler_core.clock import Clock
from scheduler_core.data.erp.cells import BadCell, canonical, label
from scheduler_core.data.erp.config import ErpConfig
from scheduler_core.data.erp.keys import look_up
from scheduler_core.data.erp.machines import MachinePark
from scheduler_core.data.erp.meanings import NAME
from scheduler_core.data.erp.row_accounting import RowAccounting, row_name
from scheduler_core.data.erp.rows import Row
from scheduler_core.data.erp.source import ErpTables
from scheduler_core.data.erp.times import local_moment, start_of
from scheduler_core.plant import MAX_DAYS, Downtime, Plant


def read_downtimes(
    tables: ErpTables, config: ErpConfig, clock: Clock, park: MachinePark, accounting: RowAccounting
) -> Mapping[int, tuple[Downtime, ...]]:
    """Downtimes of active machines (ids) that end after plan_start."""
    any_case = tables.ignores_case("machines", "machine")
    found: dict[int, list[Downtime]] = {}
    for row in tables.rows("downtimes"):
        accounting.read("downtimes", row)
        try:
            named = canonical(row["machine"]).strip()
            if tables.mapping.unit("downtimes", "machine") == NAME:
                named = look_up(named, any_case)
            if named not in park.by_key:
                raise BadCell("machine", row["machine"], "is not a machine of the ERP")
            downtime = _downtime(row, config, tables, clock)
        except BadCell as bad:
            accounting.refuse_row("downtimes", row_name(row, "machine", "start"), bad)
            continue
        for machine in park.by_key[named]:
            if downtime is not None and machine in park.machines:
                found.setdefault(machine, []).append(downtime)
    return {machine: tuple(downtimes) for machine, downtimes in found.items()}


def with_downtimes(plant: Plant, downtimes: Mapping[int, tuple[Downtime, ...]]) -> Plant:
    """The plant whose machines do not work then."""
    if not downtimes:
        return plant
    machines = (replace(m, downtime=(*m.downtime, *downtimes.get(m.id, ()))) for m in plant.machines)
    return replace(plant, machines=tuple(machines))


def _downtime(row: Row, config: ErpConfig, tables: ErpTables, clock: Clock) -> Downtime | None:
    unit = tables.mapping.unit("downtimes", "start")
    begins = local_moment("start", row["start"], unit, config.timezone)
    ends = local_moment("end", row["end"], tables.mapping.unit("downtimes", "end"), config.timezone)
    if begins is None:
        raise BadCell("start", None, "is empty")
    if ends is None:
        raise BadCell("end", None, "is empty")
    for meaning, moment in (("start", begins), ("end", ends)):
        if abs((moment.date() - clock.start.date()).days) > MAX_DAYS:
            raise BadCell(meaning, moment.date(), "is more than 19 years from the plan's start")
    if ends <= begins:
        raise BadCell("end", row["end"], f"is not after the start at {begins:%Y-%m-%dT%H:%M}")
    start, end = clock.minute_of(begins), clock.minute_of(start_of(ends, unit))
    return None if end <= 0 else Downtime(max(0, start), max(end, 1), label("reason", row["reason"], ""))
