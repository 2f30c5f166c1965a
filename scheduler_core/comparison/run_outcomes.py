"""Why runs ended without a plan of their own: equal reasons are one line, the most frequent first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from scheduler_core.data.store.records import Run, RunState, StoredSchedule
from scheduler_core.reports import Fallback


@dataclass(frozen=True)
class Outcome:
    """Runs of one engine that ended in one way for one reason.

    state: OK where a stand-in's plan came out. reason: in the words of the engine or of who ended it; empty where none was
    kept. newest: when the last of them ended (aware); None where that was not kept.
    """

    engine: str
    state: RunState
    reason: str
    runs: int
    newest: datetime | None


def outcomes(runs: Iterable[Run], plans: Mapping[str, StoredSchedule]) -> tuple[Outcome, ...]:
    """The ends of all runs without a plan of the engine that was asked for; ``plans`` by schedule id, rejected ones too."""
    found: dict[tuple[str, RunState, str], list[datetime | None]] = {}
    for run in runs:
        if (reason := _reason(run, plans)) is not None:
            found.setdefault((run.engine, run.state, reason), []).append(run.finished_at)
    listed = [
        Outcome(engine, state, reason, len(ends), max((e for e in ends if e is not None), default=None))
        for (engine, state, reason), ends in found.items()
    ]
    return tuple(sorted(listed, key=lambda o: (-o.runs, o.engine, o.state.value, o.reason)))


def _reason(run: Run, plans: Mapping[str, StoredSchedule]) -> str | None:
    """Why the run has no plan of its own engine; None where it has one or has not ended."""
    if run.state is RunState.OK:
        plan = plans.get(run.schedule_id or "")
        return plan.report.reason if plan is not None and isinstance(plan.report, Fallback) else None
    return (run.fail_reason or run.message) if run.state.finished else None
