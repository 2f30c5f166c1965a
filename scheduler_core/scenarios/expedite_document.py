"""The curve of an expedited order as plain values for JSON: the same for the command and the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scheduler_core.floor.odds_change_wording import odds_change_document
from scheduler_core.plant import Plant

if TYPE_CHECKING:
    from scheduler_core.floor.odds_change import OddsChange
    from scheduler_core.scenarios.expedite import ExpediteCurve


def expedite_document(plant: Plant, curve: ExpediteCurve, odds: Sequence[OddsChange]) -> dict[str, object]:
    """The points, earliest and dearest first, each with who pays for it. ``odds``: what each point does to the odds. Moments
    are the plant's wall clock."""

    def time(minute: int | None) -> str | None:
        return None if minute is None else plant.clock.text(minute)

    return {
        "plant": plant.name,
        "job": curve.job.id,
        "due": time(curve.job.due),
        "bound": time(curve.bound.completion),
        "in_plan": time(curve.before),
        "right_shift": time(curve.right_shift),
        "points": [
            {
                "end": time(p.end),
                "weighted_days": p.price,
                "newly_late": p.newly_late,
                "moved": p.moved,
                "moved_72h": p.moved_near,
                "later": [
                    {
                        "job": payer.job.id, "before": time(payer.before), "end": time(payer.end),
                        "extra_minutes": payer.extra, "newly_late": payer.newly_late, "weighted_days": payer.weighted_days,
                    }
                    for payer in p.payers
                ],
                "odds": odds_change_document(change),
            }
            for p, change in zip(curve.points, odds, strict=True)
        ],
    }  # fmt: skip
