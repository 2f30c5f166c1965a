"""The page Models and its parts."""

from dashboard.views.models.page import show

__all__ = ["show"]
