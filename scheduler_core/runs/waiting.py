"""A worker process that was started before its run: it loads what runs need, and waits until it is told which run is its.

Its standard input is a socket to its supervisor. The end of that ends it, so that none is left behind a supervisor that was
killed. It has one thread and no database connection while it waits: a run's processes are forked from it.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass

from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.isolation import compile_ahead
from scheduler_core.errors import ShopwrightError
from scheduler_core.settings import locations

PARENT_SECONDS = 5.0
"""How often a waiting worker looks whether its supervisor is still its parent: a process that the supervisor has forked may
keep the socket open after its death."""
MOST_BYTES = 4096
BEGUN = b"b"
"""What a worker answers once it has its run and nothing is left to load."""
_TOY_SECONDS = 0.1


@dataclass(frozen=True)
class Order:
    """The run that a waiting worker shall execute, and who holds its lease."""

    run_id: str
    owner: str

    def packed(self) -> bytes:
        """As it goes through the socket."""
        return json.dumps(asdict(self)).encode()


def wait_for_order() -> Order | None:
    """Load and wait; None when the supervisor has gone or needs this worker no more. Standard input is empty afterwards."""
    parent = os.getppid()
    interrupted = signal.signal(signal.SIGINT, signal.SIG_DFL)  # a Ctrl-C ends it without a trace
    with socket.socket(fileno=os.dup(0)) as line:
        load(lambda: _is_readable(line, 0.0))
        gc.collect()
        gc.freeze()  # the processes that are forked share these pages
        while not _is_readable(line, PARENT_SECONDS):
            if os.getppid() != parent:
                return None
        told = _received(line)
        if not told:
            return None
        signal.signal(signal.SIGINT, interrupted)
        with suppress(OSError):  # a supervisor that has ended meanwhile: the run is begun all the same
            line.sendall(BEGUN)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return Order(**json.loads(told))


def load(enough: Callable[[], bool]) -> None:
    """Load the engines and their compiled code. ``enough`` is asked before each step: whoever has a run already loads what
    that needs, and no more."""
    for step in (_load_engines, *_compiled_steps()):
        if enough():
            return
        with suppress(ShopwrightError):  # a model that is no good, say: the run that uses it says so itself
            step()


def _is_readable(line: socket.socket, seconds: float) -> bool:
    return bool(select.select([line], [], [], seconds)[0])


def _received(line: socket.socket) -> bytes:
    try:
        return line.recv(MOST_BYTES)
    except ConnectionResetError:  # the supervisor was killed
        return b""


def _load_engines() -> None:
    import scheduler_core.bounds
    import scheduler_core.engines.greedy
    import scheduler_core.engines.learned
    import scheduler_core.environments.random_plants  # noqa: F401
    from scheduler_core.data.database import load_driver

    load_driver(locations.database_url())


def _compiled_steps() -> tuple[Callable[[], object], ...]:
    """Each plans a toy plant with an engine, which loads its code; none where that would have to be compiled: the first run
    does so and tells it."""
    if compile_ahead.is_due("learned"):
        return ()
    from scheduler_core.bounds import lower_value
    from scheduler_core.engines.registry import ENGINES, REPAIRS
    from scheduler_core.environments.random_plants import SIZES, random_plant
    from scheduler_core.judge.validator import violations
    from scheduler_core.schedule import Schedule

    plant, config = random_plant(0, SIZES["Toy"]), EngineConfig(workers=1)
    plans: list[Schedule] = []

    def by_rules() -> None:
        found = ENGINES["greedy"](plant, config).schedule
        if found is not None:
            plans.append(found)
            violations(plant, found)

    def limited() -> EngineConfig:
        return EngineConfig(workers=1, time_limit=_TOY_SECONDS, warm_start=next(iter(plans), None))

    return (
        by_rules,
        lambda: ENGINES["learned"](plant, limited()),
        lambda: REPAIRS["repair"](plant, limited()),
        lambda: lower_value(plant, config.objective, _TOY_SECONDS),
    )
