"""Asking for runs: one, or several engines side by side on the same jobs."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Sequence
from dataclasses import replace

from scheduler_core.data.store import Store
from scheduler_core.data.store.records import Run, RunRequest, RunState
from scheduler_core.engines.config import EngineConfig
from scheduler_core.engines.pricing.price_memory import RememberedPrices
from scheduler_core.engines.pricing.trusted_prices import trusted
from scheduler_core.engines.registry import ALL_ENGINES, REPAIR_CHOICES, has_zone
from scheduler_core.errors import InvalidValue
from scheduler_core.objectives import Objective
from scheduler_core.reports import Fallback, LearnedReport, RepairReport
from scheduler_core.runs.kept_zone import FrozenHours
from scheduler_core.schedule import Schedule

LOG = logging.getLogger(__name__)
DEADLINE_SECONDS = 600
"""Wall seconds after which a run that was asked for on a page is stopped."""
DEFAULT_SECONDS = 10
LONGEST_SECONDS = 300
IMPROVING = ("learned", "exact", "repair", "best", "standing")
"""Engines that go on improving a plan, so that the best so far can be kept."""
PRICING = ("learned", "best")
"""Engines that search for machine prices."""
PLANS_LOOKED_AT = 50
"""The newest plans among which the last search for prices is looked for."""


def submit(store: Store, request: RunRequest, engines: Collection[str] = ALL_ENGINES) -> str:
    """Queue a run and return its id; the same request id again returns the first run's. Its search for machine prices starts
    where the plant's last one ended.

    Raises InvalidValue for an unknown engine, NotFound for an unknown snapshot.
    """
    if request.engine not in engines:
        raise InvalidValue("engine", request.engine, f"must be one of {', '.join(sorted(engines))}")
    if request.engine in PRICING and not request.config.first_prices:
        remembered = remembered_prices(store, request)
        request = replace(request, config=replace(request.config, first_prices=remembered))
    run_id = store.runs.submit(request)
    more = {"request": request.request_id, "snapshot": request.snapshot_id, "engine": request.engine, "actor": request.actor}
    LOG.info("run asked for", extra={"run": run_id, **more})
    return run_id


def remembered_prices(store: Store, request: RunRequest) -> RememberedPrices:
    """The machine prices that the last search on the same plant for the same objective came to; none without one."""
    plant = store.snapshots.get(request.snapshot_id).plant
    for plan in store.schedules.newest(limit=PLANS_LOOKED_AT):
        told = plan.report.report if isinstance(plan.report, Fallback) else plan.report
        prices = trusted(told.prices) if isinstance(told, LearnedReport | RepairReport) else ()
        if not prices:
            continue
        same_aim = store.runs.get(plan.run_id).config.objective == request.config.objective
        if same_aim and store.snapshots.get(plan.snapshot_id).plant == plant:
            return prices
    return ()


def replans(
    snapshot_id: str,
    token: str,
    in_force: Schedule,
    *,
    objective: Objective = Objective.TARDINESS,
    seconds: float = DEFAULT_SECONDS,
    most_moves: int | None = None,
    frozen_hours: float = 0.0,
    frozen_by_type: tuple[tuple[int, float], ...] = (),
    seed: int = 0,
) -> tuple[RunRequest, ...]:
    """Keep, calm and best on one snapshot from the plan in force, whose minutes count from its plan_start. The same
    ``token`` makes the same runs. Calm and best search for ``seconds`` each, on one core."""
    config = EngineConfig(
        objective=objective,
        seed=seed,
        warm_start=in_force,
        workers=1,
        most_moves=most_moves,
        frozen_hours=frozen_hours,
        frozen_by_type=frozen_by_type,
    )
    return tuple(
        RunRequest(
            request_id=f"{token}-{engine}",
            snapshot_id=snapshot_id,
            engine=engine,
            config=replace(config, time_limit=None if engine == "right_shift" else float(seconds)),
            deadline_seconds=DEADLINE_SECONDS,
        )
        for engine in REPAIR_CHOICES
    )


def at_work(store: Store, request: RunRequest) -> Run | None:
    """The run that waits or is at work and does what the request asks for, whoever asked for it; None if there is none."""
    wanted = (request.snapshot_id, request.engine, _asked_for(request.config))
    active = store.runs.newest(snapshot_id=request.snapshot_id, states=(RunState.QUEUED, RunState.RUNNING))
    found = (r for r in active if (r.snapshot_id, r.engine, _asked_for(r.config)) == wanted and not r.cancel_requested)
    return next(found, None)


def _asked_for(config: EngineConfig) -> EngineConfig:
    """The settings without what ``submit`` adds."""
    return replace(config, first_prices=())


def side_by_side(
    snapshot_id: str,
    token: str,
    *,
    objective: Objective = Objective.TARDINESS,
    seconds: int = DEFAULT_SECONDS,
    seed: int = 0,
    engines: Sequence[str] = ("greedy", "learned"),
    in_force: Schedule | None = None,
    frozen: FrozenHours = (0.0, ()),
    variation: float = 0.0,
) -> tuple[RunRequest, ...]:
    """One request per engine on one snapshot. The same ``token`` makes the same runs: one click, one set of runs.

    frozen: hours in which what the plan ``in_force`` starts stays (minutes from the snapshot's plan_start); without any, the
    plan in force does not matter to these engines. variation: of durations, for the learned engine (EngineConfig).

    The learned engine gets two cores where there are two, as its search uses them all the time and greedy ends early; the
    others get one.
    """
    zone = EngineConfig(warm_start=in_force, frozen_hours=frozen[0], frozen_by_type=frozen[1])
    kept = zone if has_zone(zone) else EngineConfig()
    return tuple(
        RunRequest(
            request_id=f"{token}-{engine}",
            snapshot_id=snapshot_id,
            engine=engine,
            config=replace(
                kept,
                objective=objective,
                time_limit=float(seconds) if engine in IMPROVING else None,
                seed=seed,
                workers=min(2, os.cpu_count() or 1) if engine == "learned" else 1,
                variation=variation if engine == "learned" else 0.0,
            ),
            deadline_seconds=DEADLINE_SECONDS,
        )
        for engine in engines
    )
