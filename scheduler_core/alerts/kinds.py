"""The kinds of incidents; each is a rule of ``configs/alerts.yaml``."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What went wrong; the values are the rules' names in the settings."""

    LATE_ORDER = "late_order"
    MACHINE_DOWN = "machine_down"
    ORDER_WITHOUT_PLAN = "order_without_plan"
    PLAN_REJECTED = "plan_rejected"
    FALLBACK_REPEATED = "fallback_repeated"
    QUEUE_OLD = "queue_old"
    WORKER_LOST = "worker_lost"
    HOST_LOST = "host_lost"
    EXPORTER_LOST = "exporter_lost"
    ERP_OLD = "erp_old"
    OUTBOX_STUCK = "outbox_stuck"
    AUDIT_BROKEN = "audit_broken"
    DISK_LOW = "disk_low"
    NO_RELEASE = "no_release"


PLANNERS: Final = frozenset({
    Kind.LATE_ORDER, Kind.MACHINE_DOWN, Kind.ORDER_WITHOUT_PLAN, Kind.PLAN_REJECTED, Kind.NO_RELEASE,
    Kind.QUEUE_OLD, Kind.ERP_OLD,
})  # fmt: skip
"""Kinds whose messages link to Today; all others link to Monitor."""
