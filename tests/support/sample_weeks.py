"""Two weeks of a shop floor's figures, written out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from scheduler_core.actuals.expected_starts import Share, Starts
from scheduler_core.actuals.order_outcomes import Otif
from scheduler_core.actuals.weeks import WeekFigures

STARTS = Starts(Share(10, 0.2, 0.0, 0.4), Share(10, 0.564, 0.4, 0.7), Share(10, 0.9, 0.9, 0.9))
WEEK = WeekFigures(date(2025, 7, 14), Otif(9, 1, 0), 1.26, STARTS, 40.0, 12.0, whole=True)
BEFORE = replace(WEEK, monday=date(2025, 7, 7), orders=Otif(8, 2, 0), days_late=None, setup_hours=44.04)
