"""Checkpoints: what was saved comes back bit by bit; anything else is refused, naming file and reason, and never run."""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
import yaml

from scheduler_core.errors import InvalidValue
from scheduler_core.policy import checkpoint
from scheduler_core.policy.checkpoint import ACTIVE, CARD, MANIFEST, WEIGHTS
from scheduler_core.policy.network import Network, NetworkShape
from tests.support.paths import ROOT
from tests.support.small_networks import random_network

NAME = "sample"


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder with one checkpoint."""
    checkpoint.save(NAME, random_network(1), {"description": "for tests", "steps": 7}, tmp_path)
    return tmp_path


def replace_content(models: Path, file: str, content: bytes) -> None:
    """Puts other content in place of a file, and its hash into the manifest: a forger with access to both."""
    (models / NAME / file).write_bytes(content)
    lines = (models / MANIFEST).read_text().splitlines()
    digest = hashlib.sha256(content).hexdigest()
    (models / MANIFEST).write_text("\n".join(f"{digest}  {NAME}/{file}" if x.endswith(file) else x for x in lines))


def rewrite_weights(models: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    tensors = safetensors.torch.load((models / NAME / WEIGHTS).read_bytes())
    change(tensors)
    replace_content(models, WEIGHTS, safetensors.torch.save(tensors))


def rewrite_card(models: Path, change: Callable[[dict[str, Any]], object]) -> None:
    card = yaml.safe_load((models / NAME / CARD).read_bytes())
    change(card)
    replace_content(models, CARD, yaml.safe_dump(card).encode())


def refusal(models: Path, name: str | None = NAME) -> str:
    with pytest.raises(InvalidValue) as caught:
        checkpoint.load(name, models)
    return str(caught.value)


def refuse_to_parse(monkeypatch: pytest.MonkeyPatch) -> None:
    def parsed(*_: object, **__: object) -> None:
        raise AssertionError("was parsed")

    monkeypatch.setattr(safetensors.torch, "load", parsed)
    monkeypatch.setattr(yaml, "load", parsed)


# ---------------------------------------------------------------- what was saved comes back
@pytest.mark.parametrize("hidden", [1, 16, 64])
def test_weights_come_back_bit_by_bit(tmp_path: Path, hidden: int) -> None:
    network = random_network(3, hidden)
    place = checkpoint.save(NAME, network, {"description": "three", "steps": 12}, tmp_path)
    found = checkpoint.load(NAME, tmp_path)
    assert place == tmp_path / NAME
    assert found.network.shape == network.shape
    saved, loaded = network.state_dict(), found.network.state_dict()
    assert list(saved) == list(loaded)
    assert all(saved[k].numpy().tobytes() == loaded[k].numpy().tobytes() for k in saved)
    assert found.sha256 == hashlib.sha256((place / WEIGHTS).read_bytes()).hexdigest()
    assert (found.name, found.card["description"], found.card["steps"]) == (NAME, "three", 12)
    assert not found.network.training


def test_saving_again_replaces_and_keeps_the_others(models: Path) -> None:
    checkpoint.save("other", random_network(2), {}, models)
    checkpoint.save(NAME, random_network(5), {"steps": 8}, models)
    assert checkpoint.names(models) == [NAME, "other"]
    assert checkpoint.load(NAME, models).card["steps"] == 8
    assert torch.equal(checkpoint.load("other", models).network.job.first.weight, random_network(2).job.first.weight)
    assert not list(models.rglob("*.part"))


def test_files_are_the_same_each_time(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        checkpoint.save(NAME, random_network(4), {"steps": 1}, tmp_path / folder)
    first, second = (
        {p.name: p.read_bytes() for p in (tmp_path / folder).rglob("*") if p.is_file()} for folder in ("a", "b")
    )
    assert first == second


# ---------------------------------------------------------------- which one
def test_the_first_is_active_unless_one_is_named(models: Path) -> None:
    checkpoint.save("other", random_network(2), {}, models)
    assert checkpoint.active_name(models) == NAME
    (models / ACTIVE).write_text("other\n")
    assert checkpoint.active_name(models) == "other"
    assert checkpoint.load(None, models).name == "other"
    assert checkpoint.load(NAME, models).name == NAME


def test_an_active_name_that_is_not_listed_is_refused(models: Path) -> None:
    (models / ACTIVE).write_text("gone")
    assert "'gone' is not listed" in refusal(models, None)
    (models / ACTIVE).write_bytes(b"\xff\xfe")
    assert "is not UTF-8" in refusal(models, None)


def test_an_empty_folder_says_how_to_get_a_model(tmp_path: Path) -> None:
    assert checkpoint.names(tmp_path) == []
    assert "shopwright train" in refusal(tmp_path, None)
    assert "shopwright train" in refusal(tmp_path / "not there", None)


def test_the_environment_names_the_folder(models: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPWRIGHT_MODELS", str(models))
    assert checkpoint.models_folder() == models
    assert checkpoint.load(NAME).name == NAME
    monkeypatch.delenv("SHOPWRIGHT_MODELS")
    assert checkpoint.models_folder() == ROOT / "models"


def test_an_unknown_name_is_refused_and_the_known_ones_are_told(models: Path) -> None:
    message = refusal(models, "nobody")
    assert "'nobody' is not listed" in message
    assert NAME in message


def test_files_that_the_manifest_does_not_list_are_not_loaded(models: Path) -> None:
    """Copying a folder into place is not enough."""
    (models / "copy").mkdir()
    for file in (WEIGHTS, CARD):
        (models / "copy" / file).write_bytes((models / NAME / file).read_bytes())
    assert "'copy' is not listed" in refusal(models, "copy")


# ---------------------------------------------------------------- changed, missing, too large
@pytest.mark.parametrize("file", [WEIGHTS, CARD])
@pytest.mark.parametrize("where", [0, 1 / 3, 2 / 3, 1])
def test_one_changed_byte_is_refused_before_anything_is_parsed(
    models: Path, file: str, where: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = models / NAME / file
    content = bytearray(path.read_bytes())
    content[int(where * (len(content) - 1))] ^= 1
    path.write_bytes(content)
    refuse_to_parse(monkeypatch)
    message = refusal(models)
    assert str(path) in message
    assert "SHA-256" in message


@pytest.mark.parametrize("file", [WEIGHTS, CARD])
def test_a_missing_file_is_refused(models: Path, file: str) -> None:
    (models / NAME / file).unlink()
    assert str(models / NAME / file) in (message := refusal(models))
    assert "does not exist" in message


@pytest.mark.parametrize(("file", "limit"), [(WEIGHTS, checkpoint.MAX_BYTES), (CARD, checkpoint.MAX_TEXT)])
def test_a_file_that_is_too_large_is_refused_unread(
    models: Path, file: str, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = models / NAME / file
    os.truncate(path, limit + 1)
    refuse_to_parse(monkeypatch)
    message = refusal(models)
    assert str(path) in message
    assert f"bytes are more than the limit of {limit}" in message


def test_an_oversized_manifest_is_refused(models: Path) -> None:
    os.truncate(models / MANIFEST, checkpoint.MAX_TEXT + 1)
    assert f"{MANIFEST}" in (message := refusal(models))
    assert "bytes are more than the limit of" in message


# ---------------------------------------------------------------- vouched for, but wrong
def test_tensors_of_another_shape_are_refused(models: Path) -> None:
    rewrite_weights(models, lambda t: t.update({"job.first.weight": torch.zeros(3, 3)}))
    assert f"{WEIGHTS}:job.first.weight" in (message := refusal(models))
    assert "(3, 3)" in message


@pytest.mark.parametrize("change", [lambda t: t.pop("job.beta"), lambda t: t.update(extra=torch.zeros(1))])
def test_tensors_too_many_or_missing_are_refused(models: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    rewrite_weights(models, change)
    assert WEIGHTS in (message := refusal(models))
    assert "job.beta" in message or "extra" in message


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
@pytest.mark.parametrize("key", ["job.beta", "machine.second.weight", "critic.0.bias"])
def test_tensors_that_are_not_finite_are_refused(models: Path, key: str, bad: float) -> None:
    rewrite_weights(models, lambda t: t[key].view(-1)[-1:].fill_(bad))
    assert f"{WEIGHTS}:{key}" in (message := refusal(models))
    assert "not finite" in message


def test_tensors_of_another_type_are_refused(models: Path) -> None:
    rewrite_weights(models, lambda t: t.update({"job.beta": t["job.beta"].to(torch.float16)}))
    assert f"{WEIGHTS}:job.beta" in (message := refusal(models))
    assert "float16" in message


class Trap:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.target,))


@pytest.mark.parametrize("by_torch", [False, True], ids=["pickle", "torch.save"])
def test_a_pickle_in_place_of_weights_is_not_run(models: Path, by_torch: bool) -> None:
    target, pickled = models / "sprung", models / "trap"
    if by_torch:
        torch.save({"job.beta": Trap(target)}, pickled)
    else:
        pickled.write_bytes(pickle.dumps(Trap(target)))
    replace_content(models, WEIGHTS, pickled.read_bytes())
    assert str(models / NAME / WEIGHTS) in (message := refusal(models))
    assert "is not a safetensors file" in message
    assert not target.exists()
    if not by_torch:
        pickle.loads(pickled.read_bytes())
        assert target.exists(), "the trap itself does not work"


def test_a_card_cannot_build_objects(models: Path) -> None:
    target = models / "sprung"
    replace_content(models, CARD, f"!!python/object/apply:os.mkdir ['{target}']".encode())
    assert f"{NAME}/{CARD}" in (message := refusal(models))
    assert "is not YAML" in message
    assert not target.exists()


@pytest.mark.parametrize("content", [b"", b"\x00\x01", b"a: [", b"- 1", b"just text", b"\xff\xff"])
def test_a_card_that_is_none_is_refused(models: Path, content: bytes) -> None:
    replace_content(models, CARD, content)
    assert f"{NAME}/{CARD}" in refusal(models)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda c: c.update(format="policy/2"), "policy/2"),
        (lambda c: c.pop("format"), "policy/1"),
        (lambda c: c.pop("network"), "network"),
        (lambda c: c["network"].update(job_features=31), "network.job_features"),
        (lambda c: c["network"].update(global_features=17), "network.global_features"),
        (lambda c: c["network"].update(hidden=0), "network.hidden"),
        (lambda c: c["network"].update(hidden=10**9), "network.hidden"),
        (lambda c: c["network"].update(hidden="64"), "network"),
        (lambda c: c["network"].update(layers=3), "network"),
        (lambda c: c["network"].update(hidden=17), "is not (17"),
    ],
)
def test_a_card_for_another_network_is_refused(
    models: Path, change: Callable[[dict[str, Any]], object], reason: str
) -> None:
    rewrite_card(models, change)
    assert reason in refusal(models)


# ---------------------------------------------------------------- the manifest itself
@pytest.mark.parametrize(
    "line",
    [
        f"{'0' * 64}  ../outside/{WEIGHTS}",
        f"{'0' * 64}  {NAME}/../../outside/{WEIGHTS}",
        f"{'0' * 64}  /etc/passwd",
        f"{'0' * 63}  {NAME}/{WEIGHTS}",
        f"{'0' * 64} {NAME}/{WEIGHTS}",
        f"{'0' * 64}  ",
        "nonsense",
    ],
)
def test_a_manifest_with_tricks_is_refused_as_a_whole(models: Path, line: str) -> None:
    manifest = models / MANIFEST
    good = manifest.read_text()
    manifest.write_text(f"{good}{line}\n")
    message = refusal(models)
    assert f"{manifest}:3" in message
    assert "two spaces" in message


@pytest.mark.parametrize("name", ["../sample", "/etc", "sample/..", ".", "sample/"])
def test_a_name_is_no_path(models: Path, name: str) -> None:
    assert "is not listed" in refusal(models, name)


def test_a_manifest_that_is_no_text_is_refused(models: Path) -> None:
    (models / MANIFEST).write_bytes(b"\xff\x00")
    assert MANIFEST in (message := refusal(models))
    assert "is not UTF-8" in message


@pytest.mark.parametrize("globals_", [NetworkShape().global_features, checkpoint.GLOBALS_WITHOUT_PRICES])
def test_planning_gets_the_weights_of_the_network(tmp_path: Path, globals_: int) -> None:
    shape = NetworkShape(hidden=8, global_features=globals_)
    torch.manual_seed(5)
    network = Network(shape)
    for tensor in network.parameters():
        torch.nn.init.normal_(tensor)
    assert list(shape.tensors().items()) == [(name, tuple(t.shape)) for name, t in network.state_dict().items()]
    checkpoint.save("one", network, {}, tmp_path)
    loaded, policy = checkpoint.load("one", tmp_path), checkpoint.load_policy("one", tmp_path)
    assert (policy.name, policy.sha256) == (loaded.name, loaded.sha256)
    for expected, head in zip(loaded.network.weights(), policy.weights, strict=True):
        for one, other in zip(expected, head, strict=True):
            assert np.array_equal(one, other)
            assert (one.dtype, one.shape, one.flags.c_contiguous) == (other.dtype, other.shape, other.flags.c_contiguous)


def test_what_planning_loads_is_verified_as_well(models: Path) -> None:
    rewrite_weights(models, lambda t: t["job.beta"].view(-1).fill_(float("nan")))
    with pytest.raises(InvalidValue, match=r"job\.beta.*not finite"):
        checkpoint.load_policy(NAME, models)


def test_loading_does_not_touch_the_folder(models: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in models.rglob("*")}
    found = checkpoint.load(NAME, models)
    assert isinstance(found.network, Network)
    assert found.network.shape == NetworkShape(hidden=16)
    assert {p: p.stat().st_mtime_ns for p in models.rglob("*")} == before
