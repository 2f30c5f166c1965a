"""Colours and marks of a job's status: one palette for the Gantt, the charts and the tables.

It stays distinguishable for colour-blind readers and in grey, where the usual red, orange, yellow and green do not.
"""

from __future__ import annotations

from collections.abc import Mapping
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
WAIT, WAIT_ON_DARK = "#b3243f", "#e0526a"
"""Waiting as a part of a lead time."""
HEAT, HEAT_ON_DARK = ("#e9f1f9", "#08407a"), ("#1b2a3a", "#8cc8ff")
"""A heat map's scale from empty to full: full is what stands out from the page."""
BASELINE, CANDIDATE = "#6f7f8f", "#0b6fc2"
"""Two schedules side by side: the released or greedy one, and the one that challenges it."""

BLACK, WHITE = "#000000", "#ffffff"


def fills(dark: bool) -> Mapping[JobStatus, str]:
    """The fill of each status, for a light or a dark page."""
    return FILL_ON_DARK if dark else FILL


def contrast(one: str, other: str) -> float:
    """The contrast of two colours (#rrggbb) by WCAG 2.1, from 1 to 21; words need 4.5, marks and fills 3."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ink_on(fill: str) -> str:
    """Black or white, whichever reads better on the fill: at least 4.5 : 1 on any."""
    return max(BLACK, WHITE, key=lambda ink: contrast(ink, fill))


def between(scale: tuple[str, str], share: float) -> str:
    """The colour at a share from 0 to 1 of a scale's way."""
    first, last = (_channels(colour) for colour in scale)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(first, last, strict=True))


def _channels(colour: str) -> tuple[int, int, int]:
    red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
    return red, green, blue


def _luminance(colour: str) -> float:
    parts = [c / 255 for c in _channels(colour)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
