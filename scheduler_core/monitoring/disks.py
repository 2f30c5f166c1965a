"""Is there room on each disk that Shopwright writes to? The store's own disk first: it is often not that of ``var/``."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

GIB = 2**30
SHORT, LOW = GIB // 4, 2 * GIB
"""Free bytes below which nothing more should be planned, and below which room should be made."""


@dataclass(frozen=True)
class Disk:
    """A disk with what lies on it (``store``, ``files``, ``log``, ``models``), its free bytes, and whether it is mounted
    read-only."""

    holds: tuple[str, ...]
    folder: Path
    free: int
    read_only: bool

    @property
    def said(self) -> str:
        """In words."""
        more = ", read-only" if self.read_only else ""
        return f"{self.free / GIB:.1f} GiB free for {', '.join(self.holds)}{more}"

    @property
    def short(self) -> bool:
        """Whether something cannot be stored that has to be: a log or a model that cannot be written stops nobody."""
        return bool({"store", "files"} & set(self.holds)) and (self.read_only or self.free < SHORT)

    @property
    def low(self) -> bool:
        """Whether the operator should act: it is read-only, or has less than LOW bytes free."""
        return self.read_only or self.free < LOW


def disks(folders: Mapping[str, Path]) -> tuple[Disk, ...]:
    """The disks of these folders by what lies in them, each once; a folder that is not there yet counts as its parent.
    A folder that cannot be looked at is left out."""
    found: dict[int, Disk] = {}
    for name, folder in folders.items():
        there = next((f for f in (folder, *folder.absolute().parents) if f.is_dir()), None)
        if there is None:
            continue
        try:
            device, state = there.stat().st_dev, os.statvfs(there)
            free = shutil.disk_usage(there).free
        except OSError:
            continue
        same = found.get(device)
        holds = (name,) if same is None else (*same.holds, name)
        found[device] = Disk(holds, there if same is None else same.folder, free, bool(state.f_flag & os.ST_RDONLY))
    return tuple(found.values())
