"""What the shop floor gets: per work centre and shift the operations in their sequence, and the orders that will be late.

Pure: a plant and a schedule in, lines out. Times are minutes from plan_start.
"""

from scheduler_core.analysis.dispatch_lists.late_orders import LateOrder, late_orders
from scheduler_core.analysis.dispatch_lists.lists import Line, WorkCentreList, dispatch_lists
from scheduler_core.analysis.dispatch_lists.shifts import Shift, current_shift, next_shift, plant_calendar, shifts

__all__ = [
    "LateOrder",
    "Line",
    "Shift",
    "WorkCentreList",
    "current_shift",
    "dispatch_lists",
    "late_orders",
    "next_shift",
    "plant_calendar",
    "shifts",
]
