"""``shopwright workbook``: a plant without an ERP starts from one workbook."""

from __future__ import annotations

import argparse
import uuid
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from scheduler_core.cli.exit_status import CannotWrite, Exit, Failed
from scheduler_core.cli.plant_sources import SHOWN_ROWS, read_bytes
from scheduler_core.cli.sheet_report import say_sheet
from scheduler_core.cli.terminal import STDOUT, Terminal, print_json, write
from scheduler_core.errors import InvalidValue
from scheduler_core.interchange import snapshot_to_json
from scheduler_core.interchange.job_sheet import HIDDEN_ROWS, UndecidedHiddenRows
from scheduler_core.interchange.plant_workbook import PlantWorkbook, read_plant_workbook
from scheduler_core.interchange.sheet_document import sheet_document
from scheduler_core.interchange.workbook_template import plant_template
from scheduler_core.limits import MAX_SHEET_BYTES
from scheduler_core.plant import Plant


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument(
        "what", choices=("template", "check", "load"),
        help="template: write an example with explanations (XLSX); check: show the errors of a workbook; "
        "load: store its snapshot",
    )  # fmt: skip
    parser.add_argument("file", metavar="FILE", type=Path, help="the workbook (XLSX or ODS)")
    parser.add_argument(
        "--out", type=Path, metavar="SNAPSHOT", help="load: write a snapshot file instead (-: standard output)"
    )
    parser.add_argument("--hidden-rows", choices=HIDDEN_ROWS, help="read or skip the spreadsheet's hidden rows")
    parser.add_argument("--json", action="store_true", help="check, load: print counts and every bad cell as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Writes the template, or reads a workbook and says what is wrong in it."""
    if args.out is not None and args.what != "load":
        args.parser.error("--out goes with load")
    if args.json and args.out == STDOUT:
        args.parser.error("--json and --out - both write to standard output")
    if args.what == "template":
        return _template(args.file)
    book = _read(args, terminal)
    plant = _usable(book)
    if args.what == "check":
        return Exit.DONE
    if args.out is not None:
        write(args.out, snapshot_to_json(plant))
        return Exit.DONE
    return _into_store(book, terminal)


def _template(path: Path) -> int:
    if path.suffix.lower() != ".xlsx":
        raise InvalidValue("FILE", str(path), "must end in .xlsx")
    if path.exists():
        raise InvalidValue("FILE", str(path), "exists already and is not overwritten")
    try:
        path.write_bytes(plant_template(datetime.now().date()))
    except OSError as error:
        raise CannotWrite(f"cannot write {path}: {error.strerror}") from None
    return Exit.DONE


def _read(args: argparse.Namespace, terminal: Terminal) -> PlantWorkbook:
    """The workbook; what is wrong in it is said."""
    content = read_bytes(args.file, MAX_SHEET_BYTES)
    try:
        book = read_plant_workbook(content, args.file.name, datetime.now(UTC), terminal.rows, args.hidden_rows)
    except UndecidedHiddenRows as undecided:
        raise Failed(Exit.USAGE, f"{undecided} with --hidden-rows read, or --hidden-rows skip") from None
    for fault in book.faults[:SHOWN_ROWS]:
        terminal.say(f"  sheet {fault.sheet}, row {fault.row}, column {fault.column}: {fault.value!r} {fault.reason}")
    if len(book.faults) > SHOWN_ROWS:
        terminal.say(f"  and {len(book.faults) - SHOWN_ROWS} more (--json lists all)")
    if book.plant is not None and book.jobs is not None:
        plant = book.plant
        terminal.say(f"{plant.name}: {len(plant.machines)} machines, {len(plant.calendars)} calendars")
        say_sheet(terminal, book.jobs)
    if args.json:
        print_json({
            "file": book.file, "faults": [asdict(fault) for fault in book.faults],
            "jobs": None if book.jobs is None else sheet_document(book.jobs),
        })  # fmt: skip
    return book


def _usable(book: PlantWorkbook) -> Plant:
    if book.plant is None or book.jobs is None:
        raise InvalidValue(book.file, len(book.faults), "cells are bad: correct them in the workbook")
    if not book.jobs.jobs:
        raise InvalidValue(book.file, book.jobs.rows_read, "rows of jobs were read, and no job among them can be used")
    return book.plant


def _into_store(book: PlantWorkbook, terminal: Terminal) -> int:
    from scheduler_core.data.store import Store
    from scheduler_core.services.workbook_loading import load_workbook

    store = Store.open()
    try:
        made = load_workbook(store, book, request_id=uuid.uuid4().hex, actor="command line")
        terminal.say(f"snapshot {made} holds {store.snapshots.get(made).counts.jobs_accepted} jobs")
    finally:
        store.close()
    return Exit.DONE
