"""The page Summary."""

from dashboard.views.summary.page import show

__all__ = ["show"]
