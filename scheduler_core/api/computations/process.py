"""A process that computes answers for the API. It ends with it, whatever it is doing.

``python -m scheduler_core.api.computations.process`` is its command line (``--cold``: ready before anything is loaded). It
reads questions from standard input and writes messages to standard output; the store's URL comes in the environment, as it
may hold a password.
"""

from __future__ import annotations

import argparse
import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Sequence
from typing import BinaryIO, Final

from scheduler_core import logs
from scheduler_core.api.computations.answers import Answerer
from scheduler_core.api.computations.messages import Answered, Progressed, Ready, refused
from scheduler_core.api.computations.records import AnyQuestion
from scheduler_core.data.database import DatabaseFailure
from scheduler_core.data.store import Store
from scheduler_core.engines.config import Progress
from scheduler_core.errors import ShopwrightError
from scheduler_core.interchange.object_pipe import received, send
from scheduler_core.settings import locations

MODULE: Final = "scheduler_core.api.computations.process"
LOG = logging.getLogger(MODULE)
TELL_SECONDS: Final = 0.1
"""Progress is told no more often."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Answer questions until standard input ends."""
    parser = argparse.ArgumentParser(prog=f"python -m {MODULE}", description="Compute answers for the API.")
    parser.add_argument("--cold", action="store_true", help="load what a question needs when it comes")
    options = parser.parse_args(arguments)
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever is printed is no answer
    logs.set_up("api-computation", locations.var() / "log")
    asked: queue.SimpleQueue[AnyQuestion] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, asked), daemon=True).start()
    if not options.cold:
        warm_up()
    send(answers, Ready())
    answerer: Answerer | None = None
    while True:
        question = asked.get()
        began = time.monotonic()
        try:
            answerer = answerer or Answerer(Store.open())
            send(answers, Answered(answerer.answer(question, _teller(answers))))
            LOG.info("answered", extra={"kind": question.kind, "seconds": round(time.monotonic() - began, 3)})
        except (ShopwrightError, DatabaseFailure) as error:
            LOG.warning("not answered", extra={"kind": question.kind, "reason": str(error)})
            send(answers, refused(error))
        except Exception as error:  # a fault of the program: the caller is told, and the next question has its turn
            LOG.exception("failed", extra={"kind": question.kind})
            send(answers, refused(error))


def warm_up() -> None:
    """Load all that an answer needs, by answering for a toy plant; after an update this compiles it."""
    from scheduler_core.causes.fixes import try_fixes
    from scheduler_core.engines.config import EngineConfig
    from scheduler_core.engines.registry import ENGINES
    from scheduler_core.environments.random_plants import SIZES, random_plant
    from scheduler_core.scenarios.expedite import expedite
    from scheduler_core.services.odds import odds_of_plan

    plant = random_plant(0, SIZES["Toy"])
    plan = ENGINES["greedy"](plant, EngineConfig()).schedule
    assert plan is not None  # greedy always has a plan of a toy plant
    try_fixes(plant, plan, plant.jobs[0].id)
    expedite(plant, plan, plant.jobs[0].id)
    odds_of_plan(plant, plan, runs=2)


def _listen(questions: BinaryIO, asked: queue.SimpleQueue[AnyQuestion]) -> None:
    """Take questions over; end with the API's process, which keeps this line open as long as it lives."""
    try:
        while True:
            asked.put(received(questions))
    except EOFError:
        os._exit(0)


def _teller(answers: BinaryIO) -> Progress:
    last = 0.0

    def tell(fraction: float, message: str) -> None:
        nonlocal last
        if time.monotonic() - last >= TELL_SECONDS:
            last = time.monotonic()
            send(answers, Progressed(fraction, message))

    return tell


if __name__ == "__main__":
    sys.exit(main())
