"""The page What-if and its parts."""

from dashboard.views.what_if.page import show

__all__ = ["show"]
