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

from dashboard.colours import FILL, INK, MARK, STATUS_ORDER
from dashboard.gantt import texts
from dashboard.gantt.rows import GanttView, Ghosts, Row, job_groups, machine_groups, shown_jobs
from dashboard.words import status_words
from scheduler_core.dispatch import plant_calendar
from scheduler_core.hours import Hours
from scheduler_core.kpis import job_lateness
from scheduler_core.language import t
from scheduler_core.local_format import day_pattern, months, weekdays
from scheduler_core.plant import Job, Plant
from scheduler_core.schedule import Assignment, Schedule
from scheduler_core.status import JobStatus, status_of

FIXED, LAST, IMPORTANT = 1, 2, 4
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
    hours: Hours,
    *,
    view: GanttView = GanttView.MACHINE,
    key: str = "gantt",
    title: str = "Plan",
    now: int | None = 0,
    stacked: int = 1,
    place: int = 1,
    link: str | None = None,
    selected: tuple[str, int] | None = None,
    chain: Sequence[tuple[str, int]] = (),
    ghosts: Ghosts | None = None,
    machine_types: frozenset[int] | None = None,
    statuses: frozenset[JobStatus] | None = None,
    jobs: frozenset[str] | None = None,
    families: frozenset[str] | None = None,
    important: bool = False,
    editable: bool = False,
) -> bytes:
    """Everything that the canvas draws.

    now: minute of the now-line. stacked: charts above each other that share the window's height, of which
    this is number ``place``: the first has the toolbar for all, the last the legend. link: charts of one
    link share their time window. selected: the operation that is picked; chain: the operations that decided its start.
    machine_types, statuses, jobs (ids) and families: show only these (None: all); important: only important jobs.
    editable: bars can be carried to another time or machine, where rows are machines.
    """
    lateness = job_lateness(plant, schedule)
    status = {j.id: status_of(lateness[j.id]) for j in plant.jobs}
    shown = shown_jobs(plant, status, statuses=statuses, jobs=jobs, families=families, important=important)
    shown_ids = {j.id for j in shown}
    if view is GanttView.MACHINE:
        groups = machine_groups(plant, schedule, hours, shown_ids, machine_types, ghosts)
    else:
        groups = job_groups(plant, schedule, hours, shown, status, machine_types)
    rows = [row for group in groups for row in group.rows]
    bars = [(r, a) for r, row in enumerate(rows) for a in row.bars]

    columns = _Columns()
    head = _bars(columns, plant, schedule, hours, bars, shown, status, lateness)
    _patterns(columns, hours)
    has_down, reasons = _downtime(columns, plant, rows)
    ghost_bars = [(r, a) for r, row in enumerate(rows) for a in row.ghosts]
    columns.add("ghost_row", "u2", (r for r, _ in ghost_bars))
    columns.add("ghost_start", "i4", (a.start for _, a in ghost_bars))
    columns.add("ghost_end", "i4", (a.end for _, a in ghost_bars))

    number = {a.key: i for i, (_, a) in reversed(list(enumerate(bars)))}
    head |= {
        "view": view.value,
        "key": key,
        "title": title,
        "plan_start": plant.plan_start.isoformat(timespec="minutes"),
        "zone": plant.timezone,
        "corner": t("Work centre / machine") if view is GanttView.MACHINE else t("Job, by urgency"),
        "now": now,
        "editable": editable and view is GanttView.MACHINE,
        "shifts": hours.calendar_table(plant_calendar(plant).id),
        "stacked": stacked,
        "place": place,
        "link": link,
        "first": min((a.start for _, a in bars), default=0),
        "last": max((a.end for _, a in bars), default=1440),
        "first_known": hours.first,
        "last_known": hours.last,
        "groups": [{"name": g.name, "rows": len(g.rows)} for g in groups],
        "rows": [
            {"label": r.label, "detail": r.detail, "table": r.table if view is GanttView.MACHINE else -1,
             "calendar": r.calendar, "machine": r.machine}
            for r in rows
        ],
        "colours": [FILL[s] for s in STATUS_ORDER],
        "inks": [INK[s] for s in STATUS_ORDER],
        "marks": [MARK[s] for s in STATUS_ORDER],
        "words": [status_words(s) for s in STATUS_ORDER],
        "texts": texts.translated(),
        "days": weekdays(),
        "months": months(),
        "day_pattern": day_pattern(),
        "reasons": reasons,
        "has_down": has_down,
        "has_ghosts": bool(ghost_bars),
        "ghost_words": ghosts.words if ghosts else "",
        "selected": number.get(selected, -1) if selected else -1,
        "focus": f"{selected[0]}/{selected[1]}" if selected else None,
        "chain": [number[k] for k in chain if k in number],
        "columns": columns.index,
    }  # fmt: skip
    body = b"".join(columns.parts)
    head["stamp"] = hashlib.sha256(json.dumps(head, sort_keys=True).encode() + body).hexdigest()[:16]
    text = json.dumps(head, separators=(",", ":"), ensure_ascii=False).encode()
    return struct.pack("<I", len(text)) + text + body


# ---------------------------------------------------------------- columns
def _bars(
    columns: _Columns,
    plant: Plant,
    schedule: Schedule,
    hours: Hours,
    bars: Sequence[tuple[int, Assignment]],
    shown: Sequence[Job],
    status: Mapping[str, JobStatus],
    lateness: Mapping[str, int | None],
) -> dict[str, Any]:
    job_number = {j.id: n for n, j in enumerate(shown)}
    status_number = {s: n for n, s in enumerate(STATUS_ORDER)}
    operations = {(j.id, o.sequence): o for j in shown for o in j.operations}
    last = {(j.id, j.operations[-1].sequence) for j in shown}
    processes: dict[str, int] = {}
    places: dict[str, int] = {}

    def flags(a: Assignment) -> int:
        fixed = FIXED if operations[a.key].fixed is not None else 0
        return fixed | (LAST if a.key in last else 0) | (IMPORTANT if plant.job_by_id[a.job].important else 0)

    def ready(a: Assignment) -> int:
        return min(a.end, hours.after_working(a.machines, a.start, a.setup_minutes))

    def place(a: Assignment) -> str:
        names = [plant.machine_by_id[m].name for m in a.machines]
        types = dict.fromkeys(plant.machine_type_by_id[plant.machine_by_id[m].type].name for m in a.machines)
        together = t(" (together)") if len(names) > 1 else ""
        return f"{' + '.join(names)}{together} · {', '.join(types)}"

    columns.add("start", "i4", (a.start for _, a in bars))
    columns.add("end", "i4", (a.end for _, a in bars))
    columns.add("setup_end", "i4", (ready(a) for _, a in bars))
    columns.add("sequence", "i4", (a.sequence for _, a in bars))
    columns.add("row", "u2", (r for r, _ in bars))
    columns.add("job", "u2", (job_number[a.job] for _, a in bars))
    columns.add("process", "u2", (processes.setdefault(operations[a.key].process, len(processes)) for _, a in bars))
    columns.add("place", "u2", (places.setdefault(place(a), len(places)) for _, a in bars))
    columns.add("table", "u2", (hours.table(a.machines) for _, a in bars))
    columns.add("status", "u1", (status_number[status[a.job]] for _, a in bars))
    columns.add("flags", "u1", (flags(a) for _, a in bars))
    return {
        "jobs": [
            {"id": j.id, "product": j.product, "due": j.due, "important": j.important, "quantity": j.quantity,
             "lateness": lateness[j.id], "operations": len(j.operations)}
            for j in shown
        ],
        "processes": list(processes),
        "places": list(places),
    }  # fmt: skip


def _patterns(columns: _Columns, hours: Hours) -> None:
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
