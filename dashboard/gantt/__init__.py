"""The canvas Gantt: plan in, picture out, clicks back."""

from dashboard.gantt.component import Dropped, Picked, show_gantt
from dashboard.gantt.payload import pack
from dashboard.gantt.request import GanttRequest
from dashboard.gantt.rows import GanttView, Ghosts

__all__ = ["Dropped", "GanttRequest", "GanttView", "Ghosts", "Picked", "pack", "show_gantt"]
