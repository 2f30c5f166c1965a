"""``shopwright whatif``: what becomes of a plan when something changes, repaired in three ways."""

from __future__ import annotations

import argparse
from pathlib import Path

from scheduler_core.analysis.stability import stability
from scheduler_core.cli.engine_runs import seconds_argument, violation_line
from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.plant_sources import FILE_HELP, read_bytes, read_file
from scheduler_core.cli.terminal import Terminal, print_json, print_table, write
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.registry import ENGINES, REPAIR_CHOICES, REPAIR_SECONDS, REPAIRS
from scheduler_core.interchange import schedule_from_json, schedule_to_json, snapshot_sha256, snapshot_to_json
from scheduler_core.judge.kpis import measure
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("snapshot", metavar="SNAPSHOT", type=Path, help=FILE_HELP)
    parser.add_argument("schedule", metavar="SCHEDULE", type=Path, help="the current plan (JSON)")
    parser.add_argument("changes", metavar="CHANGES", type=Path, help="what changes (JSON, changes/1)")
    parser.add_argument("--engine", choices=REPAIR_CHOICES, help="one repair only (default: all three)")
    parser.add_argument("--frozen-hours", type=float, default=0.0, metavar="H", help="hours from plan_start that stay")
    parser.add_argument("--time-limit", type=seconds_argument, default=REPAIR_SECONDS, metavar="S",
                        help=f"seconds of search (default: {REPAIR_SECONDS})")  # fmt: skip
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the repaired schedule; needs --engine")
    parser.add_argument("--changed", type=Path, metavar="FILE", help="write the changed snapshot that it obeys")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Repairs and judges. A schedule that breaks a constraint is never written."""
    from scheduler_core.scenarios.changes_file import changes_from_json
    from scheduler_core.services.what_if import changed_plant

    if args.out is not None and args.engine is None:
        args.parser.error("--out needs --engine: it writes one schedule")
    source = read_file(args.snapshot)
    current = schedule_from_json(read_bytes(args.schedule), source.plant, str(args.schedule))
    changes = changes_from_json(read_bytes(args.changes), source.plant, str(args.changes))
    changed = changed_plant(source.plant, current, changes, 0, args.frozen_hours, ())
    rows, status = [], Exit.DONE
    for engine in (args.engine,) if args.engine else REPAIR_CHOICES:
        found = _repaired(engine, changed, current, args.time_limit, terminal)
        faults = violations(changed, found)
        for fault in faults:
            terminal.say(f"shopwright: {engine} broke {violation_line(fault)}")
        if faults:
            status = Exit.VIOLATIONS
        elif args.out is not None:
            kpis = measure(changed, found)
            write(args.out, schedule_to_json(changed, found, engine, kpis, snapshot_sha256(changed)))
        rows.append(_figures(engine, source.plant, current, changed, found))
    if args.changed is not None:
        write(args.changed, snapshot_to_json(changed))
    if args.json:
        print_json({"plant": changed.name, "repairs": rows})
    else:
        print_table([list(rows[0]), *([_text(v) for v in row.values()] for row in rows)])
    return status


def _repaired(engine: str, changed: Plant, current: Schedule, seconds: float, terminal: Terminal) -> Schedule:
    config = EngineConfig(time_limit=None if engine == "right_shift" else seconds, warm_start=current)
    make = REPAIRS[engine] if engine in REPAIRS else ENGINES[engine]
    try:
        found = make(changed, config, terminal.progress).schedule
    finally:
        terminal.clear()
    assert found is not None
    return found


def _figures(engine: str, plant: Plant, current: Schedule, changed: Plant, found: Schedule) -> dict[str, object]:
    kpis, calm = measure(changed, found), stability(plant, current, changed, found, plant.plan_start)
    return {
        "repair": engine,
        "weighted_tardiness_days": kpis.weighted_tardiness_days,
        "on_time_rate": kpis.on_time_rate,
        "makespan_hours": kpis.makespan_hours,
        "moved_24h": calm.moved_24h,
        "moved_72h": calm.moved_72h,
    }


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if isinstance(value, float) else str(value)
