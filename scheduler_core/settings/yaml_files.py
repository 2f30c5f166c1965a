"""Files of settings in YAML: small ones, whose aliases do not unfold into more than any memory holds."""

from __future__ import annotations

import math
from pathlib import Path

import yaml

from scheduler_core.errors import InvalidValue
from scheduler_core.limits import MAX_CONFIG_BYTES, MAX_CONFIG_VALUES


def read_yaml(path: Path) -> object:
    """The values of a file. Raises InvalidValue for one that cannot be read, is above the limit, or is no plain YAML."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_CONFIG_BYTES + 1)
            size = max(len(raw), path.stat().st_size)
    except OSError as error:
        raise InvalidValue(str(path), path.name, f"cannot be read: {error.strerror}") from error
    if size > MAX_CONFIG_BYTES:
        raise InvalidValue(str(path), size, f"bytes are more than the limit of {MAX_CONFIG_BYTES}")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidValue(str(path), path.name, f"is not UTF-8 text: {error.reason}") from None
    try:
        top = yaml.compose(text, Loader=yaml.SafeLoader)
        if top is not None and _unfolded(top, {}) > MAX_CONFIG_VALUES:
            raise InvalidValue(str(path), path.name, f"unfolds into more values than the limit of {MAX_CONFIG_VALUES}")
        return yaml.safe_load(text)
    except InvalidValue:
        raise
    except yaml.MarkedYAMLError as error:
        raise InvalidValue(str(path), path.name, f"is not YAML: {_where_and_why(error)}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise InvalidValue(str(path), path.name, f"is not YAML: {error}") from None
    except RecursionError:
        raise InvalidValue(str(path), path.name, "is nested too deeply") from None


def _where_and_why(error: yaml.MarkedYAMLError) -> str:
    """The place of a mistake, counted from 1, and what is wrong there, on one line."""
    mark = error.problem_mark or error.context_mark
    where = "" if mark is None else f"line {mark.line + 1}, column {mark.column + 1}: "
    return where + (error.problem or error.context or "unknown mistake")


def _unfolded(node: yaml.Node, known: dict[int, float]) -> float:
    """How many values a node holds once every alias is written out; a node inside itself holds infinitely many."""
    if id(node) not in known:
        known[id(node)] = math.inf
        inside = [n for pair in node.value for n in pair] if isinstance(node, yaml.MappingNode) else node.value
        parts = inside if isinstance(node, yaml.CollectionNode) else []
        known[id(node)] = 1 + sum(_unfolded(part, known) for part in parts)
    return known[id(node)]
