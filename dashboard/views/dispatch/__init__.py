"""The page Dispatch and its parts."""

from dashboard.views.dispatch.page import show

__all__ = ["show"]
