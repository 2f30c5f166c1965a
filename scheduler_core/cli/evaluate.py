"""``shopwright evaluate``: a policy beside the dispatching rules, on random plants that it never saw."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from scheduler_core.cli.exit_status import CannotWrite, Exit
from scheduler_core.cli.terminal import Terminal, print_json

if TYPE_CHECKING:
    from scheduler_core.training.evaluate import Comparison


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("model", metavar="MODEL", help="a checkpoint's name")
    parser.add_argument(
        "--sizes", default="40x100,152x500", metavar="A,B", help="plant sizes, machines x jobs (default: %(default)s)"
    )
    parser.add_argument(
        "--plants", type=int, default=30, metavar="N", help="number of random plants of each size (default: %(default)s)"
    )
    parser.add_argument(
        "--samples",
        default="1,64",
        metavar="N,N",
        help="numbers of schedules of which the best counts (default: %(default)s)",
    )
    parser.add_argument("--record", action="store_true", help="record the result in the checkpoint's card")
    parser.add_argument("--json", action="store_true", help="print the comparison as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Compares, paired plant by plant."""
    from scheduler_core.policy import checkpoint
    from scheduler_core.training import evaluate
    from scheduler_core.training.card_text import evaluation_entry
    from scheduler_core.training.config import EVALUATION_SEED

    sizes = args.sizes.split(",")
    unknown = [s for s in sizes if s not in evaluate.SIZES]
    if unknown:
        args.parser.error(f"--sizes: {unknown[0]!r} must be one of {', '.join(evaluate.SIZES)}")
    if args.plants < 1:
        args.parser.error(f"--plants: {args.plants} is less than 1")
    try:
        samples = sorted({int(n) for n in args.samples.split(",")})
    except ValueError:
        args.parser.error(f"--samples: {args.samples!r} is not a list of whole numbers")
    if samples[0] < 1:
        args.parser.error(f"--samples: {samples[0]} is less than 1")
    weights = checkpoint.load_policy(args.model).weights
    found = [
        evaluate.compare(weights, size, args.plants, EVALUATION_SEED, samples, evaluate.all_variants(), terminal.status)
        for size in sizes
    ]
    terminal.clear()
    if args.record:
        entries = [evaluation_entry(c, args.plants, EVALUATION_SEED) for c in found]
        try:
            checkpoint.amend(args.model, {"evaluation": entries})
        except OSError as error:
            raise CannotWrite(f"cannot write the card of {args.model}: {error.strerror}") from None
        terminal.say(f"recorded in the card of {args.model}")
    if args.json:
        print_json({"model": args.model, "sizes": [_as_dict(c) for c in found]})
    else:
        print(evaluate.table(found))
    return Exit.DONE


def _as_dict(c: Comparison) -> dict[str, object]:
    return {
        "size": c.size,
        "best_single_rule": c.single_rule,
        "single": [float(v) for v in c.single],
        "best_rule": [float(v) for v in c.best_rule],
        "edd": [float(v) for v in c.edd],
        "policy": {str(n): [float(v) for v in costs] for n, costs in c.policy.items()},
        "policy_seconds": c.policy_seconds,
    }
