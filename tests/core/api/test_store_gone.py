"""A store that is out of reach is told as 503, whatever is asked, and never as 500."""

from __future__ import annotations

from datetime import datetime
from itertools import cycle
from pathlib import Path

from sqlalchemy.exc import OperationalError, TimeoutError

from scheduler_core.api.app import create_app
from scheduler_core.api.guards import OPEN
from scheduler_core.data.database import DatabaseUnavailable
from scheduler_core.data.store import Store
from scheduler_core.roles import Actor
from tests.support.api import client, identify, paths, planner, problem, service_over


class Gone:
    """Stands for a store whose every repository fails."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, name: str) -> object:
        raise self._error


ERRORS = (OperationalError("SELECT 1", {}, OSError("gone")), DatabaseUnavailable("gone"), TimeoutError("no connection"))


def test_every_route_answers_503_while_the_store_is_gone(store: Store) -> None:
    service, errors = service_over(store), cycle(ERRORS)
    asks = client(create_app(service))
    for path in paths():
        service.store = Gone(next(errors))  # type: ignore[assignment]
        if path.template in ("/livez", "/metrics"):
            continue
        answer = asks.request(path.method, path.address)
        assert problem(answer, 503) == "store-unavailable", path
        assert int(answer.headers["retry-after"]) >= 1
        assert "SELECT" not in answer.text
    assert OPEN.issuperset({"/livez", "/metrics"})
    assert asks.get("/livez").status_code == 200, "a server that answers is not started again"


def test_a_store_that_fails_at_the_token_is_told_the_same_way(store: Store) -> None:
    def fail(_store: Store, _bearer: str, _now: datetime) -> Actor:
        raise OperationalError("SELECT 1", {}, OSError("gone"))

    service = service_over(store)
    service.identify = fail
    assert problem(client(create_app(service)).get("/v1/runs"), 503) == "store-unavailable"
    service.identify = identify
    assert client(create_app(service)).get("/v1/runs").status_code == 200, "it is back with the next request"


def test_a_store_whose_file_was_taken_away_takes_nothing_more(store: Store, tmp_path: Path) -> None:
    asks, file = planner(store), tmp_path / "store.sqlite3"
    assert asks.get("/readyz").status_code == 200
    file.rename(tmp_path / "elsewhere")
    for answer in (asks.get("/readyz"), asks.get("/v1/runs"), asks.post("/v1/snapshots:pull")):
        assert problem(answer, 503) == "store-unavailable"
        assert "sqlite3" not in answer.text
    assert not file.exists(), "no empty one was made in its place"
    (tmp_path / "elsewhere").rename(file)
    assert asks.get("/readyz").status_code == 200
