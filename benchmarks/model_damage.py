"""Damaged and malicious checkpoints, one case each: what benchmarks/model_files.py loads."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
import yaml
from safetensors.torch import load as parse
from safetensors.torch import save as serialise

from scheduler_core.policy import checkpoint
from scheduler_core.policy.checkpoint import ACTIVE, CARD, MANIFEST, WEIGHTS
from scheduler_core.policy.network import Network, NetworkShape

NAME, OTHER = "target", "other"
SPRUNG = "sprung"
"""Part of the name of the file that a sprung trap leaves behind."""
FLIPS, CUTS, RANDOM_BYTES, HEADERS = 60, 40, 20, 20
"""How many cases of each kind by chance."""

Make = Callable[["Files"], object]


@dataclass(frozen=True)
class Case:
    """``make`` damages the files; then the checkpoint ``name`` is loaded (None: the active one)."""

    kind: str
    what: str
    make: Make
    name: str | None = NAME


@dataclass(frozen=True)
class Files:
    """The folder of two checkpoints."""

    folder: Path

    def path(self, file: str) -> Path:
        """A file of the target."""
        return self.folder / NAME / file

    def read(self, file: str) -> bytes:
        """What stands in it."""
        return self.path(file).read_bytes()

    def write(self, file: str, content: bytes, vouched: bool = False) -> None:
        """Puts other content in place of it; ``vouched``: and its hash into the manifest."""
        self.path(file).unlink()
        self.path(file).write_bytes(content)
        if vouched:
            self.vouch(f"{NAME}/{file}", content)

    def vouch(self, entry: str, content: bytes) -> None:
        """The manifest states this content's hash for the entry."""
        lines = [line for line in self.lines() if line.partition("  ")[2] != entry]
        self.manifest([*lines, f"{hashlib.sha256(content).hexdigest()}  {entry}"])

    def lines(self) -> list[str]:
        """The manifest's."""
        return (self.folder / MANIFEST).read_text().splitlines()

    def manifest(self, lines: list[str]) -> None:
        """Another manifest."""
        (self.folder / MANIFEST).write_text("\n".join(lines) + "\n")

    def trap(self) -> str:
        """Where a trap leaves its file."""
        return str(self.folder.parent / SPRUNG)


def pristine(folder: Path) -> Files:
    """Two checkpoints, of another size each."""
    folder.mkdir()
    for name, hidden in ((NAME, 16), (OTHER, 8)):
        torch.manual_seed(hidden)
        checkpoint.save(name, Network(NetworkShape(hidden=hidden)), {"description": "for measuring"}, folder)
    return Files(folder)


# ---------------------------------------------------------------- damaged
def damaged(seed: int) -> Iterator[Case]:
    """200 cases."""
    chance = random.Random(seed)
    for number in range(FLIPS):
        file, where, bit = (WEIGHTS, CARD)[number % 3 == 0], chance.random(), chance.randrange(8)
        yield Case("one bit flipped", f"{file} at {where:.3f}", _flip(file, where, bit))
    for number in range(CUTS):
        file, share = (WEIGHTS, CARD)[number % 4 == 0], chance.random()
        yield Case("cut off", f"{file} at {share:.3f}", _cut(file, share))
    for number in range(RANDOM_BYTES):
        content = chance.randbytes(chance.randrange(1, 5000))
        yield Case("other bytes", f"{number}", _replaced(WEIGHTS, content, vouched=number % 2 == 0))
    for _ in range(HEADERS):
        length = chance.choice((0, 1, 7, chance.randrange(2**16), chance.randrange(2**32), 2**63, 2**64 - 1))
        yield Case("header's length, vouched for", f"{length}", _header(length))
    for change in _tensors():
        yield Case("tensors, vouched for", change.__name__, _retensored(change))
    for what, content in _cards():
        yield Case("card, vouched for", what, _replaced(CARD, content, vouched=True))
    for make in (_swap_weights, _swap_cards, _swap_files, _no_weights, _no_card, _folder_for_weights):
        yield Case("files swapped or missing", make.__name__, make)
    yield from (Case("manifest edited", make.__name__, make) for make in _MANIFESTS)


def _flip(file: str, where: float, bit: int) -> Make:
    def make(files: Files) -> None:
        content = bytearray(files.read(file))
        content[int(where * len(content))] ^= 1 << bit
        files.write(file, bytes(content))

    return make


def _cut(file: str, share: float) -> Make:
    def make(files: Files) -> None:
        content = files.read(file)
        files.write(file, content[: int(share * len(content))])

    return make


def _replaced(file: str, content: bytes, vouched: bool) -> Make:
    return lambda files: files.write(file, content, vouched)


def _header(length: int) -> Make:
    return lambda files: files.write(WEIGHTS, struct.pack("<Q", length) + files.read(WEIGHTS)[8:], vouched=True)


Tensors = dict[str, torch.Tensor]


def _retensored(change: Callable[[Tensors], None]) -> Make:
    def make(files: Files) -> None:
        tensors = parse(files.read(WEIGHTS))
        change(tensors)
        files.write(WEIGHTS, serialise(tensors), vouched=True)

    return make


def _tensors() -> Iterator[Callable[[Tensors], None]]:
    """NaN, infinities, shapes, types and names, in several tensors each."""
    keys = ("job.first.weight", "job.beta", "machine.second.bias", "critic.0.weight")

    def named(name: str, change: Callable[[Tensors], None]) -> Callable[[Tensors], None]:
        change.__name__ = name
        return change

    for key in keys:
        for value in ("nan", "inf", "-inf"):
            yield named(f"{key} {value}", lambda t, k=key, v=value: t[k].view(-1)[-1:].fill_(float(v)))  # type: ignore[misc]
        yield named(f"{key} left out", lambda t, k=key: t.pop(k))  # type: ignore[misc]
        yield named(f"{key} renamed", lambda t, k=key: t.update({k + "x": t.pop(k)}))  # type: ignore[misc]
        for kind in (torch.float16, torch.float64, torch.int32):
            yield named(f"{key} {kind}", lambda t, k=key, d=kind: t.update({k: t[k].to(d)}))  # type: ignore[misc]
        yield named(f"{key} longer", lambda t, k=key: t.update({k: torch.zeros(t[k].numel() + 1)}))  # type: ignore[misc]
        yield named(f"{key} empty", lambda t, k=key: t.update({k: torch.zeros(0)}))  # type: ignore[misc]


def _cards() -> Iterator[tuple[str, bytes]]:
    """Texts that are no card."""
    shape = {"hidden": 16, "job_features": 1, "machine_features": 1, "global_features": 1}
    yield "empty", b""
    yield "a list", b"- 1\n- 2\n"
    yield "no UTF-8", b"\xff\xfe\x00card"
    yield "without a format", yaml.safe_dump({"network": shape}).encode()
    yield "of another format", yaml.safe_dump({"format": "policy/9", "network": shape}).encode()
    yield "of another network", yaml.safe_dump({"format": "policy/1", "network": shape}).encode()
    yield "broken", b"format: [policy/1\n"


def _swap_weights(files: Files) -> None:
    files.write(WEIGHTS, (files.folder / OTHER / WEIGHTS).read_bytes())


def _swap_cards(files: Files) -> None:
    files.write(CARD, (files.folder / OTHER / CARD).read_bytes(), vouched=True)


def _swap_files(files: Files) -> None:
    weights, card = files.read(WEIGHTS), files.read(CARD)
    files.write(WEIGHTS, card, vouched=True)
    files.write(CARD, weights, vouched=True)


def _no_weights(files: Files) -> None:
    files.path(WEIGHTS).unlink()


def _no_card(files: Files) -> None:
    files.path(CARD).unlink()


def _folder_for_weights(files: Files) -> None:
    files.path(WEIGHTS).unlink()
    files.path(WEIGHTS).mkdir()


def _line_gone(files: Files) -> None:
    files.manifest([line for line in files.lines() if not line.endswith(f"{NAME}/{WEIGHTS}")])


def _digit_changed(files: Files) -> None:
    files.manifest([("1" if line[0] == "0" else "0") + line[1:] for line in files.lines()])


def _digests_swapped(files: Files) -> None:
    entries = [line.partition("  ") for line in files.lines()]
    files.manifest([f"{b[0]}  {a[2]}" for a, b in zip(entries, entries[1:] + entries[:1], strict=True)])


def _line_twice(files: Files) -> None:
    files.manifest([*files.lines(), f"{'0' * 64}  {NAME}/{WEIGHTS}"])


def _one_space(files: Files) -> None:
    files.manifest([line.replace("  ", " ") for line in files.lines()])


def _emptied(files: Files) -> None:
    (files.folder / MANIFEST).write_bytes(b"")


def _half_a_line(files: Files) -> None:
    (files.folder / MANIFEST).write_text((files.folder / MANIFEST).read_text()[:100])


_MANIFESTS = (_line_gone, _digit_changed, _digests_swapped, _line_twice, _one_space, _emptied, _half_a_line)


# ---------------------------------------------------------------- malicious
class Trap:
    """Leaves a file behind when it is unpickled."""

    def __init__(self, target: str) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, ...]:
        return (os.mkdir, (self.target,))


def malicious() -> Iterator[Case]:
    """20 cases."""
    for what, make in {"a pickle": _pickle, "torch.save": _torch_save, "torch.save of a module": _torch_module}.items():
        yield Case("pickles in place of weights", what, make)
    for tag in ("apply:os.mkdir", "new:os.mkdir"):
        yield Case("YAML that builds objects", tag, lambda f, t=tag: _card(f, f"!!python/object/{t} ['{f.trap()}']"))  # type: ignore[misc]
    yield Case("YAML that builds objects", "a name", lambda f: _card(f, "x: !!python/name:os.system ''"))
    yield Case("YAML that builds objects", "a module", lambda f: _card(f, "x: !!python/module:antigravity ''"))
    yield Case("bombs", "a billion laughs", lambda f: _card(f, _laughs()))
    yield Case("bombs", "nested without end", lambda f: _card(f, "x: " + "[" * 100_000))
    yield Case("bombs", "a number of 4 million bits", lambda f: _card(f, "x: 0x" + "f" * 1_000_000))
    yield Case("bombs", "a zip of zeros", _zip_bomb)
    yield Case("bombs", "a header of 2^40 bytes", lambda f: f.write(WEIGHTS, struct.pack("<Q", 2**40) + b"{}", vouched=True))
    yield Case("bombs", "a tensor of 2^60 numbers", _huge_tensor)
    yield Case("bombs", "a file of 65 GiB", lambda f: os.truncate(f.path(WEIGHTS), 65 * 2**30))
    yield Case("elsewhere", "a name with ..", lambda f: _outside(f, "../outside"), "../outside")
    yield Case("elsewhere", "an active name with ..", _active_outside, None)
    yield Case("elsewhere", "an absolute path in the manifest", lambda f: _outside(f, str(f.folder.parent / "outside")))
    yield Case("elsewhere", "weights linked from outside", _linked_weights)
    yield Case("elsewhere", "the folder linked from outside", _linked_folder)
    yield Case("elsewhere", "a link to /dev/zero", _linked_zeros)


def _pickle(files: Files) -> None:
    files.write(WEIGHTS, pickle.dumps(Trap(files.trap())), vouched=True)


def _torch_save(files: Files) -> None:
    packed = io.BytesIO()
    torch.save({"job.beta": Trap(files.trap())}, packed)
    files.write(WEIGHTS, packed.getvalue(), vouched=True)


def _torch_module(files: Files) -> None:
    packed = io.BytesIO()
    torch.save([Network(NetworkShape(hidden=16)), Trap(files.trap())], packed)
    files.write(WEIGHTS, packed.getvalue(), vouched=True)


def _card(files: Files, text: str) -> None:
    files.write(CARD, text.encode(), vouched=True)


def _laughs() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    return "\n".join([*lines, "format: policy/1", "network: *a11"])


def _zip_bomb(files: Files) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.pkl", bytes(50_000_000))
    files.write(WEIGHTS, packed.getvalue(), vouched=True)


def _huge_tensor(files: Files) -> None:
    header = f'{{"job.beta":{{"dtype":"F32","shape":[{2**60}],"data_offsets":[0,{2**62}]}}}}'.encode()
    files.write(WEIGHTS, struct.pack("<Q", len(header)) + header, vouched=True)


def _outside(files: Files, entry: str) -> None:
    """A good checkpoint outside the folder, which the manifest lists."""
    place = files.folder.parent / "outside"
    place.mkdir()
    for file in (WEIGHTS, CARD):
        (place / file).write_bytes(files.read(file))
        files.vouch(f"{entry}/{file}", files.read(file))


def _active_outside(files: Files) -> None:
    _outside(files, "../outside")
    (files.folder / ACTIVE).write_text("../outside\n")


def _linked_weights(files: Files) -> None:
    elsewhere = files.folder.parent / "elsewhere"
    files.path(WEIGHTS).rename(elsewhere)
    files.path(WEIGHTS).symlink_to(elsewhere)


def _linked_folder(files: Files) -> None:
    elsewhere = files.folder.parent / "elsewhere"
    (files.folder / NAME).rename(elsewhere)
    (files.folder / NAME).symlink_to(elsewhere, target_is_directory=True)


def _linked_zeros(files: Files) -> None:
    files.path(WEIGHTS).unlink()
    files.path(WEIGHTS).symlink_to("/dev/zero")
