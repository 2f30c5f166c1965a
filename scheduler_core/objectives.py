"""What a plan is optimised for, and how far a schedule is from it: lower is better everywhere."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass, fields
from typing import ClassVar

from scheduler_core.errors import InvalidValue
from scheduler_core.judge.kpis import Kpis


@dataclass(frozen=True)
class Objective:
    """The price of each thing that a planner may want less of; a plan's value is the sum of what it costs.

    ``tardiness``: per day late, three times for an important job; ``on_time``: per percentage point of the jobs that are
    late; ``makespan``: per hour until the last job ends; ``setups``: per hour of setup; ``overtime``: per machine hour in
    overtime; ``balance``: per percentage point of the machines' standard deviation of utilisation. Raises InvalidValue for
    a price that is negative or not finite, and if all are zero.
    """

    tardiness: float = 0.0
    on_time: float = 0.0
    makespan: float = 0.0
    setups: float = 0.0
    overtime: float = 0.0
    balance: float = 0.0

    TARDINESS: ClassVar[Objective]
    ON_TIME: ClassVar[Objective]
    MAKESPAN: ClassVar[Objective]

    def __post_init__(self) -> None:
        for field, price in zip(fields(self), astuple(self), strict=True):
            if not 0 <= price < math.inf:
                raise InvalidValue(f"objective.{field.name}", price, "is not a price of at least 0")
        if not any(astuple(self)):
            raise InvalidValue("objective", "", "puts no price on anything")

    @property
    def value(self) -> str:
        """How it is written: a name, or its prices as in ``tardiness=1,overtime=0.2``."""
        return next((name for name, known in NAMED.items() if known == self), self.prices)

    @property
    def prices(self) -> str:
        """Its prices as text, those of 0 left out."""
        return ",".join(f"{f.name}={_number(p)}" for f, p in zip(fields(self), astuple(self), strict=True) if p)

    @classmethod
    def parse(cls, text: str) -> Objective:
        """The objective that is written so. Raises InvalidValue naming the part that is wrong."""
        if text in NAMED:
            return NAMED[text]
        known = [f.name for f in fields(cls)]
        prices: dict[str, float] = {}
        for part in text.split(","):
            key, equals, number = (piece.strip() for piece in part.partition("="))
            if not equals or key not in known:
                raise InvalidValue(
                    "objective",
                    part,
                    f"is neither one of {', '.join(NAMED)} nor a price such as setups=0.5 ({', '.join(known)})",
                )
            if key in prices:
                raise InvalidValue("objective", part, f"gives {key} a second price")
            try:
                prices[key] = float(number)
            except ValueError:
                raise InvalidValue("objective", part, "is not a price of at least 0") from None
        return cls(**prices)


def _number(price: float) -> str:
    short = f"{price:g}"
    return short if float(short) == price else repr(price)


Objective.TARDINESS = Objective(tardiness=1.0)
Objective.ON_TIME = Objective(on_time=0.01)
Objective.MAKESPAN = Objective(makespan=1.0)
PURE: dict[str, Objective] = {
    "tardiness": Objective.TARDINESS,
    "on-time": Objective.ON_TIME,
    "makespan": Objective.MAKESPAN,
}
"""A single thing has a price: all that the exact engine plans for, with a proven bound."""
MIXES: dict[str, Objective] = {
    "few-setups": Objective(tardiness=1.0, setups=0.5),
    "little-overtime": Objective(tardiness=1.0, overtime=0.1),
    "even-load": Objective(tardiness=1.0, balance=2.0),
}
"""On time, and less of one more thing; what each was measured to save and to cost: docs/aims.md."""
NAMED: dict[str, Objective] = PURE | MIXES
"""Every objective that has a name."""
UNITS: dict[Objective, str] = {
    Objective.TARDINESS: "days",
    Objective.ON_TIME: "share late",
    Objective.MAKESPAN: "hours",
}
"""Unit of the value where a single thing has a price; a mix has none."""


def unit_of(objective: Objective) -> str:
    """Unit of the objective's values."""
    return UNITS.get(objective, "points")


def objective_value(objective: Objective, kpis: Kpis) -> float:
    """The number that an engine minimises: weighted days late, the share of late jobs, hours, or the sum of prices."""
    late = 0.0 if kpis.on_time_rate is None else 100.0 * (1.0 - kpis.on_time_rate)
    amounts = (
        kpis.weighted_tardiness_days,
        late,
        kpis.makespan_hours,
        kpis.setup_hours,
        kpis.overtime_hours,
        100.0 * kpis.utilization_std,
    )
    return float(sum(price * amount for price, amount in zip(astuple(objective), amounts, strict=True) if price))
