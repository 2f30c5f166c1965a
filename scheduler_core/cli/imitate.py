"""``shopwright imitate``: a policy that learns from its own best schedules, which a search helps it to find."""

from __future__ import annotations

import argparse

from scheduler_core.cli.config_argument import config_file
from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.terminal import Terminal


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("config", metavar="CONFIG", type=config_file, help="an imitation configuration (YAML)")
    parser.add_argument("--resume", action="store_true", help="continue the run of that name after its last round")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Imitates until done; an interrupted run keeps its rounds and can be resumed."""
    from scheduler_core.training.imitate import imitate

    place = imitate(args.config, resume=args.resume, report=terminal.say, progress=terminal.progress)
    terminal.clear()
    print(place)
    return Exit.DONE
