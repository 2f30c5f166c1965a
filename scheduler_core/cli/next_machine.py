"""``shopwright next``: what a machine should begin next, from the plan in force, the facts and the live rule."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from scheduler_core.cli.engine_runs import at_least_one
from scheduler_core.cli.exit_status import Exit, Failed
from scheduler_core.cli.fact_arguments import moment
from scheduler_core.cli.moves import say_if_foreign
from scheduler_core.cli.plant_sources import FILE_HELP, read_bytes, read_file
from scheduler_core.cli.terminal import Terminal, print_json
from scheduler_core.errors import InvalidValue
from scheduler_core.interchange import schedule_from_json

if TYPE_CHECKING:
    from scheduler_core.dispatching.floor_now import FloorNow
    from scheduler_core.dispatching.next_operations import NextOperations
    from scheduler_core.plant import Machine, Plant


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("machine", metavar="MACHINE", help="name or id of the machine")
    parser.add_argument("snapshot", metavar="PLANT", type=Path, nargs="?",
                        help=f"{FILE_HELP} (default: the store's latest jobs and the plan in force)")  # fmt: skip
    parser.add_argument("schedule", metavar="PLAN", type=Path, nargs="?", help="the plan of that snapshot (JSON)")
    parser.add_argument("--at", metavar="MOMENT",
                        help="'YYYY-MM-DD HH:MM', plant time (default: now; with PLANT: its plan_start)")  # fmt: skip
    parser.add_argument("--finished", type=operation_argument, action="append", default=[], metavar="JOB:OP",
                        help="an operation that is finished by that moment (repeatable)")  # fmt: skip
    parser.add_argument("--changes", type=Path, metavar="FILE",
                        help="with PLANT and PLAN: the changes, such as a breakdown (JSON, changes/1)")  # fmt: skip
    parser.add_argument("--most", type=at_least_one, default=3, metavar="N", help="candidates to list (default: 3)")
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Answers for one machine."""
    from scheduler_core.dispatching.machine_names import machine_named
    from scheduler_core.dispatching.next_document import next_document
    from scheduler_core.dispatching.next_operations import next_operations

    if args.snapshot is not None and args.schedule is None:
        args.parser.error("PLANT needs PLAN: give both files, or neither for the store")
    if args.snapshot is None and args.changes is not None:
        args.parser.error("--changes needs PLANT and PLAN: in the store, record a fact (shopwright facts add)")
    if args.snapshot is None:
        floor, machine, end_unknown = _from_store(args)
    else:
        floor, end_unknown = _from_files(args, terminal), False
        machine = machine_named(floor.plant, args.machine)
    plant, answer = floor.plant, next_operations(floor, machine, args.most)
    if args.json:
        print_json(next_document(plant, answer, end_unknown=end_unknown))
    else:
        _print(plant, answer, end_unknown)
    return Exit.DONE


def operation_argument(text: str) -> tuple[str, int]:
    """An operation as JOB:OP. Raises ArgumentTypeError."""
    job, colon, sequence = text.rpartition(":")
    if not colon or not job or not sequence.isdecimal():
        raise argparse.ArgumentTypeError(f"{text} is not JOB:OP, an order's id and an operation's number")
    return job, int(sequence)


def _from_files(args: argparse.Namespace, terminal: Terminal) -> FloorNow:
    from scheduler_core.dispatching.floor_now import FloorNow
    from scheduler_core.engines.repair.right_shift import shifted
    from scheduler_core.scenarios.changes import apply_all
    from scheduler_core.scenarios.changes_file import changes_from_json
    from scheduler_core.simulator.arrays import pack

    plant = read_file(args.snapshot, terminal).plant
    plan = schedule_from_json(read_bytes(args.schedule), plant, str(args.schedule))
    say_if_foreign(terminal, plant, plan, args.schedule)
    at = moment("at", args.at)
    now = 0 if at is None else plant.minute_of(at)
    if args.changes is not None:
        plant = apply_all(plant, changes_from_json(read_bytes(args.changes), plant, str(args.changes)), max(0, now))
        plan = shifted(plant, pack(plant), plan)
    return FloorNow(plant, plan, now, finished=args.finished)


def _from_store(args: argparse.Namespace) -> tuple[FloorNow, Machine, bool]:
    """The floor, the machine, and whether nobody knows when it will work again."""
    from scheduler_core.data.store import Store
    from scheduler_core.data.store.records import Source
    from scheduler_core.data.store_errors import NotFound
    from scheduler_core.dispatching.machine_names import machine_named
    from scheduler_core.services.facts import names_out_of_service
    from scheduler_core.services.next_operations import end_unknown, floor_now, plan_in_force

    store = Store.open()
    try:
        latest = store.snapshots.latest()
        if latest is None:
            raise Failed(Exit.USAGE, "the store has no snapshot yet: pull the jobs first (on the board), or load a workbook")
        now = moment("at", args.at)
        if now is not None and now < latest.plan_start:
            raise InvalidValue("at", str(now), f"is before the latest pull, {latest.plan_start}")
        if now is None and latest.source is Source.ERP:
            now = datetime.now(ZoneInfo(latest.timezone)).replace(tzinfo=None, second=0, microsecond=0)
        now = now or latest.plan_start
        away = {name.casefold(): name for name in names_out_of_service(store, latest.id).values()}
        if (name := away.get(args.machine.strip().casefold())) is not None:
            say = "say when it is back by: shopwright facts add back"
            raise Failed(Exit.USAGE, f"{name} is out of service in the ERP and has no plan; {say}")
        floor = floor_now(store, plan_in_force(store, latest), now, args.finished)
        machine = machine_named(floor.plant, args.machine)
        return floor, machine, end_unknown(store, latest.plant, machine.id, now)
    except NotFound as error:
        raise Failed(Exit.USAGE, str(error)) from None
    finally:
        store.close()


def _print(plant: Plant, answer: NextOperations, end_unknown: bool) -> None:
    from scheduler_core.dispatching.next_wording import (
        machine_words,
        outcome_words,
        reason_words,
        rule_words,
        score_heading,
        score_words,
    )
    from scheduler_core.i18n.time_wording import job_name

    print(machine_words(plant, answer, end_unknown=end_unknown))
    if (said := outcome_words(plant, answer)) is not None:
        print(said)
    for number, one in enumerate(answer.ready, 1):
        score = f"{score_heading(answer).lower()} {score_words(plant, answer, one)}"
        print(f"  {number}. {job_name(one.job)} op {one.operation.sequence} {one.operation.process} ({score})")
        print(f"     {reason_words(plant, answer, one)}")
    if answer.later:
        print("Not yet:")
    for one in answer.later:
        print(f"  -  {job_name(one.job)} op {one.operation.sequence} {one.operation.process}")
        print(f"     {reason_words(plant, answer, one)}")
    print(rule_words(answer))
