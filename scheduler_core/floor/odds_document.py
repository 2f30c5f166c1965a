"""The odds of a plan as plain values for JSON: the same for the command and the API."""

from __future__ import annotations

from dataclasses import asdict

from scheduler_core.floor.order_odds import Odds, PlanOdds, Spread
from scheduler_core.plant import Plant


def odds_document(plant: Plant, odds: Odds, variation: float, source: dict[str, object] | None = None) -> dict[str, object]:
    """Chances from 0 to 1, moments on the plant's wall clock. ``variation``: the assumed coefficient of variation;
    ``source``: where it comes from, under the name ``actuals``, if it was fitted or asked for."""

    def ends(spread: Spread) -> dict[str, str]:
        return {name: plant.time_of(int(value)).isoformat() for name, value in asdict(spread).items()}

    return {
        "plant": plant.name,
        "runs": odds.runs,
        "variation": variation,
        **({} if source is None else {"actuals": source}),
        "weighted_tardiness_days": asdict(odds.tardiness),
        "late_orders": asdict(odds.late),
        "end": ends(odds.end),
        "orders": [
            {
                "job": one.job,
                "due": None if one.due is None else plant.time_of(one.due).isoformat(),
                "planned_end": plant.time_of(one.planned_end).isoformat(),
                "on_time": one.on_time,
                "ends": ends(one.ends),
            }
            for one in odds.orders
        ],
    }


def plan_odds_document(plant: Plant, found: PlanOdds) -> dict[str, object]:
    """The odds of a stored plan with the noise that they assume: shown by so many ``operations``, or stated."""
    noise, at_risk = found.assumed.noise, {one.job for one in found.odds.at_risk()}
    assumed: dict[str, object] = {
        "stated": found.assumed.stated,
        "operations": found.assumed.operations,
        "variation": noise.variation,
        "by_process": dict(noise.by_process),
        "machine_share": noise.machine_share,
        "day_share": noise.day_share,
    }
    document = odds_document(plant, found.odds, noise.variation)
    return {**document, "assumed": assumed, "at_risk": [one.job for one in found.odds.orders if one.job in at_risk]}
