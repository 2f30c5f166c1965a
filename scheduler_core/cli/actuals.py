"""``shopwright actuals``: when operations really began and ended, how far starts were kept, and how long operations took."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from scheduler_core.cli.engine_runs import at_least_one
from scheduler_core.cli.exit_status import Exit, Failed
from scheduler_core.cli.terminal import Terminal, print_json, print_table

if TYPE_CHECKING:
    from scheduler_core.actuals.adherence import Adherence
    from scheduler_core.actuals.durations import Ratio
    from scheduler_core.actuals.operation_actual import Between, Minutes, OperationActual
    from scheduler_core.actuals.plant_noise import PlantNoise
    from scheduler_core.plant import Plant

SHOWN = 20


def add(parser: argparse.ArgumentParser) -> None:
    """Declares the arguments."""
    parser.add_argument("--days", type=at_least_one, default=28, metavar="N",
                        help="operations that ended in the N days before the newest pull (default: 28)")  # fmt: skip
    parser.add_argument("--all", action="store_true", help=f"list every operation, not the newest {SHOWN}")
    parser.add_argument("--json", action="store_true", help="print everything as JSON")


def run(args: argparse.Namespace, terminal: Terminal) -> int:
    """Prints the actuals of the plant of the store's latest snapshot."""
    from scheduler_core.actuals.actuals_document import actuals_document
    from scheduler_core.actuals.plant_noise import noise_of
    from scheduler_core.data.store import Store
    from scheduler_core.services import floor_actuals

    store = Store.open()
    try:
        latest = store.snapshots.latest()
        if latest is None:
            raise Failed(Exit.USAGE, "the store has no snapshot yet: pull the jobs first")
        floor_actuals.bring_up_to_date(store, latest.plant)
        plant, pulls = store.snapshots.plant(latest.id), store.actuals.pulls(latest.plant)
        found = store.actuals.of_plant(latest.plant, latest.plan_start - timedelta(days=args.days))
    finally:
        store.close()
    noise = noise_of(found)
    if args.json:
        print_json(actuals_document(plant, pulls, found, noise))
    else:
        _print(plant, pulls, found, noise, args.all)
    return Exit.DONE


def noise_words(noise: PlantNoise) -> str:
    """Which noise is used, and why."""
    from scheduler_core.floor.noise_fit import ENOUGH

    known = f"{noise.used:,} of {noise.ended:,} ended operations have a duration that is known to a quarter"
    if noise.is_fitted:
        own = len(noise.noise.by_process)
        return (
            f"fitted to the plant's actuals ({known}): coefficient of variation {noise.noise.variation:.0%}, "
            f"{own} process{'es' * (own != 1)} with one of its own"
        )
    return (
        f"the stated default of {noise.noise.variation:.0%}: {known}, and it takes {ENOUGH} "
        "(pulls far apart do not tell how long an operation took)"
    )


def _print(plant: Plant, pulls: int, found: Sequence[OperationActual], noise: PlantNoise, every: bool) -> None:
    from scheduler_core.actuals.adherence import adherence
    from scheduler_core.actuals.deviations import late_orders, most_deviating
    from scheduler_core.actuals.durations import by_machine, by_process

    print(f"{plant.name}: {pulls:,} {'pull' if pulls == 1 else 'pulls'} compared")
    if not found:
        print("No operation is known to have begun: it takes two pulls at different times, the later one with progress.")
        return
    certain = [a for a in found if a.certain]
    ended = sum(a.ended is not None for a in certain)
    print(f"{ended:,} operations ended, {len(certain) - ended:,} run; {len(found) - len(certain):,} more went with their "
          "order, finished or cancelled, and are not counted")  # fmt: skip
    _adherence(adherence(found))
    for title, ratios in (
        ("process", by_process(found)),
        ("machine", {_machines(plant, ids): ratio for ids, ratio in by_machine(found).items()}),
    ):
        _durations(title, ratios)
    print(f"\nNoise: {noise_words(noise)}.")
    if late := late_orders(found):
        rows = [[one.job, _length(one.later), _length(one.caused)] for one in late[:10]]
        _title("Orders that ended after their planned end, at least by")
        print_table([["order", "later", "lateness added"], *rows])
    if deviating := most_deviating(found):
        _title("Operations that ended latest after their planned end")
        print_table([_HEAD, *(_row(plant, a) for a in deviating)])
    shown = sorted(certain, key=lambda a: a.began.until, reverse=True)
    _title("Newest beginnings" if not every else "All operations, newest beginning first")
    print_table([_HEAD, *(_row(plant, a) for a in (shown if every else shown[:SHOWN]))])


def _title(text: str) -> None:
    """A heading between two tables."""
    print(f"\n{text}:")


def _adherence(found: Adherence) -> None:
    _title("Starts by the plan in force")
    rows = [["start", "kept", "missed", "not known", "share kept"]]
    for name, kept in (("within 15 min", found.quarter), ("within 1 h", found.hour), ("in the shift", found.shift)):
        share = f"{kept.at_least:.0%} to {kept.at_most:.0%}" if kept.total else ""
        rows.append([name, f"{kept.kept:,}", f"{kept.missed:,}", f"{kept.unknown:,}", share])
    print_table(rows)
    print(f"On another machine than planned: {found.other_machine:,} of {found.machine_known:,}. "
          f"Without a place in the plan: {found.unplanned:,}.")  # fmt: skip


def _durations(title: str, ratios: dict[str, Ratio]) -> None:
    if not ratios:
        return
    rows = [[name, f"{r.count:,}", f"{r.mean:.2f}", "" if r.variation is None else f"{r.variation:.0%}"]
            for name, r in list(ratios.items())[:SHOWN]]  # fmt: skip
    _title(f"Real over planned minutes by {title}")
    print_table([[title, "operations", "mean", "variation"], *rows])


_HEAD = ["operation", "machine", "began", "ended", "start late", "end late"]


def _row(plant: Plant, one: OperationActual) -> list[str]:
    ended = "runs" if one.ended is None else _between(one.ended)
    return [f"{one.job} {one.sequence}", _machines(plant, one.machines), _between(one.began), ended,
            _late(one.start_late), _late(one.end_late)]  # fmt: skip


def _machines(plant: Plant, ids: tuple[int, ...]) -> str:
    names = (plant.machine_by_id[m].name if m in plant.machine_by_id else str(m) for m in ids)
    return "+".join(names) or "not known"


def _between(moment: Between) -> str:
    until = f"{moment.until:%m-%d %H:%M}"
    if moment.after is None:
        return f"by {until}"
    return until if moment.after == moment.until else f"{moment.after:%m-%d %H:%M} to {until}"


def _late(minutes: Minutes | None) -> str:
    if minutes is None or minutes.high is None:
        return ""
    low = "?" if minutes.low is None else _length(minutes.low)
    return f"{low} to {_length(minutes.high)}"


def _length(minutes: int) -> str:
    sign, whole = "-" * (minutes < 0), abs(minutes)
    return f"{sign}{whole // 60}:{whole % 60:02}"
