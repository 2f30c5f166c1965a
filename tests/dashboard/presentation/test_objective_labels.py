"""Every aim that the core names has words, and every price an input."""

from __future__ import annotations

from dataclasses import fields

from dashboard.presentation.objective_labels import NAMED_OBJECTIVES, PRICE_INPUTS, VALUES, objective_words, value_words
from scheduler_core.objectives import MIXES, NAMED, PURE, Objective


def test_every_named_objective_has_words_of_its_own() -> None:
    assert list(NAMED_OBJECTIVES) == list(NAMED)
    assert len(set(NAMED_OBJECTIVES.values())) == len(NAMED_OBJECTIVES)
    assert set(VALUES) == set(PURE)
    for name, objective in NAMED.items():
        assert objective_words(objective) == NAMED_OBJECTIVES[name]


def test_the_inputs_are_the_objectives_fields_and_begin_with_one_that_can_be_planned_for() -> None:
    assert [p.field for p in PRICE_INPUTS] == [f.name for f in fields(Objective)]
    assert Objective(**{p.field: p.first for p in PRICE_INPUTS}) == Objective.TARDINESS
    assert all(p.label and p.help.endswith(".") and p.step > 0 for p in PRICE_INPUTS)


def test_prices_of_ones_own_are_written_out() -> None:
    assert objective_words(Objective(tardiness=1.0, setups=0.25)) == "My own weights: tardiness=1,setups=0.25"


def test_a_mix_is_counted_in_points() -> None:
    assert value_words(Objective.MAKESPAN) == "hours until the last job ends"
    assert {value_words(mix) for mix in MIXES.values()} == {"points (the weighted sum)"}
