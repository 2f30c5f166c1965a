"""``shopwright import``: jobs from a spreadsheet on top of the store's latest snapshot, or of a snapshot file."""

from __future__ import annotations

import argparse
import uuid
from pathlib import Path

from scheduler_core.cli.exit_status import CannotWrite, Exit, Failed
from scheduler_core.cli.plant_sources import read_bytes, read_file
from scheduler_core.cli.sheet_report import say_sheet
from scheduler_core.cli.terminal import STDOUT, Terminal, print_json, write
from scheduler_core.errors import InvalidValue
from scheduler_core.interchange import snapshot_to_json
from scheduler_core.interchange.job_sheet import HIDDEN_ROWS, JobSheet, UndecidedHiddenRows, read_jobs, with_jobs
from scheduler_core.interchange.job_template import job_template
from scheduler_core.interchange.sheet_document import sheet_document
from scheduler_core.limits import MAX_SHEET_BYTES
from scheduler_core.plant import Plant


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("file", metavar="FILE", nargs="?", type=Path, help="a table of jobs (XLSX, ODS or CSV)")
    parser.add_argument(
        "--into", type=Path, metavar="SNAPSHOT", help="a snapshot file (default: the store's latest snapshot)"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="with --into: the file for the new snapshot (-: standard output)"
    )
    parser.add_argument("--template", type=Path, metavar="FILE", help="write the template (XLSX) for that plant and stop")
    parser.add_argument("--hidden-rows", choices=HIDDEN_ROWS, help="read or skip the spreadsheet's hidden rows")
    parser.add_argument("--check", action="store_true", help="only show the accepted and refused rows")
    parser.add_argument("--json", action="store_true", help="print counts and every refused row as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Reads, says what is refused, and adds."""
    if (args.file is None) == (args.template is None):
        args.parser.error("give either FILE or --template FILE")
    if args.out is not None and args.into is None:
        args.parser.error("--out goes with --into")
    if args.into is not None and args.out is None and not args.check and args.template is None:
        args.parser.error("--into needs --out FILE")
    if args.json and args.out == STDOUT:
        args.parser.error("--json and --out - both write to standard output")
    if args.into is not None:
        return _into_file(args, terminal, read_file(args.into, terminal).plant)
    return _into_store(args, terminal)


def _into_file(args: argparse.Namespace, terminal: Terminal, plant: Plant) -> int:
    if args.template is not None:
        return _template(args.template, plant)
    sheet = _read(args, terminal, plant)
    if not args.check:
        _need_jobs(sheet)
        write(args.out, snapshot_to_json(with_jobs(plant, sheet.jobs)))
    return Exit.DONE


def _into_store(args: argparse.Namespace, terminal: Terminal) -> int:
    from scheduler_core.data.store import Store
    from scheduler_core.services.job_import import add_jobs

    store = Store.open()
    try:
        latest = store.snapshots.latest()
        if latest is None:
            raise Failed(
                Exit.USAGE,
                "the store has no snapshot yet: pull the jobs, load a plant's workbook, or name a snapshot file with --into",
            )
        plant = store.snapshots.plant(latest.id)
        if args.template is not None:
            return _template(args.template, plant)
        sheet = _read(args, terminal, plant)
        if not args.check:
            _need_jobs(sheet)
            made = add_jobs(store, latest.id, sheet, request_id=uuid.uuid4().hex, actor="command line")
            terminal.say(f"snapshot {made} holds {len(plant.jobs) + len(sheet.jobs)} jobs")
    finally:
        store.close()
    return Exit.DONE


def _read(args: argparse.Namespace, terminal: Terminal, plant: Plant) -> JobSheet:
    try:
        sheet = read_jobs(read_bytes(args.file, MAX_SHEET_BYTES), args.file.name, plant, terminal.rows, args.hidden_rows)
    except UndecidedHiddenRows as undecided:
        raise Failed(Exit.USAGE, f"{undecided} with --hidden-rows read, or --hidden-rows skip") from None
    say_sheet(terminal, sheet)
    if args.json:
        print_json(sheet_document(sheet))
    return sheet


def _need_jobs(sheet: JobSheet) -> None:
    if not sheet.jobs:
        raise InvalidValue(sheet.file, sheet.rows_read, "rows were read, and no job among them can be used")


def _template(path: Path, plant: Plant) -> int:
    try:
        path.write_bytes(job_template(plant))
    except OSError as error:
        raise CannotWrite(f"cannot write {path}: {error.strerror}") from None
    return Exit.DONE
