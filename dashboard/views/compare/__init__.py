"""The page Compare and its parts."""

from dashboard.views.compare.page import show

__all__ = ["show"]
