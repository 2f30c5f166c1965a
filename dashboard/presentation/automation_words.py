"""What runs by itself, in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from dashboard.presentation import formatting
from scheduler_core.automation.state import AutomationState
from scheduler_core.data.store.records import AutomationKind
from scheduler_core.i18n.translate import mark, t

KINDS: Final[Mapping[AutomationKind, str]] = {
    AutomationKind.PULL: mark("Pull the jobs"),
    AutomationKind.PLAN: mark("Plan the new pull"),
    AutomationKind.CHECK: mark("Check the plan in force on the new jobs"),
    AutomationKind.REPLAN: mark("Replan from the plan in force"),
    AutomationKind.STANDING: mark("Standing search: improve the best plan"),
}
SETTINGS: Final = "settings"
_AT = re.compile(r"at (\d\d:\d\d)")
_EVERY = re.compile(r"every (\d+) minutes")
_LATER = re.compile(r"the plan in force is ([\d.]+) weighted days later than planned")


def kind_words(kind: AutomationKind) -> str:
    """What is done."""
    return t(KINDS[kind])


def part_words(name: str) -> str:
    """What failed: a kind of act, or the reading of the settings."""
    return kind_words(AutomationKind(name)) if name in set(AutomationKind) else t("The settings of the automation")


def cause_words(cause: str) -> str:
    """Why something is done or not done; the causes with a number in them are said with it."""
    if found := _AT.fullmatch(cause):
        return t("at {time}", time=found[1])
    if found := _EVERY.fullmatch(cause):
        return t("the ERP's rows have changed; checked every {n} minutes", n=found[1])
    if found := _LATER.fullmatch(cause):
        days = formatting.number(float(found[1]), 1)
        return t("the plan in force is {days} weighted days later than planned", days=days)
    return t(cause)


def heading_words(found: AutomationState) -> str:
    """Whether anything runs by itself, in a sentence or two."""
    if not found.enabled:
        return t("Nothing: pulls and plans are made by hand. The administrator switches it on in configs/automation.yaml.")
    if not found.acting:
        return t(
            "Nothing at the moment: it is switched on, but no server does it. The administrator starts "
            "'shopwright work --watch' or 'shopwright serve'."
        )
    return t("The plans are proposals: nothing is released automatically.")
