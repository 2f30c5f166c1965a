"""``shopwright replay``: past snapshots planned again, beside the plans of their time."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from scheduler_core.cli.ab import below, number, trial_dict
from scheduler_core.cli.engine_runs import at_least_one
from scheduler_core.cli.exit_status import Exit, Failed
from scheduler_core.cli.plant_sources import read_file
from scheduler_core.cli.terminal import Terminal, print_json, print_table
from scheduler_core.comparison.spec import HELP, parse_spec
from scheduler_core.objectives import Objective, unit_of

if TYPE_CHECKING:
    from scheduler_core.comparison.replay import Past, ReplayReport

DEFAULT = ("greedy", "learned")


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("paths", metavar="PATH", nargs="*", type=Path,
                        help="snapshots, or folders of snapshots (default: the store's snapshots)")  # fmt: skip
    parser.add_argument("--last", type=at_least_one, default=10, metavar="N",
                        help="the N newest snapshots of the store (default: %(default)s)")  # fmt: skip
    parser.add_argument("--engine", action="append", metavar="SPEC", dest="engines",
                        help=f"'ENGINE key=value ...', repeatable (default: {', '.join(DEFAULT)}); {HELP}")  # fmt: skip
    parser.add_argument(
        "--objective", default="tardiness", metavar="O", help="the objective to compare (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Plans again. Violations decide the exit status."""
    from scheduler_core.comparison.replay import replay

    specs = [parse_spec(text, "--engine") for text in args.engines or DEFAULT]
    objective = Objective.parse(args.objective)
    pasts = _of_files(args.paths) if args.paths else _of_store(args.last, objective)
    try:
        report = replay(pasts, specs, objective, terminal.progress)
    finally:
        terminal.clear()
    if args.json:
        print_json(as_dict(report))
    else:
        _print(report)
    for row in report.rows:
        for spec, trial in zip(specs, row.now, strict=True):
            if trial.reason:
                terminal.say(f"{spec.text} has no schedule for {row.past.name}: {trial.reason}")
    if report.violations:
        terminal.say(f"shopwright: {report.violations} violations in today's schedules")
        return Exit.VIOLATIONS
    return Exit.DONE


def _of_store(last: int, objective: Objective) -> list[Past]:
    from scheduler_core.comparison.replay import past_of_store
    from scheduler_core.data.store import Store

    store = Store.open()
    try:
        return past_of_store(store, last, objective)
    finally:
        store.close()


def _of_files(paths: list[Path]) -> list[Past]:
    from scheduler_core.comparison.replay import Past

    files = [f for path in paths for f in (sorted(path.glob("*.json")) if path.is_dir() else [path])]
    if not files:
        raise Failed(Exit.USAGE, f"no snapshot (*.json) in {', '.join(map(str, paths))}")
    return [Past(path.stem, read_file(path).plant, plan_name="none") for path in files]


def _print(report: ReplayReport) -> None:
    print(f"objective {report.objective.value}, {unit_of(report.objective)}; lower is better\n")
    header = ["snapshot", "historical plan", "value"]
    for spec in report.specs:
        header += [spec.text, "below it"]
    rows = [header]
    for row in report.rows:
        then = None if row.then is None else row.then.value
        line = [row.past.name, row.past.plan_name, number(then)]
        for trial in row.now:
            line += [number(trial.value), below(then, trial.value)]
        rows.append(line)
    if report.comparable:
        then, now = report.means()
        line = [f"mean of {len(report.comparable)}", "", number(then)]
        for value in now:
            line += [number(value), below(then, value)]
        rows.append(line)
    print_table(rows)
    for k, spec in enumerate(report.specs):
        cpu = sum(r.now[k].cpu_seconds for r in report.rows) / len(report.rows)
        ratio = report.ratio(k)
        print(f"{spec.text}: ratio of the mean to the historical plans' {ratio}; {cpu:.2f} CPU s a plan")


def as_dict(report: ReplayReport) -> dict[str, object]:
    """The report for a program to read."""
    return {
        "objective": report.objective.value,
        "unit": unit_of(report.objective),
        "engines": [s.text for s in report.specs],
        "snapshots": [
            {
                "name": r.past.name,
                "plan_then": r.past.plan_name,
                "then": None if r.then is None else trial_dict(r.then),
                "now": [trial_dict(t) for t in r.now],
            }
            for r in report.rows
        ],
        "compared": len(report.comparable),
        "ratios": [asdict(report.ratio(k)) for k in range(len(report.specs))],
    }
