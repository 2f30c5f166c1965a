"""The page Facts and its parts."""

from dashboard.views.facts.page import show

__all__ = ["show"]
