"""Running an engine for a command: settings from arguments, and the judge's verdict before anything is shown."""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.interrupts import first_keeps_the_best
from scheduler_core.cli.plant_sources import objective_of
from scheduler_core.cli.terminal import Terminal
from scheduler_core.comparison.spec import EXACT_SECONDS, SAMPLES
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.registry import ALL_ENGINES
from scheduler_core.judge.kpis import Kpis, measure
from scheduler_core.judge.validator import Violation, violations
from scheduler_core.objectives import NAMED, Objective, unit_of
from scheduler_core.plant import Plant
from scheduler_core.schedule import Result

if TYPE_CHECKING:
    from scheduler_core.bounds import Bound

KPI_LABELS: tuple[tuple[str, str, Callable[[float], str]], ...] = (
    ("makespan_hours", "makespan, hours", "{:.2f}".format),
    ("weighted_tardiness_days", "weighted tardiness, days", "{:.2f}".format),
    ("mean_days_late", "mean days late", "{:.2f}".format),
    ("mean_days_late_of_late", "mean days late of late jobs", "{:.2f}".format),
    ("on_time_rate", "on time", "{:.1%}".format),
    ("important_on_time_rate", "important on time", "{:.1%}".format),
    ("utilization_mean", "utilisation, mean", "{:.1%}".format),
    ("utilization_std", "utilisation, standard deviation", "{:.1%}".format),
    ("setup_hours", "setup, hours", "{:.2f}".format),
    ("overtime_hours", "overtime, hours", "{:.2f}".format),
    ("completion_rate", "operations scheduled", "{:.1%}".format),
)


@dataclass(frozen=True)
class Outcome:
    """An engine's result, judged. ``kpis`` is None without a schedule."""

    result: Result
    faults: tuple[Violation, ...]
    kpis: Kpis | None
    cpu_seconds: float

    @property
    def status(self) -> Exit:
        """The exit status that this outcome deserves."""
        if self.result.schedule is None:
            return Exit.NO_SCHEDULE
        return Exit.VIOLATIONS if self.faults else Exit.DONE

    def as_dict(self, objective: Objective) -> dict[str, object]:
        """The outcome for a program to read."""
        return {
            "engine": self.result.engine,
            "status": self.result.status.value,
            "objective": objective.value,
            "unit": unit_of(objective),
            "value": self.result.objective,
            "lower_bound": self.result.lower_bound,
            "seconds": round(self.result.seconds, 3),
            "cpu_seconds": round(self.cpu_seconds, 3),
            "detail": {
                k: v if isinstance(v, int | float | str | bool | tuple | None) else str(v)
                for k, v in self.result.detail.items()
            },
            "violations": [violation_dict(f) for f in self.faults],
            "kpis": None if self.kpis is None else self.kpis.as_dict(),
        }


def add_settings(parser: argparse.ArgumentParser) -> None:
    """The arguments that every engine run takes."""
    parser.add_argument("--objective", metavar="OBJECTIVE",
                        help=f"the objective to minimise: {', '.join(NAMED)}, or weights as in tardiness=1,overtime=0.2 "
                             "(default: tardiness; makespan if no job has a due date)")  # fmt: skip
    parser.add_argument("--rule", default="best", metavar="R", help="greedy: a dispatching rule, or best (default)")
    parser.add_argument("--samples", type=at_least_one, metavar="N",
                        help=f"learned: return the best of N (default: {SAMPLES}, or 1 with a time limit)")  # fmt: skip
    parser.add_argument("--time-limit", type=seconds_argument, metavar="S",
                        help="stop S seconds after the start, and improve the plan until then; with learned, Ctrl-C "
                             f"keeps the best so far (default: none; exact: {EXACT_SECONDS:.0f})")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="random seed (default: 0)")
    parser.add_argument("--model", metavar="NAME", help="learned: a checkpoint (default: the active one)")
    parser.add_argument("--variation", type=percentage, default=0.0, metavar="P",
                        help="learned with --time-limit: plan for durations with a standard deviation of P %% of their mean "
                             "(default: 0, they are as planned)")  # fmt: skip


def config_of(args: argparse.Namespace, engine: str, plant: Plant, since: float) -> EngineConfig:
    """The engine's settings; its time limit is what remains since the given ``time.perf_counter``."""
    limit: float | None = args.time_limit
    samples = args.samples or (SAMPLES if limit is None else 1)
    if limit is None and engine == "exact":
        limit = EXACT_SECONDS
    return EngineConfig(
        objective=objective_of(args, plant),
        time_limit=None if limit is None else max(0.0, limit - (time.perf_counter() - since)),
        seed=args.seed,
        rule=args.rule,
        samples=samples,
        model=args.model,
        variation=args.variation,
    )


def percentage(text: str) -> float:
    """An option from 0 to 200 %, as a share of 1. Raises ValueError and ArgumentTypeError."""
    value = float(text.removesuffix("%"))
    if not 0 <= value <= 200:
        raise argparse.ArgumentTypeError(f"{text} is not a percentage from 0 to 200")
    return value / 100


def run_engine(name: str, plant: Plant, config: EngineConfig, terminal: Terminal) -> Outcome:
    """Runs the engine and judges its schedule; Ctrl-C ends an improvement with the best so far, a second one ends all.

    Raises what the engine raises.
    """
    improves = name in ("learned", "repair", "best") and config.time_limit is not None
    began = time.process_time()
    try:
        with first_keeps_the_best(terminal.progress) if improves else nullcontext(terminal.progress) as progress:
            result = ALL_ENGINES[name](plant, config, progress)
    finally:
        terminal.clear()
    cpu = time.process_time() - began
    if result.schedule is None:
        return Outcome(result, (), None, cpu)
    return Outcome(result, violations(plant, result.schedule), measure(plant, result.schedule), cpu)


def value_bound(plant: Plant, objective: Objective, time_limit: float | None, terminal: Terminal) -> float:
    """A lower bound of the objective, also for a mixed objective. Raises Unschedulable."""
    from scheduler_core.bounds import lower_value

    try:
        return lower_value(plant, objective, time_limit, lambda share: terminal.progress(share, "computing a lower bound"))
    finally:
        terminal.clear()


def bound_of(plant: Plant, objective: Objective, time_limit: float | None, terminal: Terminal) -> Bound:
    """The lower bound of a single objective, with the constraints that determine it. Raises Unschedulable."""
    from scheduler_core.bounds import lower_bound

    try:
        return lower_bound(plant, objective, time_limit, lambda share: terminal.progress(share, "computing a lower bound"))
    finally:
        terminal.clear()


def kpi_rows(kpis: Kpis) -> list[list[str]]:
    """Label and value of each figure, in words."""
    values = kpis.as_dict()
    return [[label, "none" if (v := values[key]) is None else form(v)] for key, label, form in KPI_LABELS]


def violation_dict(fault: Violation) -> dict[str, object]:
    """A violation for a program to read."""
    return {
        "rule": fault.rule.value,
        "number": fault.rule.number,
        "job": fault.job,
        "sequence": fault.sequence,
        "machine": fault.machine,
        "message": fault.message,
    }


def violation_line(fault: Violation) -> str:
    """A violation for a person to read."""
    return f"rule {fault.rule.number} ({fault.rule.value}): {fault.message}"


def seconds_argument(text: str) -> float:
    """An argument that is a number of seconds."""
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds from 0 on")
    return value


def at_least_one(text: str) -> int:
    """The type of an argument that is a number of things."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return value
