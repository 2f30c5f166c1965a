"""``shopwright warm``: compiles the kernels once, so that the first plan does not wait for it."""

from __future__ import annotations

import argparse
import time

from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.terminal import Terminal


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments: there are none."""


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Plans a tiny factory with each compiled engine. Without a trained model only the rules are compiled."""
    from scheduler_core.bounds import lower_bound
    from scheduler_core.engines.config import EngineConfig, no_progress
    from scheduler_core.engines.isolation import compile_ahead
    from scheduler_core.engines.registry import ENGINES
    from scheduler_core.environments.random_plants import SIZES, random_plant
    from scheduler_core.objectives import Objective
    from scheduler_core.policy import checkpoint
    from scheduler_core.scenarios.manual_moves import Move, change

    began = time.perf_counter()
    plant = random_plant(0, SIZES["Toy"])
    engines = ["greedy"] + (["learned"] if checkpoint.names() else [])
    for number, name in enumerate(engines):
        terminal.progress(number / len(engines), f"compiling for {name}")
        schedule = ENGINES[name](plant, EngineConfig(samples=2)).schedule
    if schedule is not None:
        last = max((a for a in schedule.assignments), key=lambda a: a.start)
        change(plant, schedule, [Move(last.job, last.sequence, last.machines[0], last.start)])
        terminal.progress(0.9, "compiling for repair")
        compile_ahead.compile_search(no_progress)
    terminal.progress(1.0, "compiling for bounds")
    lower_bound(plant, Objective.TARDINESS)
    terminal.say(f"ready after {time.perf_counter() - began:.0f} s: {', '.join(engines)}")
    return Exit.DONE
