"""Computations of callers: bounded, awaited, cancelled, dropped; and the process that answers them."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler_core.api.computations.pool import Computations, Limits
from scheduler_core.api.computations.process import MODULE
from scheduler_core.api.computations.questions import OddsQuestion
from scheduler_core.api.computations.records import (
    Answer,
    AnyQuestion,
    ComputationFailed,
    State,
    TooManyComputations,
    UnknownComputation,
)
from scheduler_core.api.computations.worker import ComputingWorker, Told
from scheduler_core.data.store import Store
from scheduler_core.data.store_errors import NotFound
from scheduler_core.errors import Cancelled, InvalidValue

LONG = 20.0
"""Seconds in which everything here surely happens."""


def asks(plan: str) -> OddsQuestion:
    """The question about a plan of this name, which is written as an id."""
    return OddsQuestion(kind="odds", plan=plan.encode().hex().zfill(32))


WRONG = asks("wrong")


class Scripted:
    """A worker that answers a question once it is let go, by what the question's plan is called."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.begun = threading.Semaphore(0)
        self.closed = False

    def start(self) -> None:
        """It is always ready."""

    def ask(self, question: AnyQuestion, told: Told, stop: threading.Event, seconds: float) -> Answer:
        """See ComputingWorker."""
        assert isinstance(question, OddsQuestion)
        told(0.5, "half")
        self.begun.release()
        while not self.go.wait(0.005):
            if stop.is_set():
                raise Cancelled("cancelled")
        if question == WRONG:
            raise InvalidValue("plan", "wrong", "is wrong")
        return Answer({"plan": question.plan}, b"x" * 10)

    def close(self) -> None:
        """See ComputingWorker."""
        self.closed = True


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def worker() -> Scripted:
    return Scripted()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pool(worker: Scripted, clock: Clock) -> Iterator[Computations]:
    limits = Limits(workers=1, active=3, active_of_one=2, kept_seconds=60, kept=3, kept_of_one=2, kept_bytes=1000)
    made = Computations("sqlite://", limits, make=lambda url: worker, clock=clock)
    yield made
    made.close()
    assert worker.closed


def ended(pool: Computations, owner: str, plan: str) -> str:
    """The id of a computation that has ended."""
    found, _ = pool.ask(owner, asks(plan))
    assert pool.wait(owner, found.id, LONG).state.ended
    return found.id


def test_a_question_is_queued_worked_at_and_answered(pool: Computations, worker: Scripted) -> None:
    asked, new = pool.ask("ann", asks("p"))
    assert (asked.state, new) == (State.QUEUED, True)
    assert worker.begun.acquire(timeout=LONG)
    running = pool.get("ann", asked.id)
    assert (running.state, running.fraction, running.message) == (State.RUNNING, 0.5, "half")
    worker.go.set()
    done = pool.wait("ann", asked.id, LONG)
    assert done.state is State.DONE
    assert done.answer == Answer({"plan": asks("p").plan}, b"x" * 10)
    assert done.fraction == 1.0
    assert done.started_at is not None
    assert done.ended_at is not None


def test_waiting_ends_after_the_seconds_that_were_asked_for(pool: Computations, clock: Clock) -> None:
    asked, _ = pool.ask("ann", asks("p"))
    assert not pool.wait("ann", asked.id, 0.0).state.ended


def test_an_error_of_the_answering_is_the_computations(pool: Computations, worker: Scripted) -> None:
    worker.go.set()
    found = pool.get("ann", ended(pool, "ann", "wrong"))
    assert found.state is State.FAILED
    assert isinstance(found.error, InvalidValue)
    assert found.answer is None


def test_the_same_question_while_it_is_at_work_is_the_same_computation(pool: Computations, worker: Scripted) -> None:
    first, _ = pool.ask("ann", asks("p"))
    again, new = pool.ask("ann", asks("p"))
    assert (again.id, new) == (first.id, False)
    assert pool.ask("bob", asks("p"))[0].id != first.id
    worker.go.set()
    pool.wait("ann", first.id, LONG)
    assert pool.ask("ann", asks("p"))[0].id != first.id


def test_one_caller_and_all_callers_have_so_many_at_once(pool: Computations) -> None:
    pool.ask("ann", asks("p"))
    pool.ask("ann", asks("q"))
    with pytest.raises(TooManyComputations) as own:
        pool.ask("ann", asks("r"))
    assert own.value.own
    pool.ask("bob", asks("p"))
    with pytest.raises(TooManyComputations) as every:
        pool.ask("eve", asks("p"))
    assert not every.value.own


def test_nobody_sees_or_cancels_what_another_asked(pool: Computations) -> None:
    asked, _ = pool.ask("ann", asks("p"))
    for act in (pool.get, pool.cancel):
        with pytest.raises(UnknownComputation):
            act("bob", asked.id)
    assert pool.of("bob") == ()
    assert [one.id for one in pool.of("ann")] == [asked.id]


def test_cancelling_ends_what_waits_and_what_is_at_work(pool: Computations, worker: Scripted) -> None:
    running, _ = pool.ask("ann", asks("p"))
    assert worker.begun.acquire(timeout=LONG)
    waiting, _ = pool.ask("ann", asks("q"))
    assert pool.cancel("ann", waiting.id).state is State.CANCELLED
    assert pool.cancel("ann", running.id).state is State.CANCELLED
    worker.go.set()
    after = ended(pool, "ann", "r")
    assert pool.get("ann", after).state is State.DONE
    assert pool.get("ann", running.id).state is State.CANCELLED
    assert pool.cancel("ann", after).state is State.DONE


def test_what_has_ended_is_kept_for_a_while_and_in_a_bounded_number(
    pool: Computations, worker: Scripted, clock: Clock
) -> None:
    worker.go.set()
    first, second, third = (ended(pool, "ann", plan) for plan in ("p", "q", "r"))
    assert [one.id for one in pool.of("ann")] == [third, second]
    with pytest.raises(UnknownComputation):
        pool.get("ann", first)
    other = [ended(pool, "bob", plan) for plan in ("p", "q")]
    assert [one.id for one in pool.of("ann")] == [third]
    clock.now = 61.0
    for owner, computation_id in (("ann", third), ("bob", other[0])):
        with pytest.raises(UnknownComputation, match="ask again"):
            pool.get(owner, computation_id)


def test_answers_are_kept_up_to_a_size(worker: Scripted) -> None:
    pool = Computations("sqlite://", Limits(workers=1, kept_bytes=15), make=lambda url: worker)
    worker.go.set()
    first, second = ended(pool, "ann", "p"), ended(pool, "ann", "q")
    assert [one.id for one in pool.of("ann")] == [second]
    assert first != second
    pool.close()


# ---------------------------------------------------------------- the process
@pytest.fixture
def url(tmp_path: Path) -> str:
    found = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    Store.open(found).close()
    return found


def no_word(fraction: float, message: str) -> None:
    """Listens to nobody."""


def test_a_process_refuses_with_the_stores_error_and_stays_for_the_next_question(url: str) -> None:
    worker = ComputingWorker(url, (sys.executable, "-m", MODULE, "--cold"))
    try:
        for _ in range(2):
            with pytest.raises(NotFound):
                worker.ask(asks("nothing"), no_word, threading.Event(), LONG)
    finally:
        worker.close()


SAYS_READY = (
    "import sys; from scheduler_core.api.computations.messages import *; "
    "from scheduler_core.interchange.object_pipe import send; send(sys.stdout.buffer, Ready()); "
)


@pytest.mark.parametrize(
    ("then", "seconds", "reason"),
    [("import time; time.sleep(60)", 0.1, "took longer than 0.1 s"), ("sys.exit(3)", LONG, "ended without an answer")],
)  # fmt: skip
def test_a_process_that_hangs_or_dies_is_ended_and_says_why(url: str, then: str, seconds: float, reason: str) -> None:
    worker = ComputingWorker(url, (sys.executable, "-c", SAYS_READY + then))
    with pytest.raises(ComputationFailed, match=reason):
        worker.ask(asks("p"), no_word, threading.Event(), seconds)
    worker.close()


def test_a_cancelled_computation_ends_its_process(url: str) -> None:
    worker, stop = ComputingWorker(url, (sys.executable, "-c", "import time; time.sleep(60)")), threading.Event()
    stop.set()
    with pytest.raises(Cancelled):
        worker.ask(asks("p"), no_word, stop, LONG)
    worker.close()


def test_a_process_that_cannot_be_started_fails_the_computation(url: str) -> None:
    pool = Computations(url, Limits(workers=1), make=lambda url: ComputingWorker(url, ("/no/such/program",)))
    found = pool.get("ann", ended(pool, "ann", "p"))
    assert found.state is State.FAILED
    assert "could be started" in str(found.error)
    pool.close()
