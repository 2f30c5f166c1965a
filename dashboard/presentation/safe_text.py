"""Text from the ERP or from people, made safe for Streamlit's Markdown: it is shown and never interpreted."""

from __future__ import annotations

import re

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&=^@/\"'])")
_BECOMES_LINK = re.compile(r"(https?:(?=//)|www(?=\.)|@)", re.IGNORECASE)
"""Addresses become links after the escapes have been read: only a sign of no width between their parts prevents it."""
_NO_WIDTH = "\u2060"
_TURNS_WRITING = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")


def escape_markdown(text: str) -> str:
    """Text from the ERP or a person for a place that reads Markdown: every sign that Markdown knows is escaped.

    No address becomes a link, and a sign that turns the direction of writing, with which one text can look like another, is
    shown as one that is not known.
    """
    plain = _TURNS_WRITING.sub("\ufffd", " ".join(text.split()))
    return _MARKDOWN.sub(r"\\\1", _BECOMES_LINK.sub(rf"\1{_NO_WIDTH}", plain))


def escape_badge(text: str) -> str:
    """The same for a badge, which escapes square brackets by itself."""
    return escape_markdown(text).replace("\\[", "[").replace("\\]", "]")
