"""The cause of everything: why an operation starts when it does, where a late job's time went, and what would fix it."""

from __future__ import annotations

from scheduler_core.why.explainer import Cause, Explainer, LateJob
from scheduler_core.why.lead_time import LeadTime, Step, Wait
from scheduler_core.why.starts import Closure, Link, Reason

__all__ = ["Cause", "Closure", "Explainer", "LateJob", "LeadTime", "Link", "Reason", "Step", "Wait"]
