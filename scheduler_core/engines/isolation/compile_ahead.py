"""The first search after an update compiles its code. That is done before the search begins, and none of its seconds count.

A file beside the compiled code notes that it is complete, and for what: Numba uses none of it on another processor or by
another version. Later runs for the same begin at once. What is compiled none the less, while an engine works, is reported
and logged by name.
"""

from __future__ import annotations

import hashlib
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from scheduler_core.engines.config import EngineConfig, Progress
from scheduler_core.errors import Cancelled, InvalidValue

LOG = logging.getLogger(__name__)

COMPILING: Final = "compiling after an update; the search has its full time afterwards"
"""The progress message while code is compiled: whoever watches a deadline stops its clock meanwhile."""
SEARCHING: Final = ("learned", "repair")
"""The engines whose compiled search takes minutes to compile."""
REPORT_SECONDS: Final = 0.5
_NOTE: Final = "search-is-compiled"


def is_due(engine: str) -> bool:
    """Whether this engine would compile its search if it began now."""
    if engine not in SEARCHING:
        return False
    try:
        return _note().read_text("utf-8") != usable_for()
    except OSError:
        return True


def compile_search(progress: Progress) -> None:
    """Compile what the searches of all engines need by planning a toy plant, and note that it is done.

    Raises what ``progress`` raises, once the compiler is done.
    """
    from scheduler_core.engines.learned import PRICED_PER_SAMPLE
    from scheduler_core.engines.pricing.price_search import EVOLVED
    from scheduler_core.engines.registry import ENGINES, REPAIRS
    from scheduler_core.environments.random_plants import SIZES, random_plant
    from scheduler_core.policy import checkpoint

    plant = random_plant(0, SIZES["Toy"])
    samples = EVOLVED // PRICED_PER_SAMPLE + 1  # the search for prices goes through all of its parts
    with _telling(progress), suppress(InvalidValue):  # of a model that is no good: the run says so itself
        plan = ENGINES["learned" if checkpoint.names() else "greedy"](plant, EngineConfig(samples=samples)).schedule
        REPAIRS["repair"](plant, EngineConfig(warm_start=plan, time_limit=0.1, workers=1))
        with suppress(OSError):  # a folder that cannot be written: the next run compiles or loads once more
            _note().parent.mkdir(parents=True, exist_ok=True)
            _note().write_text(usable_for(), "utf-8")
    progress(0.0, COMPILING)


def usable_for() -> str:
    """A digest of what compiled code depends on beside its sources, which the folder's name has: the versions of Python and
    Numba, and the processor with its abilities."""
    import numba as nb
    from numba.core.registry import cpu_target

    context: Any = cpu_target.target_context
    told = (sys.version, nb.__version__, context.codegen().magic_tuple())
    return hashlib.sha256(repr(told).encode()).hexdigest()


@contextmanager
def reported(progress: Progress) -> Iterator[Progress]:
    """The Progress for an engine: within, whatever Numba compiles is told as COMPILING while it takes, and logged.

    Afterwards the engine's last own report is told again, so that a clock that was stopped goes on.
    """
    from numba.core import event as events

    event: Any = events
    latest = (0.0, "starting")
    lock, under_way = threading.Lock(), 0
    telling: Any = None

    def engine_progress(fraction: float, message: str) -> None:
        nonlocal latest
        latest = (fraction, message)
        progress(fraction, message)

    class Compiler(events.Listener):
        def on_start(self, happening: Any) -> None:
            nonlocal under_way, telling
            with lock:
                under_way += 1
                if under_way == 1:
                    telling = _telling(progress)
                    telling.__enter__()
                    LOG.info("compiles", extra={"function": happening.data["dispatcher"].py_func.__qualname__})

        def on_end(self, happening: Any) -> None:
            nonlocal under_way
            with lock:
                under_way -= 1
                if not under_way:
                    telling.__exit__(None, None, None)
                    with suppress(Cancelled):  # the engine's next report raises it again
                        progress(*latest)

    compiler = Compiler()
    event.register("numba:compile", compiler)
    try:
        yield engine_progress
    finally:
        event.unregister("numba:compile", compiler)


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
