"""The cause of everything: why an operation starts when it does, where a late job's time went, and what would fix it."""

from __future__ import annotations

from scheduler_core.causes.explainer import Cause, Explainer, LateJob
from scheduler_core.causes.lead_time import LeadTime, Step, Wait
from scheduler_core.causes.start_causes import Closure, Link, Reason

__all__ = ["Cause", "Closure", "Explainer", "LateJob", "LeadTime", "Link", "Reason", "Step", "Wait"]
