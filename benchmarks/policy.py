"""A learned policy beside the dispatching rules, on random plants that neither training nor validation saw.

    python benchmarks/policy.py MODEL [--sizes 40x100 152x500] [--plants 30] [--samples 64]

Plants are paired: every way schedules the same ones. Of N sampled schedules the best counts; the first of them is the
policy's deterministic one. "Best single rule" is the one rule (with its parameters) that is best on the mean of all plants,
"best rule per plant" picks anew for each. Intervals are bootstrapped over plants.
"""

from __future__ import annotations

import argparse
import sys

from report import heading

from scheduler_core.errors import ShopwrightError
from scheduler_core.policy import checkpoint
from scheduler_core.training.config import EVALUATION_SEED
from scheduler_core.training.evaluate import SIZES, all_variants, compare, table


def main() -> int:
    """Prints one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", metavar="MODEL", help="a checkpoint's name")
    parser.add_argument("--sizes", nargs="+", choices=list(SIZES), default=["40x100", "152x500"], metavar="SIZE")
    parser.add_argument("--plants", type=_positive, default=30, help="random plants of each size (default: %(default)s)")
    parser.add_argument("--samples", type=_positive, default=64, help="schedules a plant (default: %(default)s)")
    args = parser.parse_args()
    try:
        model = checkpoint.load(args.model)
    except ShopwrightError as error:
        parser.error(str(error))
    counts = sorted({n for n in (1, 8, args.samples) if n <= args.samples})
    found = [
        compare(model.network.weights(), size, args.plants, EVALUATION_SEED, counts, all_variants(), _say)
        for size in args.sizes
    ]
    print(heading("A learned policy beside the rules", sys.argv[1:]))
    print(f"Model {model.name}, SHA-256 {model.sha256}, after {model.card.get('steps', 0):,} training steps.")
    print(f"{args.plants} plants of each size, seeds from {EVALUATION_SEED} on. CPU seconds are of one core.\n")
    print(table(found))
    return 0


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is less than 1")
    return number


def _say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
