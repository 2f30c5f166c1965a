"""``shopwright schedule``: one engine, one plan."""

from __future__ import annotations

import argparse
from pathlib import Path

from scheduler_core.cli.engine_runs import add_settings, config_of, kpi_rows, run_engine, violation_line
from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.plant_sources import add_input, read_input
from scheduler_core.cli.terminal import STDOUT, Terminal, print_json, print_table, write
from scheduler_core.engines.registry import ENGINES
from scheduler_core.interchange import schedule_to_json
from scheduler_core.objectives import unit_of


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    add_input(parser)
    parser.add_argument("--engine", choices=list(ENGINES), default="greedy", help="who makes the plan (default: greedy)")
    add_settings(parser)
    parser.add_argument(
        "--out", type=Path, metavar="SCHEDULE.json", help="write the schedule to this file (-: standard output)"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Plans, judges, writes. A schedule that breaks a constraint is never written."""
    if args.json and args.out == STDOUT:
        args.parser.error("--json and --out - both write to standard output")
    source = read_input(args, terminal)
    config = config_of(args, args.engine, source.plant, args.began)
    outcome = run_engine(args.engine, source.plant, config, terminal)
    result = outcome.result
    if result.schedule is None:
        terminal.say(f"shopwright: no schedule: {result.reason or result.status.value}")
    for fault in outcome.faults:
        terminal.say(f"shopwright: {args.engine} broke {violation_line(fault)}")
    if outcome.faults:
        terminal.say("shopwright: the schedule breaks constraints and is not written")
    written = outcome.status is Exit.DONE and args.out is not None
    if written:
        assert result.schedule is not None
        assert outcome.kpis is not None
        write(args.out, schedule_to_json(source.plant, result.schedule, args.engine, outcome.kpis, source.sha256))
    if args.json:
        out = str(args.out) if written else None
        print_json({"plant": source.plant.name, **outcome.as_dict(config.objective), "out": out})
    elif outcome.status is Exit.DONE and args.out != STDOUT:
        assert outcome.kpis is not None
        how = ", ".join(f"{k.replace('_', ' ')} {v}" for k, v in result.detail.items() if k != "curve")
        print(f"{source.plant.name}: {args.engine}, {result.status.value} in {result.seconds:.2f} s ({how})")
        if result.lower_bound is not None:
            print(f"{config.objective.value}: no schedule can be below {result.lower_bound:.2f} {unit_of(config.objective)}")
        print_table(kpi_rows(outcome.kpis), header=False)
        if written:
            print(f"written to {args.out}")
    return outcome.status
