"""What the commands that replan and judge say of moves."""

from __future__ import annotations

import argparse
from dataclasses import replace

from scheduler_core.engines.config import EngineConfig
from scheduler_core.errors import InvalidValue
from scheduler_core.judge.moves import Moves
from scheduler_core.plant import Plant
from scheduler_core.schedule import NEAR_HOURS


def add_limits(parser: argparse.ArgumentParser) -> None:
    """The arguments by which a replan leaves the floor alone."""
    parser.add_argument("--frozen-hours", type=frozen_argument, action="append", default=[], metavar="[CENTRE=]H",
                        help="what starts within H hours stays; for one work centre by name (repeatable)")  # fmt: skip
    parser.add_argument("--most-moves", type=moves_argument, metavar="N",
                        help=f"calm: at most N operations due within {NEAR_HOURS} h change their start by more than 15 "
                             "minutes or their machine (default: 5 % of the next day's)")  # fmt: skip


def with_limits(config: EngineConfig, args: argparse.Namespace, plant: Plant) -> EngineConfig:
    """The settings with these limits. Raises InvalidValue for an unknown work centre."""
    by_name = {t.name: t.id for t in plant.machine_types}
    hours, by_type = 0.0, dict[int, float]()
    for centre, value in args.frozen_hours:
        if centre is None:
            hours = value
        elif centre in by_name:
            by_type[by_name[centre]] = value
        else:
            raise InvalidValue("--frozen-hours", centre, f"is none of the work centres {', '.join(sorted(by_name))}")
    most = config.most_moves if args.most_moves is None else args.most_moves
    return replace(config, most_moves=most, frozen_hours=hours, frozen_by_type=tuple(sorted(by_type.items())))


def moves_argument(text: str) -> int:
    """The type of an argument that is a number of moves."""
    value = int(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"{text} is less than 0")
    return value


def frozen_argument(text: str) -> tuple[str | None, float]:
    """The type of an argument that is a number of frozen hours, for a work centre or for all."""
    centre, _, hours = text.rpartition("=")
    value = float(hours)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(f"{hours} is not a number of hours from 0 on")
    return centre or None, value


def moves_dict(counted: Moves) -> dict[str, object]:
    """The count for a program to read."""
    return {"moved": len(counted.moved), "due": counted.due, "forced": counted.forced,
            "operations": [list(key) for key in counted.moved]}  # fmt: skip


def moves_line(counted: Moves, most: int | None) -> str:
    """The count for a person to read."""
    allowed = "" if most is None else f" (at most {most:,} asked for)"
    forced = f"; right-shift itself moves {counted.forced:,}" if counted.forced else ""
    return f"moves: {len(counted.moved):,} of {counted.due:,} operations due within {NEAR_HOURS} h{allowed}{forced}"
