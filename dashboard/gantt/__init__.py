"""The canvas Gantt: plan in, picture out, clicks back."""

from dashboard.gantt.component import Asked, Dropped, Errand, Picked, Told, show_gantt, told
from dashboard.gantt.payload import pack
from dashboard.gantt.request import GanttRequest, Whisker
from dashboard.gantt.rows import GanttView, Ghosts

__all__ = [
    "Asked", "Dropped", "Errand", "GanttRequest", "GanttView", "Ghosts", "Picked", "Told", "Whisker",
    "pack", "show_gantt", "told",
]  # fmt: skip
