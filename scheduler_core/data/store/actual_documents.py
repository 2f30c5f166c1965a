"""Operations' actuals as JSON, as a column holds them. Fields that say nothing are left out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from scheduler_core.actuals.operation_actual import Between, Evidence, Minutes, OperationActual, PlannedPlace
from scheduler_core.data.store import serialization

_SECOND = "#2"
"""Stands behind a wall time that the clock has shown before."""


def to_json(actuals: Iterable[OperationActual]) -> str:
    """The document of some operations, in their order."""
    return serialization.to_json("actuals", [_document(actual) for actual in actuals])


def from_json(text: str) -> tuple[OperationActual, ...]:
    """The inverse of ``to_json``."""
    return tuple(_actual(document) for document in json.loads(text))


def _document(actual: OperationActual) -> Mapping[str, object]:
    planned = actual.planned
    found = {
        "job": actual.job, "sequence": actual.sequence, "process": actual.process, "machines": actual.machines,
        "began": _range(actual.began), "ended": None if actual.ended is None else _range(actual.ended),
        "evidence": actual.evidence.value, "last": actual.last or None,
        "due": _time(actual.due), "minutes": actual.minutes, "start_late": _minutes(actual.start_late),
        "end_late": _minutes(actual.end_late), "worked": _minutes(actual.worked),
        "interrupted": actual.interrupted or None,
        "planned": None if planned is None else [
            planned.plan, planned.machines, _time(planned.start), _time(planned.end), planned.setup_minutes,
            planned.shift_before, planned.shift_after,
        ],
    }  # fmt: skip
    return {key: value for key, value in found.items() if value is not None}


def _actual(document: Mapping[str, Any]) -> OperationActual:
    began, ended = _between(document["began"]), document.get("ended")
    return OperationActual(
        document["job"], document["sequence"], document["process"], tuple(document["machines"]), began,
        None if ended is None else _between(ended), Evidence(document["evidence"]), document.get("last", False),
        _moment(document.get("due")), document.get("minutes"), _planned(document.get("planned")),
        _span(document.get("start_late")), _span(document.get("end_late")), _span(document.get("worked")),
        document.get("interrupted", False),
    )  # fmt: skip


def _planned(values: Any) -> PlannedPlace | None:
    if values is None:
        return None
    plan, machines, start, end, setup, before, after = values
    return PlannedPlace(plan, tuple(machines), _certain(start), _certain(end), setup, before, after)


def _range(between: Between) -> list[str | None]:
    return [_time(between.after), _time(between.until)]


def _between(values: Any) -> Between:
    return Between(_moment(values[0]), _certain(values[1]))


def _minutes(minutes: Minutes | None) -> list[int | None] | None:
    return None if minutes is None else [minutes.low, minutes.high]


def _span(values: Any) -> Minutes | None:
    return None if values is None else Minutes(*values)


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="minutes") + _SECOND * moment.fold


def _moment(text: str | None) -> datetime | None:
    return None if text is None else _certain(text)


def _certain(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix(_SECOND)).replace(fold=int(text.endswith(_SECOND)))
