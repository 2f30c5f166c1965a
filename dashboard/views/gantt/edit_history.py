"""A plan under change by hand: the list of moves of one browser session, with undo and redo. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from dashboard.loaded_plan import Plan, build_plan
from dashboard.presentation import formatting
from scheduler_core.i18n.translate import t
from scheduler_core.scenarios.manual_moves import Changed, Move, PlanEditor


@dataclass(frozen=True)
class EditHistory:
    """Moves made on one plan, oldest first, and those taken back, the last one last."""

    moves: tuple[Move, ...] = ()
    undone: tuple[Move, ...] = ()

    def add(self, move: Move) -> EditHistory:
        """One more move; what was taken back before is forgotten."""
        return EditHistory((*self.moves, move))

    def undo(self) -> EditHistory:
        """Takes the last move back."""
        return EditHistory(self.moves[:-1], (*self.undone, self.moves[-1])) if self.moves else self

    def redo(self) -> EditHistory:
        """Makes the move again that was taken back last."""
        return EditHistory((*self.moves, self.undone[-1]), self.undone[:-1]) if self.undone else self


def changed_plan(plan: Plan, moves: tuple[Move, ...], editor: PlanEditor | None = None) -> tuple[Plan, Changed]:
    """The plan as the moves leave it. It is stored nowhere yet: its ``stored`` has the old plan's facts, its figures apart.

    editor: the plan's own, if there is one already. Raises IllegalChange.
    """
    changed = (editor or PlanEditor(plan.plant, plan.schedule)).change(moves)
    stored = replace(plan.stored, kpis=changed.after)
    return build_plan(stored, plan.info, plan.plant, changed.schedule), changed


def move_words(plan: Plan, changed: Plan, move: Move) -> str:
    """What a move did, in the order in which a planner asks: which operation, where it is now, and since when."""
    a = changed.schedule.by_operation[move.job, move.sequence]
    where = formatting.machine_names(plan.plant, a.machines)
    waits = (
        "" if a.start == move.start else t(" (asked for {moment})", moment=formatting.stamp(plan.plant.time_of(move.start)))
    )
    job = formatting.job_name(plan.plant.job_by_id[move.job])
    return t(
        "{job}, operation {sequence}: {where}, {moment}{waits}",
        job=job,
        sequence=move.sequence,
        where=where,
        moment=formatting.stamp(plan.plant.time_of(a.start)),
        waits=waits,
    )


def effect_words(plan: Plan, changed: Plan) -> str:
    """What the changes do to the figures that a planner looks at first, before and after."""
    pairs = (
        (t("Late jobs"), f"{plan.late_count}", f"{changed.late_count}"),
        (
            t("weighted tardiness"),
            _days(plan.kpis.weighted_tardiness_days),
            t("{n} d", n=_days(changed.kpis.weighted_tardiness_days)),
        ),
        (t("setup"), formatting.number(plan.kpis.setup_hours), t("{n} h", n=formatting.number(changed.kpis.setup_hours))),
        (
            t("last job done after"),
            _days(plan.kpis.makespan_hours / 24),
            t("{n} d", n=_days(changed.kpis.makespan_hours / 24)),
        ),
    )
    return ", ".join(f"{what} {before} → {after}" for what, before, after in pairs) + "."


def _days(days: float) -> str:
    return formatting.number(days, 1)
