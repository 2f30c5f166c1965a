"""``shopwright train``: a policy from a training configuration."""

from __future__ import annotations

import argparse
import time
from dataclasses import asdict

from scheduler_core.cli.config_argument import config_file
from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.signals import terminated_like_interrupted
from scheduler_core.cli.terminal import Terminal, print_json


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("config", metavar="CONFIG", type=config_file, nargs="?", help="a training configuration (YAML)")
    parser.add_argument("--resume", action="store_true", help="continue the interrupted run of that name")
    parser.add_argument("--from", dest="start", metavar="MODEL", help="start with the weights of a checkpoint")
    parser.add_argument(
        "--status", metavar="NAME", help="show the progress of the run of that name, also while another process trains it"
    )
    parser.add_argument("--json", action="store_true", help="with --status: print it as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Trains until done; an interrupted run keeps its state and can be resumed."""
    if args.status is not None:
        return _status(args)
    if args.config is None:
        args.parser.error("a training configuration, or --status NAME, is required")
    if args.json:
        args.parser.error("--json goes with --status only")
    from scheduler_core.training.train import train

    with terminated_like_interrupted():
        place = train(args.config, resume=args.resume, report=terminal.say, start=args.start, progress=terminal.progress)
    terminal.clear()
    print(place)
    return Exit.DONE


def _status(args: argparse.Namespace) -> int:
    from scheduler_core.training.run_folder import is_held  # without torch: the answer comes at once
    from scheduler_core.training.run_status import folder_named, read_status, seen, words

    if args.config is not None or args.resume or args.start is not None:
        args.parser.error("--status takes the name of a run and no other argument but --json")
    folder = folder_named(args.status)
    at_work, status = is_held(folder), read_status(folder)
    if args.json:
        print_json(asdict(seen(status, time.time(), at_work)))
    else:
        print("\n".join(words(status, time.time(), at_work)))
    return Exit.DONE
