"""The first search after an update compiles its code. That is done before the search begins, and none of its seconds count.

A file beside the compiled code notes that it is complete, so that every later run begins at once.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from scheduler_core.engines.config import EngineConfig, Progress
from scheduler_core.errors import Cancelled, InvalidValue

COMPILING: Final = "compiling after an update; the search has its full time afterwards"
"""The progress message while code is compiled: whoever watches a deadline stops its clock meanwhile."""
SEARCHING: Final = ("learned", "repair")
"""The engines whose compiled search takes minutes to compile."""
REPORT_SECONDS: Final = 0.5
_NOTE: Final = "search-is-compiled"


def is_due(engine: str) -> bool:
    """Whether this engine would compile its search if it began now."""
    return engine in SEARCHING and not _note().exists()


def compile_search(progress: Progress) -> None:
    """Compile what the searches of all engines need by planning a toy plant, and note that it is done.

    Raises what ``progress`` raises, once the compiler is done.
    """
    from scheduler_core.engines.registry import ENGINES, REPAIRS
    from scheduler_core.environments.random_plants import SIZES, random_plant
    from scheduler_core.policy import checkpoint

    plant = random_plant(0, SIZES["Toy"])
    with _telling(progress), suppress(InvalidValue):  # of a model that is no good: the run says so itself
        plan = ENGINES["learned" if checkpoint.names() else "greedy"](plant, EngineConfig(samples=2)).schedule
        REPAIRS["repair"](plant, EngineConfig(warm_start=plan, time_limit=0.1, workers=1))
        with suppress(OSError):  # a folder that cannot be written: the next run compiles or loads once more
            _note().parent.mkdir(parents=True, exist_ok=True)
            _note().touch()
    progress(0.0, COMPILING)


@contextmanager
def _telling(progress: Progress) -> Iterator[None]:
    """Reports within that code is compiled, so that nobody takes the silent compiler for one that hangs."""
    done = threading.Event()

    def tell() -> None:
        while not done.is_set():
            try:
                progress(0.0, COMPILING)
            except Cancelled:  # a wish to keep or to stop: the caller's own report raises it again
                return
            done.wait(REPORT_SECONDS)

    teller = threading.Thread(target=tell, name="compiling", daemon=True)
    teller.start()
    try:
        yield
    finally:
        done.set()
        teller.join()


def _note() -> Path:
    import numba as nb

    from scheduler_core.simulator.compiling import CACHE_NAME, PACKAGE

    config: Any = nb.config
    usual = config.CACHE_DIR
    return (Path(usual) if usual else PACKAGE / "__pycache__") / CACHE_NAME / _NOTE
