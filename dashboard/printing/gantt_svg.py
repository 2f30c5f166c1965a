"""One span of a plan as a drawing for paper (SVG), readable without colour.

White bar: in time. Dark bar: the job will be late. Hatched: setup. Thick outline: fixed or running. Grey ground: closed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from dashboard import words
from dashboard.plans import Plan
from scheduler_core.plant import MINUTES_PER_DAY, Machine
from scheduler_core.schedule import Assignment

WIDTH, GUTTER, ROW, HEAD = 1040, 96, 17, 20
ROWS_PER_PAGE = 34
"""Rows of a landscape page of A4 that can still be read."""
LETTER = 5.0
"""Width of a letter of a bar's label, in the drawing's units: too wide a label is cut."""
PATTERN = (
    '<pattern id="setup" width="4" height="4" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="4" height="4" fill="#fff"/><line x1="0" y1="0" x2="0" y2="4" stroke="#000" stroke-width="1.6"/></pattern>'
)


def pages(plan: Plan, machines: Sequence[Machine], start: int, end: int) -> Iterator[str]:
    """Drawings of [start, end) in minutes from plan_start, each of as many machines as one page of paper holds."""
    for k in range(0, len(machines), ROWS_PER_PAGE):
        yield _drawing(plan, machines[k : k + ROWS_PER_PAGE], start, end)


def used_machines(plan: Plan, machines: Sequence[Machine], start: int, end: int) -> tuple[Machine, ...]:
    """The machines that hold an operation in [start, end)."""
    rows = plan.schedule.by_machine
    return tuple(m for m in machines if any(a.start < end and a.end > start for a in rows.get(m.id, ())))


def _drawing(plan: Plan, machines: Sequence[Machine], start: int, end: int) -> str:
    height = HEAD + ROW * len(machines) + 1
    scale = (WIDTH - GUTTER) / (end - start)

    def x(minute: int) -> float:
        return GUTTER + (min(max(minute, start), end) - start) * scale

    parts = [f"<defs>{PATTERN}</defs>"]
    for k, machine in enumerate(machines):
        y = HEAD + ROW * k
        opens, closes = plan.hours.spans(plan.hours.table((machine.id,)))
        parts.append(_box(GUTTER, y, WIDTH - GUTTER, ROW, 'fill="#d4d4d4"'))
        for s, e in zip(opens.tolist(), closes.tolist(), strict=True):
            if s < end and e > start:
                parts.append(_box(x(s), y, x(e) - x(s), ROW, 'fill="#fff"'))
        parts.append(_text(2, y + 12, _cut(machine.name, GUTTER - 6), "#000"))
    parts += [_tick(plan, minute, x(minute), height, start, end) for minute in _ticks(plan, start, end)]
    for k, machine in enumerate(machines):
        y = HEAD + ROW * k
        parts.append(f'<line x1="0" y1="{y}" x2="{WIDTH}" y2="{y}" stroke="#999" stroke-width="0.4"/>')
        for a in plan.schedule.by_machine.get(machine.id, ()):
            if a.start < end and a.end > start:
                set_up = plan.hours.after_working(a.machines, a.start, a.setup_minutes)
                parts += _bar(plan, a, y + 2, x(a.start), x(min(set_up, a.end)), x(a.end))
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'


def _bar(plan: Plan, a: Assignment, y: float, left: float, run: float, right: float) -> Iterator[str]:
    job = plan.plant.job_by_id[a.job]
    late = (plan.lateness.get(a.job) or 0) > 0
    fixed = any(o.sequence == a.sequence and o.fixed is not None for o in job.operations)
    outline = f'stroke="#000" stroke-width="{1.8 if fixed else 0.6}"'
    high = ROW - 4
    yield _box(left, y, right - left, high, f'fill="{"#333" if late else "#fff"}" {outline}')
    if run > left:
        yield _box(left, y, run - left, high, f'fill="url(#setup)" {outline}')
    label = _cut(("! " if late else "") + words.job_name(job), right - run - 4)
    if label:
        yield _text(run + 2, y + 9.5, label, "#fff" if late else "#000")


def _ticks(plan: Plan, start: int, end: int) -> Iterator[int]:
    """Full hours, every second or third one where they are many; midnights of a span of days."""
    span = end - start
    step = 60 if span <= 14 * 60 else 120 if span <= 26 * 60 else MINUTES_PER_DAY
    midnight = plan.plant.midnight(plan.plant.plan_start.date())
    minute = -(-(start - midnight) // step) * step + midnight
    while minute < end:
        yield minute
        minute += step


def _tick(plan: Plan, minute: int, at: float, height: int, start: int, end: int) -> str:
    moment = plan.plant.time_of(minute)
    text = words.day(moment) if end - start > 26 * 60 or (moment.hour == 0 and minute > start) else f"{moment:%H:%M}"
    line = f'<line x1="{at:.1f}" y1="{HEAD - 4}" x2="{at:.1f}" y2="{height}" stroke="#777" stroke-width="0.5"/>'
    return line + _text(at + 1, HEAD - 7, text, "#000")


def _box(x: float, y: float, width: float, height: float, style: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0.4):.1f}" height="{height:.1f}" {style}/>'


def _text(x: float, y: float, text: str, ink: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{ink}">{escape(text)}</text>'


def _cut(text: str, width: float) -> str:
    """As much of a label as fits; nothing where not even three letters do."""
    room = int(width / LETTER)
    if len(text) <= room:
        return text
    return text[: room - 1] + "…" if room >= 4 else ""
