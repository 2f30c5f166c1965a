"""The page Jobs and its parts."""

from dashboard.views.jobs.page import show

__all__ = ["show"]
