"""Colours and marks of a job's status: one palette for the Gantt, the charts and the tables.

It stays distinguishable for colour-blind readers and in grey, where the usual red, orange, yellow and green do not.
"""

from __future__ import annotations

from typing import Final

from scheduler_core.analysis.job_status import JobStatus

STATUS_ORDER: Final = tuple(JobStatus)
"""Most urgent first: the number of a status in the Gantt's data."""
FILL: Final = {
    JobStatus.LATE: "#8b0018",
    JobStatus.TIGHT: "#f28e2b",
    JobStatus.CLOSE: "#ffe066",
    JobStatus.ON_TIME: "#00856a",
    JobStatus.NO_DUE_DATE: "#8494a5",
}
FILL_ON_DARK: Final = {**FILL, JobStatus.LATE: "#df2840"}
"""The same on a dark page, where each stands out from the background by at least 3 : 1."""
PALETTE: Final = (
    "#4e79a7", "#e6a157", "#7f5ca8", "#86bc86", "#c0504d", "#76c2c6", "#b5a23c", "#d48fb0",
    "#6b6f2a", "#a9b8d6", "#2f6f5e", "#c7a08a",
)  # fmt: skip
"""Colours of families or orders, neighbours apart in lightness too."""
INK: Final = {
    JobStatus.LATE: "#ffffff",
    JobStatus.TIGHT: "#1a1a1a",
    JobStatus.CLOSE: "#1a1a1a",
    JobStatus.ON_TIME: "#ffffff",
    JobStatus.NO_DUE_DATE: "#10161d",
}
MARK: Final = {
    JobStatus.LATE: "!",
    JobStatus.TIGHT: "24",
    JobStatus.CLOSE: "72",
    JobStatus.ON_TIME: "",
    JobStatus.NO_DUE_DATE: "–",
}
"""Text on a bar, so that colour is never the only sign."""

RUN, SETUP, CLOSED = "#3d78b0", "#c58b2a", "#9aa5b1"
BASELINE, CANDIDATE = "#6f7f8f", "#0b6fc2"
"""Two schedules side by side: the released or greedy one, and the one that challenges it."""
