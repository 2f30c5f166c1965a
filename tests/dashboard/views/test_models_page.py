"""The page of checkpoints: what it shows, and that one is activated only after a question and only if it is whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dashboard.views.models import checkpoint_tables, why_active
from scheduler_core.policy import catalogue, checkpoint
from scheduler_core.policy.catalogue import Evaluated
from scheduler_core.policy.checkpoint_comparison import compared
from tests.support.hostile_text import NASTY
from tests.support.opening import open_page, texts
from tests.support.small_networks import random_network
from tests.support.table_words import drawn, read

CARD = {
    "description": NASTY, "objective": NASTY, "trained_on": NASTY, "steps": 2000000, "hours": 1.5,
    "validation": {"score": 0.9},
    "evaluation": [{"size": "40x100", "plants": 30, "edd": 1.5, "best_single_rule": 1.1, "policy": {8: [0.9, 0.8, 0.95]}}],
}  # fmt: skip
CURVE = "steps,greedy_40x100,score\n1000000,0.99,0.95\n2000000,0.97,0.9\n3000000,,0.91\n"


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: object) -> Path:
    monkeypatch.setenv("SHOPWRIGHT_MODELS", str(tmp_path / "models"))
    checkpoint.save("one", random_network(1), CARD, curve=CURVE)
    checkpoint.save("two", random_network(2), {"objective": "makespan"})
    return tmp_path / "models"


def test_without_a_checkpoint_the_page_says_how_to_get_one(
    store: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPWRIGHT_MODELS", str(tmp_path / "none"))
    page = open_page("models")
    assert not page.exception
    assert "shopwright train" in page.info[0].value
    assert not page.button


def test_checkpoints_card_and_evaluation_are_shown_and_nothing_reaches_markdown(models: Path) -> None:
    page = open_page("models")
    assert not page.exception
    listed, card, measured = (page.dataframe[i].value for i in range(3))
    assert list(listed["Checkpoint"]) == ["one", "two"]
    assert list(listed["State"]) == ["active", ""]
    assert list(listed["SHA-256"]) == [checkpoint.load(n).sha256[:12] for n in ("one", "two")]
    assert dict(zip(card["Property"], card["Value"], strict=True))["SHA-256 of the weights"] == checkpoint.load("one").sha256
    assert list(measured.iloc[:, 0]) == ["EDD", "best single rule", "policy, best of 8"]
    assert list(measured["40x100, 30 plants"]) == [1.5, 1.1, 0.9]
    assert list(drawn(page.dataframe[2])["40x100, 30 plants"]) == ["+50.0 %", "+10.0 %", "−10.0 % (−20.0 to −5.0)"]
    assert f"Trained on: {NASTY}" in [text.value for text in page.text]
    for group in (page.markdown, page.info, page.warning, page.error):
        assert not any("<img" in str(element.value).replace("\\<", "") for element in group)
    assert page.button(key="activate").disabled


def test_the_page_says_why_the_active_one_is_active(models: Path) -> None:
    said = texts(open_page("models"))
    assert "Why is one the active one?" in said
    assert "It has been active since the installation." in said
    assert "They were not evaluated on the same plants" in said
    page = open_page("models", model="two")
    page.button(key="activate").click().run()
    page.button(key="confirm").click().run()
    said = texts(page)
    assert "Why is two the active one?" in said
    assert "activated it." in said
    assert "It has been active since the installation." not in said


def test_the_shipped_checkpoints_are_compared_on_common_plants_only() -> None:
    found = compared("priced", "standard")
    assert (found.same_validation, found.validation_figures, found.evaluation_figures) == (False, 4, 6)
    listed = {m.name: m for m in catalogue.listing()}
    said = why_active.against(listed["priced"], listed["standard"], found)
    assert "Their scores cannot be compared: they come from different plants." in said
    assert "Over the validation that both have: priced 0.923, standard 0.912: standard is better." in said
    assert "(mean of 6 figures): priced 0.963, standard 0.967 (lower is better): priced is better." in said
    same = replace(found, same_validation=True)
    assert "Their scores are of the same plants: standard is better." in why_active.against(
        listed["priced"], listed["standard"], same
    )


def test_a_checkpoint_named_in_the_address_is_activated_after_a_question(models: Path) -> None:
    page = open_page("models", model="two")
    assert page.selectbox(key="model").value == "two"
    page.button(key="activate").click().run()
    assert "From the next run on, RL plans with two." in texts(page)
    assert checkpoint.active_name() == "one"
    page.button(key="back").click().run()
    assert checkpoint.active_name() == "one"
    page.button(key="activate").click().run()
    page.button(key="confirm").click().run()
    assert not page.exception
    assert checkpoint.active_name() == "two"
    assert list(page.dataframe[0].value["State"]) == ["", "active"]
    assert page.button(key="activate").disabled


def test_one_that_is_damaged_meanwhile_is_refused_in_words(models: Path) -> None:
    page = open_page("models", model="two")
    page.button(key="activate").click().run()
    (models / "two" / checkpoint.WEIGHTS).write_bytes(b"not these")
    page.button(key="confirm").click().run()
    assert not page.exception
    assert "Not activated" in texts(page)
    assert checkpoint.active_name() == "one"
    again = open_page("models", model="two")
    assert not again.exception
    assert list(again.dataframe[0].value["State"]) == ["active", "damaged"]
    assert again.button(key="activate").disabled
    assert "It is not used" in texts(again)


def test_an_active_one_that_is_gone_is_named(models: Path) -> None:
    (models / checkpoint.ACTIVE).write_text("gone")
    page = open_page("models")
    assert not page.exception
    assert "gone, is not installed" in page.warning[0].value
    assert not page.button(key="activate").disabled


# ---------------------------------------------------------------- the data behind chart and tables
def test_the_curve_has_the_score_its_parts_and_the_step_that_was_kept(models: Path) -> None:
    figure = checkpoint_tables.curve_chart(catalogue.curve("one"), 2_000_000)
    part, score = figure.data
    assert (part.name, list(part.x), list(part.y)) == ("greedy 40x100", [1.0, 2.0], [0.99, 0.97])
    assert (score.name, list(score.x), list(score.y)) == ("score", [1.0, 2.0, 3.0], [0.95, 0.9, 0.91])
    assert figure.layout.shapes[0].x0 == 2.0
    assert not checkpoint_tables.curve_chart(catalogue.curve("one"), None).layout.shapes


@pytest.mark.parametrize(
    ("last", "shown", "unit"), [(3e6, 3.0, "million steps"), (105_226, 105.226, "thousand steps"), (900, 900, "steps")]
)
def test_the_curve_counts_in_a_unit_that_fits_its_length(last: float, shown: float, unit: str) -> None:
    figure = checkpoint_tables.curve_chart([{"steps": last / 2, "score": 1.0}, {"steps": last, "score": 0.9}], int(last))
    assert list(figure.data[0].x) == [shown / 2, shown]
    assert figure.layout.shapes[0].x0 == shown
    assert figure.layout.xaxis.title.text == unit
    assert checkpoint_tables.curve_chart([], None).layout.xaxis.title.text == "steps"


def test_sizes_without_a_way_have_an_empty_cell() -> None:
    frame = checkpoint_tables.evaluation_frame([Evaluated("a", 3, "EDD", 1.0), Evaluated("b", 3, "policy", 0.5)])
    words = read(frame)
    assert words["a, 3 plants"] == ["±0.0 %", "–"]
    assert words["b, 3 plants"] == ["–", "−50.0 %"]
