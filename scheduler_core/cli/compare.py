"""``shopwright compare``: the engines side by side on one plant."""

from __future__ import annotations

import argparse
import time

from scheduler_core.cli.engine_runs import (
    KPI_LABELS,
    Outcome,
    add_settings,
    config_of,
    run_engine,
    value_bound,
    violation_line,
)
from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.plant_sources import add_input, objective_of, read_input
from scheduler_core.cli.terminal import Terminal, print_json, print_table
from scheduler_core.engines.registry import ENGINES
from scheduler_core.errors import InvalidValue
from scheduler_core.objectives import Objective, unit_of
from scheduler_core.plant import Plant
from scheduler_core.reports import ExactReport
from scheduler_core.schedule import Result, Status

EXACT_SECONDS = 10.0
BOUND_SECONDS = 5.0


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    add_input(parser)
    parser.add_argument("--engines", metavar="A,B", default=",".join(ENGINES), type=_engines,
                        help=f"engines, separated by commas (default: {','.join(ENGINES)})")  # fmt: skip
    add_settings(parser)
    parser.add_argument("--json", action="store_true", help="print the comparison as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """One column per engine; the time limit is each engine's own. An engine that cannot run is named, not hidden."""
    source = read_input(args, terminal)
    objective = objective_of(args, source.plant)
    outcomes: dict[str, Outcome] = {}
    for name in args.engines:
        began = time.perf_counter()
        settings = argparse.Namespace(**vars(args))
        if name == "exact" and args.time_limit is None:
            settings.time_limit = EXACT_SECONDS
        try:
            outcomes[name] = run_engine(name, source.plant, config_of(settings, name, source.plant, began), terminal)
        except InvalidValue as error:
            # A setting of one engine, such as a missing model, need not spoil the comparison of the others.
            terminal.say(f"shopwright: {name}: {error}")
            failed = Result(name, Status.NO_SOLUTION, None, report=ExactReport(reason=str(error)))
            outcomes[name] = Outcome(failed, (), None, 0.0)
    bound = _best_bound(source.plant, objective, outcomes, terminal)
    if args.json:
        engines = [{**o.as_dict(objective), "gap": _gap(o, bound)} for o in outcomes.values()]
        print_json({"plant": source.plant.name, "lower_bound": bound, "engines": engines})
    else:
        print(f"{source.plant.name}, objective {objective.value}")
        print_table(table(outcomes, objective, bound))
        for name, outcome in outcomes.items():
            if outcome.result.schedule is None:
                terminal.say(f"{name}: no schedule: {outcome.result.reason or outcome.result.status.value}")
            for fault in outcome.faults:
                terminal.say(f"{name} broke {violation_line(fault)}")
    if any(o.faults for o in outcomes.values()):
        return Exit.VIOLATIONS
    return Exit.DONE if any(o.kpis for o in outcomes.values()) else Exit.NO_SCHEDULE


def table(outcomes: dict[str, Outcome], objective: Objective, bound: float | None) -> list[list[str]]:
    """A row per figure, a column per engine. ``bound``: a lower bound of the objective."""
    every = list(outcomes.values())
    rows = [["", *outcomes], ["status", *(_status(o) for o in every)]]
    for key, label, form in KPI_LABELS:
        values = [None if o.kpis is None or o.faults else o.kpis.as_dict()[key] for o in every]
        rows.append([label, *("" if v is None else form(v) for v in values)])
    if bound is not None:
        rows.append([f"lower bound, {unit_of(objective)}", *(f"{bound:.2f}" for _ in every)])
        rows.append(["gap to the lower bound", *("" if (g := _gap(o, bound)) is None else f"{g:.1%}" for o in every)])
    rows.append(["seconds", *(f"{o.result.seconds:.2f}" for o in every)])
    rows.append(["CPU seconds", *(f"{o.cpu_seconds:.2f}" for o in every)])
    return rows


def _best_bound(
    plant: Plant, objective: Objective, outcomes: dict[str, Outcome], terminal: Terminal
) -> float | None:  # fmt: skip
    """The best lower bound, of the engines and of the plant; None if no engine made a plan."""
    if not any(o.kpis for o in outcomes.values()):
        return None
    proven = [o.result.lower_bound for o in outcomes.values() if o.result.lower_bound is not None]
    if not any(o.result.status is Status.OPTIMAL for o in outcomes.values()):
        proven.append(value_bound(plant, objective, BOUND_SECONDS, terminal))
    return max(proven, default=None)


def _gap(outcome: Outcome, bound: float | None) -> float | None:
    """How far the engine's plan may be above the best one, as a share of its value; None without a valid plan."""
    value = outcome.result.objective
    if bound is None or value is None or outcome.kpis is None or outcome.faults:
        return None
    return max(0.0, (value - bound) / value) if value > 0 else 0.0


def _status(outcome: Outcome) -> str:
    return f"{len(outcome.faults)} violations" if outcome.faults else outcome.result.status.value


def _engines(text: str) -> list[str]:
    names = text.split(",")
    unknown = [n for n in names if n not in ENGINES]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} must be one of {', '.join(ENGINES)}")
    return list(dict.fromkeys(names))
