"""What runs by itself, what was done last, and what is due next or what it waits for. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from scheduler_core.automation.config import AutomationSettings
from scheduler_core.automation.plan_decision import due_check, due_plan, due_replan
from scheduler_core.automation.pull_decision import due_pull
from scheduler_core.automation.situation import Situation, Verdict
from scheduler_core.automation.standing_decision import due_standing
from scheduler_core.data.store.records import AutomationAct, AutomationKind

ORDER = (
    AutomationKind.PULL, AutomationKind.PLAN, AutomationKind.CHECK, AutomationKind.REPLAN, AutomationKind.STANDING,
)  # fmt: skip
"""The order in which what is due is done."""


@dataclass(frozen=True)
class Outlook:
    """One kind of act: when it was done last (None: never), and whether it is due."""

    kind: AutomationKind
    last: AutomationAct | None
    verdict: Verdict


def outlook(settings: AutomationSettings, situation: Situation, looked_at: datetime | None) -> tuple[Outlook, ...]:
    """Each kind of act, in the order in which they are done. ``looked_at``: see ``due_pull``."""
    verdicts = {
        AutomationKind.PULL: due_pull(settings.pull, situation, looked_at),
        AutomationKind.PLAN: due_plan(settings.plan, situation),
        AutomationKind.CHECK: due_check(settings.replan, situation),
        AutomationKind.REPLAN: due_replan(settings.replan, situation, settings.plan.ways),
        AutomationKind.STANDING: due_standing(settings.standing_search, situation),
    }
    return tuple(Outlook(kind, situation.last(kind), verdicts[kind]) for kind in ORDER)
