"""The page Today and its parts."""

from dashboard.views.today.page import show

__all__ = ["show"]
