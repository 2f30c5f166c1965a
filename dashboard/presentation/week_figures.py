"""The week's figures in words: values, targets, changes, and the weeks as a table. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from dashboard.presentation import formatting
from dashboard.presentation.columns import ONE, SHARE, WHOLE, Column, frame_of
from scheduler_core.actuals.late_reasons import WhyLate
from scheduler_core.actuals.weeks import WeekFigures
from scheduler_core.causes.explainer import Cause
from scheduler_core.i18n.local_formats import day_text
from scheduler_core.i18n.translate import mark, t, tn, tp
from scheduler_core.settings.kpi_targets import KpiTargets

CAUSES: Final[Mapping[Cause, str]] = {
    Cause.ALREADY_OVERDUE: mark("overdue already when the plan began"),
    Cause.RELEASED_LATE: mark("material came too late"),
    Cause.TOO_MUCH_WORK: mark("more work than time"),
    Cause.MACHINE: mark("waited for a busy machine"),
    Cause.CLOSED: mark("nights and days off"),
    Cause.HELD_BACK: mark("the plan held it back although its machine was free"),
}
"""Of orders that the plan had late: why, each as a part of a list."""


@dataclass(frozen=True)
class WeekFigure:
    """One figure of a week. ``share``: of 1, shown in percent; otherwise an amount with ``unit``. ``more``: more is better,
    and the target is a least value. ``whole``: an amount that adds up over the week, so that parts of weeks compare with
    nothing."""

    label: str
    meaning: str
    value: Callable[[WeekFigures], float | None]
    target: float | None
    share: bool = False
    unit: str = ""
    more: bool = False
    adds_up: bool = False

    def words(self, value: float | None) -> str:
        """The value with its unit; a dash where there is none."""
        if value is None:
            return formatting.NOTHING
        return formatting.percent(value) if self.share else formatting.number(value) + self.unit

    def target_words(self, week: WeekFigures) -> str | None:
        """The target and whether the week met it; None where the plant has no target."""
        if self.target is None:
            return None
        said, met = self.words(self.target), self.met(week)
        bound = t("at least {value}", value=said) if self.more else t("at most {value}", value=said)
        if met is None:
            return t("target: {bound}", bound=bound)
        return t("target met: {bound}", bound=bound) if met else t("target missed: {bound}", bound=bound)

    def met(self, week: WeekFigures) -> bool | None:
        """Whether the target is met, by the values as printed; None without target or value, and for a part of a week whose
        hours may still pass it."""
        value, digits = self.value(week), 2 if self.share else 1
        if self.target is None or value is None:
            return None
        printed = round(value, digits)
        if self.more:
            return printed >= self.target
        if printed > self.target:
            return False
        return True if week.whole or not self.adds_up else None

    def change(self, week: WeekFigures, before: WeekFigures | None) -> float | None:
        """Against the week before, as printed (points of a share); None where they do not compare."""
        if before is None or (self.adds_up and not week.whole):
            return None
        now, was = self.value(week), self.value(before)
        if now is None or was is None:
            return None
        return formatting.printed_change(was * 100, now * 100, 0) if self.share else formatting.printed_change(was, now, 1)

    def change_words(self, change: float) -> str:
        """The change with its unit."""
        unit = tp("percentage", " points") if self.share else self.unit
        return formatting.signed_number(change, 0 if self.share else 1) + unit


def figures(targets: KpiTargets) -> tuple[WeekFigure, ...]:
    """The figures in the order in which every page tells them."""
    return (
        WeekFigure(
            t("On time in full"),
            t("OTIF: of the orders due in the week, the share whose last operation ended by the due date."),
            lambda week: week.orders.share, targets.otif, share=True, more=True,
        ),
        WeekFigure(
            t("Days late"), t("Mean of the week's late orders; an order that is still open counts up to now."),
            lambda week: week.days_late, targets.days_late, unit=t(" d"),
        ),
        WeekFigure(
            t("Adherence"),
            t("Share of operations that began within an hour of their start in the plan in force, estimated from "
              "the pulls. With one pull an hour, the estimate tends to be too low."),
            lambda week: week.starts.hour.estimate, targets.adherence, share=True, more=True,
        ),
        WeekFigure(
            t("Setup"), t("Planned setup hours of the operations that began in the week."),
            lambda week: week.setup_hours, targets.setup_hours, unit=t(" h"), adds_up=True,
        ),
        WeekFigure(
            t("Overtime"), t("Machine hours of overtime that the plans in force asked for."),
            lambda week: week.overtime_hours, targets.overtime_hours, unit=t(" h"), adds_up=True,
        ),
    )  # fmt: skip


def week_name(week: WeekFigures) -> str:
    """Its first and last day, and whether it is only a part of a week."""
    name = t("{monday} to {sunday}", monday=day_text(week.monday), sunday=day_text(week.sunday))
    return name if week.whole else t("{week} (part of the week)", week=name)


def orders_words(week: WeekFigures) -> str:
    """How many orders were due and what became of them."""
    found = week.orders
    if not found.total:
        return t("No order was due in this week.")
    due = tn("{n} order was due", "{n} orders were due", found.total)
    said = t("{due}: {on_time} on time and in full, {late} late.", due=due, on_time=found.on_time, late=found.late)
    if not found.unknown:
        return said
    unknown = tn(
        "For {n} order the pulls do not show the end; it does not count.",
        "For {n} orders the pulls do not show the end; they do not count.",
        found.unknown,
    )
    return f"{said} {unknown}"


def starts_words(week: WeekFigures) -> str:
    """How well the starts kept to the plan in force, and how exactly the pulls tell."""
    hour, shift = week.starts.hour, week.starts.shift
    if not hour.count:
        return t("No operation of a plan in force began in this week.")
    return t(
        "{operations} with a planned start: about {hour} began within an hour of it (the pulls allow {least} to "
        "{most}), about {shift} in the planned shift.",
        operations=tn("{n} operation", "{n} operations", hour.count), hour=formatting.percent(hour.estimate),
        least=formatting.percent(hour.least), most=formatting.percent(hour.most), shift=formatting.percent(shift.estimate),
    )  # fmt: skip


def reason_words(why: WhyLate) -> tuple[str, ...]:
    """Why orders were late, a sentence for each kind, most orders first."""
    kinds = [
        (count, tn("{n} order was planned late: {cause}.", "{n} orders were planned late: {cause}.",
                   count, cause=t(CAUSES[cause])))
        for cause, count in why.planned.items()
    ]  # fmt: skip
    later = tn(
        "{n} order was planned on time when the week began, and was delayed after that.",
        "{n} orders were planned on time when the week began, and were delayed after that.", why.later,
    )  # fmt: skip
    unplanned = tn(
        "{n} order was in no plan in force before its due date.",
        "{n} orders were in no plan in force before their due dates.", why.unplanned,
    )  # fmt: skip
    kinds += [(count, words) for count, words in ((why.later, later), (why.unplanned, unplanned)) if count]
    return tuple(words for _, words in sorted(kinds, key=lambda kind: -kind[0]))


def weeks_frame(weeks: Sequence[WeekFigures], shown: Sequence[WeekFigure]) -> pd.DataFrame:
    """A row for each week, the newest first."""
    columns = [Column(one.label if one.share else f"{one.label} ({one.unit.strip()})", SHARE if one.share else ONE)
               for one in shown]  # fmt: skip
    return frame_of(
        [Column(t("Week")), Column(t("Orders due"), WHOLE), Column(t("Late"), WHOLE), Column(t("Not known"), WHOLE),
         *columns],
        [
            (week_name(week), week.orders.total, week.orders.late, week.orders.unknown, *(one.value(week) for one in shown))
            for week in reversed(weeks)
        ],
    )  # fmt: skip


def trend(weeks: Sequence[WeekFigures], figure: WeekFigure) -> list[tuple[str, float]]:
    """The figure's values by week (Monday's date), in percent if it is a share; weeks without one are left out."""
    scale = 100 if figure.share else 1
    known = [(week, figure.value(week)) for week in weeks if week.whole or not figure.adds_up]
    return [(day_text(week.monday), value * scale) for week, value in known if value is not None]


def measured_words(measured: int, ended: int) -> str:
    """Of how many operations that have ended the duration is known."""
    return t(
        "For {measured} of {ended} that have ended, the pulls show the duration closely enough (to a quarter of "
        "the planned duration). Hourly pulls measure long operations; short operations need more frequent pulls.",
        ended=tn("{n} operation", "{n} operations", ended), measured=measured,
    )  # fmt: skip
