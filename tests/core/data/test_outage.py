"""A database that is away for a while is outlasted; what no outage explains is raised at once."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError, OperationalError

from scheduler_core.data import outage
from scheduler_core.data.database import DatabaseUnavailable, RefusedAccount
from scheduler_core.data.outage import outlasting

GONE = OperationalError("SELECT 1", {}, Exception(2003, "Can't connect"))


class Work:
    """Fails with these, then returns 7."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)

    def __call__(self) -> int:
        if self.failures:
            raise self.failures.pop(0)
        return 7


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outage, "PAUSE_SECONDS", 0.0)


def test_it_is_tried_again_while_the_database_is_away() -> None:
    assert outlasting(60.0, Work(GONE, DatabaseUnavailable("away"), GONE)) == 7


def test_after_the_time_the_failure_is_raised() -> None:
    with pytest.raises(OperationalError):
        outlasting(0.0, Work(GONE))


@pytest.mark.parametrize(
    "failure",
    [
        IntegrityError("INSERT", {}, Exception("UNIQUE")),
        OperationalError("SELECT 1", {}, Exception(1142, "SELECT command denied")),
        RefusedAccount("wrong password"),
        ValueError("a fault of the program"),
    ],
)
def test_what_no_outage_explains_is_raised_at_once(failure: Exception) -> None:
    work = Work(failure, GONE)
    with pytest.raises(type(failure)):
        outlasting(60.0, work)
    assert work.failures == [GONE]
