"""Tables of jobs as files of each kind, for tests: CSV, XLSX and ODS."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from openpyxl import Workbook, load_workbook

from scheduler_core.interchange.job_columns import NAMES
from scheduler_core.interchange.workbook_template import plant_template

Cells = Mapping[str, Any]
_NAMESPACES = " ".join(
    f'xmlns:{part}="urn:oasis:names:tc:opendocument:xmlns:{part}:1.0"' for part in ("office", "table", "text", "style")
)


def job_row(**more: Any) -> dict[str, Any]:
    """A usable row; ``more`` replaces and adds values."""
    usual = {"job": "N1", "family": "F", "operation": 1, "process": "Bend", "minutes": 60, "setup_minutes": 5,
             "machine_types": "type 1"}  # fmt: skip
    return {**usual, **more}


def as_csv(rows: Sequence[Cells], separator: str = ",") -> bytes:
    """The rows under a header of all columns."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, NAMES, delimiter=separator, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode("utf-8-sig")


def as_xlsx(rows: Sequence[Cells], merged: Sequence[str] = (), hidden: Sequence[int] = (), title: str = "Sheet") -> bytes:
    """The same as a workbook; ``merged`` ranges such as "A2:A4", ``hidden`` rows by their numbers."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    sheet.append(list(NAMES))
    for one in rows:
        sheet.append([one.get(name) for name in NAMES])
    for span in merged:
        sheet.merge_cells(span)
    for number in hidden:
        sheet.row_dimensions[number].hidden = True
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


@cache
def template(today: date) -> bytes:
    """The template of a plant's workbook, made once."""
    return plant_template(today)


def template_with(cells: Mapping[tuple[str, str], object], today: date) -> bytes:
    """The template of a plant's workbook with other values in some cells, by sheet and address ("Machines", "D2")."""
    book = load_workbook(BytesIO(template(today)))
    for (sheet, address), value in cells.items():
        book[sheet][address] = value
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def as_ods(rows: Sequence[Cells], hidden: Sequence[int] = (), title: str = "Sheet") -> bytes:
    """The same as an OpenDocument spreadsheet."""
    lines = [dict(zip(NAMES, NAMES, strict=True)), *rows]
    collapsed = ' table:visibility="collapse"'
    body = "".join(
        f"<table:table-row{collapsed if number in hidden else ''}>"
        + "".join(ods_cell(one.get(name)) for name in NAMES)
        + "</table:table-row>"
        for number, one in enumerate(lines, 1)
    )
    return packed_ods(f'<table:table table:name="{title}">{body}</table:table>')


def ods_cell(value: object, attributes: str = "") -> str:
    """One cell of an OpenDocument table, with more ``attributes``."""
    shown = f"<text:p>{escape(str(value))}</text:p>"
    if value is None or value == "":
        return f"<table:table-cell {attributes}/>"
    if isinstance(value, datetime | date):
        typed = f'office:value-type="date" office:date-value="{value.isoformat()}"'
    elif isinstance(value, int | float):
        typed = f'office:value-type="float" office:value="{value}"'
    else:
        typed = 'office:value-type="string"'
    return f"<table:table-cell {typed} {attributes}>{shown}</table:table-cell>"


def packed_ods(tables: str, before: str = "") -> bytes:
    """An OpenDocument spreadsheet of tables that are written already; ``before`` stands in front of the body."""
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr(
            "content.xml",
            f"<office:document-content {_NAMESPACES}>{before}<office:body><office:spreadsheet>{tables}"
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return stream.getvalue()
