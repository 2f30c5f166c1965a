"""``shopwright warm``: compiles the kernels once, so that the first plan does not wait for it."""

from __future__ import annotations

import argparse
import multiprocessing
import time
from concurrent.futures import ProcessPoolExecutor

from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.terminal import Terminal
from scheduler_core.plant import Plant
from scheduler_core.schedule import Schedule


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments: there are none."""


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Plans a tiny factory with each compiled engine. Without a trained model only the rules are compiled.

    What all of them call is compiled first; then the policy, the bounds and what decides at a free machine in a second
    process, beside the search, whose compilation takes longest.
    """
    from scheduler_core.engines.config import EngineConfig, no_progress
    from scheduler_core.engines.isolation import compile_ahead
    from scheduler_core.engines.registry import ENGINES, REPAIRS
    from scheduler_core.environments.random_plants import SIZES, random_plant
    from scheduler_core.floor.noise import DurationNoise
    from scheduler_core.floor.odds import odds_of
    from scheduler_core.policy import checkpoint
    from scheduler_core.scenarios.manual_moves import Move, change

    began = time.perf_counter()
    plant = random_plant(0, SIZES["Toy"])
    engines = ["greedy"] + (["learned"] if checkpoint.names() else [])
    terminal.progress(0.0, "compiling for greedy")
    schedule = ENGINES["greedy"](plant, EngineConfig(samples=2)).schedule
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as second:
        other = second.submit(_policy_bounds_and_floor, plant, engines, schedule)
        if schedule is not None:
            terminal.progress(0.3, "compiling for repair")
            last = max((a for a in schedule.assignments), key=lambda a: a.start)
            change(plant, schedule, [Move(last.job, last.sequence, last.machines[0], last.start)])
            REPAIRS["repair"](plant, EngineConfig(warm_start=schedule, time_limit=0.1, workers=1))
            odds_of(plant, schedule, DurationNoise(), runs=1)
        other.result()
    terminal.progress(0.9, f"compiling for {engines[-1]}")
    compile_ahead.compile_search(no_progress)
    terminal.say(f"ready after {time.perf_counter() - began:.0f} s: {', '.join(engines)}")
    return Exit.DONE


def _policy_bounds_and_floor(plant: Plant, engines: list[str], schedule: Schedule | None) -> None:
    from scheduler_core.bounds import lower_bound
    from scheduler_core.dispatching.floor_now import FloorNow
    from scheduler_core.dispatching.next_operations import next_operations
    from scheduler_core.engines.config import EngineConfig
    from scheduler_core.engines.registry import ENGINES
    from scheduler_core.objectives import Objective

    for name in engines[1:]:
        ENGINES[name](plant, EngineConfig(samples=2))
    lower_bound(plant, Objective.TARDINESS)
    if schedule is not None:
        for prices in ((), (("stretch", 0.0),)):
            next_operations(FloorNow(plant, schedule, 0, prices), plant.machines[0])
