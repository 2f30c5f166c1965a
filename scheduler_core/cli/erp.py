"""``shopwright erp check``: what is each table and column of the ERP taken for, and what is missing?"""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.terminal import Terminal, print_json

if TYPE_CHECKING:
    from scheduler_core.data.erp import ErpSample
    from scheduler_core.data.erp.sample import ColumnSample, SubjectSample

DOES_NOT_FIT = 1


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("what", choices=("check",), help="check: compare the mapping with a sample of the ERP's rows")
    parser.add_argument(
        "--mapping", metavar="NAME",
        help="name of a mapping in configs/erp, or a YAML file (default: the mapping that configs/erp.yaml names)",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Prints what each column is taken for; exit status 0 if the mapping fits the database, else 1."""
    from scheduler_core.data import demo, erp
    from scheduler_core.data.database import open_erp
    from scheduler_core.settings import locations

    url = locations.erp_url()
    if locations.uses_demo_erp() and demo.ensure_demo(url):
        terminal.say("wrote the demo ERP")
    config = erp.load_config(locations.erp_config())
    mapping = erp.load_mapping(args.mapping) if args.mapping else config.tables
    database = open_erp(url)
    try:
        terminal.status("reading a sample")
        found = erp.sample(database, mapping, config.timezone)
        terminal.clear()
    finally:
        database.close()
    if args.json:
        print_json(_as_json(found))
    else:
        _print(found)
    return Exit.DONE if found.fits else DOES_NOT_FIT


def _as_json(found: ErpSample) -> dict[str, object]:
    """The sample with plain names; ``is_`` is ``is``."""

    def plain(value: object) -> object:
        if isinstance(value, dict):
            return {str(key).rstrip("_"): plain(inner) for key, inner in value.items()}
        return [plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value

    return {"erp": found.erp, "fits": found.fits, "subjects": plain([asdict(s) for s in found.subjects]),
            "not_read": [name for name, _ in found.left_out]}  # fmt: skip


def _print(found: ErpSample) -> None:
    print(f"Mapping: {found.erp}")
    for subject in found.subjects:
        _print_subject(subject)
    if found.left_out:
        print("\nNot in this mapping, and so not read: " + ", ".join(f"{name} ({said})" for name, said in found.left_out))
    if found.fits:
        print("\nThe database has every table and column that the mapping names.")
    else:
        print("\nThe mapping does NOT fit the database: see the lines marked with !!")


def _print_subject(subject: SubjectSample) -> None:
    rows = f"{subject.sampled} rows looked at" if subject.read is None else (
        f"{subject.sampled} rows looked at, a pull reads {subject.read}"
    )  # fmt: skip
    print(f"\n{subject.subject} ({subject.is_}): {subject.table}, {rows}")
    for problem in subject.problems:
        print(f"  !! {problem}")
    for column in subject.columns:
        _print_column(column)
    if subject.missing:
        print("  no column: " + ", ".join(f"{meaning} ({said})" for meaning, said in subject.missing))


def _print_column(column: ColumnSample) -> None:
    unit = f", in {column.unit}" if column.unit else ""
    example = "no row has it" if column.example is None else f"such as {column.example!r}"
    empty = f", {column.empty} empty" if column.empty else ""
    print(f"  {column.column} {column.type} -> {column.meaning}: {column.is_}{unit}; {example}{empty}")
    for code, count, taken_for in column.codes:
        print(f"       {code!r} {count} times" + (f": {taken_for}" if taken_for else ""))
    if column.odd:
        print(f"     ? {column.odd} cannot be read: {column.reason}")
