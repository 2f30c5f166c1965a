"""The page Gantt and its parts."""

from dashboard.views.gantt.page import show

__all__ = ["show"]
