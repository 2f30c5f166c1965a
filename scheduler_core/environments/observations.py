"""What an environment can show of a decision: rows of candidates, or one list of named numbers.

*candidates* is what the shipped policy learns from (stepping.py). The other three are flat lists for any agent:

- *compressed*: 20 numbers of the whole plant;
- *hierarchical*: those, 29 of the decision (the candidate jobs, or the chosen job and its open machines), and 11 that sum
  up the machines: 60;
- *full*: the 20, the 29 and 3 numbers of every machine: 505 for 152 machines.

20 *distributions* (five quantiles of four qualities) may be appended to any of them. All numbers are finite and scaled to
about -5 to 5. Their count depends on nothing but the mode, and in *full* on the machines.
"""

from __future__ import annotations

from enum import StrEnum

from scheduler_core.environments.stepping import K
from scheduler_core.policy.features import GLOBAL_FEATURES, JOB_FEATURES, MACHINE_FEATURES


class Mode(StrEnum):
    """What is observed."""

    CANDIDATES = "candidates"
    FULL = "full"
    HIERARCHICAL = "hierarchical"
    COMPRESSED = "compressed"


OF_GLOBALS = (
    "operations left", "log candidates", "log ready", "open machines", "log mean load", "log largest load",
    "spread of load", "rest of the day", "weekday", "late share", "potential per job", "log jobs", "log machines",
)  # fmt: skip
"""Numbers of the plant that the policy sees as well (policy/features.py says how they are made)."""
PLANT_FEATURES = (
    *OF_GLOBALS,
    "asks for a machine",  # 1 or 0
    "jobs left",  # share of all jobs that still have an operation to dispatch
    "important share",  # share of those that are important
    "important and late share",  # share of those that are important and cannot be on time any more
    "mean slack",  # of those, in 4 working days
    "least slack",
    "elapsed",  # log of worked days since the start
)
"""20 numbers of the plant and the clock: all that *compressed* shows."""
OF_JOBS = (
    "important", "slack", "past due", "no slack left", "log work here", "log remaining work", "operations left",
    "log waited", "setup", "open machine has its family", "open share of eligible", "log eligible", "ready load here",
    "total load next", "cost of one operation's delay",
)  # fmt: skip
OF_FIRST = (
    "important", "slack", "log work here", "log remaining work", "setup", "cost of one operation's delay",
    "due after the first",
)  # fmt: skip
OF_MACHINES = (
    "processing above the least", "setup", "no setup", "preferred", "ready load", "total load", "end after the earliest",
)  # fmt: skip
DECISION_FEATURES = (
    *(f"candidates' {name}" for name in OF_JOBS),
    *(f"first candidate's {name}" for name in OF_FIRST),
    *(f"open machines' {name}" for name in OF_MACHINES),
)
"""29 numbers of the decision. While a job is asked for: the candidates' means and the first candidate (by the base rule).
While a machine is asked for: the chosen job takes the candidates' place and the first candidate's, and the third part is
the mean of its open machines; before that it is 0."""
MACHINE_STATE = ("closed for", "total load", "choices")
"""3 numbers of a machine: log of the days until it is free and working; log of the working days of work before it; the
share of the candidates that could start on it now (while a machine is asked for: 1 if it is one of the choices)."""
_QUANTILES = ("least", "lower quartile", "median", "upper quartile", "largest")
MACHINE_SUMMARY = (
    *(f"closed for: {q}" for q in _QUANTILES[2:]),
    *(f"total load: {q}" for q in _QUANTILES[:4]),  # the largest is among the plant's numbers
    *(f"choices: {q}" for q in _QUANTILES[1:]),
)
"""11 quantiles over the machines: what *hierarchical* shows instead of every machine."""
QUALITIES = ("urgency", "complexity", "load", "compatibility")
DISTRIBUTIONS = tuple(f"{quality}: {q}" for quality in QUALITIES for q in _QUANTILES)
"""20 quantiles. Over the jobs that have an operation to dispatch: *urgency*, the hyperbolic tangent of the negative slack in
5 working days (1: far too late); *complexity*, the log of the working days of work that remain; *compatibility*, the log of
the number of machines that are open and could take the next operation. Over the machines: *load*, as above."""
_CANDIDATE_ROWS = (
    "phase", "candidates", "worked days", *GLOBAL_FEATURES, *(f"chosen job's {name}" for name in JOB_FEATURES),
    *(f"candidate {i + 1}: {f'{name} / {MACHINE_FEATURES[f]}' if f < len(MACHINE_FEATURES) else name}"
      for i in range(K) for f, name in enumerate(JOB_FEATURES)),
)  # fmt: skip


def feature_names(mode: Mode, machines: int, distributions: bool = False) -> tuple[str, ...]:
    """The name of every number that is observed, in order; ``machines`` matters to *full* only.

    In the rows of *candidates* a place has two names, the second for when a machine is asked for.
    """
    match mode:
        case Mode.CANDIDATES:
            names: tuple[str, ...] = _CANDIDATE_ROWS
        case Mode.FULL:
            each = tuple(f"machine {m + 1}: {name}" for m in range(machines) for name in MACHINE_STATE)
            names = PLANT_FEATURES + DECISION_FEATURES + each
        case Mode.HIERARCHICAL:
            names = PLANT_FEATURES + DECISION_FEATURES + MACHINE_SUMMARY
        case Mode.COMPRESSED:
            names = PLANT_FEATURES
    return names + DISTRIBUTIONS if distributions else names
