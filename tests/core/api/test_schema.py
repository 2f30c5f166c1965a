"""The API against its own document: no 5xx, no status and no field that it does not tell (``benchmarks/api_schema.py`` at
length)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, openapi
from schemathesis.config import SchemathesisConfig

from scheduler_core.api.app import create_app
from scheduler_core.data.store import Store
from tests.support.api import PEOPLE, service_over
from tests.support.api_schema import CONFIG
from tests.support.sample_plans import overlapping_schedule, planned, running

LEFT_OUT = ("/metrics", "/v1/health", "/v1/openapi.json")
"""Two that look at the whole installation and take no parameter, and the document itself."""
EXAMPLES = 1


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """The API over a store with a plan, a rejected schedule and a run."""
    store = Store.open(f"sqlite:///{tmp_path_factory.mktemp('schema') / 'store.sqlite3'}")
    running(store, planned(store).snapshot)
    planned(store, overlapping_schedule())
    yield create_app(service_over(store))
    store.close()


def test_every_operation_keeps_its_document_whoever_asks(app: FastAPI) -> None:
    document = app.openapi()
    document["paths"] = {path: item for path, item in document["paths"].items() if path not in LEFT_OUT}
    people = cycle(PEOPLE.values())
    headers = {"Authorization": f"Bearer {next(people)}", "Host": "127.0.0.1"}
    config = SchemathesisConfig.from_dict(CONFIG)
    schema = openapi.from_asgi("/v1/openapi.json", app, headers=headers, config=config)
    asked = set()
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def keeps_its_document(case: Case) -> None:
            asked.add(case.operation.label)
            case.call_and_validate(headers=headers | {"Authorization": f"Bearer {next(people)}"})

        keeps_its_document()
    assert asked == {f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item}
