"""Text as an attacker may have typed it into the ERP."""

from __future__ import annotations

NASTY = "<img src=x onerror=alert(1)> **bold** [x](http://x)"
"""ERP text that must come out as it is, wherever it is shown."""
