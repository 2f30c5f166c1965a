"""Every route and every role: who may ask what equals the role table, from which this test is generated."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath

import pytest
from fastapi import FastAPI

from scheduler_core.api.app import create_app
from scheduler_core.api.guards import OPEN
from scheduler_core.api.routing import ACTION
from scheduler_core.data.store import Store
from scheduler_core.roles import ALLOWED, Action, Role, roles_for
from tests.support.api import NOBODY, PEOPLE, Path, client, paths, problem, service_over

ROUTES = tuple(paths())
GUARDED = [path for path in ROUTES if path.template not in OPEN]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """The API over an empty store."""
    folder: FilePath = tmp_path_factory.mktemp("roles")
    store = Store.open(f"sqlite:///{folder / 'store.sqlite3'}")
    yield create_app(service_over(store))
    store.close()


def action_of(path: Path) -> Action:
    return Action[(path.route.openapi_extra or {})[ACTION]]


def test_only_what_tells_whether_the_server_works_is_open() -> None:
    assert {path.template for path in ROUTES} >= OPEN
    assert [str(path) for path in ROUTES if path.template in OPEN and path.method != "GET"] == []
    assert len(GUARDED) > 8, "the walk sees the routes"


@pytest.mark.parametrize("path", GUARDED, ids=str)
def test_every_route_lets_in_who_the_role_table_says_and_nobody_else(app: FastAPI, path: Path) -> None:
    action = action_of(path)
    for role, person in PEOPLE.items():
        answer = client(app, person).request(path.method, path.address)
        if action in ALLOWED[role]:
            assert answer.status_code not in (401, 403), (role, answer.text)
            assert answer.status_code < 500, (role, answer.text)
        else:
            assert problem(answer, 403) == "forbidden", role
            assert answer.json()["needed"] == [one.value for one in roles_for(action)]
    assert problem(client(app, NOBODY).request(path.method, path.address), 403) == "forbidden"


@pytest.mark.parametrize("path", GUARDED, ids=str)
def test_without_a_token_nothing_is_asked_or_done(app: FastAPI, path: Path) -> None:
    answer = client(app, None).request(path.method, path.address)
    assert problem(answer, 401) == "not-authenticated"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert problem(client(app, "a stranger").request(path.method, path.address), 401) == "not-authenticated"


def test_writes_need_more_than_to_look() -> None:
    writes = [path for path in GUARDED if path.method != "GET"]
    assert len(writes) >= 3
    looking = {str(path) for path in writes if action_of(path) is Action.LOOK}
    # Questions that need a body and store nothing; and a person's own tokens, which have none but the person's roles.
    assert {path for path in looking if not path.endswith(":ask") and " /v1/tokens" not in path} == {
        "POST /v1/computations",
        "DELETE /v1/computations/{computation_id}",
        "POST /v1/plans/{plan_id}:try-moves",
    }


def test_the_table_has_a_person_for_every_role() -> None:
    assert PEOPLE.keys() == set(Role)
