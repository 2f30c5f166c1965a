"""The frozen zone in a planner's words. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from dashboard.loaded_plan import Plan
from dashboard.presentation import formatting
from scheduler_core.i18n.translate import t, tn
from scheduler_core.judge.frozen_zone import FrozenZone
from scheduler_core.plant import Plant


def hours_words(plant: Plant, hours: float, by_type: Sequence[tuple[int, float]]) -> str:
    """How long the zone is: "next 8 h; Laser cutting 24 h". Work centres unknown to the plant are left out."""
    names = {kind.id: kind.name for kind in plant.machine_types}
    own = [t("{centre} {hours} h", centre=names[kind], hours=_number(n)) for kind, n in by_type if kind in names]
    if hours or not own:
        own.insert(0, t("next {hours} h", hours=_number(hours)))
    return "; ".join(own)


def plan_words(plan: Plan) -> str | None:
    """The frozen zone that the plan's run was to keep, and what stayed in it; None where there was none."""
    if plan.config is None or plan.frozen_zone is None:
        return None
    return zone_words(plan.plant, plan.config.frozen_hours, plan.config.frozen_by_type, plan.frozen_zone)


def zone_words(plant: Plant, hours: float, by_type: Sequence[tuple[int, float]], zone: FrozenZone) -> str:
    """How long the zone of a plan is, how many operations stay in it, and how many could not."""
    stay = len(zone.could_stay) - len(zone.moved)
    told = t(
        "Frozen zone: {hours}. {operations} kept in place.",
        hours=hours_words(plant, hours, by_type), operations=tn("{n} operation", "{n} operations", stay),
    )  # fmt: skip
    if zone.released:
        told += " " + tn(
            "{n} operation could not stay (machine down, order late or changed) and was planned again.",
            "{n} operations could not stay (machine down, order late or changed) and were planned again.",
            len(zone.released),
        )  # fmt: skip
    if zone.moved:
        told += " " + tn(
            "{n} operation was moved although it could have stayed.",
            "{n} operations were moved although they could have stayed.",
            len(zone.moved),
        )  # fmt: skip
    return told


def _number(hours: float) -> str:
    return formatting.number(hours, 0 if hours == round(hours) else 1)
