"""The page Approve and its parts."""

from dashboard.views.approve.page import show

__all__ = ["show"]
