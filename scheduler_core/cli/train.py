"""``shopwright train``: a policy from a training configuration."""

from __future__ import annotations

import argparse

from scheduler_core.cli.config_argument import config_file
from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.terminal import Terminal


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("config", metavar="CONFIG", type=config_file, help="a training configuration (YAML)")
    parser.add_argument("--resume", action="store_true", help="go on with the run of that name, as if it had not stopped")
    parser.add_argument("--from", dest="start", metavar="MODEL", help="begin with the weights of a checkpoint")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Trains until done; an interrupted run keeps its state and can be resumed."""
    from scheduler_core.training.train import train

    place = train(args.config, resume=args.resume, report=terminal.say, start=args.start, progress=terminal.progress)
    terminal.clear()
    print(place)
    return Exit.DONE
