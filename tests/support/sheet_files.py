"""Tables of jobs as files of each kind, for tests: CSV, XLSX and ODS."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from openpyxl import Workbook, load_workbook

from scheduler_core.interchange.job_columns import NAMES
from scheduler_core.interchange.workbook_template import plant_template

Cells = Mapping[str, Any]
SHEET = "xl/worksheets/sheet1.xml"
"""The part of `as_xlsx` that holds the cells."""
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


def repacked(content: bytes, changes: Mapping[str, Callable[[bytes], bytes]]) -> bytes:
    """A packed file with some of its parts changed; a part that it lacks is made of nothing."""
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new:
        for part in dict.fromkeys([*old.namelist(), *changes]):
            kept = old.read(part) if part in old.namelist() else b""
            new.writestr(part, changes[part](kept) if part in changes else kept)
    return made.getvalue()


def with_shared_texts(content: bytes) -> bytes:
    """The same workbook as spreadsheet programs write it: texts stand in a part of their own, and cells refer to them."""
    texts: list[bytes] = []

    def refer(found: re.Match[bytes]) -> bytes:
        texts.append(found[2])
        return b'%s t="s"><v>%d</v></c>' % (found[1], len(texts) - 1)

    def shared(sheet: bytes) -> bytes:
        return re.sub(rb'(<c [^>]*?) ?t="inlineStr"><is>(.*?)</is></c>', refer, sheet, flags=re.DOTALL)

    changed = repacked(content, {SHEET: shared})
    return with_texts(changed, b"<si>" + b"</si><si>".join(texts) + b"</si>")


def with_texts(content: bytes, texts: bytes) -> bytes:
    """A workbook with the texts that its cells may share."""
    formats = "http://schemas.openxmlformats.org"
    kind = f"{formats}/officeDocument/2006/relationships/sharedStrings"
    related = f'<Relationship Type="{kind}" Target="sharedStrings.xml" Id="texts"/></Relationships>'.encode()
    begin = f'<sst xmlns="{formats}/spreadsheetml/2006/main">'.encode()
    return repacked(content, {
        "xl/sharedStrings.xml": lambda _: begin + texts + b"</sst>",
        "xl/_rels/workbook.xml.rels": lambda old: old.replace(b"</Relationships>", related),
    })  # fmt: skip


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
