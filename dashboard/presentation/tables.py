"""Plans as tables: data in, frame out. Part, job and customer's date come before any id; ERP text stays cell text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import quote

import pandas as pd
from pandas.io.formats.style import Styler

from dashboard.loaded_plan import Plan
from dashboard.presentation import formatting, odds_words
from dashboard.presentation.colours import INK, fills
from dashboard.presentation.columns import (
    DATE,
    DAY_OR_MOMENT,
    DURATION,
    LATENESS,
    MOMENT,
    NUMBER_NAME,
    PIECES,
    TICK,
    WHOLE,
    Column,
    Format,
    before_after,
    frame_of,
    minutes,
    moment,
    shown,
)
from dashboard.presentation.columns import number as number_format
from scheduler_core.analysis.job_status import JobStatus, status_of
from scheduler_core.analysis.plan_diff import JobChange, JobChangeKind, OperationChange
from scheduler_core.analysis.planned_ends import planned_ends
from scheduler_core.causes import LateJob, Link
from scheduler_core.causes.fixes import Fix
from scheduler_core.data.store.records import PullNote, QuarantinedRow
from scheduler_core.floor.odds_change import OddsChange
from scheduler_core.floor.odds_change_wording import others_chance_words
from scheduler_core.floor.order_odds import Odds
from scheduler_core.i18n.translate import t, tp
from scheduler_core.plant import Job, Operation, Plant
from scheduler_core.schedule import Assignment
from scheduler_core.services.note_words import note_words
from scheduler_core.services.quarantine_words import quarantine_words

CHANGE_ORDER = (
    JobChangeKind.BECAME_LATE, JobChangeKind.RECOVERED, JobChangeKind.LATER, JobChangeKind.EARLIER, JobChangeKind.NEW,
    JobChangeKind.GONE,
)  # fmt: skip


def status_of_word() -> Mapping[str, JobStatus]:
    """Words of a cell that stand on the colour of a status."""
    return {
        **{formatting.status_words(s): s for s in JobStatus if s is not JobStatus.NO_DUE_DATE},
        formatting.change_words(JobChangeKind.BECAME_LATE): JobStatus.LATE,
        formatting.change_words(JobChangeKind.RECOVERED): JobStatus.ON_TIME,
    }


class Better(StrEnum):
    """Which of two plans is better in one figure."""

    LEFT = "left"
    RIGHT = "right"
    EQUAL = "equal"


@dataclass(frozen=True)
class Figure:
    """One figure of two plans. ``lower_is_better`` None: neither direction is better in itself."""

    words: str
    left: float | None
    right: float | None
    unit: str
    digits: int
    lower_is_better: bool | None

    @property
    def better(self) -> Better:
        """The side with the better value, judged as it is shown."""
        if self.lower_is_better is None or self.left is None or self.right is None:
            return Better.EQUAL
        left, right = round(self.left, self.digits), round(self.right, self.digits)
        if left == right:
            return Better.EQUAL
        return Better.LEFT if (left < right) == self.lower_is_better else Better.RIGHT

    @property
    def change(self) -> float | None:
        """Right less left, of the values as they are printed, so that the three agree."""
        if self.left is None or self.right is None:
            return None
        return formatting.printed_change(self.left, self.right, self.digits)

    @property
    def relative(self) -> float | None:
        """The change as a share of the left value, both as printed; None for a share, which changes by points, and where
        the left value is 0."""
        change, left = self.change, None if self.left is None else round(self.left, self.digits)
        return None if change is None or not left or self.is_share else change / abs(left)

    @property
    def is_share(self) -> bool:
        """Whether the values are percentages."""
        return self.unit == t(" %")

    @property
    def gain(self) -> float | None:
        """By how much the right plan is better (below 0: worse): in percent of the left value, of a share in points. None
        where that is not known or neither direction is better."""
        by = self.change if self.is_share else None if self.relative is None else self.relative * 100
        return None if by is None or self.lower_is_better is None else -by if self.lower_is_better else by

    @property
    def format(self) -> Format:
        """How the figure's values are written."""
        return number_format(self.digits, self.unit)

    @property
    def change_format(self) -> Format:
        """How its change is written: a share changes by points, all else by its unit with the relative change behind it."""
        if self.is_share:
            return number_format(self.digits, t(" percentage points"), signed=True)
        plain, relative = number_format(self.digits, self.unit, signed=True), self.relative
        if not relative:
            return plain
        return replace(plain, words=lambda v: f"{plain.words(v)} ({formatting.signed_percent(relative)})")

    @property
    def change_words(self) -> str:
        """The change as the table writes it."""
        return formatting.NOTHING if self.change is None else self.change_format.words(self.change)

    def text(self, value: float | None) -> str:
        """A value with its unit."""
        return formatting.NOTHING if value is None else self.format.words(value)


def figures(left: Plan, right: Plan) -> tuple[Figure, ...]:
    """The key figures of two plans side by side."""
    a, b = left.kpis, right.kpis

    def share(value: float | None) -> float | None:
        return None if value is None else value * 100

    return (
        Figure(t("Late jobs"), left.late_count, right.late_count, "", 0, True),
        Figure(t("Weighted tardiness"), a.weighted_tardiness_days, b.weighted_tardiness_days, t(" d"), 1, True),
        Figure(t("Mean days late, all jobs"), a.mean_days_late, b.mean_days_late, t(" d"), 2, True),
        Figure(t("Mean days late, late jobs"), a.mean_days_late_of_late, b.mean_days_late_of_late, t(" d"), 2, True),
        Figure(t("On time"), share(a.on_time_rate), share(b.on_time_rate), t(" %"), 1, False),
        Figure(
            t("Important jobs on time"), share(a.important_on_time_rate), share(b.important_on_time_rate), t(" %"), 1, False
        ),
        Figure(t("Last job done after"), a.makespan_hours / 24, b.makespan_hours / 24, t(" d"), 1, True),
        *_bottlenecks(left, right),
        Figure(t("Mean utilisation"), a.utilization_mean * 100, b.utilization_mean * 100, t(" %"), 1, False),
        Figure(t("Setup"), a.setup_hours, b.setup_hours, t(" h"), 0, True),
        Figure(t("Overtime"), a.overtime_hours, b.overtime_hours, t(" h"), 0, True),
    )


def _bottlenecks(left: Plan, right: Plan) -> Iterator[Figure]:
    """What the bottleneck of either plan costs in both: one figure where it is the same work centre, else two."""
    found = {
        p.bottleneck.load.machine_type.id: p.bottleneck for p in (left, right) if p.bottleneck and p.bottleneck.late_waiting
    }
    for centre, one in found.items():
        hours = [sum(b.late_waiting for b in p.bottlenecks if b.load.machine_type.id == centre) / 60 for p in (left, right)]
        words = t("Late jobs wait for {name}", name=one.load.machine_type.name)
        yield Figure(words, hours[0], hours[1], t(" h"), 0, True)


def figures_frame(rows: Sequence[Figure], left: str, right: str, *, marked: bool = True) -> pd.DataFrame:
    """Columns: figure, left, right, change; the better value carries a mark. Not ``marked``: none does, as between plans of
    different jobs, of which the one with fewer jobs has more room for the others."""
    own = [f.format for f in rows]
    return frame_of(
        [Column(t("Figure")), *(Column(name, WHOLE) for name in (left, right, t("Change")))],
        [(f.words, f.left, f.right, f.change) for f in rows],
        row_formats={left: own, right: own, t("Change"): [f.change_format for f in rows]},
        marked={
            left: [k for k, f in enumerate(rows) if marked and f.better is Better.LEFT],
            right: [k for k, f in enumerate(rows) if marked and f.better is Better.RIGHT],
        },
    )


def coloured(frame: pd.DataFrame, column: str, dark: bool = False) -> Styler:
    """The frame with a column of status or change words on the colours of the Gantt; ``dark``: of that on a dark page."""

    known, fill = status_of_word(), fills(dark)

    def style(word: object) -> str:
        status = known.get(str(word))
        return f"background-color: {fill[status]}; color: {INK[status]}" if status else ""

    return shown(frame).map(style, subset=[column])


# ---------------------------------------------------------------- today
def exceptions_frame(plant: Plant, late: Iterable[LateJob]) -> pd.DataFrame:
    """The late jobs in the given order, each with its cause."""
    return frame_of(
        [Column(t("Part")), Column(t("Job")), Column(""), Column(t("Due"), DATE), Column(t("Late by"), LATENESS),
         Column(t("Cause"))],
        [
            (
                one.job.product or formatting.NOTHING,
                one.job.id,
                "★" if one.job.important else "",
                None if one.job.due is None else plant.time_of(one.job.due),
                minutes(one.lead_time.lateness),
                formatting.cause_words(plant, one, brief=True),
            )
            for one in late
        ],
    )  # fmt: skip


# ---------------------------------------------------------------- jobs
def jobs_frame(plant: Plant, plan: Plan | None, odds: Odds | None = None) -> pd.DataFrame:
    """All jobs of a snapshot by due date, with their fate in a plan, which may be of an earlier pull, if there is one, and
    their chance to be on time where its odds are known."""
    ends = {} if plan is None else planned_ends(plan.plant, plan.schedule, plant)
    chances = {} if plan is None else odds_words.chances(odds, plan.plant, plant)
    far = max((j.due for j in plant.jobs if j.due is not None), default=0) + 1
    rows = []
    for job in sorted(plant.jobs, key=lambda j: (far if j.due is None else j.due, j.id)):
        end = ends.get(job.id)
        rows.append(
            (
                job.product or formatting.NOTHING,
                job.id,
                job.important,
                None if job.due is None else plant.time_of(job.due),
                None if end is None else end.end,
                None if end is None else minutes(end.lateness),
                formatting.NOTHING if end is None else formatting.status_words(status_of(end.lateness)),
                chances.get(job.id),
                job.quantity,
                len(job.operations),
                minutes(sum(o.minutes for o in job.operations)),
                plant.time_of(job.release),
                any(o.fixed is not None for o in job.operations),
            )
        )
    return frame_of(
        [
            Column(t("Part")),
            Column(t("Job")),
            Column(t("Important"), TICK),
            Column(t("Due"), DATE),
            Column(t("Done in the plan"), MOMENT),
            Column(t("Late by"), LATENESS),
            Column(t("Status")),
            Column(t("On time"), odds_words.CHANCE),
            Column(t("Quantity"), PIECES),
            Column(t("Operations"), WHOLE),
            Column(t("Run"), DURATION),
            Column(t("Material"), DAY_OR_MOMENT),
            Column(t("Running"), TICK),
        ],
        rows,
    )


def quarantine_frame(rows: Iterable[QuarantinedRow]) -> pd.DataFrame:
    """The rows that cannot be used: what is wrong and what to do first; where it stands in the ERP last, for IT."""
    lines = []
    for row in rows:
        said = quarantine_words(row)
        lines.append((row.job or formatting.NOTHING, said.what, said.to_do, row.table, row.row, row.field, row.value))
    columns = [t("Job"), t("What is wrong"), t("What to do"), t("Table"), t("Row"), t("Field"), t("Value")]
    return pd.DataFrame(lines, columns=columns)


def notes_frame(notes: Iterable[PullNote]) -> pd.DataFrame:
    """Remarks on rows that are used."""
    return pd.DataFrame(
        [
            {t("Job"): n.job or formatting.NOTHING, t("Note"): note_words(n), t("Table"): n.table, t("Row"): n.row}
            for n in notes
        ],
        columns=[t("Job"), t("Note"), t("Table"), t("Row")],
    )


# ---------------------------------------------------------------- differences
def job_changes_frame(changes: Iterable[JobChange]) -> pd.DataFrame:
    """Jobs whose delivery changes, the ones that became late first."""
    ordered = sorted(
        changes, key=lambda c: (CHANGE_ORDER.index(c.kind), not c.job.important, -abs(c.shift_minutes or 0), c.job.id)
    )
    return frame_of(
        [
            Column(t("What")),
            Column(t("Part")),
            Column(t("Job")),
            Column(""),
            Column(t("Before"), MOMENT),
            Column(t("After"), MOMENT),
            Column(tp("displacement", "Shift"), LATENESS),
            Column(t("Late before"), LATENESS),
            Column(t("Late after"), LATENESS),
            Column(t("Machines changed"), WHOLE),
        ],
        [
            (
                formatting.change_words(c.kind),
                c.job.product or formatting.NOTHING,
                c.job.id,
                "★" if c.job.important else "",
                moment(c.before_end),
                moment(c.after_end),
                minutes(c.shift_minutes),
                minutes(c.before_lateness),
                minutes(c.after_lateness),
                c.machines_changed,
            )
            for c in ordered
        ],
    )


def operation_changes_frame(before: Plant, after: Plant, changes: Iterable[OperationChange]) -> pd.DataFrame:
    """Changed operations, by their new start."""
    rows = sorted(changes, key=lambda c: (c.after or c.before).start if c.after or c.before else after.plan_start)  # type: ignore[union-attr]
    return frame_of(
        [
            Column(t("Part")),
            Column(t("Job")),
            Column(t("Operation"), NUMBER_NAME),
            Column(t("What")),
            Column(t("Machine before")),
            Column(t("Machine after")),
            Column(t("Start before"), MOMENT),
            Column(t("Start after"), MOMENT),
            Column(tp("displacement", "Shift"), LATENESS),
        ],
        [
            (
                _product(before, after, c.job),
                c.job,
                c.sequence,
                _change_words(c),
                formatting.NOTHING if c.before is None else formatting.machine_names(before, c.before.machines),
                formatting.NOTHING if c.after is None else formatting.machine_names(after, c.after.machines),
                moment(c.before.start if c.before else None),
                moment(c.after.start if c.after else None),
                minutes(c.shift_minutes),
            )
            for c in rows
        ],
    )


def _product(before: Plant, after: Plant, job: str) -> str:
    known = after.job_by_id.get(job) or before.job_by_id.get(job)
    return (known.product if known else None) or formatting.NOTHING


def _change_words(change: OperationChange) -> str:
    if change.before is None:
        return t("new")
    if change.after is None:
        return t("gone")
    shift = change.shift_minutes or 0
    if change.changed_machine:
        return t("other machine and time") if shift else t("other machine")
    return t("later") if shift > 0 else t("earlier") if shift < 0 else t("new end")


# ---------------------------------------------------------------- one job, one operation
def planned(plan: Plan, job: Job) -> Iterator[tuple[Operation, Assignment, int, tuple[object, ...]]]:
    """Each planned operation of the job with its assignment, its working minutes, and its cells: operation, machine, start,
    end, setup and run."""
    for operation in job.operations:
        a = plan.schedule.by_operation.get((job.id, operation.sequence))
        if a is None:
            continue
        worked = plan.hours.working(a.machines, a.start, a.end)
        cells = (
            operation.sequence,
            formatting.machine_names(plan.plant, a.machines),
            plan.plant.time_of(a.start),
            plan.plant.time_of(a.end),
            minutes(a.setup_minutes),
            minutes(worked - a.setup_minutes),
        )
        yield operation, a, worked, cells


def operations_frame(plan: Plan, job: Job) -> pd.DataFrame:
    """The job's operations as planned."""
    rows = [
        (*cells, minutes(a.end - a.start - worked), operation.process) for operation, a, worked, cells in planned(plan, job)
    ]
    return frame_of(
        [Column(t("Op"), NUMBER_NAME), Column(t("Machine")), Column(t("Start"), MOMENT), Column(t("End"), MOMENT),
         Column(t("Setup"), DURATION), Column(t("Run"), DURATION), Column(t("Paused"), DURATION), Column(t("Process"))],
        rows,
    )  # fmt: skip


JOB_LINK = r"job=(.*)$"
"""What a link to a job shows: its id."""


def job_link(job: str) -> str:
    """Address that opens a job on the Jobs page, from any page."""
    return f"jobs?job={quote(job, safe='')}"


def chain_frame(plant: Plant, chain: Iterable[Link]) -> pd.DataFrame:
    """Why an operation starts when it does, back to the one that waited for no other. ``Could start earlier by``: how long
    that reason alone delays it; ``Job``: an address."""
    return frame_of(
        [Column(t("Start"), MOMENT), Column(t("Op"), NUMBER_NAME), Column(t("Machine")), Column(t("Why then")),
         Column(t("Could start earlier by"), DURATION), Column(t("Setup"), DURATION), Column(t("Job")), Column(t("Part"))],
        [
            (
                plant.time_of(link.assignment.start),
                link.assignment.sequence,
                formatting.machine_names(plant, link.assignment.machines),
                formatting.link_words(plant, link),
                minutes(link.minutes or None),
                minutes(link.assignment.setup_minutes or None),
                job_link(link.assignment.job),
                plant.job_by_id[link.assignment.job].product or formatting.NOTHING,
            )
            for link in chain
        ],
    )  # fmt: skip


def _chances(plant: Plant, change: OddsChange | None) -> tuple[object, ...]:
    if change is None:
        return ()
    return (change.before, change.after), others_chance_words(plant, change)


def fixes_frame(plant: Plant, fixes: Iterable[Fix], odds: Sequence[OddsChange] = ()) -> pd.DataFrame:
    """Tried fixes, each with the job's lateness and the whole plan's figures before and after; with ``odds``, one for each
    fix, also what it does to the chances."""
    listed = list(fixes)
    chances = [Column(t("On time, of 100"), before_after(odds_words.OF_HUNDRED)), Column(t("Chances of others"))]
    return frame_of(
        [Column(t("Fix")), Column(t("This job"), before_after(LATENESS)), *(chances if odds else ()),
         Column(t("Late jobs"), before_after(WHOLE)),
         Column(t("Weighted tardiness"), before_after(number_format(1, t(" d")))), Column(t("Other jobs"))],
        [
            (
                formatting.fix_words(plant, f),
                (minutes(f.before.lateness), minutes(f.after.lateness)),
                *_chances(plant, odds[place] if odds else None),
                (f.before.late_jobs, f.after.late_jobs),
                (f.before.weighted_tardiness_days, f.after.weighted_tardiness_days),
                formatting.others_words(plant, f) or formatting.NOTHING,
            )
            for place, f in enumerate(listed)
        ],
        marked={t("This job"): [place for place, f in enumerate(listed) if f.on_time]},
    )  # fmt: skip


# ---------------------------------------------------------------- releases
