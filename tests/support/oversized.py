"""Inputs ten times over the documented limits, one for every way in: for the tests of the limits and for their study."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from scheduler_core import limits
from scheduler_core.data import erp
from scheduler_core.data.database import open_erp
from scheduler_core.interchange import read_schedule, read_snapshot, schedule_from_json, snapshot_from_json, snapshot_to_json
from scheduler_core.interchange.benchmark_files import fjs_from_text, read_benchmark
from scheduler_core.interchange.sheet_table import read_table
from scheduler_core.policy import checkpoint
from scheduler_core.scenarios.changes_file import changes_from_json
from scheduler_core.settings.yaml_files import read_yaml
from scheduler_core.training.config import read_config
from tests.support.erp_rows import CONFIG, START, Erp
from tests.support.plants import job, operation, plant
from tests.support.sheet_files import SHEET, as_xlsx, job_row, ods_cell, packed_ods, repacked, with_texts

TIMES = 10
SMALL = plant(job("J1", operation(60, 1)))


@dataclass(frozen=True)
class Oversized:
    """A way in, what is too large there, the limit that the refusal must name, and the reading itself."""

    way: str
    what: str
    limit: int | str
    read: Callable[[], object]


def oversized(folder: Path) -> list[Oversized]:
    """Everything that is to be refused; files and databases lie in the folder, and take little room in it."""
    return [*_erp(folder), *_json(folder), *_sheets(), *_files(folder)]


def _erp(folder: Path) -> list[Oversized]:
    def pull(url: str) -> erp.Pull:
        with closing(open_erp(url)) as database:
            return erp.read(database, CONFIG, START)

    jobs = "(n, 'J' || n, 1, NULL, NULL, NULL, 0, '0', 'OP')"
    steps = "(1, n, 'T', '6', 1, 1, 1, 0, '')"
    many = {
        "open jobs": ("tbl_jo_txn", jobs, limits.MAX_JOBS),
        "machines": ("tbl_machine", "(n, 'M', 5, 1)", limits.MAX_MACHINES),
        "operations": ("tbl_jo_process", steps, limits.MAX_OPERATIONS),
    }  # fmt: skip
    found = []
    for what, (table, row, limit) in many.items():
        start = Erp()
        start.job()
        url = start.write(f"sqlite:///{folder / f'{table}.sqlite3'}")
        _fill(folder / f"{table}.sqlite3", table, row.strip("()"), TIMES * limit)
        found.append(Oversized("ERP", what, limit, partial(pull, url)))
    return found


def _fill(file: Path, table: str, cells: str, count: int) -> None:
    import sqlite3

    counting = "WITH RECURSIVE c(n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM c LIMIT ?)"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute(f"INSERT INTO {table} {counting} SELECT {cells} FROM c", (count,))
        connection.commit()


def _json(folder: Path) -> list[Oversized]:
    good = json.loads(snapshot_to_json(SMALL))
    one, machine = good["jobs"][0], good["machines"][0]

    def snapshot(**changes: object) -> str:
        return json.dumps({**good, **changes})

    steps = [{"sequence": 1}] * 20
    jobs = snapshot(jobs=[{**one, "id": f"J{k}"} for k in range(TIMES * limits.MAX_JOBS)])
    operations = snapshot(jobs=[{**one, "operations": steps}] * (TIMES * limits.MAX_OPERATIONS // 20))
    machines = snapshot(machines=[{**machine, "id": k} for k in range(TIMES * limits.MAX_MACHINES)])
    text = snapshot(jobs=[{**one, "id": "x" * TIMES * limits.MAX_LONG_TEXT}])
    rows = [{"sequence": 1}] * (TIMES * limits.MAX_OPERATIONS)
    schedule = json.dumps({"format": "schedule/1", "snapshot": "s", "assignments": rows})
    drops = [{"change": "job-dropped", "job": "J1"}] * (TIMES * limits.MAX_CHANGES)
    changes = json.dumps({"format": "changes/1", "changes": drops})
    far = snapshot(jobs=[{**one, "due": "2215-01-01T00:00"}])
    nested = "[" * 1_000_000
    return [
        Oversized("snapshot", "file", limits.MAX_FILE_BYTES, partial(read_snapshot, _hole(folder / "s.json"))),
        Oversized("snapshot", "jobs", limits.MAX_JOBS, partial(snapshot_from_json, jobs, "s")),
        Oversized("snapshot", "operations", limits.MAX_OPERATIONS, partial(snapshot_from_json, operations, "s")),
        Oversized("snapshot", "machines", limits.MAX_MACHINES, partial(snapshot_from_json, machines, "s")),
        Oversized("snapshot", "text", limits.MAX_LONG_TEXT, partial(snapshot_from_json, text, "s")),
        Oversized("snapshot", "due date", "19 years", partial(snapshot_from_json, far, "s")),
        Oversized("snapshot", "nesting", "nested too deeply", partial(snapshot_from_json, nested, "s")),
        Oversized("schedule", "file", limits.MAX_FILE_BYTES, partial(read_schedule, folder / "s.json", SMALL)),
        Oversized("schedule", "assignments", limits.MAX_OPERATIONS, partial(schedule_from_json, schedule, SMALL, "s")),
        Oversized("changes, scenario", "changes", limits.MAX_CHANGES, partial(changes_from_json, changes, SMALL, "c")),
        Oversized(
            "changes, scenario", "file", limits.MAX_CHANGES_BYTES,
            partial(changes_from_json, " " * TIMES * limits.MAX_CHANGES_BYTES, SMALL, "c"),
        ),
    ]  # fmt: skip


def _sheets() -> list[Oversized]:
    many = "job\n" + "J\n" * (TIMES * limits.MAX_SHEET_ROWS)
    rows = b'<row><c t="inlineStr"><is><t>J</t></is></c></row>' * (TIMES * limits.MAX_SHEET_ROWS)
    bomb = b"\0" * (TIMES * limits.MAX_UNPACKED_BYTES // 8)
    # A sheet that small in the file and that large in memory: eight parts, so that making it takes no more than one.
    table = b" " * (TIMES * limits.MAX_SHEET_BYTES)
    line = ods_cell("J", f'table:number-columns-repeated="{TIMES * limits.MAX_SHEET_COLUMNS}"')
    lines = f'<table:table-row table:number-rows-repeated="{TIMES * limits.MAX_SHEET_ROWS}">{line}</table:table-row>'
    document = packed_ods(f"<table:table>{lines}</table:table>")
    return [
        Oversized("sheet, CSV", "rows", limits.MAX_SHEET_ROWS, partial(read_table, many.encode(), "j.csv")),
        Oversized("sheet, CSV", "file", limits.MAX_SHEET_BYTES, partial(read_table, table, "j.csv")),
        Oversized("sheet, XLSX", "file", limits.MAX_SHEET_BYTES, partial(read_table, table, "j.xlsx")),
        *_stuffed(),
        Oversized("sheet, XLSX", "rows", limits.MAX_SHEET_ROWS, partial(read_table, _with_rows(rows), "j.xlsx")),
        Oversized("sheet, ODS", "file", limits.MAX_SHEET_BYTES, partial(read_table, table, "j.ods")),
        Oversized("sheet, ODS", "rows", limits.MAX_SHEET_ROWS, partial(read_table, document, "j.ods")),
        Oversized("sheet, ODS", "zip bomb", limits.MAX_UNPACKED_BYTES, partial(read_table, _packed([bomb] * 8), "j.ods")),
        Oversized("sheet, XLSX", "zip bomb", limits.MAX_UNPACKED_BYTES, partial(read_table, _packed([bomb] * 8), "j.xlsx")),
    ]


def _stuffed() -> list[Oversized]:
    """Workbooks of some kilobytes with far too many of everything that they may hold."""
    few, many = TIMES * limits.MAX_BOOK_ENTRIES, TIMES * limits.MAX_SHEET_CELLS
    plain, cells = as_xlsx([job_row()]), limits.MAX_SHEET_CELLS
    texts = with_texts(plain, b"<si/>" * many)
    formats = repacked(plain, {
        "xl/styles.xml": lambda _: b"<styleSheet><cellXfs>" + b"<xf/>" * few + b"</cellXfs></styleSheet>",
    })  # fmt: skip
    names = b"<definedNames>" + b"<definedName/>" * few + b"</definedNames></workbook>"
    named = repacked(plain, {"xl/workbook.xml": lambda old: old.replace(b"</workbook>", names)})
    wide = _with_rows(b"<row>" + b"<c/>" * many + b"</row>")
    ods = repacked(packed_ods(""), {"content.xml": lambda old: old.replace(b"</", b"<c/>" * many + b"</", 1)})
    return [
        Oversized("sheet, XLSX", "shared texts", cells, partial(read_table, texts, "j.xlsx")),
        Oversized("sheet, XLSX", "cell formats", limits.MAX_BOOK_ENTRIES, partial(read_table, formats, "j.xlsx")),
        Oversized("sheet, XLSX", "names", limits.MAX_BOOK_ENTRIES, partial(read_table, named, "j.xlsx")),
        Oversized("sheet, XLSX", "cells", cells, partial(read_table, wide, "j.xlsx")),
        Oversized("sheet, ODS", "cells", cells, partial(read_table, ods, "j.ods")),
    ]


def _with_rows(rows: bytes) -> bytes:
    return repacked(as_xlsx([job_row()]), {SHEET: lambda old: old.replace(b"</sheetData>", rows + b"</sheetData>")})


def _packed(sheets: list[bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packed:
        for number, sheet in enumerate(sheets, start=1):
            packed.writestr(f"xl/worksheets/sheet{number}.xml", sheet)
    return made.getvalue()


def _files(folder: Path) -> list[Oversized]:
    jobs = f"{TIMES * limits.MAX_JOBS} 1\n"
    laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 9)}]\n" for k in range(1, 10)
    )
    bomb = folder / "laughs.yaml"
    bomb.write_text(laughs, encoding="utf-8")
    large = _hole(folder / "large.yaml", TIMES * limits.MAX_CONFIG_BYTES)
    model = folder / "models" / "large"
    model.mkdir(parents=True)
    (model / "weights.safetensors").write_bytes(b"")
    _hole(model / "card.yaml", TIMES * checkpoint.MAX_TEXT)
    manifest = "".join(f"{'0' * 64}  large/{name}\n" for name in ("weights.safetensors", "card.yaml"))
    (folder / "models" / "MANIFEST").write_text(manifest, encoding="utf-8")
    fjs = _hole(folder / "large.fjs", TIMES * limits.MAX_BENCHMARK_BYTES)
    return [
        Oversized("benchmark", "file", limits.MAX_BENCHMARK_BYTES, partial(read_benchmark, fjs)),
        Oversized("benchmark", "jobs", limits.MAX_JOBS, partial(fjs_from_text, jobs, "b")),
        Oversized("settings of the ERP", "file", limits.MAX_CONFIG_BYTES, partial(erp.load_config, large)),
        Oversized("settings of the ERP", "billion laughs", limits.MAX_CONFIG_VALUES, partial(erp.load_config, bomb)),
        Oversized("settings of training", "billion laughs", limits.MAX_CONFIG_VALUES, partial(read_config, bomb)),
        Oversized("settings of training", "file", limits.MAX_CONFIG_BYTES, partial(read_yaml, large)),
        Oversized("checkpoint", "card", checkpoint.MAX_TEXT, partial(checkpoint.read_card, "large", folder / "models")),
    ]


def _hole(file: Path, size: int = TIMES * limits.MAX_FILE_BYTES) -> Path:
    with file.open("wb") as made:
        made.truncate(size)  # takes no space on disk
    return file
