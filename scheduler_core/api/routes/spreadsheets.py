"""``/v1/spreadsheets``: orders from a table, and a whole plant from a workbook; also their templates."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC
from typing import Annotated, Any, Literal, TypeAlias

from fastapi import Depends, Query, Request, Response
from pydantic import AliasChoices, Field

from scheduler_core.api import problems
from scheduler_core.api.calls import Asked, Keyed, Made
from scheduler_core.api.documents import Document, Id
from scheduler_core.api.routing import needs, resource
from scheduler_core.api.turns import Turns
from scheduler_core.interchange.job_template import job_template
from scheduler_core.interchange.reading_process import read_jobs_apart, read_plant_workbook_apart
from scheduler_core.interchange.sheet_document import sheet_document
from scheduler_core.interchange.workbook_template import plant_template
from scheduler_core.roles import Action
from scheduler_core.services import authorized

router = resource("spreadsheets")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
READING = Turns(2, "spreadsheets are being read", retry_seconds=5)
"""Each is read in a process of its own."""
_WORKBOOK: dict[int | str, Any] = {200: {"content": {XLSX: {"schema": {"type": "string", "format": "binary"}}}}}
_BODY: dict[str, Any] = {
    "required": True,
    "description": "The file as it is; the query says what it is called",
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}


async def sent_file(request: Request) -> bytes:
    """The body as it was sent."""
    return await request.body()


SentFile: TypeAlias = Annotated[bytes, Depends(sent_file)]
FileName: TypeAlias = Annotated[
    str, Query(max_length=80, pattern=r"^.+\.(xlsx|ods|csv|XLSX|ODS|CSV)$", description="Its name, which says what it is")
]
Hidden: TypeAlias = Annotated[
    Literal["read", "skip"] | None, Query(description="What to do with hidden rows; a file that has any needs it")
]
Check: TypeAlias = Annotated[bool, Query(description="Only read and report; nothing is stored")]


class RowCounts(Document):
    """Rows that are not empty; accepted, refused and left out add up to read."""

    read: int
    accepted: int
    refused: int
    left_out: int = Field(description="Hidden rows that were skipped")


class JobCounts(Document):
    """The orders."""

    accepted: list[str]
    refused: int


class RefusedCell(Document):
    """A row that is not used, with the field, its value and the reason."""

    row: int = Field(validation_alias=AliasChoices("row", "number"))
    job: str | None
    field: str
    value: str
    reason: str


class NotedCell(Document):
    """A row that is used, and what a planner should know of it."""

    row: int = Field(validation_alias=AliasChoices("row", "number"))
    job: str
    note: str
    operation: int | None


class TableOfOrders(Document):
    """What a table holds."""

    file: str
    rows: RowCounts
    jobs: JobCounts
    refused: list[RefusedCell]
    notes: list[NotedCell]


class LoadedOrders(TableOfOrders):
    """What a table holds, and the snapshot that has its orders."""

    snapshot: Id | None = Field(description="Null: it was only checked")


class BadCell(Document):
    """A cell of a workbook that cannot be used."""

    sheet: str
    row: int
    column: str
    value: str
    reason: str


class LoadedPlant(Document):
    """What a plant's workbook holds, and the snapshot that it has become."""

    file: str
    faults: list[BadCell]
    jobs: TableOfOrders | None = Field(description="Null where there are faults")
    snapshot: Id | None = Field(description="Null: it was only checked")


def _taking_a_file() -> dict[str, Any]:
    asked = needs(
        Action.PULL, problems.NOT_FOUND, problems.REFUSED, problems.SUPERSEDED, problems.IN_FLIGHT, problems.KEY_REUSED,
        problems.UNSCHEDULABLE,
    )  # fmt: skip
    return asked | {"openapi_extra": asked["openapi_extra"] | {"requestBody": _BODY}}


def _template() -> dict[str, Any]:
    asked = needs(Action.LOOK, problems.NOT_FOUND)
    return asked | {"responses": asked["responses"] | _WORKBOOK}


@router.post("/orders", summary="Add the orders of a table", response_model=LoadedOrders, **_taking_a_file())
def orders(
    content: SentFile, call: Keyed, file: FileName, hidden_rows: Hidden = None, check: Check = False
) -> Response:  # fmt: skip
    """To the latest snapshot, which is made once more with them. A row that cannot be used is refused with its order."""

    def read(request_id: str) -> Made:
        latest = call.store.snapshots.needed_latest()
        plant = call.store.snapshots.plant(latest.id)
        with READING.turn():
            sheet = read_jobs_apart(content, file, plant, _no_progress, hidden_rows)
        made = None if check else authorized.add_jobs(call.store, call.actor, latest.id, sheet, request_id)
        return Made(LoadedOrders.model_validate({**sheet_document(sheet), "snapshot": made}), headers=_location(made))

    return call.once(read)


@router.post("/plant", summary="Load a plant's workbook", response_model=LoadedPlant, **_taking_a_file())
def plant(
    content: SentFile, call: Keyed, file: FileName, hidden_rows: Hidden = None, check: Check = False
) -> Response:  # fmt: skip
    """It becomes the latest snapshot. A workbook with a bad cell outside its orders is refused; check it first."""

    def read(request_id: str) -> Made:
        with READING.turn():
            book = read_plant_workbook_apart(content, file, call.now.astimezone(UTC), _no_progress, hidden_rows)
        made = None if check else authorized.load_workbook(call.store, call.actor, book, request_id)
        document = {
            "file": book.file, "faults": [asdict(fault) for fault in book.faults],
            "jobs": None if book.jobs is None else sheet_document(book.jobs), "snapshot": made,
        }  # fmt: skip
        return Made(LoadedPlant.model_validate(document), headers=_location(made))

    return call.once(read)


@router.get("/orders/template", summary="The template of a table of orders", response_class=Response, **_template())
def orders_template(call: Asked) -> Response:
    """A workbook (XLSX) with the names that the latest snapshot's plant knows."""
    latest = call.store.snapshots.needed_latest()
    return Response(job_template(call.store.snapshots.plant(latest.id)), media_type=XLSX)


@router.get("/plant/template", summary="The template of a plant's workbook", response_class=Response, **_template())
def template_of_plant(call: Asked) -> Response:
    """A workbook (XLSX) with a small plant as its example."""
    return Response(plant_template(call.now.date()), media_type=XLSX)


def _no_progress(read: int, expected: int) -> None:
    """Nobody listens."""


def _location(snapshot: str | None) -> dict[str, str]:
    return {} if snapshot is None else {"Location": f"/v1/snapshots/{snapshot}"}
