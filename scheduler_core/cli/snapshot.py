"""``shopwright snapshot``: the ERP's open jobs as a snapshot file."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from scheduler_core.cli.exit_status import Exit
from scheduler_core.cli.plant_sources import pull_erp
from scheduler_core.cli.terminal import STDOUT, Terminal, print_json, write
from scheduler_core.interchange import snapshot_sha256, snapshot_to_json


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the file to write (-: standard output)")
    parser.add_argument("--json", action="store_true", help="print counts and every quarantined row as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Pulls and writes."""
    if args.json and args.out == STDOUT:
        args.parser.error("--json and --out - both write to standard output")
    pulled = pull_erp(terminal)
    write(args.out, snapshot_to_json(pulled.plant))
    if args.json:
        print_json({
            "plant": pulled.plant.name,
            "out": str(args.out),
            "sha256": snapshot_sha256(pulled.plant),
            "counts": asdict(pulled.counts),
            "quarantine": [asdict(row) for row in pulled.quarantine],
            "notes": [asdict(note) for note in pulled.notes],
        })  # fmt: skip
    elif args.out != STDOUT:
        print(f"{pulled.plant.name}: {len(pulled.plant.jobs)} jobs, {pulled.plant.operation_count} operations on "
              f"{len(pulled.plant.machines)} machines written to {args.out}")  # fmt: skip
    return Exit.DONE
