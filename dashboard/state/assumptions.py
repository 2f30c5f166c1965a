"""What a plan assumes that the ERP does not say, in words, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import streamlit as st

from dashboard.presentation import formatting, plan_names
from scheduler_core.data.store import Store
from scheduler_core.data.store.records import AssumptionAnswer
from scheduler_core.i18n.translate import language, t
from scheduler_core.scenarios.breakdown import Breakdown
from scheduler_core.services.assumptions import Standing, assumptions_of, standing


@dataclass(frozen=True)
class Told:
    """An assumption in words: the change number ``position`` (from 0) of a scenario.

    ``until``: when it has passed (naive plant time), None for one that stands as long as the plan. ``machine``: the id of
    the machine of a breakdown, with its ``machine_name``. ``answer``: what a planner has said of it.
    """

    scenario_id: str
    position: int
    words: str
    until: datetime | None
    machine: int | None
    machine_name: str
    answer: AssumptionAnswer | None = None

    def standing(self, now: datetime) -> Standing:
        """What is known of it at ``now`` (naive plant time)."""
        return standing(self.until, self.answer, now)

    def said(self, now: datetime) -> str:
        """The assumption with what became of it."""
        person = "" if self.answer is None else self.answer.actor
        match self.standing(now):
            case Standing.CONFIRMED:
                return t("{assumption} (confirmed by {person})", assumption=self.words, person=person)
            case Standing.REFUTED:
                return t("{assumption} (did not come true, says {person})", assumption=self.words, person=person)
            case Standing.LAPSED if self.until is not None:
                return t("{assumption} (over since {end})", assumption=self.words, end=formatting.stamp(self.until))
            case _:
                return self.words


def assumptions(store: Store, snapshot_id: str) -> tuple[Told, ...]:
    """The assumptions of a snapshot's plans as they are known now, the scenario below first."""
    assumed = _assumed(store, snapshot_id, language())
    answers = store.scenarios.answers({one.scenario_id for one in assumed})
    return tuple(replace(one, answer=answers.get((one.scenario_id, one.position))) for one in assumed)


def still_open(assumed: Sequence[Told], now: datetime) -> tuple[Told, ...]:
    """Those that are neither answered nor past at ``now`` (naive plant time)."""
    return tuple(one for one in assumed if one.standing(now) is Standing.OPEN)


def joined(assumed: Sequence[Told], now: datetime) -> str:
    """Assumptions in one line, each with what became of it."""
    return " + ".join(one.said(now) for one in assumed)


@st.cache_data(max_entries=50, show_spinner=False)
def _assumed(_store: Store, snapshot_id: str, language: str) -> tuple[Told, ...]:
    """What never changes of them, read once for each snapshot and language."""
    del language
    found = []
    for one in assumptions_of(_store, snapshot_id):
        words = plan_names.assumption(one.plant, [one.change])
        machine = one.change.machine if isinstance(one.change, Breakdown) else None
        row = one.plant.machine_by_id.get(machine) if machine is not None else None
        found.append(Told(one.scenario_id, one.position, words, one.until, machine, row.name if row else ""))
    return tuple(found)
