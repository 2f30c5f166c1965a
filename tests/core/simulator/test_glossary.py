"""The glossary of the compiled code names every field, and no field that is gone."""

from __future__ import annotations

import re

import pytest

from scheduler_core.engines.annealing.chain import Chain
from scheduler_core.engines.annealing.machine_group import Draft
from scheduler_core.simulator.arrays import PlantArrays, State
from scheduler_core.simulator.sequences.machine_sequences import Sequences
from tests.support.paths import ROOT

GLOSSARY = (ROOT / "scheduler_core" / "simulator" / "glossary.md").read_text("utf-8")


@pytest.mark.parametrize("kind", [PlantArrays, State, Sequences, Draft, Chain])
def test_every_field_stands_in_the_glossary(kind: type[PlantArrays | State | Sequences | Draft | Chain]) -> None:
    section = GLOSSARY.split(f"\n## {kind.__name__}\n")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == list(kind._fields)
