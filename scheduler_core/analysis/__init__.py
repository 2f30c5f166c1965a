"""Figures and facts of a plan that the judge does not need: load, lateness, differences, dispatch lists."""
