"""``shopwright tune``: better settings for a training configuration, by trying."""

from __future__ import annotations

import argparse

from scheduler_core.cli.config_argument import config_file
from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.terminal import Terminal


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("config", metavar="CONFIG", type=config_file, help="a training configuration (YAML) to start from")
    parser.add_argument(
        "--trials",
        type=int,
        default=20,
        metavar="N",
        help="total number of trials, including earlier calls (default: %(default)s)",
    )
    parser.add_argument("--steps", type=int, metavar="N", help="training steps of a trial (default: the configuration's)")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Searches until done, and prints where the configuration with the best settings lies."""
    from scheduler_core.training.tune import tune

    if args.trials < 1:
        args.parser.error(f"--trials: {args.trials} is less than 1")
    if args.steps is not None and args.steps < 1:
        args.parser.error(f"--steps: {args.steps} is less than 1")
    place = tune(args.config, args.trials, args.steps, report=terminal.say, progress=terminal.progress)
    terminal.clear()
    print(place)
    return Exit.DONE
