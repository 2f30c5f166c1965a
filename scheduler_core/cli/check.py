"""``shopwright check``: does a schedule obey every constraint of its snapshot?"""

from __future__ import annotations

import argparse
from pathlib import Path

from scheduler_core.cli.engine_runs import kpi_rows, violation_dict, violation_line
from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.moves import (
    add_frozen_hours,
    counted_moves,
    moves_argument,
    moves_dict,
    moves_line,
    say_if_foreign,
    with_frozen_hours,
    zone_dict,
    zone_lines,
)
from scheduler_core.cli.plant_sources import FILE_HELP, read_bytes, read_file
from scheduler_core.cli.terminal import Terminal, print_json, print_table
from scheduler_core.engines.config import EngineConfig
from scheduler_core.interchange import ScheduleFile, schedule_file_from_json, schedule_from_json
from scheduler_core.judge.frozen_zone import FrozenZone
from scheduler_core.judge.kpis import Kpis, measure
from scheduler_core.judge.moves import Moves
from scheduler_core.judge.validator import violations
from scheduler_core.runs.kept_zone import judged_zone

TOLERANCE = 0.01
"""How far a stated figure may be from the measured one: stated figures are often rounded."""


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("snapshot", metavar="SNAPSHOT", type=Path, help=FILE_HELP)
    parser.add_argument("schedule", metavar="SCHEDULE", type=Path, help="a schedule (JSON)")
    parser.add_argument("--against", type=Path, metavar="OLD", help="the earlier plan (JSON): count the moved operations")
    parser.add_argument(
        "--most-moves",
        type=moves_argument,
        metavar="N",
        help="with --against: exit status 1 if more than N operations moved",
    )
    add_frozen_hours(parser, "with --against: exit status 1 if an operation that starts within H hours moved without need")
    parser.add_argument("--json", action="store_true", help="print the verdict as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Judges. Violations, moves beyond --most-moves and moves in the frozen zone decide the exit status; what the file
    states about itself is only remarked upon."""
    if args.most_moves is not None and args.against is None:
        args.parser.error("--most-moves needs --against, the earlier plan")
    if args.frozen_hours and args.against is None:
        args.parser.error("--frozen-hours needs --against, the earlier plan")
    source = read_file(args.snapshot, terminal)
    raw = read_bytes(args.schedule)
    file = schedule_file_from_json(raw, source.plant, str(args.schedule))
    faults = violations(source.plant, file.schedule)
    kpis = measure(source.plant, file.schedule)
    notes = list(_notes(file, source.plant.name, source.sha256, kpis))
    counted: Moves | None = None
    zone: FrozenZone | None = None
    if args.against is not None:
        before = schedule_from_json(read_bytes(args.against), source.plant, str(args.against))
        say_if_foreign(terminal, source.plant, before, args.against)
        config = with_frozen_hours(EngineConfig(warm_start=before), args, source.plant)
        zone = judged_zone(source.plant, config, file.schedule)
        # What gives way to the zone is told from other moves in a valid plan only.
        counted = counted_moves(source.plant, before, file.schedule, None if faults else zone)
    too_many = counted is not None and args.most_moves is not None and len(counted.moved) > args.most_moves
    if args.json:
        told: dict[str, object] = {"valid": not faults, "violations": [violation_dict(f) for f in faults], "notes": notes,
                                   "kpis": kpis.as_dict()}  # fmt: skip
        if counted is not None:
            told["moves"] = moves_dict(counted)
        if zone is not None:
            told["frozen"] = zone_dict(zone)
        print_json(told)
    else:
        for note in notes:
            terminal.say(f"note: {note}")
        for fault in faults:
            print(violation_line(fault))
        if faults:
            rules = sorted({f.rule.number for f in faults})
            print(f"{len(faults)} violations of rules {', '.join(map(str, rules))}")
        else:
            print(f"valid: all {len(file.schedule.assignments)} operations obey every constraint")
            print_table(kpi_rows(kpis), header=False)
        if counted is not None:
            print(moves_line(counted, args.most_moves))
        for line in () if zone is None else zone_lines(zone):
            print(line)
    broken = zone is not None and bool(zone.moved)
    return Exit.VIOLATIONS if faults or too_many or broken else Exit.DONE


def _notes(file: ScheduleFile, name: str, sha256: str, kpis: Kpis) -> list[str]:
    notes: list[str] = []
    if file.snapshot != name:
        notes.append(f"the schedule names the snapshot {file.snapshot!r}, this one is {name!r}")
    if file.snapshot_sha256 != sha256:
        notes.append(f"the schedule states the snapshot's SHA-256 as {file.snapshot_sha256}, this one's is {sha256}")
    stated = file.kpis or {}
    for key, value in kpis.as_dict().items():
        said = stated.get(key)
        if key not in stated:
            notes.append(f"{key} is not stated; it is {value}")
        elif (said is None) != (value is None) or (said is not None and value is not None and abs(said - value) > TOLERANCE):
            notes.append(f"{key} is stated as {said}; it is {value}")
    return notes
