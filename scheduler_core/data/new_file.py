"""A finished draft gets its name, unless another has taken it meanwhile; also on a disk without hard links."""

from __future__ import annotations

import errno
import os
from pathlib import Path

NO_HARD_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EINVAL})
"""What a link fails with on a disk that has none: vfat and exfat, some network shares, FUSE."""


def give_name(draft: Path, file: Path) -> None:
    """Let the draft be ``file``; the draft's own name may be left. Raises FileExistsError if the name is taken, OSError."""
    try:
        # Unlike a rename, a link never replaces what another has put there meanwhile.
        os.link(draft, file)
    except OSError as error:
        if error.errno not in NO_HARD_LINKS:
            raise
        # To make the file fails if another has the name; the rename then replaces nothing but that empty file.
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            os.replace(draft, file)
        except OSError:
            os.unlink(file)
            raise
