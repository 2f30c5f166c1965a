"""The server's settings and caches, on which SECURITY.md builds."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator

import pytest

from tests.support.paths import ROOT

CACHES = ("cache_data", "cache_resource")
MARKUP = ("unsafe_allow_html", "unsafe_allow_javascript")


def trees() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / "dashboard").rglob("*.py")):
        yield str(path.relative_to(ROOT)), ast.parse(path.read_text("utf-8"))


def test_the_server_is_this_machines_own_and_tells_nothing_of_its_inside() -> None:
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    assert settings["server"]["address"] == "127.0.0.1"
    assert settings["server"]["maxUploadSize"] == 10
    assert settings["client"]["showErrorDetails"] == "none"
    assert settings["client"]["showErrorLinks"] is False
    assert settings["client"]["disableDataExport"] is True
    assert settings["client"]["toolbarMode"] == "minimal"
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["browser"]["serverAddress"] == "127.0.0.1", "unset, Streamlit asks an outside address for this machine's"
    for guard in ("enableCORS", "enableXsrfProtection"):
        assert settings["server"].get(guard, True) is True
    assert "trustedUserHeaders" not in settings["server"], "who signed in is decided in dashboard/auth/sign_in.py"


@pytest.mark.parametrize("document", ["SECURITY.md", "deploy/nginx/shopwright.conf"])
def test_the_proxy_of_the_documents_lets_every_upload_of_the_board_through(document: str) -> None:
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    board = re.findall(r"^ *location / \{\n(.*?)\}", (ROOT / document).read_text("utf-8"), re.DOTALL | re.MULTILINE)
    assert len(board) == 1
    allowed = re.search(r"^ *client_max_body_size (\d+)m;", board[0], re.MULTILINE)
    assert allowed is not None, "nginx alone lets 1 MB through"
    # The form around a file is part of the body.
    assert int(allowed[1]) > settings["server"]["maxUploadSize"]
    assert f"proxy_pass http://{settings['server']['address']}:{settings['server']['port']};" in board[0]


def test_every_cache_is_bounded() -> None:
    found, unbounded = 0, []
    for name, tree in trees():
        calls = {id(n.func): n for n in ast.walk(tree) if isinstance(n, ast.Call)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in CACHES:
                found += 1
                call = calls.get(id(node))
                sizes = [k.value for k in call.keywords if k.arg == "max_entries"] if call else []
                if not any(isinstance(s, ast.Constant) and isinstance(s.value, int) and 0 < s.value <= 50 for s in sizes):
                    unbounded.append(f"{name}:{node.lineno}")
            if isinstance(node, ast.ImportFrom) and {a.name for a in node.names} & {*CACHES}:
                unbounded.append(f"{name}:{node.lineno} imports a cache by name")
            # Python's own cache has no bound: only what takes no argument may be kept in it.
            kept = isinstance(node, ast.FunctionDef) and "cache" in [ast.unparse(d) for d in node.decorator_list]
            if kept and ast.unparse(node.args):  # type: ignore[attr-defined]
                unbounded.append(f"{name}:{node.lineno}")
    assert found > 5
    assert unbounded == []


def test_no_page_writes_markup_of_its_own() -> None:
    """``st.html`` is for the one style sheet and the legend of the hours of the week, whose words are escaped (hostile text
    is tried on that page in a browser); Streamlit's two doors for HTML stay shut."""
    ours = ("st.html(STYLE)", "st.html(week_bars.legend(days))")
    odd = []
    for name, tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            if any(k.arg in MARKUP for k in node.keywords):
                odd.append(f"{name}:{node.lineno}")
            called = ast.unparse(node.func)
            if called in ("st.html", "st.iframe", "st.write") and ast.unparse(node) not in ours:
                odd.append(f"{name}:{node.lineno} {called}")
            if called.endswith(("components.html", "components.iframe", ".v1.html", ".v1.iframe")):
                odd.append(f"{name}:{node.lineno} {called}")
    assert odd == []


def test_there_is_no_folder_of_pages_beside_the_guarded_entry() -> None:
    assert not (ROOT / "dashboard" / "pages").exists()
    assert not (ROOT / "pages").exists()
