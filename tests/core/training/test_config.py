"""Training configurations: read, or refused naming file, key and value; and the plants that they draw."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from scheduler_core.environments.random_plants import BREAKS, Breaks
from scheduler_core.errors import InvalidValue
from scheduler_core.training.config import (
    EVALUATION_SEED,
    TRAINING_SEEDS,
    VALIDATION_SEED,
    TrainingConfig,
    draw_plant,
    read_config,
)
from tests.support.paths import ROOT
from tests.support.small_training import SMALL

SHIPPED = sorted((ROOT / "configs" / "train").glob("*.yaml"))


def written(folder: Path, content: object) -> Path:
    path = folder / "small.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
    return path


def changed(**more: Any) -> dict[str, Any]:
    return {**SMALL, **more}


def with_plants(**more: Any) -> dict[str, Any]:
    plants = {**SMALL["stages"][0]["plants"][0], **more}
    return changed(stages=[{"until": 1.0, "plants": [plants]}])


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_shipped_configurations_are_read(path: Path) -> None:
    config = read_config(path)
    assert config.name == path.stem
    assert config.stages[-1].until == 1.0


def test_some_configuration_is_shipped() -> None:
    assert SHIPPED


def test_a_configuration_comes_back_as_it_was_written(tmp_path: Path) -> None:
    config = read_config(written(tmp_path, SMALL))
    assert (config.name, config.total_steps, len(config.stages)) == ("small", 100, 2)
    assert TrainingConfig.model_validate(config.model_dump(mode="json")) == config


@pytest.mark.parametrize(
    ("content", "key", "value"),
    [
        (changed(learning_rat=0.1), "learning_rat", "0.1"),
        (with_plants(machine=[1, 2]), "stages.0.plants.0.machine", "[1, 2]"),
        (changed(total_steps=0), "total_steps", "0"),
        (changed(total_steps="many"), "total_steps", "'many'"),
        (changed(name="Not A Name"), "name", "'Not A Name'"),
        (changed(name="../escape"), "name", "'../escape'"),
        (changed(hidden=4096), "hidden", "4096"),
        (changed(average=1.0), "average", "1.0"),
        (changed(reward="gold"), "reward", "'gold'"),
        (changed(explore_job=1.1), "explore_job", "1.1"),
        (changed(explore_until=0), "explore_until", "0"),
        (changed(keep_every=0), "keep_every", "0"),
        (changed(validation=[]), "validation", "[]"),
        (changed(stages=[{**SMALL["stages"][0], "breaks": "coffee"}]), "stages.0.breaks", "'coffee'"),
        (changed(stages=[]), "stages", "[]"),
        (changed(stages=[{**SMALL["stages"][0], "until": u} for u in (0.6, 0.4)]), "stages", "until"),
        (with_plants(machines=[5, 3]), "stages.0.plants.0", "machines"),
        (with_plants(machines=[0, 3]), "stages.0.plants.0", "machines"),
        (with_plants(machines=[3]), "stages.0.plants.0.machines.1", "machines"),
        (with_plants(load=[9.0, 7.0]), "stages.0.plants.0", "load"),
        (with_plants(chance=0), "stages.0.plants.0.chance", "0"),
        ({k: v for k, v in SMALL.items() if k != "description"}, "description", "is missing"),
        ("[1, 2]", "(top level)", "[1, 2]"),
        ("", "(top level)", "None"),
    ],
)
def test_wrong_settings_are_refused_by_name(tmp_path: Path, content: object, key: str, value: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(InvalidValue, match=re.escape(f"{path}: {key}: ")) as caught:
        read_config(path)
    assert value in str(caught.value)


def test_files_that_are_none_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="No such file"):
        read_config(tmp_path / "missing.yaml")
    with pytest.raises(InvalidValue, match="is not YAML"):
        read_config(written(tmp_path, "stages: ["))
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InvalidValue, match="is not UTF-8"):
        read_config(tmp_path / "binary.yaml")


def test_what_nobody_asked_for_is_off() -> None:
    config = TrainingConfig.model_validate(SMALL)
    assert (config.reward, config.explore_job, config.explore_machine) == ("potential", 0.0, 0.0)
    assert config.keep_every == 50_000
    assert [(v.size, v.plants) for v in config.validation] == [("40x100", 30), ("152x500", 30)]


def test_plants_have_their_stage_s_breaks() -> None:
    levels = ("none", "tea", "lunch", "full")
    stages = [{**SMALL["stages"][0], "until": (k + 1) / 4, "breaks": level} for k, level in enumerate(levels)]
    config = TrainingConfig.model_validate(changed(stages=stages))
    found = [draw_plant(np.random.default_rng(0), stage).plant().calendars[0].breaks for stage in config.stages]
    assert found == [BREAKS[Breaks(level)] for level in levels]
    shipped = read_config(next(path for path in SHIPPED if path.stem == "breaks"))
    assert [stage.breaks for stage in shipped.stages] == list(Breaks)
    assert TrainingConfig.model_validate(SMALL).stages[0].breaks is Breaks.FULL


def test_stages_follow_each_other() -> None:
    config = TrainingConfig.model_validate(SMALL)
    first, second = config.stages
    assert [config.stage_at(s) for s in (0.0, 0.49, 0.5, 0.99, 1.0, 1.5)] == [first, first, second, second, second, second]


def test_plants_are_drawn_within_their_stage_s_ranges() -> None:
    config = TrainingConfig.model_validate(SMALL)
    rng = np.random.default_rng(0)
    for _ in range(30):
        found = draw_plant(rng, config.stages[0]).plant()
        assert 2 <= len(found.machines) <= 3
        assert 2 * len(found.machines) <= len(found.jobs) <= 4 * len(found.machines)
    assert {len(draw_plant(rng, config.stages[1]).plant().jobs) for _ in range(5)} == {10}


def test_families_of_plants_come_by_their_chances() -> None:
    both = [{"chance": c, "machines": [m, m], "jobs_per_machine": [2, 2]} for c, m in ((3, 1), (1, 2))]
    config = TrainingConfig.model_validate(changed(stages=[{"until": 1.0, "plants": both}]))
    rng = np.random.default_rng(1)
    share = np.mean([len(draw_plant(rng, config.stages[0]).plant().machines) == 1 for _ in range(400)])
    assert share == pytest.approx(0.75, abs=0.08)


def test_training_never_meets_the_plants_that_judge_it() -> None:
    low, high = TRAINING_SEEDS
    for first in (VALIDATION_SEED, EVALUATION_SEED):
        assert not low <= first < high
        assert not low <= first + 10_000 < high
    assert abs(EVALUATION_SEED - VALIDATION_SEED) > 10_000
