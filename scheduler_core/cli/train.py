"""``shopwright train``: a policy from a training configuration."""

from __future__ import annotations

import argparse
from pathlib import Path

from scheduler_core.cli.exits import Exit
from scheduler_core.cli.terminal import Terminal


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("config", metavar="CONFIG", type=Path, help="a training configuration (YAML)")
    parser.add_argument("--resume", action="store_true", help="go on with the run of that name")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Trains until done; an interrupted run can be resumed."""
    from scheduler_core.training.train import train

    print(train(args.config, resume=args.resume, report=terminal.say))
    return Exit.DONE
