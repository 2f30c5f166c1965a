"""From a rollout's evidence to today's verdict: promote possible, wait, pause or roll back, with every gate in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite

import numpy as np

from scheduler_core.errors import InvalidValue
from scheduler_core.rollout.decision import OUTCOMES, Findings, Outcome, outcome_codes
from scheduler_core.rollout.evidence import (
    Better,
    DailyDifferences,
    Interval,
    Pair,
    daily_differences,
    interval,
    rate_interval,
    violation_bound,
)
from scheduler_core.rollout.stages import RUNNING, Stage
from scheduler_core.settings.rollout_gates import DayLimits, RolloutGates


@dataclass(frozen=True)
class RolloutRecord:
    """What is known of a running rollout.

    stage_began: first day of the present stage. pairs: by key figure, since shadow began. plans, violations: of the
    challenger since shadow began. fallback_shares: share of the challenger's runs that fell back, by day (0 to 1).
    erp_age_hours: age of the newest pull; None: not known.
    """

    stage: Stage
    stage_began: date
    pairs: Mapping[str, Sequence[Pair]]
    plans: int
    violations: int
    fallback_shares: Sequence[float]
    erp_age_hours: float | None


@dataclass(frozen=True)
class Gate:
    """One condition, whether it is met, and a sentence with its figures."""

    name: str
    met: bool
    sentence: str


@dataclass(frozen=True)
class KpiEvidence:
    """A key figure's differences and its intervals over the whole rollout and over the present stage."""

    name: str
    differences: DailyDifferences
    overall: Interval
    stage: Interval


@dataclass(frozen=True)
class Verdict:
    """Today's outcome with all gates and the figures behind them."""

    outcome: Outcome
    gates: tuple[Gate, ...]
    kpis: tuple[KpiEvidence, ...]

    @property
    def unmet(self) -> tuple[Gate, ...]:
        """What stands in the way of a promotion."""
        return tuple(gate for gate in self.gates if not gate.met)


def verdict(record: RolloutRecord, settings: RolloutGates) -> Verdict:
    """Judges the record. Raises InvalidValue for a stage that does not run, unknown figures, negative or infinite values."""
    _check(record, settings)
    kpis = tuple(_kpi_evidence(name, record, settings) for name in settings.kpis)
    limits = settings.stages[record.stage.value]
    gates = {gate.name: gate for gate in _gates(record, kpis, limits, settings)}
    primary = next(kpi for kpi in kpis if kpi.name == settings.primary)

    def flag(value: bool) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
        return np.array(value)

    found = Findings(
        violation=flag(not gates["violations"].met),
        fallbacks_over=flag(not gates["fallbacks"].met),
        worse=flag(not gates["not worse"].met),
        missing=flag(not gates["complete"].met),
        stale=flag(not gates["ERP"].met),
        enough_days=flag(gates["days"].met),
        enough_plans=flag(gates["plans"].met),
        better=flag(gates["better"].met),
        others_within=flag(gates["others"].met),
        agreeing=flag(gates["agreement"].met),
        too_long=flag(primary.stage.days >= limits.longest_days),
        final=flag(record.stage == Stage.ALL),
    )
    return Verdict(OUTCOMES[int(outcome_codes(found))], tuple(gates.values()), kpis)


def _check(record: RolloutRecord, settings: RolloutGates) -> None:
    if record.stage not in RUNNING:
        raise InvalidValue("stage", record.stage, f"must be one of {', '.join(RUNNING)}")
    for name in record.pairs:
        if name not in settings.kpis:
            raise InvalidValue("pairs", name, f"must be one of {', '.join(settings.kpis)}")
    if record.plans < 0 or not 0 <= record.violations <= record.plans:
        raise InvalidValue("violations", record.violations, f"must be from 0 to the number of plans ({record.plans})")


def _kpi_evidence(name: str, record: RolloutRecord, settings: RolloutGates) -> KpiEvidence:
    better = Better(settings.kpis[name])
    pairs = record.pairs.get(name, ())
    differences = daily_differences(pairs, better, settings.cap)
    in_stage = daily_differences([p for p in pairs if p.day >= record.stage_began], better, settings.cap)
    count = len(settings.kpis)
    return KpiEvidence(
        name, differences, interval(differences, settings.error / count), interval(in_stage, settings.stage_error / count)
    )


def _gates(
    record: RolloutRecord, kpis: Sequence[KpiEvidence], limits: DayLimits, settings: RolloutGates
) -> tuple[Gate, ...]:
    primary = next(kpi for kpi in kpis if kpi.name == settings.primary)
    return (
        _violations(record),
        _fallbacks(record, settings),
        _not_worse(kpis),
        _complete(record, kpis, settings),
        _erp(record, settings),
        Gate("days", primary.stage.days >= limits.least_days,
             f"The stage has {primary.stage.days} days with pairs; it takes {limits.least_days}."),
        Gate("plans", record.plans >= settings.least_plans,
             f"The challenger has made {record.plans} plans; a promotion takes {settings.least_plans}."),
        Gate("better", primary.overall.high < 0, f"{_words(primary)} It must be wholly below 0."),
        _others(kpis, settings),
        _agreement(primary),
    )  # fmt: skip


def _violations(record: RolloutRecord) -> Gate:
    if record.violations:
        return Gate("violations", False, f"{record.violations} of {record.plans} plans break a constraint.")
    bound = f"the true rate is at most {violation_bound(record.plans):.2%} (95 %)"
    return Gate("violations", True, f"0 of {record.plans} plans break a constraint: {bound}.")


def _fallbacks(record: RolloutRecord, settings: RolloutGates) -> Gate:
    found = rate_interval(record.fallback_shares, settings.error)
    rate = "not known" if found.rate is None else f"{found.rate:.1%}"
    sentence = f"Share of fallbacks: {rate}, {found.low:.1%} to {found.high:.1%}; limit {settings.fallback_limit:.0%}."
    return Gate("fallbacks", found.low <= settings.fallback_limit, sentence)


def _not_worse(kpis: Sequence[KpiEvidence]) -> Gate:
    worse = [kpi.name for kpi in kpis if kpi.overall.low > 0 or kpi.stage.low > 0]
    sentence = f"Shown to be worse: {', '.join(worse)}." if worse else "No key figure is shown to be worse."
    return Gate("not worse", not worse, sentence)


def _complete(record: RolloutRecord, kpis: Sequence[KpiEvidence], settings: RolloutGates) -> Gate:
    newest = max((day for kpi in kpis for day in kpi.differences.days), default=None)
    faults = []
    for kpi in kpis:
        found = kpi.differences
        if newest is not None and (not found.days or found.days[-1] != newest or _missing_on(record, kpi.name, newest)):
            faults.append(f"{kpi.name} is missing on {newest}")
        elif found.pairs and found.missing > settings.most_missing * found.pairs:
            faults.append(f"{kpi.name} is missing in {found.missing} of {found.pairs} pairs")
    return Gate("complete", not faults, "; ".join(faults) + "." if faults else "No value is missing today.")


def _missing_on(record: RolloutRecord, name: str, day: date) -> bool:
    pairs = [pair for pair in record.pairs[name] if pair.day == day]
    return any(value is None or value != value for pair in pairs for value in (pair.champion, pair.challenger))


def _erp(record: RolloutRecord, settings: RolloutGates) -> Gate:
    age = record.erp_age_hours
    if age is None or not isfinite(age):
        return Gate("ERP", False, "The age of the newest pull is not known.")
    sentence = f"The newest pull is {age:.1f} h old; limit {settings.erp_hours:g} h."
    return Gate("ERP", 0 <= age <= settings.erp_hours, sentence)


def _others(kpis: Sequence[KpiEvidence], settings: RolloutGates) -> Gate:
    open_ones = [kpi for kpi in kpis if kpi.name != settings.primary and not kpi.overall.high < settings.tolerance]
    if not open_ones:
        return Gate("others", True, f"Every other key figure is shown to be less than {settings.tolerance:.0%} worse.")
    sentences = [f"{_words(kpi)} It must end below {settings.tolerance:+.0%}." for kpi in open_ones]
    return Gate("others", False, " ".join(sentences))


def _agreement(primary: KpiEvidence) -> Gate:
    mean, total = primary.stage.mean, primary.differences.total
    met = mean is not None and mean <= 0 and total <= 0
    stage = "not known" if mean is None else f"{mean:+.1%}"
    return Gate("agreement", met, f"{primary.name}: {stage} over the stage, {total:+.1%} over the sums of all pairs.")


def _words(kpi: KpiEvidence) -> str:
    mean = "not known" if kpi.overall.mean is None else f"{kpi.overall.mean:+.1%}"
    return f"{kpi.name}: {mean}, {kpi.overall.low:+.1%} to {kpi.overall.high:+.1%}."
