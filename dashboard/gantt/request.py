"""What a Gantt shall show: one frozen value, which also is the key under which its bytes are kept."""

from __future__ import annotations

from dataclasses import dataclass

from dashboard.gantt.actual_bars import ActualBar
from dashboard.gantt.rows import GanttView
from scheduler_core.analysis.job_status import JobStatus


@dataclass(frozen=True)
class Whisker:
    """Where a job is likely to end: minutes by which it has ended in 50, 80 and 95 of 100 runs, and that in words."""

    job: str
    p50: int
    p80: int
    p95: int
    words: str


@dataclass(frozen=True)
class GanttRequest:
    """The settings of one chart.

    now: minute of the now-line. stacked: charts above each other that share the window's height, of which this is number
    ``place``: the first has the toolbar for all, the last the legend. link: charts of one link share their time window.
    selected: the operation (job, sequence) that is picked; chain: the operations that decided its start.
    machine_types, statuses, jobs (ids) and families: show only these (None: all); important: only important jobs.
    editable: bars can be dragged to another time or, where rows are machines, machine. menu: a right click offers ways into
    other pages. machine: the machine (id) whose name is picked. opens_on: the work centre (machine type) at the top of the
    first look. machine_facts, job_facts: what planners have recorded of machines (ids) and jobs (ids), in words: a mark at
    the row, and lines of the tooltip. message: what the last drop did or why it was refused (``refused``); ``told``: number
    of the message. whisker: at the last bar of the picked operation's job. actuals: where operations really ran.
    """

    view: GanttView = GanttView.MACHINE
    key: str = "gantt"
    title: str = "Plan"
    now: int | None = 0
    stacked: int = 1
    place: int = 1
    link: str | None = None
    selected: tuple[str, int] | None = None
    chain: tuple[tuple[str, int], ...] = ()
    machine_types: frozenset[int] | None = None
    statuses: frozenset[JobStatus] | None = None
    jobs: frozenset[str] | None = None
    families: frozenset[str] | None = None
    important: bool = False
    editable: bool = False
    menu: bool = False
    machine: int | None = None
    opens_on: int | None = None
    machine_facts: tuple[tuple[int, tuple[str, ...]], ...] = ()
    job_facts: tuple[tuple[str, tuple[str, ...]], ...] = ()
    message: str = ""
    refused: bool = False
    told: int = 0
    whisker: Whisker | None = None
    actuals: tuple[ActualBar, ...] = ()
