"""How long something takes by itself, whatever the test process did before."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Took:
    """CPU seconds of the running thread; nan while they are not known."""

    seconds = float("nan")


@contextmanager
def own_time() -> Iterator[Took]:
    """The CPU seconds of what runs inside, in this thread.

    A thousand tests leave some million objects and a few threads behind. Neither the search for garbage among the former
    nor what the latter do belongs to what is measured.
    """
    took = Took()
    gc.collect()
    gc.freeze()
    began = time.thread_time()
    try:
        yield took
        took.seconds = time.thread_time() - began
    finally:
        gc.unfreeze()
