"""docs/openapi.json is what the server says of itself, and every route is told completely."""

from __future__ import annotations

import json
from pathlib import Path as FilePath

import pytest

from scheduler_core.api.app import routed_app
from scheduler_core.api.document import as_text
from scheduler_core.api.guards import OPEN
from scheduler_core.api.problems import MEDIA_TYPE
from scheduler_core.cli import main
from scheduler_core.data.store import Store
from tests.support.api import paths, planner
from tests.support.paths import ROOT

DOCUMENT = routed_app().openapi()


def test_the_committed_document_is_the_servers() -> None:
    committed = (ROOT / "docs" / "openapi.json").read_text("utf-8")
    assert committed == as_text(DOCUMENT), "run: shopwright serve --write-document docs/openapi.json"


def test_the_server_hands_it_out(store: Store) -> None:
    assert planner(store).get("/v1/openapi.json").json() == json.loads(as_text(DOCUMENT))


def test_the_command_writes_it(tmp_path: FilePath) -> None:
    file = tmp_path / "openapi.json"
    assert main(["serve", "--write-document", str(file)]) == 0
    assert file.read_text("utf-8") == as_text(DOCUMENT)


def test_it_is_of_version_3_1_and_signed_in() -> None:
    assert str(DOCUMENT["openapi"]).startswith("3.1")
    assert DOCUMENT["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    assert DOCUMENT["security"] == [{"token": []}]
    assert "HTTPValidationError" not in DOCUMENT["components"]["schemas"], "the framework's own refusal is not sent"


@pytest.mark.parametrize("path", tuple(paths()), ids=str)
def test_every_operation_has_a_summary_and_refuses_with_problem_documents(path: object) -> None:
    template, method = str(path).split()[1], str(path).split()[0].lower()
    operation = DOCUMENT["paths"][template][method]
    assert operation["summary"]
    assert operation["description"]
    refusals = {status: answer for status, answer in operation["responses"].items() if status >= "400"}
    assert all(list(answer["content"]) == [MEDIA_TYPE] for answer in refusals.values())
    if template not in OPEN:
        assert refusals.keys() >= {"400", "401", "403", "413", "421", "422", "429", "503"}
    assert not any(status >= "500" and status != "503" for status in operation["responses"])


def test_names_are_those_of_a_readable_client() -> None:
    """Operations are named after method and path, each once; no module stands in the name of a schema."""
    names = [one["operationId"] for item in DOCUMENT["paths"].values() for one in item.values()]
    assert len(set(names)) == len(names)
    assert {"get_plan", "get_plans", "get_plan_late_orders", "post_runs", "post_release_roll_back"} <= set(names)
    assert [name for name in (*names, *DOCUMENT["components"]["schemas"]) if "__" in name] == []


def test_headers_that_programs_go_by_are_in_the_document() -> None:
    """``tests/support/api.py`` compares those of every answer that a test gets."""
    answers = DOCUMENT["paths"]["/v1/runs"]["post"]["responses"]
    assert list(answers["202"]["headers"]) == ["Location", "Retry-After", "Preference-Applied"]
    assert list(DOCUMENT["paths"]["/v1/facts"]["get"]["responses"]["200"]["headers"]) == ["Link"]
    assert list(DOCUMENT["paths"]["/v1/releases"]["post"]["responses"]["412"]["headers"]) == ["ETag"]


def test_a_name_means_one_thing_everywhere() -> None:
    """The number of an operation is ``operation``; a plan's moments are times with an offset, and never a number."""
    fields = [
        (schema, name, str(field))
        for schema, told in DOCUMENT["components"]["schemas"].items()
        for name, field in told.get("properties", {}).items()
    ]
    assert [(schema, name) for schema, name, _ in fields if name in ("sequence", "number", "finished_at", "due_at")] == []
    moments = [(schema, name) for schema, name, field in fields if name in ("start", "earliest_end") and "integer" in field]
    assert moments == []
