"""``shopwright schedule``: one engine, one plan."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from scheduler_core.cli.engine_runs import add_settings, config_of, kpi_rows, run_engine, violation_line
from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.moves import (
    add_limits,
    counted_moves,
    moves_dict,
    moves_line,
    say_if_foreign,
    with_limits,
    zone_dict,
    zone_lines,
)
from scheduler_core.cli.plant_sources import add_input, read_bytes, read_input
from scheduler_core.cli.terminal import STDOUT, Terminal, print_json, print_table, write
from scheduler_core.engines.registry import ENGINES, REPLANS
from scheduler_core.interchange import schedule_from_json, schedule_to_json
from scheduler_core.objectives import unit_of
from scheduler_core.runs.kept_zone import judged_zone


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    add_input(parser)
    parser.add_argument("--engine", choices=[*ENGINES, *REPLANS],
                        help="the engine (default: greedy; with --start-from: calm if --most-moves is given, "
                             "otherwise best)")  # fmt: skip
    add_settings(parser)
    parser.add_argument("--start-from", type=Path, metavar="PLAN.json",
                        help="replan from this plan, the one in force, with keep (same sequence, later times), calm (few "
                             "moves) or best; other engines keep its frozen zone (--frozen-hours)")  # fmt: skip
    add_limits(parser)
    parser.add_argument(
        "--out", type=Path, metavar="SCHEDULE.json", help="write the schedule to this file (-: standard output)"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Plans, judges, writes. A schedule that breaks a constraint is never written."""
    if args.json and args.out == STDOUT:
        args.parser.error("--json and --out - both write to standard output")
    engine = _engine(args)
    source = read_input(args, terminal)
    config = config_of(args, engine, source.plant, args.began)
    if args.start_from is not None:
        before = schedule_from_json(read_bytes(args.start_from), source.plant, str(args.start_from))
        say_if_foreign(terminal, source.plant, before, args.start_from)
        config = with_limits(replace(config, warm_start=before), args, source.plant)
    outcome = run_engine(engine, source.plant, config, terminal)
    result = outcome.result
    zone = None if result.schedule is None or outcome.faults else judged_zone(source.plant, config, result.schedule)
    counted = None if config.warm_start is None or result.schedule is None or outcome.faults else (
        counted_moves(source.plant, config.warm_start, result.schedule, zone)
    )  # fmt: skip
    broken = zone is not None and bool(zone.moved)
    # What keep makes was asked for, also where it is the plan in force.
    stays = engine != REPLANS["keep"] and getattr(result.report, "stays", False)
    if result.schedule is None:
        terminal.say(f"shopwright: no schedule: {result.reason or result.status.value}")
    for fault in outcome.faults:
        terminal.say(f"shopwright: {engine} broke {violation_line(fault)}")
    if outcome.faults:
        terminal.say("shopwright: the schedule breaks constraints and is not written")
    if broken:
        terminal.say("shopwright: the schedule breaks the frozen zone and is not written")
    written = outcome.status is Exit.DONE and not broken and args.out is not None and not stays
    if written:
        assert result.schedule is not None
        assert outcome.kpis is not None
        write(args.out, schedule_to_json(source.plant, result.schedule, engine, outcome.kpis, source.sha256))
    if args.json:
        out = str(args.out) if written else None
        told = {"plant": source.plant.name, **outcome.as_dict(config.objective), "out": out}
        if counted is not None:
            told |= {"stays": stays, "moves": moves_dict(counted)}
        print_json(told if zone is None else {**told, "frozen": zone_dict(zone)})
    elif outcome.status is Exit.DONE and args.out != STDOUT:
        assert outcome.kpis is not None
        how = ", ".join(f"{k.replace('_', ' ')} {v}" for k, v in result.detail.items() if k not in ("curve", "prices"))
        print(f"{source.plant.name}: {engine}, {result.status.value} in {result.seconds:.2f} s ({how})")
        if result.lower_bound is not None:
            print(f"{config.objective.value}: no schedule can be below {result.lower_bound:.2f} {unit_of(config.objective)}")
        print_table(kpi_rows(outcome.kpis), header=False)
        if counted is not None:
            print(moves_line(counted, config.most_moves if engine == "repair" else None))
        for line in () if zone is None else zone_lines(zone):
            print(line)
        if stays:
            print(f"Nothing better found: the plan stays ({args.start_from})")
        if written:
            print(f"written to {args.out}")
    return Exit.VIOLATIONS if broken else outcome.status


def _engine(args: argparse.Namespace) -> str:
    """The engine's name; the arguments must fit each other."""
    named: str | None = args.engine
    if args.variation and named != "learned":
        args.parser.error(f"--variation is what learned plans for, not {named or 'greedy'}")
    if args.variation and args.time_limit is None:
        args.parser.error("--variation needs --time-limit: a robust plan is improved until the time is over")
    if args.start_from is None:
        if named in REPLANS or args.most_moves is not None or args.frozen_hours:
            args.parser.error("keep, calm, best, --most-moves and --frozen-hours need --start-from: the plan in force")
        return named or "greedy"
    if named is None:
        named = "best" if args.most_moves is None else "calm"
    if named not in REPLANS and not any(hours > 0 for _, hours in args.frozen_hours):
        args.parser.error(f"--start-from needs keep, calm, best or --frozen-hours: {named} plans from nothing")
    if args.most_moves is not None and named != "calm":
        args.parser.error(f"--most-moves is what calm keeps to, not {named}")
    return REPLANS.get(named, named)
