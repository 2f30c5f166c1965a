"""Hook of the site: links from a document to a file outside ``docs/`` lead to that file in the repository.

In the repository such a link is relative (``../benchmarks/results/odds.md``); the site holds only ``docs/``.
"""

from __future__ import annotations

import posixpath
import re
from typing import Any

LINK = re.compile(r"(?<=\]\()((?:\.\./)+[^)\s#]+)(#[^)\s]*)?(?=\))")


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """The page's text with the links that leave ``docs/`` as addresses of the repository."""
    folder = posixpath.dirname(posixpath.join("docs", page.file.src_uri))

    def outside(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, link[1]))
        if target.startswith("docs/"):
            return link[0]
        return f"{config['repo_url']}/blob/main/{target}{link[2] or ''}"

    return LINK.sub(outside, markdown)
