"""The terms of planning in a planner's words, for the help beside the places where they stand (Markdown). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from scheduler_core.data.store.records import StoredSchedule
from scheduler_core.i18n.translate import mark, t
from scheduler_core.reports import Fallback, GreedyReport, LearnedReport

ENGINES: Final[Mapping[str, str]] = {
    "greedy": mark("**Greedy**: plan by rules. A dispatching rule chooses one operation after another; the rule is "
                   "named in brackets."),
    "learned": mark("**RL**: AI plan (reinforcement learning). A trained model plans, then a search improves the "
                    "plan until the time is over."),
    "exact": mark("**Exact**: a solver (OR-Tools CP-SAT) that can prove that no plan is better; for small plants."),
    "manual": mark("**By hand**: a plan that a planner changed on the Gantt, or with an expedited order."),
    "right_shift": mark("**Keep**: push back (right-shift). The same sequence on the same machines; affected "
                        "operations start later."),
    "repair": mark("**Calm**: a search improves the plan in force and leaves the next 24 h almost as they are."),
    "best": mark("**Best**: a search improves the plan in force as far as the time allows; any operation may move."),
    "standing": mark("**Standing search**: goes on improving the newest pull's best plan while no run needs the cores; any "
                     "operation may move."),
}  # fmt: skip
"""By the engines' names, each begins with the word of ``formatting.ENGINE_NAMES``."""

RULES: Final[Mapping[str, str]] = {
    "random": mark("a random waiting order; a baseline for comparisons"),
    "first-fit": mark("the first order in the list"),
    "priority": mark("important orders first, then the earliest due date"),
    "EDD": mark("earliest due date first"),
    "WEDD": mark("earliest due date first, important orders preferred"),
    "SPT": mark("shortest operation first, setup included"),
    "WSPT": mark("shortest operation first, important orders preferred"),
    "LPT": mark("longest operation first"),
    "CR": mark("critical ratio: least time left for the work that remains"),
    "slack": mark("least slack first: time left less the work that remains"),
    "MDD": mark("modified due date: the due date, or the earliest end if that is later"),
    "WMDD": mark("modified due date, important orders preferred"),
    "ATC": mark("apparent tardiness cost: short operations of orders that are about to be late"),
    "WATC": mark("weighted apparent tardiness cost: short operations of important orders that are about to be late"),
    "ATCS": mark("apparent tardiness cost with setups: as ATC, preferring little setup"),
    "WATCS": mark("weighted apparent tardiness cost with setups: as WATC, preferring little setup"),
    "COVERT": mark("cost over time: orders whose delay costs most for the time that they take"),
    "FIFO": mark("first in, first out at each work centre"),
    "MWKR": mark("most work remaining first"),
    "LWKR": mark("least work remaining first"),
    "MOPNR": mark("most operations remaining first"),
    "ATCR": mark("as ATCS, with the remaining work of the order"),
    "WATCR": mark("as WATCS, with the remaining work of the order"),
}
"""By the names of ``engines/rules.py``."""

WEIGHTED_TARDINESS: Final = mark(
    "**Weighted tardiness**: lateness score. The days late of all orders added up; an important order counts three times. "
    "Less is better."
)
CHECKS: Final = mark(
    "**Hard constraints**: checks that every plan must pass. Each operation once, on a machine that can do it, one "
    "at a time, in working hours, with its setup and its full duration, in the order of the routing, not before "
    "its material; running operations stay."
)
BOTTLENECK: Final = mark(
    "**Bottleneck**: the work centre that late jobs wait for longest, in hours while it is open. KPIs shows all of them."
)
ROBUST: Final = mark(
    "**Robust**: made for durations that vary. It has the best mean of many simulated runs; its planned figures "
    "may be worse than those of an ordinary plan."
)
SETUP: Final = mark("**Setup**: time to make machines ready for another family, of all operations together.")


def plan_kind(stored: StoredSchedule) -> str:
    """What made a plan: its engine, the rule in the brackets of its name, and the rule that was better than an AI plan."""
    report, lines = stored.report, [t(ENGINES[stored.engine])] if stored.engine in ENGINES else []
    if isinstance(report, Fallback):
        lines.append(t("It replaces the plan of an engine that failed."))
        report = report.report
    rule = report.rule if isinstance(report, GreedyReport) else None
    if isinstance(report, LearnedReport):
        rule = report.winning_rule
        lines += [t(ROBUST)] if report.played else []
    return paragraphs(lines + rule_lines([] if rule is None else [rule]))


def engines(names: Iterable[str]) -> str:
    """The engines of these names, one paragraph each."""
    return paragraphs(t(ENGINES[name]) for name in names if name in ENGINES)


def rule_lines(rules: Iterable[str]) -> list[str]:
    """A line for each dispatching rule that is known by its name."""
    return [f"**{name}**: {t(RULES[name])}." for name in rules if name in RULES]


def paragraphs(parts: Iterable[str]) -> str:
    """Texts below each other."""
    return "\n\n".join(parts)


def of_figures() -> str:
    """Terms of the tables of figures."""
    return paragraphs(t(term) for term in (WEIGHTED_TARDINESS, BOTTLENECK, SETUP))
