"""The page People and its parts."""

from dashboard.views.people.page import show

__all__ = ["show"]
