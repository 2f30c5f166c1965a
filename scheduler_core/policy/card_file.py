"""A checkpoint's card as YAML: plain data only, within limits, so that a card can neither build objects nor eat memory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from scheduler_core.errors import InvalidValue
from scheduler_core.settings.yaml_files import refuse_repeated_keys

MAX_DEPTH = 20
MAX_INTEGER = 2**63


class _Loader(yaml.SafeLoader):
    """Without aliases: a few lines of them stand for a billion values ("billion laughs")."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "aliases are not allowed", event.start_mark)
        return super().compose_node(parent, index)


class _Dumper(yaml.SafeDumper):
    """Without aliases, which the loader refuses."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def write(card: Mapping[str, Any]) -> bytes:
    """The card as it stands in its file."""
    return yaml.dump(dict(card), Dumper=_Dumper, sort_keys=False, allow_unicode=True).encode()


def parse(content: bytes, path: Path) -> Any:
    """What the file holds, in plain types. Raises InvalidValue, naming ``path``, for anything else."""
    try:
        refuse_repeated_keys(yaml.compose(content, Loader=_Loader), path)
        card = yaml.load(content, Loader=_Loader)
    except InvalidValue:
        raise
    except Exception as error:  # tags that plain YAML knows fail in many ways on text that was made to
        why = str(error) if isinstance(error, yaml.YAMLError | ValueError) else type(error).__name__
        raise InvalidValue(str(path), path.name, f"is not YAML: {why[:500]}") from None
    _bounded(card, path, 0)
    return card


def _bounded(value: object, path: Path, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise InvalidValue(str(path), path.name, f"is nested more than {MAX_DEPTH} deep")
    if isinstance(value, int) and not -MAX_INTEGER < value < MAX_INTEGER:
        raise InvalidValue(str(path), path.name, "holds a whole number beyond 64 bits")
    if isinstance(value, dict):
        for key, content in value.items():
            _bounded(key, path, depth + 1)
            _bounded(content, path, depth + 1)
    elif isinstance(value, list | tuple | set | frozenset):
        for content in value:
            _bounded(content, path, depth + 1)
