"""Files of settings in YAML: small ones, whose aliases do not unfold into more than any memory holds."""

from __future__ import annotations

import math
from pathlib import Path

import yaml

from scheduler_core.bounded_files import bounded_bytes
from scheduler_core.errors import InvalidValue
from scheduler_core.limits import MAX_CONFIG_BYTES, MAX_CONFIG_VALUES

_MERGE = "tag:yaml.org,2002:merge"


def read_yaml(path: Path) -> object:
    """The values of a file. Raises InvalidValue for one that cannot be read, is above the limit, or is no plain YAML."""
    try:
        raw = bounded_bytes(path, MAX_CONFIG_BYTES)
    except OSError as error:
        raise InvalidValue(str(path), path.name, f"cannot be read: {error.strerror}") from error
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidValue(str(path), path.name, f"is not UTF-8 text: {error.reason}") from None
    try:
        top = yaml.compose(text, Loader=yaml.SafeLoader)
        if top is not None and _unfolded(top, {}) > MAX_CONFIG_VALUES:
            raise InvalidValue(str(path), path.name, f"unfolds into more values than the limit of {MAX_CONFIG_VALUES}")
        refuse_repeated_keys(top, path)
        return yaml.safe_load(text)
    except InvalidValue:
        raise
    except yaml.MarkedYAMLError as error:
        raise InvalidValue(str(path), path.name, f"is not YAML: {_where_and_why(error)}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise InvalidValue(str(path), path.name, f"is not YAML: {error}") from None
    except RecursionError:
        raise InvalidValue(str(path), path.name, "is nested too deeply") from None


def refuse_repeated_keys(top: yaml.Node | None, path: Path) -> None:
    """Raises InvalidValue, naming file, line and key, where a block of a composed document has one key twice.

    YAML forbids it, and PyYAML would take the last one: who reads the file from above sees a setting that does not count.
    Keys are compared as values, so ``on`` and ``true`` are one. What ``<<`` brings in may be written again: that is its use.
    Raises YAMLError for a key that plain YAML does not know.
    """
    keys = yaml.constructor.SafeConstructor()
    seen: set[int] = set()
    waiting = [] if top is None else [top]
    while waiting:
        node = waiting.pop()
        if id(node) in seen or not isinstance(node, yaml.CollectionNode):
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            _refuse_repeated(node, keys, path)
            waiting += [part for pair in node.value for part in pair]
        else:
            waiting += node.value


def _refuse_repeated(block: yaml.MappingNode, keys: yaml.constructor.SafeConstructor, path: Path) -> None:
    first: dict[object, yaml.Node] = {}
    for key, _ in block.value:
        if not isinstance(key, yaml.ScalarNode):
            continue  # a list or a block as key: the loader refuses it
        value = _MERGE if key.tag == _MERGE else keys.construct_object(key)
        if value in first:
            line = first[value].start_mark.line + 1
            where = f"{path}: line {key.start_mark.line + 1}"
            raise InvalidValue(where, key.value, f"is duplicated: it stands on line {line} already")
        first[value] = key


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
