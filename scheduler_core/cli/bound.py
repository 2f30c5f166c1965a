"""``shopwright bound``: what no plan can be better than, how far the greedy one is from it, and what binds."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from scheduler_core.cli.engine_runs import Outcome, bound_of, run_engine, seconds_argument
from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.plant_sources import add_input, read_input
from scheduler_core.cli.terminal import Terminal, print_json, print_table
from scheduler_core.engines.config import EngineConfig
from scheduler_core.objectives import Objective, unit_of
from scheduler_core.plant import Plant

if TYPE_CHECKING:
    from scheduler_core.bounds import Bound

NAMES = {
    Objective.TARDINESS: "weighted tardiness",
    Objective.ON_TIME: "late jobs",
    Objective.MAKESPAN: "makespan",
}  # fmt: skip


@dataclass(frozen=True)
class _Line:
    """One objective: its bound, and the greedy plan that was made for it."""

    objective: Objective
    bound: Bound
    greedy: Outcome

    @property
    def value(self) -> float | None:
        return self.greedy.result.objective

    @property
    def gap(self) -> float | None:
        return None if self.value is None else self.bound.gap(self.value)


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    add_input(parser)
    parser.add_argument("--time-limit", type=seconds_argument, metavar="S",
                        help="seconds for each bound (default: no limit)")  # fmt: skip
    parser.add_argument("--rule", default="best", metavar="R", help="the greedy plan's dispatching rule, or best (default)")
    parser.add_argument("--json", action="store_true", help="print the bounds as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Bounds every objective that the plant has, and plans for each by rule."""
    plant = read_input(args, terminal).plant
    has_due = any(job.due is not None for job in plant.jobs)
    lines = []
    for objective in NAMES:
        if has_due or objective == Objective.MAKESPAN:
            bound = bound_of(plant, objective, args.time_limit, terminal)
            config = replace(EngineConfig(), objective=objective, rule=args.rule)
            lines.append(_Line(objective, bound, run_engine("greedy", plant, config, terminal)))
    if args.json:
        print_json({"plant": plant.name, "bounds": [_as_dict(line) for line in lines]})
    else:
        _print(plant, lines)
    return Exit.VIOLATIONS if any(line.greedy.faults for line in lines) else Exit.DONE


def _print(plant: Plant, lines: list[_Line]) -> None:
    from scheduler_core.bounds import binding_lines, bound_line

    print(plant.name)
    print_table([
        ["", "lower bound", "greedy plan", "gap", "unit"],
        *([
            NAMES[line.objective],
            f"{line.bound.value:.2f}",
            "" if line.value is None else f"{line.value:.2f}",
            "" if line.gap is None else f"{line.gap:.1%}",
            unit_of(line.objective),
        ] for line in lines),
    ])  # fmt: skip
    for line in lines:
        print()
        print(bound_line(plant, line.bound))
        for reason in binding_lines(plant, line.bound):
            print(f"  {reason}")


def _as_dict(line: _Line) -> dict[str, object]:
    bound = line.bound
    return {
        "objective": line.objective.value,
        "unit": unit_of(line.objective),
        "lower_bound": bound.value,
        "alone": bound.alone,
        "greedy": line.value,
        "gap": line.gap,
        "jobs": [{"job": j.job.id, "completion": j.completion, "minutes_late": j.minutes_late} for j in bound.jobs],
        "groups": [
            {"machines": list(g.machines), "share": round(g.share, 4), "operations": g.operations, "minutes": g.work}
            for g in bound.groups
        ],
    }
