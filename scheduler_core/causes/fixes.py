"""What would fix a late job: changes that are tried on the plan, with what came of each.

Most fixes change one thing and leave all else in its sequence: extra hours on the machines where the job loses time, the job
before one that it waits for, another eligible machine. Two aim at the due date itself: the job has priority on all machines
of its routing, alone or with overtime on them. Every changed plan is timed anew and judged by the validator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from scheduler_core.calendar_hours import OVERTIME_MINUTES
from scheduler_core.causes.explainer import Explainer
from scheduler_core.causes.extra_hours import OfferedHours, extra_hours, with_extra_hours
from scheduler_core.causes.lead_time import Step
from scheduler_core.causes.priority import Placed, Priority
from scheduler_core.causes.trial_plan import Figures, Key, TrialPlan
from scheduler_core.errors import InvalidValue
from scheduler_core.judge.kpis import job_lateness
from scheduler_core.judge.validator import violations
from scheduler_core.plant import MINUTES_PER_DAY, Job, Plant
from scheduler_core.schedule import Schedule

MOST_OFFERED = 3
LEAST_GAIN = 15
"""Minutes by which the job's lateness must shrink: less is no fix."""
STEPS_TRIED = 3
"""Operations of the job at which fixes are tried: those that lose most time."""
DAYS_TRIED = 6
PASSED_TRIED = 8
"""Operations that one operation is put before, one at a time."""

OVERTIME_DAYS = 5
"""Days from the plan's start on which overtime is tried together with priority."""

Progress = Callable[[float, str], None]
"""Called with the share done (0 to 1) and what is tried; it stops the search by raising."""


class FixKind(StrEnum):
    """What a fix changes; the values are a planner's words."""

    EXTRA_HOURS = "extra hours"
    SWAP = "swap"
    GO_FIRST = "go first"
    OTHER_MACHINE = "other machine"
    NO_HOLDING_BACK = "start as soon as possible"
    PRIORITY = "priority"
    PRIORITY_OVERTIME = "priority and overtime"


WHOLE_WAY = (FixKind.PRIORITY, FixKind.PRIORITY_OVERTIME)
"""Kinds that put the job on time by whatever that costs the others, which is shown."""


@dataclass(frozen=True)
class Fix:
    """A change that helps a late job, tried on the plan.

    operation: the job's operation (sequence) that is moved, None where hours are opened or all are moved; machines: where it
    then runs, or which get the hours; passed: the job that it is put before; hours: what is opened, by date and machine.
    plant, schedule: the changed plan, valid.
    """

    kind: FixKind
    operation: int | None
    machines: tuple[int, ...]
    passed: str | None
    hours: tuple[OfferedHours, ...]
    before: Figures
    after: Figures
    became_late: tuple[str, ...]
    recovered: tuple[str, ...]
    plant: Plant
    schedule: Schedule

    @property
    def on_time(self) -> bool:
        """Whether the job is on time with it."""
        return self.after.lateness is not None and self.after.lateness <= 0

    @property
    def overtime_minutes(self) -> int:
        """Minutes that are opened, summed over the machines; breaks of their calendars inside count too."""
        return sum(extra.minutes * len(extra.machines) for extra in self.hours)


@dataclass(frozen=True)
class _Trial:
    """A change that was timed but not judged yet."""

    kind: FixKind
    operation: int | None
    machines: tuple[int, ...]
    passed: str | None
    hours: tuple[OfferedHours, ...]
    after: Figures
    moves: tuple[tuple[Key, tuple[int, ...], int], ...] = ()
    """What to do on a board to get it: (operation, machines, moment to be put at)."""
    placed: Placed | None = None
    """The whole plan, where moves do not tell it."""


def try_fixes(
    plant: Plant, schedule: Schedule, job_id: str, progress: Progress | None = None, explainer: Explainer | None = None
) -> tuple[Fix, ...]:
    """Up to three fixes for a job, at most one of a kind; none if the job is not late or nothing helps. Those that make it
    on time stand first, and of these, as of the others, those with the least weighted tardiness.

    A fix that leaves the job late is offered only if the job gains at least LEAST_GAIN minutes, and if the rest of the plan
    does not lose more weighted tardiness than the job gains twice over; one that makes it on time by priority is offered
    whatever it costs. ``explainer``: of this plan, if there is one.
    Raises InvalidValue for an unknown job or a schedule that breaks a constraint, and what ``progress`` raises.
    """
    job = plant.job_by_id.get(job_id)
    if job is None:
        raise InvalidValue("job", job_id, "is not a job of this plant")
    if faults := violations(plant, schedule):
        raise InvalidValue("schedule", faults[0].message, f"breaks the rule of {faults[0].rule.value}: nothing can be tried")
    return _Search(plant, schedule, job, progress or (lambda share, what: None), explainer).fixes()


class _Search:
    def __init__(self, plant: Plant, schedule: Schedule, job: Job, progress: Progress, explainer: Explainer | None) -> None:
        self.plant, self.schedule, self.job, self.progress = plant, schedule, job, progress
        why = explainer or Explainer(plant, schedule)
        self.lateness = job_lateness(plant, schedule)
        self.steps = why.lead_time(job).steps
        self.held_back = frozenset(a.key for a in schedule.assignments if why.link(a).held_back > 0)

    def fixes(self) -> tuple[Fix, ...]:
        if (self.lateness[self.job.id] or 0) <= 0:
            return ()
        self.progress(0.0, "reading the plan")
        self.trial_plan = TrialPlan(self.plant, self.schedule, self.held_back)
        self.before = self.trial_plan.figures(self.job)
        best: dict[FixKind, _Trial] = {}
        for trial in self._trials():
            known = best.get(trial.kind)
            if self._helps(trial) and (known is None or self._score(trial.after) < self._score(known.after)):
                best[trial.kind] = trial
        self.progress(0.95, "judging the best")
        ranked = sorted(best.values(), key=self._rank)
        found: list[Fix] = []
        for trial in ranked:
            fix = self._judged(trial)
            # Two ways to the same plan are one fix.
            if fix is not None and all(fix.schedule != other.schedule for other in found) and _is_wanted(fix, found):
                found.append(fix)
            if len(found) == MOST_OFFERED:
                break
        self.progress(1.0, "done")
        return tuple(found)

    # ---------------------------------------------------------------- what is worth it
    def _tardiness(self, figures: Figures) -> int:
        return max(0, figures.lateness or 0)

    def _score(self, figures: Figures) -> float:
        """Weighted days late of the plan, the job's own counted twice: it is the one that the planner asked about."""
        return figures.weighted_tardiness_days + self.job.weight * self._tardiness(figures) / MINUTES_PER_DAY

    def _rank(self, trial: _Trial) -> tuple[bool, float, bool]:
        """On time first, then by what the plan loses; of equal ones the simpler change."""
        return self._tardiness(trial.after) > 0, self._score(trial.after), trial.kind in WHOLE_WAY

    def _helps(self, trial: _Trial) -> bool:
        if trial.kind in WHOLE_WAY:
            return self._tardiness(trial.after) == 0
        gain = self._tardiness(self.before) - self._tardiness(trial.after)
        return gain >= min(LEAST_GAIN, self._tardiness(self.before)) and self._score(trial.after) < self._score(self.before)

    def _judged(self, trial: _Trial) -> Fix | None:
        """The trial as a fix with its plan; None if the validator objects."""
        plant = self.plant
        trial_plan = self.trial_plan
        if trial.hours:
            plant = with_extra_hours(plant, trial.hours)
            trial_plan = TrialPlan(plant, self.schedule, self.held_back)
        else:
            trial_plan.reset()
        if trial.placed is not None:
            trial_plan.take(trial.placed.sequences)
        for key, machines, moment in trial.moves:
            trial_plan.move(key, machines, moment)
        made = trial_plan.schedule()
        if violations(plant, made):
            return None
        now = job_lateness(plant, made)
        late_now = {j for j, minutes in now.items() if (minutes or 0) > 0}
        late_before = {j for j, minutes in self.lateness.items() if (minutes or 0) > 0}
        return Fix(
            kind=trial.kind, operation=trial.operation, machines=trial.machines, passed=trial.passed, hours=trial.hours,
            before=self.before, after=trial.after, became_late=tuple(sorted(late_now - late_before)),
            recovered=tuple(sorted(late_before - late_now - {self.job.id})), plant=plant, schedule=made,
        )  # fmt: skip

    # ---------------------------------------------------------------- what is tried
    def _trials(self) -> Iterator[_Trial]:
        worst = sorted(self.steps, key=lambda s: -(s.waiting + s.held_back))[:STEPS_TRIED]
        movable = [s for s in worst if self.trial_plan.can_move(s.assignment.key)]
        for n, step in enumerate(movable):
            self.progress(0.05 + 0.35 * n / len(movable), f"changes at operation {step.assignment.sequence}")
            yield from self._swaps(step)
            yield from self._other_machines(step)
            yield from self._no_holding_back(step)
        self.progress(0.4, "letting the job go first")
        yield from self._go_first()
        self.progress(0.45, "priority on all its machines")
        yield from self._whole_way()
        closing = sorted(self.steps, key=lambda s: -(s.waiting + s.closed_before + s.closed_inside))[:STEPS_TRIED]
        for n, step in enumerate(closing):
            self.progress(0.6 + 0.35 * n / len(closing), "extra hours")
            yield from self._extra_hours(step)

    def _moved(self, trial: _Trial, key: Key, moment: int) -> Iterator[_Trial]:
        """The trial with its figures, if the move gives a plan."""
        if self.trial_plan.move(key, trial.machines, moment):
            yield replace(trial, after=self.trial_plan.figures(self.job), moves=((key, trial.machines, moment),))
        self.trial_plan.reset()

    def _swaps(self, step: Step) -> Iterator[_Trial]:
        """The operation before each of those that hold its machine while it is ready, one at a time."""
        a = step.assignment
        if step.wait is None:
            return
        row = self.schedule.by_machine[step.wait.machine]
        passed = [b for b in row if b.end > step.ready and b.start < a.start]
        # The longest holders, the first and the last tell all apart that matter.
        passed = sorted({*passed[:2], *passed[-2:], *sorted(passed, key=lambda b: b.start - b.end)[: PASSED_TRIED - 4]},
                        key=lambda b: b.start)  # fmt: skip
        for b in passed:
            trial = _Trial(FixKind.SWAP, a.sequence, a.machines, b.job, (), self.before)
            yield from self._moved(trial, a.key, b.start)

    def _other_machines(self, step: Step) -> Iterator[_Trial]:
        """The operation on each other eligible machine, as soon as it is ready, or behind what stands there until then."""
        a = step.assignment
        operation = next(o for o in self.job.operations if o.sequence == a.sequence)
        if operation.requires_all or step.wait is None:
            return
        for machine in self.plant.eligible_machines(operation):
            if machine in a.machines:
                continue
            moments = [b.start for b in self.schedule.by_machine.get(machine, ()) if step.ready <= b.start < a.start]
            for moment in dict.fromkeys((*moments[:2], *moments[-1:], a.start)):
                trial = _Trial(FixKind.OTHER_MACHINE, a.sequence, (machine,), None, (), self.before)
                yield from self._moved(trial, a.key, moment)

    def _no_holding_back(self, step: Step) -> Iterator[_Trial]:
        """The operation in its place, but as soon as it can."""
        a = step.assignment
        if a.key in self.held_back:
            trial = _Trial(FixKind.NO_HOLDING_BACK, a.sequence, a.machines, None, (), self.before)
            yield from self._moved(trial, a.key, a.start)

    def _go_first(self) -> Iterator[_Trial]:
        """Every operation of the job as soon as it is ready, before all that would start then or later."""
        moves: list[tuple[Key, tuple[int, ...], int]] = []
        for step in self.steps:
            key = step.assignment.key
            if not self.trial_plan.can_move(key) or self.trial_plan.start(key) <= (ready := self.trial_plan.ready(key)):
                continue
            moves.append((key, step.assignment.machines, ready))
            if not self.trial_plan.move(*moves[-1]):
                self.trial_plan.reset()
                return
        if len(moves) > 1:
            yield _Trial(FixKind.GO_FIRST, None, (), None, (), self.trial_plan.figures(self.job), tuple(moves))
        self.trial_plan.reset()

    def _whole_way(self) -> Iterator[_Trial]:
        """The job on time by priority alone, and with overtime on the machines of its routing; only the hours used stay."""
        job, due = self.job, self.job.due
        assert due is not None  # a job without a due date is never late
        alone = Priority(self.trial_plan, job).in_time(due)
        if alone is not None:
            yield _Trial(FixKind.PRIORITY, None, (), None, (), self._figures_of(self.trial_plan, alone), placed=alone)
        offered = self._overtime_on_the_way(due)
        if not offered:
            return
        self.progress(0.5, "priority and overtime")
        more = TrialPlan(with_extra_hours(self.plant, offered), self.schedule, self.held_back)
        helped = Priority(more, job).in_time(due)
        if helped is None:
            return
        more.take(helped.sequences)
        worked = more.schedule()
        used = tuple(extra for extra in offered if _works_in(self.plant, worked, extra))
        machines = tuple(dict.fromkeys(m for extra in used for m in extra.machines))
        if used:
            figures = self._figures_of(more, helped)
            yield _Trial(FixKind.PRIORITY_OVERTIME, None, machines, None, used, figures, placed=helped)

    def _figures_of(self, trial_plan: TrialPlan, placed: Placed) -> Figures:
        trial_plan.take(placed.sequences)
        figures = trial_plan.figures(self.job)
        trial_plan.reset()
        return figures

    def _overtime_on_the_way(self, due: int) -> tuple[OfferedHours, ...]:
        """OVERTIME_MINUTES on each of the first OVERTIME_DAYS days until the due date for every machine of the job."""
        last = min(OVERTIME_DAYS - 1, self.plant.day_of(due))
        way = dict.fromkeys(m for step in self.steps for m in step.assignment.machines)
        found = [extra_hours(self.plant, (m,), day, OVERTIME_MINUTES) for m in way for day in range(last + 1)]
        return tuple(extra for extra in found if extra is not None)

    def _extra_hours(self, step: Step) -> Iterator[_Trial]:
        """More hours on the operation's machines (the one that it waits for) on days on which it waits, pauses or runs."""
        machines = (step.wait.machine,) if step.wait else step.assignment.machines
        first, last = (self.plant.day_of(minute) for minute in (step.ready, step.assignment.end - 1))
        days = range(first, last + 1)
        options = [extra_hours(self.plant, machines, day) for day in days]
        shifts = [e for e in options if e is not None and e.is_shift]
        evenings = [e for e in options if e is not None and not e.is_shift]
        # An extra shift wins most; of the evenings the first and the last ones.
        tried = [*shifts[:2], *evenings[: DAYS_TRIED - 4], *evenings[-2:]]
        for extra in dict.fromkeys(tried):
            changed = with_extra_hours(self.plant, (extra,))
            after = TrialPlan(changed, self.schedule, self.held_back).figures(self.job)
            yield _Trial(FixKind.EXTRA_HOURS, None, machines, None, (extra,), after)


def _is_wanted(fix: Fix, better: list[Fix]) -> bool:
    """Priority is not offered beside a better fix that puts the job on time, unless that one needs overtime."""
    return fix.kind not in WHOLE_WAY or all(f.kind is FixKind.PRIORITY_OVERTIME for f in better if f.on_time)


def _works_in(plant: Plant, schedule: Schedule, extra: OfferedHours) -> bool:
    """Whether the machines run anything in these hours."""
    begin, end = plant.hours(extra.date, extra.start, extra.end)
    return any(a.start < end and a.end > begin for m in extra.machines for a in schedule.by_machine.get(m, ()))
