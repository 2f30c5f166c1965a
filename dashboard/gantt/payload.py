"""A plan packed for the canvas: a JSON head and little-endian columns, small enough to send at every rerun.

Layout of the bytes: a 4-byte length, the head as UTF-8 JSON, then the columns one after the other. The head's ``columns``
lists name, type (``i4``, ``u2``, ``u1``), byte offset after the head, and length. Times are minutes from plan_start.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from dashboard.gantt import actual_bars, texts
from dashboard.gantt.request import GanttRequest, Whisker
from dashboard.gantt.rows import GanttView, Ghosts, Group, Row, job_groups, machine_groups, shown_jobs
from dashboard.presentation.colours import FILL, FILL_ON_DARK, INK, MARK, PALETTE, STATUS_ORDER
from dashboard.presentation.formatting import status_words
from scheduler_core.analysis.dispatch_lists import plant_calendar
from scheduler_core.analysis.job_status import JobStatus, status_of
from scheduler_core.i18n.local_formats import day_pattern, months, percent_pattern, weekdays, zone_text
from scheduler_core.i18n.translate import t
from scheduler_core.judge.kpis import job_lateness
from scheduler_core.plant import Job, Plant
from scheduler_core.schedule import Assignment, Schedule
from scheduler_core.simulator.open_hours import OpenHours

FIXED, LAST, IMPORTANT = 1, 2, 4
DEFAULT = GanttRequest()
WIDTH = {"i4": 4, "u2": 2, "u1": 1}


@dataclass
class _Columns:
    """Collects columns and where each begins."""

    index: list[tuple[str, str, int, int]] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(self, name: str, kind: str, values: Iterable[int] | npt.NDArray[Any]) -> None:
        column = np.fromiter(values, f"<{kind}") if not isinstance(values, np.ndarray) else values.astype(f"<{kind}")
        padding = -self.size % WIDTH[kind]
        self.parts.append(b"\0" * padding + column.tobytes())
        self.index.append((name, kind, self.size + padding, len(column)))
        self.size += padding + column.nbytes


def pack(
    plant: Plant,
    schedule: Schedule,
    hours: OpenHours,
    request: GanttRequest = DEFAULT,
    *,
    ghosts: Ghosts | None = None,
    lateness: Mapping[str, int | None] | None = None,
) -> bytes:
    """Everything that the canvas draws.

    ghosts: another plan's operations, outlined. lateness: the jobs', if it is known.
    """
    lateness = job_lateness(plant, schedule) if lateness is None else lateness
    status = {j.id: status_of(lateness[j.id]) for j in plant.jobs}
    shown = shown_jobs(
        plant, status, statuses=request.statuses, jobs=request.jobs, families=request.families, important=request.important
    )
    shown_ids = {j.id for j in shown}
    if request.view is GanttView.MACHINE:
        groups = machine_groups(plant, schedule, hours, shown_ids, request.machine_types, ghosts)
    else:
        groups = job_groups(plant, schedule, hours, shown, status, request.machine_types, ghosts)
    rows = [row for group in groups for row in group.rows]
    bars = [(r, a) for r, row in enumerate(rows) for a in row.bars]

    columns = _Columns()
    job_facts, machine_facts = dict(request.job_facts), dict(request.machine_facts)
    head = _bars(columns, plant, schedule, hours, bars, shown, status, lateness, job_facts)
    _patterns(columns, hours)
    has_down, reasons = _downtime(columns, plant, rows)
    ghost_bars = [(r, a) for r, row in enumerate(rows) for a in row.ghosts]
    columns.add("ghost_row", "u2", (r for r, _ in ghost_bars))
    columns.add("ghost_start", "i4", (a.start for _, a in ghost_bars))
    columns.add("ghost_end", "i4", (a.end for _, a in ghost_bars))

    ran = request.actuals if len(shown) == len(plant.jobs) else [a for a in request.actuals if a.job in shown_ids]
    actual, actual_names = actual_bars.columns(ran, rows)
    for name, kind in actual_bars.COLUMNS:
        columns.add(f"actual_{name}", kind, actual[name])
    if request.editable:
        head |= _eligible(columns, plant, [a for _, a in bars])
    number = {a.key: i for i, (_, a) in reversed(list(enumerate(bars)))}
    head |= {
        "view": request.view.value,
        "key": request.key,
        "title": request.title,
        "plan_start": plant.plan_start.isoformat(timespec="minutes"),
        "utc_offset": plant.clock.utc_offset,
        "clock_minutes": plant.clock.minutes,
        "clock_ahead": plant.clock.ahead,
        "zone": zone_text(plant.timezone),
        "corner": t("Work centre / machine") if request.view is GanttView.MACHINE else t("Job, by urgency"),
        "now": request.now,
        "editable": request.editable,
        "shifts": hours.calendar_table(plant_calendar(plant).id),
        "stacked": request.stacked,
        "place": request.place,
        "link": request.link,
        "first": min((a.start for _, a in bars), default=0),
        "last": max((a.end for _, a in bars), default=1440),
        "first_known": hours.first,
        "last_known": hours.last,
        "groups": [{"name": g.name, "rows": len(g.rows)} for g in groups],
        "rows": [
            {"label": r.label, "detail": r.detail, "table": r.table if request.view is GanttView.MACHINE else -1,
             "calendar": r.calendar, "machine": r.machine,
             "facts": machine_facts.get(r.machine, ()) if r.machine is not None else job_facts.get(r.job or "", ())}
            for r in rows
        ],
        "menu": request.menu,
        "opens_on": _group_of(plant, groups, request),
        "colours": [FILL[s] for s in STATUS_ORDER],
        "dark_colours": [FILL_ON_DARK[s] for s in STATUS_ORDER],
        "palette": PALETTE,
        "inks": [INK[s] for s in STATUS_ORDER],
        "marks": [MARK[s] for s in STATUS_ORDER],
        "words": [status_words(s) for s in STATUS_ORDER],
        "texts": texts.translated(),
        "days": weekdays(),
        "months": months(),
        "day_pattern": day_pattern(),
        "percent_pattern": percent_pattern(),
        "reasons": reasons,
        "has_down": has_down,
        "has_actuals": bool(actual["row"]),
        "actual_names": actual_names,
        "has_ghosts": bool(ghost_bars),
        "ghost_words": ghosts.words if ghosts else "",
        "columns": columns.index,
    }  # fmt: skip
    body = b"".join(columns.parts)
    # What is picked and what is said are no part of the stamp: they change without a bar being another.
    head["stamp"] = hashlib.sha256(json.dumps(head, sort_keys=True).encode() + body).hexdigest()[:16]
    head |= {
        "selected": number.get(request.selected, -1) if request.selected else -1,
        "focus": f"{request.selected[0]}/{request.selected[1]}" if request.selected else None,
        "chain": [number[k] for k in request.chain if k in number],
        "machine": request.machine,
        "message": request.message,
        "refused": request.refused,
        "told": request.told,
        "whisker": _whisker(request.whisker, shown),
    }
    text = json.dumps(head, separators=(",", ":"), ensure_ascii=False).encode()
    return struct.pack("<I", len(text)) + text + body


def _whisker(asked: Whisker | None, shown: Sequence[Job]) -> dict[str, Any] | None:
    number = next((n for n, job in enumerate(shown) if asked is not None and job.id == asked.job), None)
    if asked is None or number is None:
        return None
    return {"job": number, "p50": asked.p50, "p80": asked.p80, "p95": asked.p95, "words": asked.words}


# ---------------------------------------------------------------- columns
def _bars(
    columns: _Columns,
    plant: Plant,
    schedule: Schedule,
    hours: OpenHours,
    bars: Sequence[tuple[int, Assignment]],
    shown: Sequence[Job],
    status: Mapping[str, JobStatus],
    lateness: Mapping[str, int | None],
    facts: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    job_number = {j.id: n for n, j in enumerate(shown)}
    status_number = {s: n for n, s in enumerate(STATUS_ORDER)}
    job_status = np.array([status_number[status[j.id]] for j in shown], np.int64)
    operation_number, processes, operation_process, operation_flags = _operations(shown)
    keys = [a.key for _, a in bars]
    operation = np.array([operation_number[key] for key in keys], np.int64)
    job = np.array([job_number[name] for name, _ in keys], np.int64)
    machines: dict[tuple[int, ...], int] = {}
    held = np.array([machines.setdefault(a.machines, len(machines)) for _, a in bars], np.int64)
    places, place = _places(plant, machines)
    firsts = dict(zip(reversed(place.tolist()), reversed([m[0] for m in machines]), strict=True))
    table = np.array([hours.table(m) for m in machines], np.int64)[held]
    start, end, setup = (np.array(v, np.int64) for v in _times(bars))
    columns.add("start", "i4", start)
    columns.add("end", "i4", end)
    columns.add("setup_end", "i4", np.minimum(end, hours.after_working_each(table, start, setup)))
    columns.add("sequence", "i4", (sequence for _, sequence in keys))
    columns.add("row", "u2", (r for r, _ in bars))
    columns.add("job", "u2", job)
    columns.add("process", "u2", operation_process[operation])
    columns.add("place", "u2", place[held])
    columns.add("table", "u2", table)
    columns.add("status", "u1", job_status[job])
    columns.add("flags", "u1", operation_flags[operation])
    return {
        "jobs": [
            {"id": j.id, "product": j.product, "due": j.due, "important": j.important, "quantity": j.quantity,
             "family": j.family, "lateness": lateness[j.id], "operations": len(j.operations), "facts": facts.get(j.id, ())}
            for j in shown
        ],
        "processes": processes,
        "places": places,
        "place_machines": [firsts[n] for n in range(len(places))],
    }  # fmt: skip


def _eligible(columns: _Columns, plant: Plant, bars: Sequence[Assignment]) -> dict[str, Any]:
    """For each bar the number of the set of machines (ids) on which its operation can run, and these sets."""
    operations = {(j.id, o.sequence): o for j in plant.jobs for o in j.operations}
    sets: dict[tuple[int, ...], int] = {}
    columns.add("eligible", "u2", (sets.setdefault(plant.eligible_machines(operations[a.key]), len(sets)) for a in bars))
    return {"eligible_sets": [list(machines) for machines in sets]}


def _group_of(plant: Plant, groups: Sequence[Group], request: GanttRequest) -> int:
    """Number of the group that the first look begins with; -1: none of them."""
    if request.opens_on is None or request.view is not GanttView.MACHINE:
        return -1
    name = plant.machine_type_by_id[request.opens_on].name
    return next((n for n, group in enumerate(groups) if group.name == name), -1)


def _times(bars: Sequence[tuple[int, Assignment]]) -> tuple[list[int], list[int], list[int]]:
    """Starts, ends and setup minutes."""
    return [a.start for _, a in bars], [a.end for _, a in bars], [a.setup_minutes for _, a in bars]


def _operations(
    jobs: Sequence[Job],
) -> tuple[dict[tuple[str, int], int], list[str], npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The jobs' operations by (job, sequence), the names of their processes, and each one's process and flags."""
    number: dict[tuple[str, int], int] = {}
    names: dict[str, int] = {}
    process, flags = [], []
    for job in jobs:
        important = IMPORTANT if job.important else 0
        for o in job.operations:
            number[job.id, o.sequence] = len(number)
            process.append(names.setdefault(o.process, len(names)))
            flags.append(important | (FIXED if o.fixed is not None else 0) | (LAST if o is job.operations[-1] else 0))
    return number, list(names), np.array(process, np.int64), np.array(flags, np.int64)


def _places(plant: Plant, held: Iterable[tuple[int, ...]]) -> tuple[list[str], npt.NDArray[np.int64]]:
    """Where an operation stands that holds these machines, in words, and the number of the words for each."""
    words: dict[str, int] = {}
    number = []
    for machines in held:
        names = [plant.machine_by_id[m].name for m in machines]
        types = dict.fromkeys(plant.machine_type_by_id[plant.machine_by_id[m].type].name for m in machines)
        together = t(" (together)") if len(names) > 1 else ""
        number.append(words.setdefault(f"{' + '.join(names)}{together} · {', '.join(types)}", len(words)))
    return list(words), np.array(number, np.int64)


def _patterns(columns: _Columns, hours: OpenHours) -> None:
    """Working intervals of every pattern that a bar or a row refers to."""
    starts, ends, first = [], [], [0]
    for table in range(hours.table_count):
        s, e = hours.spans(table)
        starts.append(s)
        ends.append(e)
        first.append(first[-1] + len(s))
    columns.add("span_start", "i4", np.concatenate(starts) if starts else np.zeros(0, np.int32))
    columns.add("span_end", "i4", np.concatenate(ends) if ends else np.zeros(0, np.int32))
    columns.add("span_first", "i4", first)


def _downtime(columns: _Columns, plant: Plant, rows: Sequence[Row]) -> tuple[bool, list[str]]:
    """Blocks in which a machine is down (and before it is available), with their reasons."""
    reasons: dict[str, int] = {}
    blocks = []
    for r, row in enumerate(rows):
        if row.machine is None:
            continue
        machine = plant.machine_by_id[row.machine]
        found = [(d.start, d.end, d.reason or t("no reason given")) for d in machine.downtime]
        if machine.available_from is not None and machine.available_from > 0:
            found.append((0, machine.available_from, t("not available yet")))
        blocks += [(r, s, e, reasons.setdefault(why, len(reasons))) for s, e, why in sorted(found)]
    for k, (name, kind) in enumerate((("row", "u2"), ("start", "i4"), ("end", "i4"), ("reason", "u2"))):
        columns.add(f"down_{name}", kind, (block[k] for block in blocks))
    return bool(blocks), list(reasons)
