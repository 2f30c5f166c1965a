"""``shopwright whatif``: what becomes of a plan when something changes, repaired in three ways."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from scheduler_core.analysis.stability import stability
from scheduler_core.cli.engine_runs import seconds_argument, violation_line
from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.moves import add_limits, counted_moves, say_if_foreign, with_limits
from scheduler_core.cli.plant_sources import FILE_HELP, read_bytes, read_file
from scheduler_core.cli.terminal import Terminal, print_json, print_table, write
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.registry import REPAIR_SECONDS, REPAIRS, REPLANS
from scheduler_core.interchange import schedule_from_json, schedule_to_json, snapshot_sha256, snapshot_to_json
from scheduler_core.judge.kpis import measure
from scheduler_core.judge.validator import violations
from scheduler_core.plant import Plant
from scheduler_core.runs.kept_zone import judged_zone
from scheduler_core.schedule import Schedule


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("snapshot", metavar="SNAPSHOT", type=Path, help=FILE_HELP)
    parser.add_argument("schedule", metavar="SCHEDULE", type=Path, help="the current plan (JSON)")
    parser.add_argument("changes", metavar="CHANGES", type=Path, help="the changes (JSON, changes/1)")
    parser.add_argument("--engine", choices=list(REPLANS), help="only this method (default: all three)")
    add_limits(parser)
    parser.add_argument("--time-limit", type=seconds_argument, default=REPAIR_SECONDS, metavar="S",
                        help=f"seconds of search (default: {REPAIR_SECONDS})")  # fmt: skip
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the repaired schedule; needs --engine")
    parser.add_argument("--changed", type=Path, metavar="FILE", help="write the changed snapshot")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Repairs and judges. A schedule that breaks a constraint is never written."""
    from scheduler_core.scenarios.changes_file import changes_from_json
    from scheduler_core.services.what_if import changed_plant

    if args.out is not None and args.engine is None:
        args.parser.error("--out needs --engine: it writes one schedule")
    source = read_file(args.snapshot, terminal)
    current = schedule_from_json(read_bytes(args.schedule), source.plant, str(args.schedule))
    say_if_foreign(terminal, source.plant, current, args.schedule)
    changes = changes_from_json(read_bytes(args.changes), source.plant, str(args.changes))
    changed = changed_plant(source.plant, current, changes, 0, 0.0, ())
    limits = with_limits(EngineConfig(warm_start=current), args, source.plant)
    rows, status = [], Exit.DONE
    for name in (args.engine,) if args.engine else REPLANS:
        engine = REPLANS[name]
        config = replace(limits, time_limit=None if engine == "right_shift" else args.time_limit)
        found = _repaired(engine, changed, config, terminal)
        faults = violations(changed, found)
        for fault in faults:
            terminal.say(f"shopwright: {engine} broke {violation_line(fault)}")
        if faults:
            status = Exit.VIOLATIONS
        elif args.out is not None:
            kpis = measure(changed, found)
            write(args.out, schedule_to_json(changed, found, engine, kpis, snapshot_sha256(changed)))
        count = counted_moves(changed, current, found, None if faults else judged_zone(changed, config, found))
        rows.append(_figures(name, source.plant, current, changed, found, len(count.moved)))
    if args.changed is not None:
        write(args.changed, snapshot_to_json(changed))
    if args.json:
        print_json({"plant": changed.name, "repairs": rows})
    else:
        print_table([list(rows[0]), *([_text(v) for v in row.values()] for row in rows)])
    return status


def _repaired(engine: str, changed: Plant, config: EngineConfig, terminal: Terminal) -> Schedule:
    try:
        found = REPAIRS[engine](changed, config, terminal.progress).schedule
    finally:
        terminal.clear()
    assert found is not None
    return found


def _figures(
    name: str, plant: Plant, current: Schedule, changed: Plant, found: Schedule, moved: int
) -> dict[str, object]:  # fmt: skip
    kpis, calm = measure(changed, found), stability(plant, current, changed, found, plant.plan_start)
    return {
        "repair": name,
        "weighted_tardiness_days": kpis.weighted_tardiness_days,
        "on_time_rate": kpis.on_time_rate,
        "makespan_hours": kpis.makespan_hours,
        "moves": moved,
        "moved_24h": calm.moved_24h,
        "moved_72h": calm.moved_72h,
        "mean_shift_minutes": calm.mean_shift_minutes,
        "machine_changed": calm.machine_changed,
        "neighbours_swapped": calm.neighbours_swapped,
    }


def _text(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if isinstance(value, float) else str(value)
