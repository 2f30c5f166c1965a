"""The page Monitor and its parts."""

from dashboard.views.monitor.page import show

__all__ = ["show"]
