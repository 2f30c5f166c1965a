"""Every engine on plants at the edge of what a factory can be: is all of it planned, without breaking a rule, and how well?

    python benchmarks/stress.py [--cases "one machine,zero slack"] [--seed 0] [--jobs N] [--seconds 3]

The cases are those of scheduler_core/environments/stress_plants.py. The exit status is 1 if any schedule breaks a rule or
leaves an operation out.
"""

from __future__ import annotations

import argparse
import sys

from report import heading, markdown_table

from scheduler_core.comparison.spec import EngineSpec, parse_spec
from scheduler_core.comparison.trial import Trial, run_trial, warm_up
from scheduler_core.environments.stress_plants import CASES
from scheduler_core.objectives import Objective

COLUMNS = (
    "case", "jobs", "operations", "way", "weighted tardiness, days", "over the best rule", "on time", "completion",
    "violations", "CPU s",
)  # fmt: skip


def methods(seconds: float) -> dict[str, EngineSpec]:
    """The engines by the names that the table gives them; the first one is what the others are compared with."""
    return {
        "best rule": parse_spec("greedy rule=best"),
        "learned, best of 8": parse_spec("learned samples=8"),
        f"learned, {seconds:g} s": parse_spec(f"learned time_limit={seconds}"),
    }


def main() -> int:
    """Prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", default=",".join(CASES), help="with commas (default: all)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, help="jobs of every case (default: each its own)")
    parser.add_argument("--seconds", type=float, default=3.0, help="wall seconds of the last way (default: %(default)s)")
    args = parser.parse_args()
    names = args.cases.split(",")
    if unknown := [n for n in names if n not in CASES]:
        parser.error(f"--cases: {unknown[0]!r} must be one of {', '.join(CASES)}")
    specs = methods(args.seconds)
    warm_up(specs.values())
    rows: list[list[str]] = []
    sound = True
    for name in names:
        plant = CASES[name](args.seed) if args.jobs is None else CASES[name](args.seed, args.jobs)
        best: Trial | None = None
        for method, spec in specs.items():
            trial = run_trial(spec, plant, Objective.TARDINESS)
            best = best or trial
            sound = sound and trial.violations == 0 and trial.completion == 1.0
            rows.append([name, f"{len(plant.jobs)}", f"{plant.operation_count}", method, *_cells(trial, best)])
            print(" | ".join(rows[-1]), file=sys.stderr, flush=True)
    print(heading("Plants at the edge", sys.argv[1:]))
    print(markdown_table(COLUMNS, rows))
    return 0 if sound else 1


def _cells(trial: Trial, best: Trial) -> list[str]:
    if trial.value is None or trial.kpis is None:
        return [trial.reason, "", "", "0 %", "", f"{trial.cpu_seconds:.2f}"]
    on_time = trial.kpis.on_time_rate
    return [
        f"{trial.value:.1f}",
        f"{trial.value / best.value:.3f}" if best.value else "–",
        "–" if on_time is None else f"{on_time:.1%}",
        f"{trial.completion:.1%}",
        f"{trial.violations}",
        f"{trial.cpu_seconds:.2f}",
    ]


if __name__ == "__main__":
    sys.exit(main())
