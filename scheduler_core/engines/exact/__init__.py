"""The exact engine: declares the rules to a constraint solver (OR-Tools CP-SAT) and lets it search and prove.

It is meant for small plants and benchmark files; beyond its size it declines at once. It shares no code with the
simulator, so that each can be held against the other.

* ``problem.py``: the plant as tasks with modes, the setups between them, and how large that makes a model. *
``common_time.py``: time counted in minutes in which some machine works, which makes most pauses vanish. *
``semi_active.py``: operations placed as early as a given order allows. * ``model.py``: the rules as constraints, one method
per rule; ``setups.py`` has the longest of them, ``objective_terms.py`` the
  objectives, ``time_windows.py`` the times between which each task must lie, ``variables.py`` what they share.
* ``solve.py``: one run from the plant to the result; ``initial_schedule.py`` finds the schedule that it begins with, and
  ``search.py`` runs the solver under deadline, progress and cancel.
"""

from scheduler_core.engines.exact.solve import schedule

__all__ = ["schedule"]
