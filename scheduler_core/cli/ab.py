"""``shopwright ab``: two engines with their settings on many plants."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.plant_sources import FILE_HELP, read_file
from scheduler_core.cli.terminal import Terminal, print_json, print_table
from scheduler_core.comparison.spec import HELP, parse_spec
from scheduler_core.objectives import Objective, unit_of

if TYPE_CHECKING:
    from scheduler_core.comparison.ab import AbReport
    from scheduler_core.comparison.trial import Trial
    from scheduler_core.plant import Plant


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("files", metavar="FILE", nargs="*", type=Path, help=f"{FILE_HELP}; default: random plants")
    parser.add_argument("--a", required=True, metavar="SPEC", help=f"'ENGINE key=value ...'; {HELP}")
    parser.add_argument("--b", required=True, metavar="SPEC", help="the second engine, such as 'learned samples=64'")
    parser.add_argument("--size", default="40x100", help="size of random plants, machines x jobs (default: %(default)s)")
    parser.add_argument("--trials", type=int, default=30, metavar="N", help="number of random plants (default: %(default)s)")
    parser.add_argument(
        "--objective", default="tardiness", metavar="O", help="the objective to compare (default: %(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Compares, trial by trial. Violations decide the exit status."""
    a, b = parse_spec(args.a, "--a"), parse_spec(args.b, "--b")
    objective = Objective.parse(args.objective)
    plants = [read_file(path, terminal).plant for path in args.files] if args.files else _random_plants(args)
    from scheduler_core.comparison.ab import compare_schedulers

    try:
        report = compare_schedulers(a, b, plants, objective, terminal.progress)
    finally:
        terminal.clear()
    if args.json:
        print_json(as_dict(report))
    else:
        _print(report)
    for side, trials in (("A", report.trials_a), ("B", report.trials_b)):
        for trial in trials:
            if trial.reason:
                terminal.say(f"{side} has no schedule for {trial.plant}: {trial.reason}")
    if any(report.violations):
        terminal.say(f"shopwright: violations: A {report.violations[0]}, B {report.violations[1]}")
        return Exit.VIOLATIONS
    return Exit.DONE if len(report.pairs[0]) else Exit.NO_SCHEDULE


def _random_plants(args: argparse.Namespace) -> list[Plant]:
    from scheduler_core.environments.random_plants import random_plant
    from scheduler_core.training.config import EVALUATION_SEED
    from scheduler_core.training.evaluate import SIZES

    if args.size not in SIZES:
        args.parser.error(f"--size: {args.size!r} must be one of {', '.join(SIZES)}")
    if args.trials < 1:
        args.parser.error(f"--trials: {args.trials} is less than 1")
    return [random_plant(EVALUATION_SEED + i, SIZES[args.size]) for i in range(args.trials)]


def _print(report: AbReport) -> None:
    print(f"A: {report.a.text}")
    print(f"B: {report.b.text}")
    print(f"objective {report.objective.value}, {unit_of(report.objective)}; lower is better\n")
    rows = [["plant", "A", "B", "B below A"]]
    for one, other in zip(report.trials_a, report.trials_b, strict=True):
        rows.append([one.plant, number(one.value), number(other.value), below(one.value, other.value)])
    print_table(rows)
    a, b = report.pairs
    found, (wins, ties, losses) = report.improvement, report.record
    interval = "" if found.low is None or found.high is None else f" (95 %: {found.low:.1f} to {found.high:.1f} %)"
    print()
    if len(a):
        print(f"mean: A {a.mean():.3f}, B {b.mean():.3f}")
    print("B's mean is " + ("not comparable" if found.value is None else f"{found.value:.1f} % below A's{interval}"))
    print(f"B wins {wins}, ties {ties}, loses {losses} of {len(a)} plants that both have planned")
    for side, trials in (("A", report.trials_a), ("B", report.trials_b)):
        means = _means(trials)
        print(f"{side}: CPU {means['cpu_seconds']:.2f} s, wall {means['wall_seconds']:.2f} s a plan; violations "
              f"{sum(t.violations for t in trials)}; completion {means['completion']:.1%}")  # fmt: skip


def as_dict(report: AbReport) -> dict[str, object]:
    """The report for a program to read."""
    wins, ties, losses = report.record
    sides = {"a": (report.a, report.trials_a), "b": (report.b, report.trials_b)}
    return {
        "objective": report.objective.value,
        "unit": unit_of(report.objective),
        **{
            side: {
                "spec": spec.text,
                "violations": sum(t.violations for t in trials),
                **_means(trials),
                "trials": [trial_dict(t) for t in trials],
            }
            for side, (spec, trials) in sides.items()
        },
        "improvement_percent": asdict(report.improvement),
        "wins": wins,
        "ties": ties,
        "losses": losses,
    }


def trial_dict(trial: Trial) -> dict[str, object]:
    """A trial for a program to read."""
    return {
        "plant": trial.plant,
        "value": trial.value,
        "violations": trial.violations,
        "completion": trial.completion,
        "cpu_seconds": round(trial.cpu_seconds, 3),
        "wall_seconds": round(trial.wall_seconds, 3),
        "reason": trial.reason,
        "kpis": None if trial.kpis is None else trial.kpis.as_dict(),
    }


def number(value: float | None) -> str:
    """An objective's value in a table."""
    return "–" if value is None else f"{value:.3f}"


def below(first: float | None, second: float | None) -> str:
    """By how many percent the second value is below the first."""
    if first is None or second is None or first <= 0:
        return "–"
    return f"{100 * (1 - second / first):.1f} %"


def _means(trials: tuple[Trial, ...]) -> dict[str, float]:
    keys = ("cpu_seconds", "wall_seconds", "completion")
    return {key: float(np.mean([getattr(t, key) for t in trials])) for key in keys}
