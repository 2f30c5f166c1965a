"""Files of settings say one thing once."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from scheduler_core.errors import InvalidValue
from scheduler_core.policy import card_file
from scheduler_core.settings.yaml_files import read_yaml, refuse_repeated_keys
from tests.support.paths import ROOT

TWICE = (
    ("way: none\nclaim: email\nway: header\n", 3, "way", 1),
    ("top:\n  inner:\n    a: 1\n    b: 2\n    a: 1\n", 5, "a", 3),
    ("- {x: 1}\n- {x: 1, y: 2, x: 3}\n", 2, "x", 2),
    ("on: 1\ntrue: 2\n", 2, "true", 1),
    ("12: a\n'12': b\n0xc: c\n", 3, "0xc", 1),
    ("a: &a {x: 1}\nb:\n  <<: *a\n  <<: *a\n", 4, "<<", 3),
    ('"a": 1\na: 2\n', 2, "a", 1),
    ("? a\n: 1\n? a\n: 2\n", 3, "a", 1),
)


@pytest.mark.parametrize(("text", "line", "key", "first"), TWICE)
def test_a_key_that_stands_twice_is_refused_with_file_line_and_key(
    tmp_path: Path, text: str, line: int, key: str, first: int
) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(text)
    with pytest.raises(InvalidValue) as caught:
        read_yaml(file)
    assert str(caught.value) == f"{file}: line {line}: {key!r} is duplicated: it stands on line {first} already"


def test_a_models_card_is_read_as_strictly(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"card\.yaml: line 2: 'format' is duplicated: it stands on line 1 already"):
        card_file.parse(b"format: policy/1\nformat: policy/2\n", tmp_path / "card.yaml")
    with pytest.raises(InvalidValue, match=r"is not YAML: .*aliases are not allowed"):
        card_file.parse(b"a: &a 1\nb: *a\n", tmp_path / "card.yaml")


def test_one_key_in_several_blocks_and_over_what_is_merged_is_no_repetition(tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("base: &base {x: 1, y: 2}\nmore:\n  <<: *base\n  x: 3\nlist: [{x: 1}, {x: 2}]\n1: a\n'1': b\n")
    assert read_yaml(file) == {
        "base": {"x": 1, "y": 2}, "more": {"x": 3, "y": 2}, "list": [{"x": 1}, {"x": 2}], 1: "a", "1": "b",
    }  # fmt: skip
    file.write_text("")
    assert read_yaml(file) is None


def test_every_file_that_is_shipped_says_everything_once() -> None:
    files = [*(ROOT / "configs").rglob("*.yaml"), *(ROOT / "models").rglob("*.yaml")]
    assert len(files) > 10
    for file in files:
        refuse_repeated_keys(yaml.compose(file.read_text("utf-8"), Loader=yaml.SafeLoader), file)


def test_many_keys_are_looked_at_once_each(tmp_path: Path) -> None:
    """A card may be large: a comparison of each key with each would take minutes here."""
    lines = "".join(f"k{number}: 1\n" for number in range(20_000))
    refuse_repeated_keys(yaml.compose(lines + "end: 1\n", Loader=yaml.CSafeLoader), tmp_path / "card.yaml")
    with pytest.raises(InvalidValue, match="line 20001: 'k7' is duplicated"):
        refuse_repeated_keys(yaml.compose(lines + "k7: 1\n", Loader=yaml.CSafeLoader), tmp_path / "card.yaml")


def test_a_mistake_that_is_no_repetition_is_told_as_before(tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text("a: [\n")
    with pytest.raises(InvalidValue, match="is not YAML"):
        read_yaml(file)
    file.write_text("? [a, b]\n: 1\n")
    with pytest.raises(InvalidValue, match="is not YAML"):
        read_yaml(file)
