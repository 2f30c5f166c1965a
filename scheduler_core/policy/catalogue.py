"""The checkpoints in a list, and a card in words. Nothing here builds a network."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scheduler_core.errors import InvalidValue
from scheduler_core.i18n.local_formats import number_text
from scheduler_core.i18n.translate import mark, t
from scheduler_core.policy import checkpoint

NOT_STATED, TRAINED_ON = mark("not stated"), mark("Trained on")


@dataclass(frozen=True)
class Listed:
    """A checkpoint of the manifest. A figure that its card does not state is None; ``fault`` says why it cannot be used.

    ``score``: mean ratio to the best of a few rules on the validation plants (lower is better). ``sha256``: of the weights.
    """

    name: str
    active: bool
    fault: str | None = None
    description: str = ""
    objective: str = ""
    steps: int | None = None
    hours: float | None = None
    score: float | None = None
    sha256: str = ""


@dataclass(frozen=True)
class Evaluated:
    """One way to plan on so many random plants: its mean weighted tardiness over that of the best of all rules, chosen per
    plant, with the 95 % interval where there is one.
    """

    size: str
    plants: int
    way: str
    ratio: float
    low: float | None = None
    high: float | None = None


def listing(folder: Path | None = None) -> tuple[Listed, ...]:
    """Every checkpoint that the manifest lists, in its order; a damaged one with its fault. Files are hashed, not run."""
    names = checkpoint.names(folder)
    active = checkpoint.active_name(folder) if names else ""
    return tuple(_listed(name, name == active, folder) for name in names)


def _listed(name: str, active: bool, folder: Path | None) -> Listed:
    try:
        card, sha256 = checkpoint.read_card(name, folder)
    except InvalidValue as error:
        return Listed(name, active, fault=str(error))
    validation = card.get("validation")
    return Listed(
        name=name,
        active=active,
        description=str(card.get("description", "")),
        objective=str(card.get("objective", "")),
        steps=_number(card, "steps", int),
        hours=_number(card, "hours", float),
        score=_number(validation, "score", float) if isinstance(validation, Mapping) else None,
        sha256=sha256,
    )


def card_in_words(name: str, folder: Path | None = None) -> list[tuple[str, str]]:
    """Label and text of what a card says of its training, for a person to read. Raises as ``read_card`` does."""
    card, sha256 = checkpoint.read_card(name, folder)
    configuration, network = _part(card, "configuration"), _part(card, "network")
    hours, steps, planned = card.get("hours"), card.get("steps"), configuration.get("total_steps")
    rows = [
        (t("Description"), _said(card.get("description"))),
        (t("Objective"), _said(card.get("objective"))),
        (t("Method"), _said(card.get("method"))),
        (TRAINED_ON, _said(card.get("trained_on"))),
        (t("Steps"), t("{steps} of {n} planned", steps=_thousands(steps), n=_thousands(planned)) if planned
         else _thousands(steps)),
        (t("Hours"), _said(hours)),
        (t("Network"), _network_words(network)),
        (t("Seed"), _said(configuration.get("seed"))),
        (t("SHA-256 of the weights"), sha256),
    ]  # fmt: skip
    return rows + [
        (t("Validation, {what}", what=key.replace("_", " ")), _said(v)) for key, v in _part(card, "validation").items()
    ]


def evaluation(name: str, folder: Path | None = None) -> list[Evaluated]:
    """What an evaluation has measured, as the card states it; empty if there was none. Raises as ``read_card`` does, and
    InvalidValue for an entry that is not in the form of ``training/card_text.py``.
    """
    card, _ = checkpoint.read_card(name, folder)
    rows: list[Evaluated] = []
    try:
        for entry in card.get("evaluation") or ():
            size, plants = str(entry["size"]), int(entry["plants"])
            rows.append(Evaluated(size, plants, t("EDD"), float(entry["edd"])))
            rows.append(Evaluated(size, plants, t("best single rule"), float(entry["best_single_rule"])))
            for samples, (ratio, low, high) in entry["policy"].items():
                way = t("policy, one rollout") if samples == 1 else t("policy, best of {samples}", samples=samples)
                rows.append(Evaluated(size, plants, way, float(ratio), float(low), float(high)))
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise InvalidValue(f"{name}/card.yaml:evaluation", card.get("evaluation"), f"is no evaluation: {error}") from None
    return rows


def curve(name: str, folder: Path | None = None) -> list[dict[str, float]]:
    """The learning curve as rows of numbers by column name; cells without a number are left out.

    Raises InvalidValue if the file is not the one that the manifest vouches for.
    """
    rows = csv.DictReader(io.StringIO(checkpoint.read_curve(name, folder)))
    return [{key: float(cell) for key, cell in row.items() if cell and _is_number(cell)} for row in rows]


def _part(card: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = card.get(key)
    return found if isinstance(found, Mapping) else {}


def _number(card: Mapping[str, Any], key: str, kind: type[Any]) -> Any:
    found = card.get(key)
    return kind(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


def _network_words(network: Mapping[str, Any]) -> str:
    return t(
        "{units} hidden units; {job} features per job, {machine} per machine, {plant} of the plant",
        units=_said(network.get("hidden")),
        job=_said(network.get("job_features")),
        machine=_said(network.get("machine_features")),
        plant=_said(network.get("global_features")),
    )


def _said(value: object) -> str:
    return t(NOT_STATED) if value is None or value == "" else str(value)


def _thousands(value: object) -> str:
    return number_text(value, 0) if isinstance(value, int) else _said(value)


def _is_number(cell: str) -> bool:
    try:
        return abs(float(cell)) < float("inf")
    except ValueError:
        return False
