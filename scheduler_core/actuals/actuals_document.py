"""When operations really began and ended as plain values for JSON: the same for the command and the API."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from scheduler_core.actuals.adherence import Kept, adherence
from scheduler_core.actuals.deviations import late_orders
from scheduler_core.actuals.durations import Ratio, by_machine, by_process
from scheduler_core.actuals.operation_actual import Between, Minutes, OperationActual
from scheduler_core.actuals.plant_noise import PlantNoise
from scheduler_core.plant import Plant


def actuals_document(
    plant: Plant, pulls: int, found: Sequence[OperationActual], noise: PlantNoise
) -> dict[str, object]:  # fmt: skip
    """What ``pulls`` compared pulls tell of operations. Ranges are pairs of moments (naive plant time) or minutes, of which
    the pulls may leave one open (None)."""
    kept = adherence(found)
    return {
        "plant": plant.name,
        "pulls": pulls,
        "adherence": {
            "within_15_minutes": _kept(kept.quarter), "within_1_hour": _kept(kept.hour), "in_the_shift": _kept(kept.shift),
            "unplanned": kept.unplanned, "other_machine": kept.other_machine, "machine_known": kept.machine_known,
        },
        "durations_by_process": [{"process": name, **_ratio(ratio)} for name, ratio in by_process(found).items()],
        "durations_by_machine": [{"machines": list(ids), **_ratio(ratio)} for ids, ratio in by_machine(found).items()],
        "noise": {
            "fitted": noise.is_fitted, "used": noise.used, "ended": noise.ended, "variation": noise.noise.variation,
            "by_process": dict(noise.noise.by_process), "machine_share": noise.noise.machine_share,
            "day_share": noise.noise.day_share,
        },
        "late_orders": [{"job": o.job, "later_minutes": o.later, "added_minutes": o.caused} for o in late_orders(found)],
        "operations": [_operation(one) for one in found],
    }  # fmt: skip


def _kept(kept: Kept) -> dict[str, object]:
    return {"kept": kept.kept, "missed": kept.missed, "unknown": kept.unknown, "share": kept.share,
            "at_least": kept.at_least, "at_most": kept.at_most}  # fmt: skip


def _ratio(ratio: Ratio) -> dict[str, object]:
    return {"count": ratio.count, "mean": ratio.mean, "variation": ratio.variation}


def _operation(one: OperationActual) -> dict[str, object]:
    def moments(between: Between | None) -> list[str | None] | None:
        return None if between is None else [_stamp(between.after), _stamp(between.until)]

    def span(minutes: Minutes | None) -> list[int | None] | None:
        return None if minutes is None else [minutes.low, minutes.high]

    planned = one.planned
    return {
        "job": one.job, "sequence": one.sequence, "process": one.process, "machines": list(one.machines),
        "began": moments(one.began), "ended": moments(one.ended), "evidence": one.evidence.value,
        "interrupted": one.interrupted, "planned_minutes": one.minutes, "worked_minutes": span(one.worked),
        "start_late_minutes": span(one.start_late), "end_late_minutes": span(one.end_late),
        "planned": None if planned is None else {
            "plan": planned.plan, "machines": list(planned.machines), "start": _stamp(planned.start),
            "end": _stamp(planned.end), "setup_minutes": planned.setup_minutes,
        },
    }  # fmt: skip


def _stamp(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="minutes")
