"""Figures of the product for Prometheus, read from the store and the logs when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from scheduler_core import logs
from scheduler_core.data.database import DatabaseFailure
from scheduler_core.data.store import store_stats
from scheduler_core.data.store.records import STANDING, RunState
from scheduler_core.data.store.store_stats import BUCKETS, StoreStats
from scheduler_core.errors import ShopwrightError
from scheduler_core.logs import line_counts
from scheduler_core.monitoring import health
from scheduler_core.settings import locations

LEVELS = {health.Level.OK: 0, health.Level.WARNING: 1, health.Level.FAULT: 2}


def text(more: Sequence[Callable[[], health.Check]] = ()) -> str:
    """All figures in the text format. What cannot be read is left out; ``shopwright_up`` says whether the store could.
    ``more``: health checks of other rooms."""
    registry = CollectorRegistry()
    registry.register(_Figures(more))
    return str(generate_latest(registry), "utf-8")


class _Figures(Collector):
    def __init__(self, more: Sequence[Callable[[], health.Check]]) -> None:
        self._more = more

    def collect(self) -> Iterator[Metric]:
        now = datetime.now(UTC)
        checked = GaugeMetricFamily("shopwright_health", "0 fine, 1 to be looked at, 2 does not work", labels=["check"])
        for check in (*health.checks(now), *(one() for one in self._more)):
            checked.add_metric([check.name], LEVELS[check.level])
        yield checked
        counted = line_counts.errors(logs.log_folder(locations.var() / "log"))
        yield GaugeMetricFamily("shopwright_log_errors", "Errors in the kept logs", value=counted.errors)
        yield GaugeMetricFamily("shopwright_log_exceptions", "Unforeseen errors in the kept logs", value=counted.exceptions)
        try:
            found = store_stats.look(locations.database_url())
        except (ShopwrightError, DatabaseFailure):
            yield GaugeMetricFamily("shopwright_up", "1 if the store can be read", value=0)
            return
        yield GaugeMetricFamily("shopwright_up", "1 if the store can be read", value=1)
        yield from _of_store(found, now)


def _of_store(found: StoreStats, now: datetime) -> Iterator[Metric]:
    runs = GaugeMetricFamily("shopwright_runs", "Runs by engine and state", labels=["engine", "state"])
    for (engine, state), number in sorted(found.runs.items()):
        runs.add_metric([engine, state], number)
    yield runs
    took = HistogramMetricFamily("shopwright_run_seconds", "Wall time of runs that have ended", labels=["engine"])
    for engine, durations in sorted(found.durations.items()):
        ends = [*zip((str(b) for b in BUCKETS), durations.counts, strict=True), ("+Inf", durations.number)]
        took.add_metric([engine], ends, durations.seconds)
    yield took
    fallbacks = CounterMetricFamily("shopwright_fallbacks", "Plans in place of a failed engine's", labels=["engine"])
    for engine, number in found.fallbacks.items():
        fallbacks.add_metric([engine], number)
    yield fallbacks
    yield CounterMetricFamily("shopwright_plans_rejected", "Plans that the validator refused", value=found.rejected)
    yield CounterMetricFamily("shopwright_violations_caught", "Rules broken in them", value=found.violations)
    yield CounterMetricFamily("shopwright_releases", "Releases", value=found.releases)
    queued = [
        (now - r.created_at).total_seconds() for r in found.active if r.state is RunState.QUEUED and r.engine != STANDING
    ]
    yield GaugeMetricFamily("shopwright_queue_age_seconds", "How long the oldest has waited", value=max(queued, default=0))
    yield GaugeMetricFamily("shopwright_outbox_waiting", "Releases not yet confirmed", value=found.waiting)
    age = 0.0 if found.waiting_since is None else (now - found.waiting_since).total_seconds()
    yield GaugeMetricFamily("shopwright_outbox_age_seconds", "How long the oldest of them has waited", value=age)
    yield GaugeMetricFamily("shopwright_outbox_undeliverable", "Releases given up", value=found.undeliverable)
