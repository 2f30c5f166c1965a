"""``shopwright models``: the checkpoints, what their cards say, which is active, and how two compare."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from scheduler_core.cli.engine_runs import at_least_one
from scheduler_core.cli.exit_status import CannotWrite, Exit
from scheduler_core.cli.terminal import Terminal, print_json, print_table
from scheduler_core.i18n.translate import THIN_SPACE
from scheduler_core.policy import catalogue, checkpoint

if TYPE_CHECKING:
    from scheduler_core.training.policy_comparison import PolicyComparison

SHOWN_DIGITS = 12
"""Digits of a SHA-256 in the list: enough to tell checkpoints apart."""


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments; without a subcommand the checkpoints are listed."""
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    parser.set_defaults(answer=_list)
    asked = parser.add_subparsers(metavar="WHAT")
    show = asked.add_parser("show", help="show a checkpoint's card")
    show.add_argument("name", metavar="NAME", help="a checkpoint's name")
    show.set_defaults(answer=_show)
    activate = asked.add_parser("activate", help="make a checkpoint the default for new plans")
    activate.add_argument("name", metavar="NAME", help="a checkpoint's name")
    activate.set_defaults(answer=_activate)
    compare = asked.add_parser("compare", help="compare two checkpoints on the same random plants with the same seeds")
    compare.add_argument("first", metavar="A", help="the first checkpoint")
    compare.add_argument("second", metavar="B", help="the second checkpoint")
    compare.add_argument("--size", default="40x100", help="size of the plants, machines x jobs (default: %(default)s)")
    compare.add_argument(
        "--plants", type=at_least_one, default=30, metavar="N", help="number of random plants (default: %(default)s)"
    )
    compare.add_argument(
        "--samples", type=at_least_one, default=8, metavar="N", help="best of N schedules (default: %(default)s)"
    )
    compare.set_defaults(answer=_compare)
    for part in (show, activate, compare):
        # SUPPRESS: the part's own default would undo a --json given before it.
        part.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print the answer as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Answers what was asked."""
    return int(args.answer(args, terminal))


def _list(args: argparse.Namespace, terminal: Terminal) -> int:
    found = catalogue.listing()
    if args.json:
        print_json([asdict(m) for m in found])
        return Exit.DONE
    if not found:
        terminal.say(f"{checkpoint.models_folder()} holds no checkpoint; train one with 'shopwright train'")
        return Exit.DONE
    rows = [["name", "active", "objective", "steps", "hours", "score", "SHA-256"]]
    for m in found:
        if m.fault:
            terminal.say(f"damaged: {m.fault}")
        figures = ["" if m.steps is None else f"{m.steps:,}", _figure(m.hours, 2), _figure(m.score, 4)]
        what = "damaged" if m.fault else m.objective
        rows.append([m.name, "*" if m.active else "", what, *figures, m.sha256[:SHOWN_DIGITS]])
    print_table(rows)
    if not any(m.active for m in found):
        terminal.say(f"the active checkpoint, {checkpoint.active_name()!r}, is not listed: activate one of these")
    return Exit.DONE


def _show(args: argparse.Namespace, terminal: Terminal) -> int:
    if args.json:
        card, sha256 = checkpoint.read_card(args.name)
        print_json({**card, "sha256": sha256, "curve": catalogue.curve(args.name)})
        return Exit.DONE
    for label, text in catalogue.card_in_words(args.name):
        # The card is the board's; a terminal has commas between thousands, as all commands write them.
        print(f"{label}: {text.replace(THIN_SPACE, ',')}")
    scores = [row["score"] for row in catalogue.curve(args.name) if "score" in row]
    if scores:
        print(f"Learning curve: {len(scores)} validations, score from {scores[0]:.4f} to {min(scores):.4f} at best")
    rows = [["evaluation", "plants", "over the best rule per plant", "95 % interval"]]
    for e in catalogue.evaluation(args.name):
        interval = "" if e.low is None or e.high is None else f"{e.low:.3f} to {e.high:.3f}"
        rows.append([f"{e.size}: {e.way}", f"{e.plants}", f"{e.ratio:.3f}", interval])
    if len(rows) > 1:
        print()
        print_table(rows)
    return Exit.DONE


def _activate(args: argparse.Namespace, terminal: Terminal) -> int:
    try:
        found = checkpoint.activate(args.name)
    except OSError as error:
        raise CannotWrite(f"cannot write {checkpoint.models_folder() / checkpoint.ACTIVE}: {error.strerror}") from None
    if args.json:
        print_json({"active": found.name, "sha256": found.sha256})
    else:
        print(f"{found.name} is active (SHA-256 {found.sha256[:SHOWN_DIGITS]})")
    return Exit.DONE


def _compare(args: argparse.Namespace, terminal: Terminal) -> int:
    from scheduler_core.training import evaluate
    from scheduler_core.training.config import EVALUATION_SEED
    from scheduler_core.training.policy_comparison import compare_policies

    if args.size not in evaluate.SIZES:
        args.parser.error(f"--size: {args.size!r} must be one of {', '.join(evaluate.SIZES)}")
    first, second = (checkpoint.load_policy(name).weights for name in (args.first, args.second))
    found = compare_policies(first, second, args.size, args.plants, EVALUATION_SEED, args.samples, terminal.status)
    terminal.clear()
    if args.json:
        print_json(_as_dict(found, args.first, args.second))
        return Exit.DONE
    print(f"{args.plants} plants {args.size}, best of {args.samples}, mean weighted tardiness in days")
    print_table([
        ["checkpoint", "mean", "CPU s a schedule"],
        [args.first, f"{found.first.mean():.2f}", f"{found.first_seconds:.3f}"],
        [args.second, f"{found.second.mean():.2f}", f"{found.second_seconds:.3f}"],
    ])  # fmt: skip
    wins, ties, losses = found.record
    print(f"{args.second} over {args.first}: {found.ratio} with its 95 % interval; better on {wins}, equal on {ties}, "
          f"worse on {losses}")  # fmt: skip
    return Exit.DONE


def _as_dict(found: PolicyComparison, first: str, second: str) -> dict[str, object]:
    return {
        "size": found.size,
        "samples": found.samples,
        "checkpoints": [first, second],
        "weighted_tardiness_days": [found.first.tolist(), found.second.tolist()],
        "cpu_seconds_a_schedule": [found.first_seconds, found.second_seconds],
        "ratio": asdict(found.ratio),
        "wins_ties_losses": list(found.record),
    }


def _figure(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"
