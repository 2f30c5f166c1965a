"""Engines that fail on purpose, one way each: what the safe runner is measured and tested with."""

from __future__ import annotations

import ctypes
import math
import os
import signal
import struct
import subprocess
import time
from dataclasses import replace
from multiprocessing.connection import Connection

from scheduler_core.engines.config import EngineConfig, Progress, no_progress
from scheduler_core.engines.registry import ENGINES
from scheduler_core.plant import Plant
from scheduler_core.schedule import Result, Schedule


def ends_itself(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """Leaves without a word."""
    os._exit(3)


def segfaults(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """Crashes as broken compiled code does."""
    os.kill(os.getpid(), signal.SIGSEGV)
    return hangs(plant, config, progress)


def hangs(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """Never ends, and neither does the process that it has started."""
    with subprocess.Popen(["sleep", "600"]):
        while True:
            time.sleep(60)


def hangs_compiled(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """Never ends, inside C code that holds the interpreter's lock, so that no thread of its process runs any more."""
    while True:
        ctypes.PyDLL(None).sleep(60)


def not_a_number(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """Its value is NaN."""
    return replace(ENGINES["greedy"](plant, config, progress), objective=math.nan)


def eats_memory(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """Takes all the memory that it gets."""
    eaten: list[bytes] = []
    while True:
        eaten.append(bytes(256 * 1024 * 1024))


def raises(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """An action that the mask forbids."""
    raise RuntimeError("action 7 is not legal here")


def overlaps(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """Everything begins at once."""
    result = ENGINES["greedy"](plant, config, progress)
    assert result.schedule is not None
    moved = tuple(replace(a, start=0, end=a.end - a.start) for a in result.schedule.assignments)
    return replace(result, schedule=Schedule(moved))


def leaves_out(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """The last operation is missing."""
    result = ENGINES["greedy"](plant, config, progress)
    assert result.schedule is not None
    return replace(result, schedule=Schedule(result.schedule.assignments[:-1]))


def too_many(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """A plan so long that judging it would take far longer than making it."""
    result = ENGINES["greedy"](plant, config, progress)
    assert result.schedule is not None
    return replace(result, schedule=Schedule(result.schedule.assignments * 50))


def stops_while_sending(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """Its process is stopped when half of its plan has gone through the pipe."""

    def send_half(connection: Connection, packed: bytes) -> None:
        os.write(connection.fileno(), struct.pack("!i", len(packed)) + packed[: len(packed) // 2])
        os.kill(os.getpid(), signal.SIGSTOP)

    Connection.send_bytes = send_half  # type: ignore[method-assign, assignment]
    return ENGINES["greedy"](plant, config, progress)


def goes_silent(plant: Plant, config: EngineConfig, progress: Progress = no_progress) -> Result:
    """Reports for a moment, and never again."""
    for _ in range(10):
        progress(0.5, "working")
        time.sleep(0.1)
    return hangs_compiled(plant, config, progress)
