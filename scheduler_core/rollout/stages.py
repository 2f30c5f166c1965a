"""The stages of a rollout, and the one table of its legal transitions with those who must agree to each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import Final

from scheduler_core.errors import InvalidValue


class Stage(StrEnum):
    """Where a rollout is. Percentages are shares of planning decisions in which the challenger's plan is pre-selected."""

    OFF = "off"
    SHADOW = "shadow"
    TEN = "10"
    QUARTER = "25"
    HALF = "50"
    ALL = "100"
    PAUSED = "paused"
    ROLLED_BACK = "rolled_back"


class Agreement(StrEnum):
    """Who must agree to a transition. Where two people must, they are two different people."""

    TWO_PEOPLE = "two_people"
    ONE_PERSON = "one_person"
    NOBODY = "nobody"
    """The software may do it by itself; one person may do it, too."""


@dataclass(frozen=True)
class Position:
    """A stage, and while the rollout is paused the stage at which it was paused. Raises InvalidValue for anything else."""

    stage: Stage
    paused_at: Stage | None = None

    def __post_init__(self) -> None:
        if (self.stage == Stage.PAUSED) != (self.paused_at is not None):
            raise InvalidValue("paused_at", self.paused_at, f"must be given while paused and only then; stage: {self.stage}")
        if self.paused_at is not None and self.paused_at not in RUNNING:
            raise InvalidValue("paused_at", self.paused_at, f"must be one of {', '.join(RUNNING)}")


@dataclass(frozen=True)
class Transition:
    """One legal step. Every step is stored with its names; ``reason``: a text must be given as well."""

    before: Position
    after: Position
    agreement: Agreement
    reason: bool


RUNNING: Final = (Stage.SHADOW, Stage.TEN, Stage.QUARTER, Stage.HALF, Stage.ALL)
"""The stages in which the challenger plans, in their order."""
SHARES: Final = {Stage.TEN: 10, Stage.QUARTER: 25, Stage.HALF: 50, Stage.ALL: 100}
"""Per cent of the planning decisions in which the challenger's plan is pre-selected; in every other stage none."""


def _table() -> tuple[Transition, ...]:
    off, back = Position(Stage.OFF), Position(Stage.ROLLED_BACK)
    rows = [Transition(off, Position(Stage.SHADOW), Agreement.TWO_PEOPLE, reason=False)]
    for lower, upper in pairwise(RUNNING):
        rows.append(Transition(Position(lower), Position(upper), Agreement.TWO_PEOPLE, reason=False))
    for stage in RUNNING:
        at, paused = Position(stage), Position(Stage.PAUSED, stage)
        rows += [
            Transition(at, paused, Agreement.NOBODY, reason=True),
            Transition(at, back, Agreement.NOBODY, reason=True),
            Transition(paused, at, Agreement.TWO_PEOPLE, reason=True),
            Transition(paused, back, Agreement.NOBODY, reason=True),
        ]
    return (
        *rows,
        Transition(Position(Stage.ALL), off, Agreement.TWO_PEOPLE, reason=True),
        Transition(back, off, Agreement.ONE_PERSON, reason=True),
    )


TRANSITIONS: Final = _table()
"""Every legal transition, 27 in all; what is not in it is refused. From 100 % to off the challenger becomes the champion."""
_BY_ENDS: Final = {(t.before, t.after): t for t in TRANSITIONS}


def legal_positions() -> tuple[Position, ...]:
    """Every position that a rollout can have: 7 without a pause, and 5 pauses."""
    plain = [Position(stage) for stage in Stage if stage != Stage.PAUSED]
    return (*plain, *(Position(Stage.PAUSED, stage) for stage in RUNNING))


def next_stage(stage: Stage) -> Stage | None:
    """The stage that evidence at ``stage`` may promote to; None at 100 % and for a rollout that does not run."""
    if stage not in RUNNING or stage == Stage.ALL:
        return None
    return RUNNING[RUNNING.index(stage) + 1]


def checked_transition(before: Position, after: Position, people: tuple[str, ...], reason: str) -> Transition:
    """The row of the table for this step by these people (none: the software). Raises InvalidValue, naming what is missing.

    Names are compared as they are; which two names may be one person's is for the caller (`people.look_alikes`).
    """
    found = _BY_ENDS.get((before, after))
    if found is None:
        allowed = ", ".join(sorted({named(t.after) for t in TRANSITIONS if t.before == before}))
        raise InvalidValue("after", named(after), f"cannot follow {named(before)}; legal: {allowed}")
    needed = {Agreement.TWO_PEOPLE: 2, Agreement.ONE_PERSON: 1, Agreement.NOBODY: 0}[found.agreement]
    if len(set(people)) < needed:
        raise InvalidValue("people", list(people), f"must be at least {needed} different people for {named(after)}")
    if found.reason and not reason.strip():
        raise InvalidValue("reason", reason, f"must be given for the step from {named(before)} to {named(after)}")
    return found


def named(position: Position) -> str:
    """A position in words: ``25 %``, ``paused at 25 %``, ``rolled back``."""
    if position.paused_at is not None:
        return f"paused at {named(Position(position.paused_at))}"
    return f"{position.stage} %" if position.stage in SHARES else position.stage.replace("_", " ")
