"""What the commands that replan and judge say of moves and of the frozen zone."""

from __future__ import annotations

import argparse
import math
from dataclasses import replace
from pathlib import Path

from scheduler_core.cli.terminal import Terminal
from scheduler_core.engines.config import EngineConfig
from scheduler_core.errors import InvalidValue
from scheduler_core.judge.frozen_zone import FrozenZone
from scheduler_core.judge.moves import Moves, moves
from scheduler_core.plant import Plant
from scheduler_core.schedule import NEAR_HOURS, Schedule

NAMED = 5
"""Operations that a line names at most."""


def add_frozen_hours(parser: argparse.ArgumentParser, what: str) -> None:
    """The argument that says how long the frozen zone is; ``what`` it is for."""
    parser.add_argument("--frozen-hours", type=frozen_argument, action="append", default=[], metavar="[CENTRE=]H",
                        help=f"{what}; CENTRE=H: for one work centre (repeatable)")  # fmt: skip


def add_limits(parser: argparse.ArgumentParser) -> None:
    """The arguments by which a replan leaves the floor alone."""
    add_frozen_hours(parser, "operations that start within H hours stay if possible, with every engine")
    parser.add_argument("--most-moves", type=moves_argument, metavar="N",
                        help=f"calm: at most N operations due within {NEAR_HOURS} h change their start by more than 15 "
                             "minutes or their machine (default: 5 %% of the next day's operations)")  # fmt: skip


def say_if_foreign(terminal: Terminal, plant: Plant, old: Schedule, where: Path) -> None:
    """Says so where a plan that is to go on has no operation of the plant: everything is planned as new then."""
    known = {(job.id, operation.sequence) for job in plant.jobs for operation in job.operations}
    if old.assignments and known and known.isdisjoint(old.by_operation):
        terminal.say(f"note: {where} has no operation of {plant.name}: it is another plant's plan, or it has finished")


def with_limits(config: EngineConfig, args: argparse.Namespace, plant: Plant) -> EngineConfig:
    """The settings with these limits. Raises InvalidValue for an unknown work centre."""
    most = config.most_moves if args.most_moves is None else args.most_moves
    return replace(with_frozen_hours(config, args, plant), most_moves=most)


def with_frozen_hours(config: EngineConfig, args: argparse.Namespace, plant: Plant) -> EngineConfig:
    """The settings with the frozen hours. Raises InvalidValue for an unknown work centre."""
    by_name = {t.name: t.id for t in plant.machine_types}
    hours, by_type = 0.0, dict[int, float]()
    for centre, value in args.frozen_hours:
        if centre is None:
            hours = value
        elif centre in by_name:
            by_type[by_name[centre]] = value
        else:
            raise InvalidValue("--frozen-hours", centre, f"must be one of the work centres {', '.join(sorted(by_name))}")
    return replace(config, frozen_hours=hours, frozen_by_type=tuple(sorted(by_type.items())))


def counted_moves(plant: Plant, old: Schedule, new: Schedule, zone: FrozenZone | None) -> Moves:
    """The moves of a valid new plan; what gives way to the frozen zone is no move."""
    return moves(plant if zone is None else zone.fixed_in(plant), old, new)


def moves_argument(text: str) -> int:
    """The type of an argument that is a number of moves."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is less than 0")
    return value


def frozen_argument(text: str) -> tuple[str | None, float]:
    """The type of an argument that is a number of frozen hours, for a work centre or for all."""
    centre, _, hours = text.rpartition("=")
    return centre or None, hours_argument(hours)


def hours_argument(text: str) -> float:
    """The type of an argument that is a number of hours."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of hours from 0 on")
    return value


def zone_dict(zone: FrozenZone) -> dict[str, object]:
    """The frozen zone for a program to read."""
    return {"could_stay": len(zone.could_stay), "moved": [list(key) for key in zone.moved],
            "released": [list(key) for key in zone.released]}  # fmt: skip


def zone_lines(zone: FrozenZone) -> list[str]:
    """The frozen zone for a person to read."""
    lines = [f"frozen zone: {len(zone.could_stay) - len(zone.moved):,} of {len(zone.could_stay):,} operations stay"]
    if zone.released:
        lines.append(f"{len(zone.released):,} could not stay and were released: {_named(zone.released)}")
    if zone.moved:
        lines.append(f"moved although they could have stayed: {_named(zone.moved)}")
    return lines


def _named(keys: tuple[tuple[str, int], ...]) -> str:
    more = f" and {len(keys) - NAMED:,} more" if len(keys) > NAMED else ""
    return ", ".join(f"job {job} operation {sequence}" for job, sequence in keys[:NAMED]) + more


def moves_dict(counted: Moves) -> dict[str, object]:
    """The count for a program to read."""
    return {"moved": len(counted.moved), "due": counted.due, "forced": counted.forced,
            "operations": [list(key) for key in counted.moved]}  # fmt: skip


def moves_line(counted: Moves, most: int | None) -> str:
    """The count for a person to read."""
    allowed = "" if most is None else f" (at most {most:,} asked for)"
    forced = f"; right-shift itself moves {counted.forced:,}" if counted.forced else ""
    return f"moves: {len(counted.moved):,} of {counted.due:,} operations due within {NEAR_HOURS} h{allowed}{forced}"
