"""What an engine tells of its run beside the schedule: one type per engine, and its form in files and tables.

``as_dict`` is the form that the store keeps and that ``--json`` prints; ``report_of`` reads it back. A stored report that
fits no type, as one of a version to come, is an ``OtherReport``: it is kept as it is, and pages say nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias

Curve: TypeAlias = tuple[tuple[float, float], ...]
"""(seconds, value) at every improvement of a search."""
NamedNumbers: TypeAlias = tuple[tuple[str, float], ...]
ONLY_IF_ANY = ("prices", "played")
"""Fields that are told only where they hold something."""
FALLBACK = "fallback"
"""The key under which the dictionary of a fallback's plan names the engine that failed."""


@dataclass(frozen=True)
class GreedyReport:
    """The rule that won with its parameters, and of how many."""

    rule: str
    k1: float
    k2: float
    rules_tried: int


@dataclass(frozen=True)
class LearnedReport:
    """The checkpoint, what was tried beside its rollouts, and what won.

    samples: rollouts made; windows: of the rolling horizon (1: all jobs at once); priced: schedules by resource prices.
    winning_sample: number of the rollout that was best, None where a rule (``winning_rule``) or prices (``prices_won``)
    were. start_cost, moves, curve: of the annealing that followed; None, 0 and empty without one. prices: (name, logarithm)
    that the search for resource prices came to, for the plant's next one; told only if there are any. played: plans that
    were played under noise to choose a robust one; told only if there are any.
    """

    model: str
    model_sha256: str
    samples: int
    windows: int = 1
    priced: int = 0
    winning_sample: int | None = None
    winning_rule: str | None = None
    prices_won: bool = False
    start_cost: float | None = None
    moves: int = 0
    curve: Curve = ()
    prices: NamedNumbers = ()
    played: int = 0


@dataclass(frozen=True)
class RepairReport:
    """How many operations were held where they were, and the search around them.

    most_moves: how many of them were allowed to move; stays: the plan in force holds, and nothing better was found.
    prices: as a LearnedReport's, where the plan was made from nothing.
    """

    held: int
    start_cost: float
    moves: int
    curve: Curve = ()
    most_moves: int | None = None
    stays: bool = False
    prices: NamedNumbers = ()


@dataclass(frozen=True)
class ExactReport:
    """Where the search began (``warm_start``: given or greedy), why a given start was ignored, and why it stopped.

    reason: why there is no schedule. sizes: counts beyond the engine's limits, with the limits. None: not told.
    """

    warm_start: str | None = None
    warm_start_ignored: str | None = None
    stopped: str | None = None
    reason: str | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class ManualReport:
    """The plan that a planner changed or carried over, and the moves: (job, sequence, machine, start) each.

    ``moved_by_hand`` None: nothing was moved, as after a pin.
    """

    based_on: str
    moved_by_hand: tuple[tuple[str, int, int, int], ...] | None = None


@dataclass(frozen=True)
class OtherReport:
    """What fits none of the other types, as it was told."""

    values: Mapping[str, object] = field(default_factory=dict)


EngineReport: TypeAlias = GreedyReport | LearnedReport | RepairReport | ExactReport | ManualReport | OtherReport


@dataclass(frozen=True)
class Fallback:
    """The plan is not that of the engine that was asked for: ``engine`` failed, and why; ``report`` is its stand-in's.

    ``trace``: what the engine's process was doing when it was given up, for whoever looks for the cause; told only if known.
    """

    engine: str
    reason: str
    report: EngineReport
    trace: str = ""


Report: TypeAlias = EngineReport | Fallback


def as_dict(report: Report) -> dict[str, object]:
    """The report as plain values, in the order of its fields."""
    match report:
        case Fallback():
            told = {"engine": report.engine, "reason": report.reason} | ({"trace": report.trace} if report.trace else {})
            return {**as_dict(report.report), FALLBACK: told}
        case OtherReport():
            return dict(report.values)
        case ExactReport():
            told = {f.name: getattr(report, f.name) for f in fields(report) if f.name != "sizes"}
            return {**{k: v for k, v in told.items() if v is not None}, **report.sizes}
        case ManualReport(based_on, None):
            return {"based_on": based_on}
        case ManualReport(based_on, moves):
            return {"based_on": based_on, "moved_by_hand": [list(move) for move in moves or ()]}
        case _:
            told = {f.name: getattr(report, f.name) for f in fields(report)}
            return {name: value for name, value in told.items() if value or name not in ONLY_IF_ANY}


def report_of(values: Mapping[str, Any]) -> Report:
    """The report whose ``as_dict`` these values are."""
    told = values.get(FALLBACK)
    if isinstance(told, Mapping) and {"engine", "reason"} <= told.keys():
        rest = {k: v for k, v in values.items() if k != FALLBACK}
        return Fallback(str(told["engine"]), str(told["reason"]), _engine_report(rest), str(told.get("trace", "")))
    return _engine_report(values)


def _engine_report(values: Mapping[str, Any]) -> EngineReport:
    if set(values) == {f.name for f in fields(GreedyReport)}:
        return GreedyReport(**values)
    if _fits(values, LearnedReport, {"model", "model_sha256", "samples"}):
        return LearnedReport(**_with_tuples(values))
    if _fits(values, RepairReport, {"held", "start_cost", "moves"}):
        return RepairReport(**_with_tuples(values))
    if _fits(values, ManualReport, {"based_on"}):
        moves = values.get("moved_by_hand")
        return ManualReport(values["based_on"], None if moves is None else tuple((m[0], m[1], m[2], m[3]) for m in moves))
    words = {f.name for f in fields(ExactReport)} - {"sizes"}
    sizes = {k: v for k, v in values.items() if k not in words}
    if words & values.keys() and all(isinstance(v, int) for v in sizes.values()):
        return ExactReport(**{k: v for k, v in values.items() if k in words}, sizes=sizes)
    return OtherReport(dict(values))


def _fits(values: Mapping[str, Any], kind: type[EngineReport], needed: set[str]) -> bool:
    """Fields that came with a later version may be missing."""
    return needed <= values.keys() <= {f.name for f in fields(kind)}


def _with_tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    curve: Curve = tuple((float(seconds), float(value)) for seconds, value in values.get("curve", ()))
    prices: NamedNumbers = tuple((str(name), float(price)) for name, price in values.get("prices", ()))
    return {**values, "curve": curve, "prices": prices}
