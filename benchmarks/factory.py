"""Everything that plans, side by side on the same random factories, which neither training nor tuning saw.

    python benchmarks/factory.py [--size 152x500] [--plants 30] [--seconds 10,60] [--exact] [--share 1/8]

EDD, every dispatching rule, the best rule of each plant, the best rules with noise, schedules by resource prices, the
learned engine's best of N and with time limits, and with --exact CP-SAT at the same limits. Ratios are of mean weighted
tardiness to that of the best of all rules, chosen per plant, with paired 95 % bootstrap intervals. Every schedule is judged
by the validator.

Results go to a JSON-lines file as they come. A run that was stopped goes on there; --print only prints what it holds.
On a machine with many cores, commands with --share 1/8, 2/8 ... divide the plants, each with a --log of its own; --print
takes these files put together.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import records
from methods import EDD, NOISES, RULES_METHOD, Found, Method, all_methods, noisy_name
from records import Record
from report import commit, heading, markdown_table

from scheduler_core.comparison.spec import parse_spec
from scheduler_core.comparison.trial import warm_up
from scheduler_core.environments.random_plants import random_plant
from scheduler_core.errors import ShopwrightError
from scheduler_core.policy import checkpoint
from scheduler_core.statistics import Float64, ratio_of_means
from scheduler_core.training.config import EVALUATION_SEED
from scheduler_core.training.evaluate import SIZES

FIRST_SEED = EVALUATION_SEED + 20_000
"""Apart from the plants of ``shopwright evaluate``, by which checkpoints are chosen."""
COLUMNS = (
    "way", "plants", "mean weighted tardiness, days", "over the best rule per plant (95 %)", "CPU s", "wall s",
    "violations", "completion",
)  # fmt: skip


def main() -> int:
    """Runs what is missing and prints the table."""
    args = _arguments()
    try:
        model = checkpoint.load(args.model)
    except ShopwrightError as error:
        raise SystemExit(str(error)) from None
    path = args.log or Path("runs") / f"factory-{args.size}.jsonl"
    methods = all_methods(model.name, args.samples, args.seconds, args.workers, args.exact)
    part, parts = args.share
    seeds = range(FIRST_SEED + part - 1, FIRST_SEED + args.plants, parts)
    if not args.print:
        try:
            run(path, args.size, seeds, methods, model.sha256)
        except KeyboardInterrupt:
            print("stopped; the same command goes on from here", file=sys.stderr)
    kept = usable(records.read(path), args.size, seeds, methods, model.sha256)
    print(heading(f"Factories of {args.size.replace('x', ' machines and ')} jobs", sys.argv[1:]))
    print(f"Model {model.name}, SHA-256 {model.sha256}.")
    print(f"Results were made at {', '.join(sorted({r.commit for r in kept})) or 'no commit yet'}.")
    print(f"Seeds from {FIRST_SEED} on. CPU seconds are of all threads of the process; time limits count them, shared by")
    print("the workers (exact: wall seconds).\n")
    if not any(r.method == RULES_METHOD for r in kept):
        print("No results yet.")
        return 0
    print(markdown_table(COLUMNS, table(kept, list(methods))))
    print("\nEach rule alone, with its best parameters on the mean of all plants:\n")
    print(markdown_table(["rule", "mean weighted tardiness, days", "over the best rule per plant"], single_rules(kept)))
    return 0 if all(r.violations == 0 and (r.completion == 1.0 or math.isnan(r.value)) for r in kept) else 1


def run(path: Path, size: str, seeds: Sequence[int], methods: Mapping[str, Method], model: str) -> None:
    """Does what the file lacks, plant by plant, so that what a stopped run leaves is paired."""
    done = {(r.seed, r.method): r for r in usable(records.read(path), size, seeds, methods, model)}
    if len(done) == len(seeds) * len(methods):
        return
    warm_up([parse_spec("greedy"), parse_spec("learned samples=1"), parse_spec("learned time_limit=0.2")])
    at = commit()
    for i, seed in enumerate(seeds):
        plant = random_plant(seed, SIZES[size])
        before: dict[str, Found] = {}
        for name, method in methods.items():
            record = done.get((seed, name))
            if record is None:
                found = method(plant, before)
                record = Record(
                    size, seed, name, found.value, found.cpu, found.wall, found.violations, found.completion, at,
                    model if uses_model(name) else "", dict(found.detail),
                )  # fmt: skip
                records.append(path, record)
                print(f"plant {i + 1} of {len(seeds)}, {name}: {found.value:.1f} days, {found.cpu:.1f} CPU s",
                      file=sys.stderr, flush=True)  # fmt: skip
            before[name] = Found(
                record.value, record.cpu, record.wall, record.violations, record.completion, record.detail
            )  # fmt: skip


def uses_model(method: str) -> bool:
    """True if the result depends on a checkpoint."""
    return method.startswith(("policy", "learned"))


def usable(
    found: Sequence[Record], size: str, seeds: Sequence[int], methods: Mapping[str, Method], model: str
) -> list[Record]:
    """The records of these plants and ways; those of another checkpoint do not count. Of repeated ones the last."""
    kept = {
        (r.seed, r.method): r
        for r in found
        if r.size == size and r.seed in seeds and r.method in methods and r.model == (model if uses_model(r.method) else "")
    }
    return list(kept.values())


def table(kept: Sequence[Record], methods: Sequence[str]) -> list[list[str]]:
    """A row per way, EDD and the best single rule first; of the randomised ways the noise that is best on the mean."""
    rules = {r.seed: r for r in kept if r.method == RULES_METHOD}
    best = {seed: r.value for seed, r in rules.items()}
    single = best_single(rules)
    first = next(iter(rules.values()))
    a_rule = ["", "", f"{sum(r.violations for r in rules.values())}", f"{min(r.completion for r in rules.values()):.1%}"]
    rows = [
        ["EDD", *_cells({s: r.detail[EDD] for s, r in rules.items()}, best), *a_rule],
        [f"best single rule ({single})", *_cells({s: r.detail[single] for s, r in rules.items()}, best), *a_rule],
    ]
    tuned = _best_noise(kept)
    for method in methods:
        mine = {r.seed: r for r in kept if r.method == method and r.seed in best}
        if not mine or (method in map(noisy_name, NOISES) and method != tuned):
            continue
        name = f"best of all {len(first.detail)} rules, per plant" if method == RULES_METHOD else method
        every = list(mine.values())
        rows.append([
            name, *_cells({s: r.value for s, r in mine.items()}, best),
            f"{np.mean([r.cpu for r in every]):.2f}", f"{np.mean([r.wall for r in every]):.2f}",
            f"{sum(r.violations for r in every)}", f"{min(r.completion for r in every):.1%}",
        ])  # fmt: skip
    return rows


def single_rules(kept: Sequence[Record]) -> list[list[str]]:
    """A row per rule, best first: the parameters that are best on the mean of all plants, that mean, and its ratio."""
    rules = {r.seed: r for r in kept if r.method == RULES_METHOD}
    best = float(np.mean([r.value for r in rules.values()]))
    chosen: dict[str, tuple[float, str]] = {}
    for name, mean in _means(rules).items():
        rule = name.split()[0]
        chosen[rule] = min(chosen.get(rule, (math.inf, "")), (mean, name))
    return [[name, f"{mean:.1f}", f"{mean / best:.3f}" if best else "–"] for mean, name in sorted(chosen.values())]


def best_single(rules: Mapping[int, Record]) -> str:
    """The rule with the best mean over all plants."""
    means = _means(rules)
    return min(means, key=lambda name: means[name])


def _means(rules: Mapping[int, Record]) -> dict[str, float]:
    names = next(iter(rules.values())).detail
    return {name: float(np.mean([r.detail[name] for r in rules.values()])) for name in names}


def _best_noise(kept: Sequence[Record]) -> str:
    means = {}
    for name in map(noisy_name, NOISES):
        values = [r.value for r in kept if r.method == name]
        means[name] = float(np.mean(values)) if values else math.inf
    return min(means, key=lambda name: means[name])


def _cells(values: Mapping[int, float], best: Mapping[int, float]) -> list[str]:
    """Plants, mean and ratio of those that have a schedule."""
    planned = [s for s, v in values.items() if not math.isnan(v)]
    if not planned:
        return ["0", "no schedule", ""]
    mine: Float64 = np.array([values[s] for s in planned])
    return [f"{len(planned)}", f"{mine.mean():.1f}", str(ratio_of_means(mine, np.array([best[s] for s in planned])))]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", default="152x500", choices=list(SIZES), help="machines x jobs (default: %(default)s)")
    parser.add_argument("--plants", type=int, default=30, help="default: %(default)s")
    parser.add_argument("--samples", type=_numbers(int), default="1,8,64", help="of the policy (default: %(default)s)")
    parser.add_argument(
        "--seconds",
        type=_numbers(float),
        default="10,60",
        help="limits, in CPU seconds of each worker (default: %(default)s)",
    )
    parser.add_argument("--workers", type=int, default=2, help="threads under a time limit (default: %(default)s)")
    parser.add_argument("--model", help="a checkpoint (default: the active one)")
    parser.add_argument("--exact", action="store_true", help="CP-SAT at the same limits as well")
    parser.add_argument("--log", type=Path, metavar="FILE", help="results (default: runs/factory-SIZE.jsonl)")
    parser.add_argument("--share", type=_share, default=(1, 1), metavar="K/N", help="every Nth plant, from the Kth on")
    parser.add_argument("--print", action="store_true", help="run nothing, print what the file holds")
    args = parser.parse_args()
    if args.plants < 1 or args.workers < 1 or min(args.samples, default=1) < 1 or min(args.seconds, default=1) <= 0:
        parser.error("--plants, --workers, --samples and --seconds are numbers above 0")
    return args


def _share(text: str) -> tuple[int, int]:
    part, _, parts = text.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise argparse.ArgumentTypeError(f"{text!r} is not K/N with K from 1 to N, such as 1/8")
    return int(part), int(parts)


def _numbers(kind: Callable[[str], float]) -> Callable[[str], list[float]]:
    def read(text: str) -> list[float]:
        return [kind(part) for part in text.split(",") if part]

    return read


if __name__ == "__main__":
    sys.exit(main())
