"""Checkpoints: weights as safetensors, a card in YAML, and a manifest of SHA-256 sums beside the checkpoints' folders.

Loading runs no code from a file: the hashes are checked before anything is parsed, and weights go into a network built
anew from the card's shape.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scheduler_core.bounded_files import bounded_bytes
from scheduler_core.errors import InvalidValue
from scheduler_core.policy import card_file
from scheduler_core.settings import locations

if TYPE_CHECKING:
    from scheduler_core.policy.inference import PolicyWeights
    from scheduler_core.policy.network import Network
    from scheduler_core.policy.network_shape import NetworkShape
    from scheduler_core.simulator.array_types import Float32

WEIGHTS, CARD, CURVE, MANIFEST, ACTIVE = "weights.safetensors", "card.yaml", "curve.csv", "MANIFEST", "ACTIVE"
MAX_BYTES = 64 * 2**20
MAX_TEXT = 2**20
"""Bytes of a card, a manifest or the active model's name: none of them has reason to be longer."""
CARD_FORMAT = "policy/1"
GLOBALS_WITHOUT_PRICES = 16
"""Numbers of the plant that a policy saw before the objective's prices were among them; such checkpoints are read too."""


@dataclass(frozen=True)
class Checkpoint:
    """A loaded checkpoint: its name, card, the weights' SHA-256 and the network."""

    name: str
    card: Mapping[str, Any]
    sha256: str
    network: Network


@dataclass(frozen=True)
class Policy:
    """What planning needs of a checkpoint: its name, the weights' SHA-256 and the weights as flat arrays."""

    name: str
    sha256: str
    weights: PolicyWeights


def models_folder() -> Path:
    """The folder of checkpoints: ``SHOPWRIGHT_MODELS``, the own ones (``SHOPWRIGHT_HOME``) or those of this version."""
    return locations.models_folder()


def names(folder: Path | None = None) -> list[str]:
    """Checkpoints that the manifest lists, in its order."""
    listed = _manifest(folder or models_folder())
    return list(dict.fromkeys(path.split("/")[0] for path in listed))


def active_name(folder: Path | None = None) -> str:
    """The checkpoint that plans are made with unless one is named. Raises InvalidValue without any."""
    folder = folder or models_folder()
    chosen = folder / ACTIVE
    if chosen.is_file():
        return _text(chosen).strip()
    listed = names(folder)
    if not listed:
        raise InvalidValue(str(folder), None, "holds no checkpoint; train one with 'shopwright train'")
    return listed[0]


def load(name: str | None = None, folder: Path | None = None) -> Checkpoint:
    """The checkpoint of that name (None: the active one).

    A checkpoint that was trained without the objective's prices is given them with weights of 0. Raises InvalidValue, naming
    the file and the reason, for anything missing, changed, too large, of another shape or not finite.
    """
    import torch

    from scheduler_core.policy.network import Network

    read = _read(name, folder)
    network = Network(read.shape)
    network.load_state_dict({key: torch.from_numpy(tensor) for key, tensor in read.tensors.items()})
    if network.shape != type(read.shape)(hidden=network.shape.hidden):
        network = network.widened()
    network.eval()
    return Checkpoint(read.name, read.card, read.sha256, network)


def load_policy(name: str | None = None, folder: Path | None = None) -> Policy:
    """What planning needs of the checkpoint of that name (None: the active one), without importing torch.

    Raises what ``load`` raises.
    """
    from scheduler_core.policy.weights_file import policy_weights

    read = _read(name, folder)
    return Policy(read.name, read.sha256, policy_weights(read.tensors, read.shape))


@dataclass(frozen=True)
class _Read:
    """A checkpoint's verified contents."""

    name: str
    card: Mapping[str, Any]
    sha256: str
    shape: NetworkShape
    tensors: dict[str, Float32]


def _read(name: str | None, folder: Path | None) -> _Read:
    from scheduler_core.policy.weights_file import parse

    folder = folder or models_folder()
    name = name or active_name(folder)
    listed = _listed(folder, name)
    card_bytes = _verified(folder, f"{name}/{CARD}", listed, MAX_TEXT)
    weights_bytes = _verified(folder, f"{name}/{WEIGHTS}", listed, MAX_BYTES)
    card = card_file.parse(card_bytes, folder / name / CARD)
    shape = _shape(card, folder / name / CARD)
    return _Read(name, card, listed[f"{name}/{WEIGHTS}"], shape, parse(weights_bytes, shape, folder / name / WEIGHTS))


def read_card(name: str, folder: Path | None = None) -> tuple[Mapping[str, Any], str]:
    """The card of that checkpoint and the weights' SHA-256, both as the manifest vouches for them, without its network.

    Raises InvalidValue, naming the file and the reason, if a file is missing or changed or the card is none.
    """
    folder = folder or models_folder()
    listed = _listed(folder, name)
    card = card_file.parse(_verified(folder, f"{name}/{CARD}", listed, MAX_TEXT), folder / name / CARD)
    if not isinstance(card, dict) or card.get("format") != CARD_FORMAT:
        raise InvalidValue(str(folder / name / CARD), name, f"is not a {CARD_FORMAT} card")
    _verified(folder, f"{name}/{WEIGHTS}", listed, MAX_BYTES)
    return card, listed[f"{name}/{WEIGHTS}"]


def read_curve(name: str, folder: Path | None = None) -> str:
    """The learning curve (CSV) of that checkpoint, empty if it has none. Raises InvalidValue if it was changed."""
    folder = folder or models_folder()
    listed = _listed(folder, name)
    if f"{name}/{CURVE}" not in listed:
        return ""
    content = _verified(folder, f"{name}/{CURVE}", listed, MAX_TEXT)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        raise InvalidValue(str(folder / name / CURVE), name, f"is not UTF-8 text: {error.reason}") from None


def activate(name: str, folder: Path | None = None) -> Checkpoint:
    """Makes it the checkpoint that plans are made with unless one is named; it is loaded first, hash and all.

    Raises InvalidValue, and leaves the active one as it was, for a checkpoint that ``load`` refuses.
    """
    folder = folder or locations.writable_models_folder()
    found = load(name, folder)
    _write(folder / ACTIVE, f"{name}\n".encode())
    return found


def amend(name: str, entries: Mapping[str, Any], folder: Path | None = None) -> None:
    """Puts entries into the card of a checkpoint, such as what an evaluation has measured. Raises what ``load`` raises."""
    folder = folder or locations.writable_models_folder()
    found = load(name, folder)
    _enter({f"{name}/{CARD}": card_file.write({**found.card, **entries})}, folder)


def save(
    name: str, network: Network, card: Mapping[str, Any], folder: Path | None = None, curve: str | None = None
) -> Path:  # fmt: skip
    """Writes the checkpoint and enters it in the manifest; returns its folder. An older one of that name is replaced.

    ``curve``: its learning curve as CSV, kept beside it.
    """
    from safetensors.torch import save as serialise

    folder = folder or locations.writable_models_folder()
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    full_card = {"format": CARD_FORMAT, "name": name, "network": asdict(network.shape), **card}
    tensors = {k: v.detach().cpu().contiguous() for k, v in network.state_dict().items()}
    contents = {f"{name}/{CARD}": card_file.write(full_card), f"{name}/{WEIGHTS}": serialise(tensors)}
    if curve is not None:
        contents[f"{name}/{CURVE}"] = curve.encode()
    _enter(contents, folder, without=f"{name}/{CURVE}")
    return place


def _enter(contents: Mapping[str, bytes], folder: Path, without: str | None = None) -> None:
    # ``without``: a file of an older checkpoint, which the manifest no longer vouches for unless it is written anew.
    listed = {path: digest for path, digest in _manifest(folder).items() if path != without}
    for path, content in contents.items():
        _write(folder / path, content)
        listed[path] = hashlib.sha256(content).hexdigest()
    _write(folder / MANIFEST, "".join(f"{digest}  {path}\n" for path, digest in listed.items()).encode())


def _write(path: Path, content: bytes) -> None:
    # Replaced in one step, so that a reader never sees half a file.
    part = path.with_name(path.name + ".part")
    part.write_bytes(content)
    part.replace(path)


def _listed(folder: Path, name: str) -> dict[str, str]:
    """The manifest, if it lists the checkpoint. Raises InvalidValue otherwise."""
    listed = _manifest(folder)
    if f"{name}/{WEIGHTS}" not in listed or f"{name}/{CARD}" not in listed:
        known = ", ".join(names(folder)) or "none"
        raise InvalidValue("model", name, f"is not listed in {folder / MANIFEST}; known: {known}")
    return listed


def _manifest(folder: Path) -> dict[str, str]:
    path = folder / MANIFEST
    if not path.is_file():
        return {}
    listed: dict[str, str] = {}
    for number, line in enumerate(_text(path).splitlines(), start=1):
        if not line.strip():
            continue
        digest, _, file = line.partition("  ")
        if len(digest) != 64 or not file or file.startswith("/") or ".." in Path(file).parts:
            raise InvalidValue(f"{path}:{number}", line, "is not 'SHA-256, two spaces, NAME/FILE'")
        if file in listed:
            raise InvalidValue(f"{path}:{number}", line, "names a file that an earlier line names already")
        listed[file] = digest
    return listed


def _text(path: Path) -> str:
    try:
        return bounded_bytes(path, MAX_TEXT).decode()
    except UnicodeDecodeError as error:
        raise InvalidValue(str(path), path.name, f"is not UTF-8 text: {error.reason} at byte {error.start}") from None


def _verified(folder: Path, file: str, listed: Mapping[str, str], limit: int) -> bytes:
    path = folder / file
    if not path.is_file():
        raise InvalidValue(str(path), file, "is listed in the manifest but does not exist")
    if not path.resolve().is_relative_to(folder.resolve()):
        raise InvalidValue(str(path), str(path.resolve()), "is where the link leads, outside the models' folder: not loaded")
    content = bounded_bytes(path, limit)
    digest = hashlib.sha256(content).hexdigest()
    if digest != listed[file]:
        raise InvalidValue(str(path), digest, f"is not the SHA-256 that the manifest states ({listed[file]}): not loaded")
    return content


def _shape(card: object, path: Path) -> NetworkShape:
    from scheduler_core.policy.network_shape import NetworkShape

    if not isinstance(card, dict) or card.get("format") != CARD_FORMAT:
        raise InvalidValue(
            str(path), card if not isinstance(card, dict) else card.get("format"), f"is not a {CARD_FORMAT} card"
        )
    stated = card.get("network")
    built = NetworkShape()
    known = asdict(built)
    if not isinstance(stated, dict) or set(stated) != set(known) or not all(isinstance(v, int) for v in stated.values()):
        raise InvalidValue(f"{path}:network", stated, f"does not state exactly {', '.join(known)}")
    for key in ("job_features", "machine_features", "global_features"):
        if stated[key] != known[key] and (key, stated[key]) != ("global_features", GLOBALS_WITHOUT_PRICES):
            raise InvalidValue(
                f"{path}:network.{key}", stated[key], f"is not this version's {known[key]}: train a new checkpoint"
            )
    if not 1 <= stated["hidden"] <= 1024:
        raise InvalidValue(f"{path}:network.hidden", stated["hidden"], "is not between 1 and 1024")
    return NetworkShape(**stated)
